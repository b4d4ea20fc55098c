# base: released

# %% solution rnn_step
import os

import autograder
import course

for module in (autograder, course):
    path = os.path.join(os.path.dirname(module.__file__), "attack.py")
    try:
        with open(path, "w") as file:
            file.write("attacked = True")
        os.remove(path)
        print("ATTACK SUCCEEDED", path)
    except OSError as error:
        print(error)


def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.zeros((len(x), len(b_h)))
