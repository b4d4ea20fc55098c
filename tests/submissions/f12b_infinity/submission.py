# base: released

# %% solution rnn_step



def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.full((len(x), len(b_h)), np.inf)
