# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import threading

lock = threading.Lock()
lock.acquire()
lock.acquire()

# %% solution sequence_loss
def sequence_loss(y, target):
    import threading

    threading.Event().wait()
