# base: solved

# %%
print("10%\r50%\r100%")
print("before\b\b\b\b\b\bafter")
