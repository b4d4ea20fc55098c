import io
import sys

sys.stdout, real = io.StringIO(), sys.stdout
for _ in range(40):
    print('x' * 1_000_000)
if len(sys.stdout.getvalue()) > 10_000_000:
    print("ATTACK SUCCEEDED: ten million letters are kept", file=real)
