# base: solved

# %%
# !ls
# files = !ls
# %pip install numpy
# %ls
# %cat x
print("the cell goes on")

# %%
# %%bash
echo "not to be seen: $((40 + 2))"

# %%
# %%sh
ls

# %%
# %conda install numpy
