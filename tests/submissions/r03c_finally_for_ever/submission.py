# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import contextlib


@contextlib.contextmanager
def for_ever():
    try:
        yield
    finally:
        while True:
            with contextlib.suppress(BaseException):
                while True:
                    pass


with for_ever():
    raise RuntimeError("and now?")
