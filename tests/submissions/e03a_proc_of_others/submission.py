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


for pid in (os.getppid(), @PID@, 1, "self", "thread-self"):
    for name in ("mem", "environ", "cmdline", "maps", "status"):
        attempt(f"{name} of {pid}", lambda: open(f"/proc/{pid}/{name}", "rb").read(1) or False)
    attempt(f"descriptors of {pid}", lambda: os.listdir(f"/proc/{pid}/fd"))
    attempt(f"root of {pid}", lambda: os.listdir(f"/proc/{pid}/root"))
attempt("processes", lambda: [name for name in os.listdir("/proc") if name.isdigit()] or False)
attempt("kernel settings", lambda: open("/proc/sys/kernel/core_pattern").read())
attempt("mounts", lambda: open("/proc/mounts").read(50))
