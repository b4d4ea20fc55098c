import os
import subprocess
import sys

with open("random.py", "w") as file:
    file.write("print('ATTACK SUCCEEDED: the next one imports this')")
subprocess.run([sys.executable, "-c", "import random"], check=False, env={**os.environ, "PYTHONPATH": "."})
