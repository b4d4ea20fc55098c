import subprocess
import sys

ATTACK = """
while True:
    try:
        while True:
            pass
    except BaseException:
        continue
"""

try:
    subprocess.run([sys.executable, "-c", ATTACK], timeout=2, stdout=subprocess.DEVNULL, check=False)
except subprocess.TimeoutExpired:
    print("ATTACK SUCCEEDED: it is still running")
