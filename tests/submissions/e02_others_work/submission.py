# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import glob
import os
import shutil


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


for pattern in ("submitted/*/*/*", "autograded/*/*/*", "feedback/*/*/*", "solutions/*/*", "notebooks/*/*", "exchange/*"):
    attempt(pattern, lambda: glob.glob("@COURSE@/" + pattern) or False)
attempt("ada's notebook", lambda: open("@COURSE@/submitted/ada/ps02/ps02_vanilla_rnn.ipynb").read(100))
attempt("a copy", lambda: shutil.copyfile("@COURSE@/solutions/ps02/ps02_vanilla_rnn.ipynb", "mine.ipynb"))
attempt("a link", lambda: os.link("@COURSE@/solutions/ps02/ps02_vanilla_rnn.ipynb", "linked.ipynb"))
attempt("a symbolic link", lambda: (os.symlink("@COURSE@/solutions", "link"), os.listdir("link")))
attempt("a neighbour's folder", lambda: [name for name in os.listdir("..") if name != os.path.basename(os.getcwd())] or False)
