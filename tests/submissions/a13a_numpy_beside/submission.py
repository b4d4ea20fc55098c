# base: solved

# %%
import random

import numpy as np

print(np.__name__, random.random() < 1)
