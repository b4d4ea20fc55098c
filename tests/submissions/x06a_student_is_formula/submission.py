# base: solved
