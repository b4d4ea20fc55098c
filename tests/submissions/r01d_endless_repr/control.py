import subprocess
import sys

ATTACK = """
class Shy:
    def __repr__(self):
        while True:
            pass

print(Shy())
"""

try:
    subprocess.run([sys.executable, "-c", ATTACK], timeout=2, stdout=subprocess.DEVNULL, check=False)
except subprocess.TimeoutExpired:
    print("ATTACK SUCCEEDED: it is still running")
