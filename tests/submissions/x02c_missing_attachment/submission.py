# base: solved

# %% [markdown]
# ![plot](attachment:lost.png)
