import io
import sys

sys.stdout, real = io.StringIO(), sys.stdout
for number in range(1_000_000):
    print('line number', number)
if len(sys.stdout.getvalue()) > 10_000_000:
    print("ATTACK SUCCEEDED: ten million letters are kept", file=real)
