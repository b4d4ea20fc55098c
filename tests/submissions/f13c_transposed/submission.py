# base: released

# %% solution stacked_weights
def stacked_weights(W_xh, W_hh):
    return np.concatenate([W_hh.T, W_xh.T], axis=1).T
