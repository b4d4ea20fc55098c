import subprocess
import sys

with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
    try:
        process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        print("ATTACK SUCCEEDED: it waits for somebody to type")
    process.kill()
