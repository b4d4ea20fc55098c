from __future__ import annotations

import json



def tamper(notebook):
    notebook["metadata"]["x"] = "x" * 200_000_000
    return json.dumps(notebook).encode()
