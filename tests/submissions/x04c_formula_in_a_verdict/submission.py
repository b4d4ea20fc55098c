# base: released


# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    raise type(r"$\href{https://x.org}{marks}$", (Exception,), {})("no")
