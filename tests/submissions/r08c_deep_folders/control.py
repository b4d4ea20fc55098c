import os
import shutil
import subprocess

here = os.getcwd()
for _ in range(1500):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
os.chdir(here)
try:
    shutil.rmtree("d" * 200)
except RecursionError:
    print("ATTACK SUCCEEDED: it cannot be cleaned away")
subprocess.run(["rm", "-rf", "d" * 200], check=True)
