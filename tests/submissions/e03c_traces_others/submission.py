# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import ctypes
import os
import resource


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


buffer = ctypes.create_string_buffer(64)
vector = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)
for pid in (os.getppid(), @PID@):
    attempt(f"trace {pid}", lambda: call(101, 0x4206, pid, 0, 0))
    attempt(f"read {pid}", lambda: call(310, pid, vector, 1, vector, 1, 0))
    attempt(f"write {pid}", lambda: call(311, pid, vector, 1, vector, 1, 0))
    attempt(f"limit {pid}", lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, resource.prlimit(pid, resource.RLIMIT_NOFILE)))
    attempt(f"priority {pid}", lambda: os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, pid)))
    attempt(f"processor {pid}", lambda: os.sched_setaffinity(pid, os.sched_getaffinity(pid)))
    attempt(f"scheduler {pid}", lambda: os.sched_setscheduler(pid, os.SCHED_OTHER, os.sched_param(0)))
