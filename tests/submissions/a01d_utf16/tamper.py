from __future__ import annotations

import json



def tamper(notebook):
    return json.dumps(notebook, ensure_ascii=False).encode("utf-16")
