# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
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


def search(top, most):
    number = 0
    for path, folders, files in os.walk(top):  # nbgrader brings one along, for its tests
        number += 1
        if "gradebook.db" in files and "site-packages" not in path:
            return os.path.join(path, "gradebook.db")
        if number > most:
            break
    return False


here = os.getcwd()
for _ in range(12):
    here = os.path.dirname(here)
    attempt("upwards " + str(here.count("/")), lambda: search(here, 300))
attempt("in the course", lambda: search("@COURSE@", 5000))
for top in ("/home", "/root", "/tmp", "/var", "/srv", "/mnt", "/opt"):
    attempt(top, lambda: search(top, 300))
