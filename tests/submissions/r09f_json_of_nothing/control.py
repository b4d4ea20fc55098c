import json
import sys

sent = json.dumps([{}] * 1_000_000)
if sum(map(sys.getsizeof, json.loads(sent))) > 10 * len(sent):
    print("ATTACK SUCCEEDED: one byte becomes ten")
