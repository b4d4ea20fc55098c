# base: solved

# %%
# %timeit -n 10 -r 2 abs(-0.5)
# %time sum(range(1000))

# %%
# %%timeit -n 2 -r 2
sum(range(10))

# %%
# %matplotlib inline
# %config InlineBackend.figure_format = "retina"
# %load_ext autoreload
# %autoreload 2

# %%
# %%writefile helper.py
ANSWER = "written and read"

# %%
# %run helper.py
print(ANSWER)

# %%
# %%capture
print("nobody sees this")

# %%
# %who
# %whos
# %pwd
# %env NAME
# %precision 3
