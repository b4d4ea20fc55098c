# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import os
import sqlite3


def attempt(what, action):
    try:
        found = action()
    except BaseException as error:
        print(what, "gave", type(error).__name__)
        return
    if found is False:
        print(what, "gave nothing")
    else:
        print("ATTACK SUCCEEDED:", what, repr(found)[:200])


PATH = "@COURSE@/gradebook.db"
attempt("reading", lambda: open(PATH, "rb").read(16))
attempt("asking", lambda: sqlite3.connect(f"file:{PATH}?mode=ro", uri=True).execute("SELECT name FROM assignment").fetchall())
attempt("opening to write", lambda: os.open(PATH, os.O_RDWR))
attempt("opening the folder", lambda: os.listdir("@COURSE@"))
