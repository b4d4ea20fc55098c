# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import os

name = "d" * 200
for depth in range(1500):
    os.mkdir(name)
    os.chdir(name)
    open("file", "w").close()
print("deep:", depth + 1)
