# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import threading

threading.stack_size(2**16)
ready = threading.Event()
number = 0
try:
    while number < 1000:
        threading.Thread(target=ready.wait, daemon=True).start()
        number += 1
except RuntimeError as error:
    print("no more:", error)
print("ATTACK SUCCEEDED: a thousand threads" if number >= 1000 else "threads are counted")
