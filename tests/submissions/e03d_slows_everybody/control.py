import os
import subprocess
import sys
import time

if os.getuid() == 0:
    os.setuid(64_999)  # nobody else's processes are to be slowed
with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as sibling:
    time.sleep(0.2)
    before = os.getpriority(os.PRIO_PROCESS, sibling.pid)
    if os.getuid() == 64_999:
        os.setpriority(os.PRIO_USER, 0, before + 1)
    else:
        os.setpriority(os.PRIO_PROCESS, sibling.pid, before + 1)
    if os.getpriority(os.PRIO_PROCESS, sibling.pid) > before:
        print("ATTACK SUCCEEDED: another process is slower")
    sibling.kill()
