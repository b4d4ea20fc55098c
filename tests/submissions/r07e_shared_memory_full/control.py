import os

try:
    with open("/dev/shm/unrolled-control", "wb", buffering=0) as file:
        for _ in range(64):
            file.write(b"x" * 2**16)
    print("ATTACK SUCCEEDED: 4 MiB are there for all to see")
finally:
    os.unlink("/dev/shm/unrolled-control")
