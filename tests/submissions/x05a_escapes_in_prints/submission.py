# base: solved

# %%
print("\x1b[2J\x1b[1;1H\x1b]0;all correct\x07\x1b[31mred\x1b[0m\x9b2J\x08\u202eback")
