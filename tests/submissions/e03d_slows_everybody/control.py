import os
import signal

if os.getuid() == 0:
    os.setuid(64_999)  # nobody else's processes are to be slowed
sibling = os.fork()
if sibling == 0:
    signal.pause()
before = os.getpriority(os.PRIO_PROCESS, sibling)
which = (os.PRIO_USER, 0) if os.getuid() == 64_999 else (os.PRIO_PROCESS, sibling)
os.setpriority(*which, before + 1)
if os.getpriority(os.PRIO_PROCESS, sibling) > before:
    print("ATTACK SUCCEEDED: another process is slower")
os.kill(sibling, signal.SIGKILL)
os.waitpid(sibling, 0)
