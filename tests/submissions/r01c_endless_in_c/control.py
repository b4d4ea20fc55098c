import subprocess
import sys

ATTACK = """
import collections
import itertools

collections.deque(itertools.repeat(0), maxlen=0)
"""

try:
    subprocess.run([sys.executable, "-c", ATTACK], timeout=2, stdout=subprocess.DEVNULL, check=False)
except subprocess.TimeoutExpired:
    print("ATTACK SUCCEEDED: it is still running")
