import subprocess
import sys

ATTACK = """
import threading

lock = threading.Lock()
lock.acquire()
lock.acquire()
"""

try:
    subprocess.run([sys.executable, "-c", ATTACK], timeout=2, stdout=subprocess.DEVNULL, check=False)
except subprocess.TimeoutExpired:
    print("ATTACK SUCCEEDED: it is still running")
