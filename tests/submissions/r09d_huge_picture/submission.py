# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import os

from IPython.display import Image, display

display(Image(data=b"\x89PNG\r\n\x1a\n" + os.urandom(75_000_000), format="png"))

# %%
import matplotlib.pyplot as plt

plt.figure(figsize=(650, 650), dpi=100)
plt.plot([0, 1])
plt.show()
