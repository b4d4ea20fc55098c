import numpy as np

held = [np.full(1000, 7.0) for _ in range(100)]
del held
again = [np.empty(1000) for _ in range(100)]
if any((array == 7.0).any() for array in again):
    print("ATTACK SUCCEEDED: the one before can be read in memory that was freed")
