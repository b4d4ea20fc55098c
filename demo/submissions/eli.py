# %% solution hand_step
hand_step = {
    "a_1": 0.44,
    "h_1": 0.414,
    "a_2": 1.1,
    "h_2": 0.8,
}

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %% solution rnn_forward
def rnn_forward(x, h0, W_xh, W_hh, b_h):
    N, T, D = x.shape
    h = np.zeros((N, T, W_hh.shape[0]))
    previous = h0
    for t in range(T):
        previous = h[:, t] = rnn_step(x[:, t], previous, W_xh, W_hh, b_h)
    return h

# %% solution shapes
shapes = {
    "x": (4, 7, 3),
    "x_t": (4, 3),
    "W_xh": (3, 5),
    "W_hh": (5, 5),
    "b_h": (5,),
    "h_t": (4, 5),
    "h": None,
    "W_hy": None,
    "b_y": None,
    "y_t": None,
    "y": None,
}
