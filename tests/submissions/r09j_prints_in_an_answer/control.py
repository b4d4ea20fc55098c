import io
import sys

sys.stdout, real = io.StringIO(), sys.stdout
for _ in range(8):
    print('x' * 10_000_000)
if len(sys.stdout.getvalue()) > 10_000_000:
    print("ATTACK SUCCEEDED: ten million letters are kept", file=real)
