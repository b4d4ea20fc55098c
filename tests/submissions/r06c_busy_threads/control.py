import threading
import time


def busy():
    while True:
        sum(range(1000))


for _ in range(60):
    threading.Thread(target=busy, daemon=True).start()
begin, used = time.monotonic(), time.process_time()
time.sleep(1)
if time.process_time() - used > 0.5 * (time.monotonic() - begin):
    print("ATTACK SUCCEEDED: a core is taken")
