# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import os

os.mkdir(b"\xff\xfe")
open(os.path.join(b"\xff\xfe", b"new\nline \x1b[2J"), "w").close()
os.makedirs("locked/inner")
os.chmod("locked", 0)
os.chmod(".", 0)
os.symlink("loop", "loop")
os.symlink("@COURSE@", "course")
os.symlink("..", "up")
os.symlink("/dev/shm", "shm")
print(sorted(os.listdir("."))[:3], "odd names are made")
