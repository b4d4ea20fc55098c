# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import gc
import os


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


attempt("folders", lambda: [name for name in os.listdir("/scratch") if name != os.path.basename(os.getcwd())] or False)
attempt("shared memory", lambda: os.listdir("/dev/shm") or False)
attempt("own folder", lambda: os.listdir(".") or False)


def names():
    held = [thing for thing in gc.get_objects() if isinstance(thing, dict)]
    text = " ".join(str(value) for thing in held for value in thing.values() if isinstance(value, str))
    return [name for name in ("a" + "da", "z" + "oe") if f" {name} " in text] or False


attempt("names of others", names)
