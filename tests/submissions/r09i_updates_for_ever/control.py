import subprocess
import sys

ATTACK = """
number = 0
while True:
    number += 1
    print(number)
"""

try:
    subprocess.run([sys.executable, "-c", ATTACK], timeout=2, stdout=subprocess.DEVNULL, check=False)
except subprocess.TimeoutExpired:
    print("ATTACK SUCCEEDED: it is still running")
