# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
held = []
try:
    while len(held) < 100_000:
        held.append(open("/dev/null"))
except OSError as error:
    print("no more:", error.strerror)
print("ATTACK SUCCEEDED" if len(held) >= 100_000 else "files are counted")
del held
