import base64
import json
import os

data = {"image/png": base64.b64encode(os.urandom(75_000_000)).decode()}
if len(json.dumps(data)) > 90_000_000:
    print("ATTACK SUCCEEDED: a hundred megabytes in one cell")
