from __future__ import annotations

import json



def tamper(notebook):
    return json.dumps(notebook).encode()[:5000]
