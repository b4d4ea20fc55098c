import subprocess
import sys

ATTACK = """
import sys

sys.setrecursionlimit(10**9)


class Deep:
    def __repr__(self):
        return repr([self])


repr(Deep())
"""

done = subprocess.run([sys.executable, "-c", ATTACK], check=False)
if done.returncode < 0:
    print("ATTACK SUCCEEDED: the process died of signal", -done.returncode)
