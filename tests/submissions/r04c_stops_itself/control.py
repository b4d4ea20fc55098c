import os
import signal
import subprocess
import sys
import time

process = subprocess.Popen(
    [sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"]
)
time.sleep(1)
process.terminate()
time.sleep(0.5)
if process.poll() is None:
    print("ATTACK SUCCEEDED: it stands still and cannot be asked to end")
process.kill()
process.wait()
