import subprocess
import sys

ATTACK = """
import sys

while True:
    print('a')
    print('b', file=sys.stdout)
"""

try:
    subprocess.run([sys.executable, "-c", ATTACK], timeout=2, stdout=subprocess.DEVNULL, check=False)
except subprocess.TimeoutExpired:
    print("ATTACK SUCCEEDED: it is still running")
