import os

os.mkdir("names")
for number in range(30_000):
    os.close(os.open(f"names/{number}", os.O_CREAT | os.O_WRONLY))
print("ATTACK SUCCEEDED: 30,000 files of nothing")
