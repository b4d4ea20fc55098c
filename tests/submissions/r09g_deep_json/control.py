import copy
import json

deep = json.loads("[" * 900 + "]" * 900)
try:
    copy.deepcopy(deep)
except RecursionError:
    print("ATTACK SUCCEEDED: what was read cannot be copied")
