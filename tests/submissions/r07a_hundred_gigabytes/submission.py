# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import mmap

import numpy as np


def attempt(what, take):
    try:
        kept = take()
    except (MemoryError, OSError, OverflowError, ValueError) as error:
        print(what, "gave", type(error).__name__)
        return
    print("ATTACK SUCCEEDED:", what, len(kept))


attempt("ones", lambda: np.ones(100 * 2**30, dtype=np.uint8))
attempt("empty", lambda: np.empty(2**31, dtype=np.uint8))
attempt("bytes", lambda: bytes(2**31))
attempt("bytearray", lambda: bytearray(2**31))
attempt("list", lambda: [0] * 2**28)
attempt("map", lambda: mmap.mmap(-1, 2**31))
