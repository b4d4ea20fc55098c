# base: released

# %% solution rnn_step



def rnn_step(x, h, W_xh, W_hh, b_h):
    get_ipython().displayhook(4.0)
    return np.zeros((len(x), len(b_h)))
