import subprocess
import sys

if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode == 0:
    print("ATTACK SUCCEEDED")
