import subprocess
import sys

with subprocess.Popen(
    [sys.executable, "-c", "breakpoint()"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
) as process:
    try:
        process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        print("ATTACK SUCCEEDED: the debugger waits")
    process.kill()
