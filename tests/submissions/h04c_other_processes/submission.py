# base: solved

# %%
import subprocess

print(subprocess.run(["ls"], capture_output=True))

# %%
import os

os.system("ls")

# %%
import multiprocessing

with multiprocessing.Pool(2) as pool:
    print(pool.map(abs, [-1]))

# %%
from concurrent.futures import ProcessPoolExecutor

with ProcessPoolExecutor(2) as pool:
    print(list(pool.map(abs, [-1])))

# %%
process = multiprocessing.Process(target=print)
process.start()
