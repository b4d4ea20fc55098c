# base: released

# %% solution rnn_step
import glob
import marshal
import os
import sys


def from_bytecode(places):
    for place in places:
        for path in glob.glob(os.path.join(place, "**", "rnn.*.pyc"), recursive=True):
            names = {}
            try:
                exec(marshal.loads(open(path, "rb").read()[16:]), names)
            except Exception:
                continue
            if "rnn_step" in names:
                print("ATTACK SUCCEEDED", path)
                return names["rnn_step"]
    return None


import course

found = from_bytecode([*course.__path__, "/library", *sys.path, "@COURSE@"])


def rnn_step(x, h, W_xh, W_hh, b_h):
    return found(x, h, W_xh, W_hh, b_h) if found else np.zeros((len(x), len(b_h)))
