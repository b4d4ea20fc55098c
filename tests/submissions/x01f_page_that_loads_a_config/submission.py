# base: solved

# %% [markdown]
# ![progress](/formgrader?path=@COURSE@/autograded/mallory/ps02) [more](../../../formgrader?path=x)
