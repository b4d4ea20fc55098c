import signal
import subprocess
import sys
import time

ATTACK = """
while True:
    try:
        while True:
            pass
    except BaseException:
        continue
"""

process = subprocess.Popen([sys.executable, "-c", ATTACK])
time.sleep(1)
process.send_signal(signal.SIGINT)
time.sleep(1)
if process.poll() is None:
    print("ATTACK SUCCEEDED: KeyboardInterrupt was caught")
process.kill()
process.wait()
