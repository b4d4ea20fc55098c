# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import os
import time

for start in (os.fork, lambda: __import__("ctypes").CDLL(None).fork()):
    try:
        pid = start()
    except BaseException as error:
        print("no daemon:", type(error).__name__)
        continue
    if pid == 0:
        try:
            os.setsid()
            if os.fork() == 0:
                time.sleep(1)
        finally:
            os._exit(0)
    if pid > 0:
        print("ATTACK SUCCEEDED: a daemon is at work")
