# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import atexit
import threading
import time
import weakref


def for_ever(*told):
    while True:
        time.sleep(0.01)


class Last:
    def __del__(self):
        for_ever()


def generator():
    try:
        yield
    finally:
        for_ever()


atexit.register(for_ever)
threading.Thread(target=for_ever).start()
last = Last()
kept = generator()
next(kept)
weakref.finalize(Last, for_ever)
print("the traps are set")
