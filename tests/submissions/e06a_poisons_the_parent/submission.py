# base: solved

# %% test sequence_loss 4 points
check('sequence_loss', sequence_loss)

# %%
import builtins
import gc
import sys

import matplotlib.pyplot as plt

import autograder
from autograder import contract, driver
from autograder.sandbox import confine, frames, parent, scratch, shell, worker


def lie(*arguments, **named):
    return "poisoned"


np.tanh = np.array_equal = np.array = lie
plt.rcParams["figure.figsize"] = (100, 100)
np.random.seed(7)
np.random.set_state = lie
for kept in gc.get_objects():
    if isinstance(kept, np.ndarray) and kept.flags.writeable and kept.dtype.kind == "f":
        kept.fill(np.nan)
for module in (contract, driver, confine, parent, scratch):
    for name, value in list(vars(module).items()):
        if not name.startswith("__") and callable(value):
            setattr(module, name, lie)
autograder.told["student"] = autograder.handed["rnn_step"] = "poisoned"
sys.path.insert(0, "/scratch")
sys.modules["random"] = None
builtins.check = lie
print("all is poisoned")
