import subprocess
import sys

ATTACK = """
import numpy as np

class Slow:
    def __array__(self, *args, **kwargs):
        while True:
            pass

np.asarray(Slow())
"""

try:
    subprocess.run([sys.executable, "-c", ATTACK], timeout=2, stdout=subprocess.DEVNULL, check=False)
except subprocess.TimeoutExpired:
    print("ATTACK SUCCEEDED: it is still running")
