# base: solved

# %%
print(open('data.txt').read())
