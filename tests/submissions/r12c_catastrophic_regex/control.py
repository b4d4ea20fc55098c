import subprocess
import sys

ATTACK = """
import re

re.match(r'(a+)+$', 'a' * 60 + 'b')
"""

try:
    subprocess.run([sys.executable, "-c", ATTACK], timeout=2, stdout=subprocess.DEVNULL, check=False)
except subprocess.TimeoutExpired:
    print("ATTACK SUCCEEDED: it is still running")
