# base: solved

# %%
import random

print(np.__name__, random.random() < 1)
