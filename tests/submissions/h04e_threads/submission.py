# base: solved

# %%
import threading
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(4) as pool:
    print("squares:", list(pool.map(lambda x: x * x, range(5))))

# %%
import urllib.request

try:
    urllib.request.urlopen("https://example.org/data.csv", timeout=2)
except OSError as error:
    print("no network:", error)
