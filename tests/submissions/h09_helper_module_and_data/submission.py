# base: solved

# %%
try:
    import my_helpers

    print("helper:", my_helpers.double(21))
    print("data:", open("data.csv").read())
except (ImportError, OSError) as error:
    print("not here:", error)
