from __future__ import annotations

import json



def tamper(notebook):
    notebook["cells"][2]["source"] += ["\n# @@"]
    return json.dumps(notebook).replace("@@", "\\ud800").encode()
