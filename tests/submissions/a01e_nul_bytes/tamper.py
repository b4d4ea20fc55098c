from __future__ import annotations

import json



def tamper(notebook):
    notebook["cells"][2]["source"] += ["\n# \0"]
    return json.dumps(notebook).encode() + b"\0" * 512
