# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import ctypes
import os
import socket
import stat


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


libc = ctypes.CDLL(None, use_errno=True)


def call(number, *arguments):
    found = libc.syscall(number, *arguments)
    if found < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return found


parameters = ctypes.create_string_buffer(256)
attempt("the call itself", lambda: call(41, 2, 1, 0))
attempt("io_uring", lambda: call(425, 8, parameters))
ends = (ctypes.c_int * 2)()
for family in (2, 10, 16, 17, 38, 40):
    attempt(f"a pair of family {family}", lambda: call(53, family, 2, 0, ends))
ours, theirs = socket.socketpair()


def rebound():
    ours.connect("/run/x.sock")


attempt("a pair that goes elsewhere", rebound)
attempt("a socket that is there", lambda: [n for n in range(3, 64) if n not in (ours.fileno(), theirs.fileno()) and is_socket(n)] or False)


def is_socket(number):
    try:
        return stat.S_ISSOCK(os.fstat(number).st_mode)
    except OSError:
        return False
