# base: solved

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %%
import socket
import urllib.request


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


def ask(family, kind, address):
    with socket.socket(family, kind) as made:
        made.settimeout(1)
        made.connect(address)
        return made.recv(100)


attempt("the host's port", lambda: ask(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", @PORT@)))
attempt("IPv6", lambda: ask(socket.AF_INET6, socket.SOCK_STREAM, ("::1", @PORT@)))
attempt("UDP", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 53)))
attempt("HTTP", lambda: urllib.request.urlopen("http://127.0.0.1:@PORT@", timeout=1).read(10))
attempt("a name", lambda: socket.gethostbyname("localhost") == "")
for family in range(1, 46):
    for kind in (1, 2, 3, 5):
        try:
            socket.socket(family, kind)
        except OSError:
            continue
        print("ATTACK SUCCEEDED: a socket of family", family)
