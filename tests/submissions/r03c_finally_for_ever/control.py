import subprocess
import sys

ATTACK = """
try:
    1 / 0
finally:
    while True:
        pass
"""

try:
    subprocess.run([sys.executable, "-c", ATTACK], timeout=2, stdout=subprocess.DEVNULL, check=False)
except subprocess.TimeoutExpired:
    print("ATTACK SUCCEEDED: it is still running")
