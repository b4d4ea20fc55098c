"""A folder that is not wiped between two runs shows the second what the first has left."""

import os

for run in range(2):
    if os.path.exists("left"):
        print("ATTACK SUCCEEDED")
    open("left", "w").close()
