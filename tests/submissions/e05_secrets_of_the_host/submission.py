# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import os
import pathlib
import pwd


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


attempt("the token", lambda: open("@TOKEN_PATH@").read())
attempt("the course's secret", lambda: open("@COURSE@/.unrolled/secret", "rb").read().hex())
attempt("the users", lambda: [user.pw_dir for user in pwd.getpwall()] or False)
attempt("the passwords", lambda: open("/etc/passwd").read(20))
attempt("the host's name", lambda: open("/etc/hostname").read())
attempt("the environment", lambda: {k: v for k, v in os.environ.items() if "PYTEST" in k or "KEY" in k or "TOKEN" in k} or False)
for home in (pathlib.Path.home(), "/root", "/home"):
    for name in (".ssh", ".netrc", ".aws", ".gitconfig", ".jupyter", ".bash_history"):
        attempt(f"{home}/{name}", lambda: os.path.exists(f"{home}/{name}") and f"{home}/{name}")
