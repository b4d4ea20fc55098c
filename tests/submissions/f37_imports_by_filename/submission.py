# base: released

# %% solution rnn_step
import sys

import autograder
import course

if hasattr(course, "attacked") or hasattr(np, "attacked") or not hasattr(autograder, "told"):
    print("ATTACK SUCCEEDED", course)


def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.zeros((len(x), len(b_h)))
