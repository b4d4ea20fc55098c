# base: solved

# %%
import sys
import warnings

import numpy as np

print(np.array([1.0]) / np.array([0.0]))
warnings.warn("this will change", DeprecationWarning)
warnings.warn("think again")
print("progress: 100 %", file=sys.stderr)

# %% solution sequence_loss
def sequence_loss(y, target):
    import sys
    import warnings

    warnings.warn("in an answer")
    print("in an answer", file=sys.stderr)
    np.log(np.zeros(3))
    per_step = ((y - target) ** 2).sum(axis=(0, 2)) / (2 * len(y))
    return per_step, per_step.sum(), per_step[-1]
