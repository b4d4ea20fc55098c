import io
import sys

sys.stdout, real = io.StringIO(), sys.stdout
print('x' * 30_000_000)
if len(sys.stdout.getvalue()) > 10_000_000:
    print("ATTACK SUCCEEDED: ten million letters are kept", file=real)
