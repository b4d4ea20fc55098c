# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
try:
    raise ValueError("x" * 20_000_000)
except ValueError as error:
    error.add_note("y" * 20_000_000)
    raise RuntimeError("\x1b[31m" + "z" * 20_000_000) from error

# %% solution sequence_loss
def sequence_loss(y, target):
    raise ValueError("x" * 20_000_000)
