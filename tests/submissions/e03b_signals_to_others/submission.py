# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import ctypes
import fcntl
import os
import signal


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
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return True


def by_pipe(pid):
    reads, writes = os.pipe()
    fcntl.fcntl(reads, fcntl.F_SETOWN, pid)
    fcntl.fcntl(reads, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(reads, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    os.write(writes, b"x")


for pid in (os.getppid(), @PID@, 1):
    attempt(f"kill {pid}", lambda: os.kill(pid, 0))
    attempt(f"tkill {pid}", lambda: call(200, pid, 0))
    attempt(f"tgkill {pid}", lambda: call(234, pid, pid, 0))
    attempt(f"a handle of {pid}", lambda: signal.pidfd_send_signal(os.pidfd_open(pid), 0))
if not os.path.exists("@HOST@"):  # else the tests themselves would end
    for pid in (os.getppid(), 1, -1, -os.getpgid(os.getppid())):
        by_pipe(pid)
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError as error:
            print("SIGKILL:", error.strerror)
print("here we are")
