# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
from IPython.display import display

deep = []
for _ in range(400):
    deep = [deep]
display({"application/json": deep}, raw=True)
display({"application/json": [float("nan"), float("-inf"), 10**4000, True, None]}, raw=True)
display({"application/json": {"\ud800": "\udfff", "\0": 1}, "text/plain": "\ud83d"}, raw=True)
display({"": "", "no/such type\n": "x", "text/html": ["a", "b"]}, raw=True)
