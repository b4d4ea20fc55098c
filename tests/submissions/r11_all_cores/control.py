import subprocess
import sys

ATTACK = """
import numpy as np

a = np.ones((2000, 2000))
while True:
    a = a @ a / 2000
"""

try:
    subprocess.run([sys.executable, "-c", ATTACK], timeout=3, stdout=subprocess.DEVNULL, check=False)
except subprocess.TimeoutExpired:
    print("ATTACK SUCCEEDED: it is still running")
