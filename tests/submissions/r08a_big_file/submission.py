# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
written = 0
for name in ("one", "two", "three", "four"):
    try:
        with open(name, "wb", buffering=0) as file:
            while written < 2**27:
                written += file.write(b"x" * 2**20)
    except OSError as error:
        print("no more:", error.strerror)
print("ATTACK SUCCEEDED" if written >= 2**27 else "the disk is not full", written >> 20, "MiB")
