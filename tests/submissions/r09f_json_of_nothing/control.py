import json
import resource

sent = json.dumps([{}] * 1_000_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
made = json.loads(sent)
if (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 > 10 * len(sent):
    print("ATTACK SUCCEEDED: one byte becomes ten")
