# base: released

# %% solution rnn_step
import sys

if hasattr(sys, "attacked"):
    print("ATTACK SUCCEEDED", sys.attacked)


def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.zeros((len(x), len(b_h)))
