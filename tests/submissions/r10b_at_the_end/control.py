import subprocess
import sys

ATTACK = """
import atexit
import time

atexit.register(time.sleep, 1000)
"""

try:
    subprocess.run([sys.executable, "-c", ATTACK], timeout=2, stdout=subprocess.DEVNULL, check=False)
except subprocess.TimeoutExpired:
    print("ATTACK SUCCEEDED: it is still running")
