# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import ctypes
import os


def attempt(what, start):
    try:
        pid = start()
    except BaseException as error:
        print(what, "gave", type(error).__name__)
        return
    if pid == 0:
        os._exit(0)  # one child is proof enough
    if isinstance(pid, int) and pid > 0:
        print("ATTACK SUCCEEDED:", what, "made a process")


libc = ctypes.CDLL(None)
attempt("fork", os.fork)
attempt("forkpty", lambda: os.forkpty()[0])
attempt("libc's fork", libc.fork)
attempt("the call itself", lambda: libc.syscall(57))
attempt("clone", lambda: libc.syscall(56, 17, 0, 0, 0, 0))
attempt("posix_spawn", lambda: os.posix_spawn("/bin/true", ["true"], {}))
