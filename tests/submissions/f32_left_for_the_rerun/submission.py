# base: released

# %%
import os
import sys

place = os.path.join(os.getcwd(), "left")
if os.path.exists(place) or "LEFT" in os.environ or hasattr(sys, "left"):
    print("ATTACK SUCCEEDED", place)

# %% solution hand_step
import os
import sys

for folder in (os.getcwd(), "/scratch", "/dev/shm", "/tmp", "/parent", os.path.expanduser("~")):
    try:
        open(os.path.join(folder, "left"), "w").close()
    except OSError:
        pass
os.environ["LEFT"] = sys.left = "here"
os._exit(1)
