import os
import shutil

os.symlink("loop", "loop")
os.mkdir("kept")
open("kept/of the host", "w").close()
os.mkdir("scratch")
os.symlink("../kept", "scratch/out")
for path, folders, files in os.walk("scratch", followlinks=True):
    for name in files:
        os.unlink(os.path.join(path, name))
if not os.listdir("kept"):
    print("ATTACK SUCCEEDED: who cleans and follows links takes the host's files along")
