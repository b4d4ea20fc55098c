import subprocess
import sys
import time

ATTACK = """
import contextlib
import signal

for number in range(1, signal.NSIG):
    with contextlib.suppress(OSError, ValueError):
        signal.signal(number, signal.SIG_IGN)
with contextlib.suppress(OSError, ValueError):
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, signal.NSIG))
while True:
    pass
"""

process = subprocess.Popen([sys.executable, "-c", ATTACK])
time.sleep(1.5)
process.terminate()
time.sleep(1)
if process.poll() is None:
    print("ATTACK SUCCEEDED: it was asked to end and runs on")
process.kill()
process.wait()
