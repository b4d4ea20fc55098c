# base: solved

# %% [markdown]
# [my plot](plot.html)
