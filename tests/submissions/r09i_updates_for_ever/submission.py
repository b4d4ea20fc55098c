# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
from IPython.display import clear_output, display

shown = display("0", display_id=True)
number = 0
while True:
    number += 1
    shown.update(str(number))
    clear_output(wait=True)
