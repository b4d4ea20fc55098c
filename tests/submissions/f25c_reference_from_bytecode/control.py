"""Where the compiled file lies about, the attack finds it."""

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


import py_compile

with open("rnn.py", "w") as file:
    file.write("def rnn_step(*args):\n    return 0\n")
py_compile.compile("rnn.py", cfile="__pycache__/rnn.cpython-00.pyc")
os.remove("rnn.py")
from_bytecode(["."])
