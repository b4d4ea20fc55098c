from __future__ import annotations

import json



def tamper(notebook):
    notebook["cells"][0]["source"] += ["\nMüller"]
    return json.dumps(notebook, ensure_ascii=False).encode("cp1252", "replace")
