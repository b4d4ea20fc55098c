from __future__ import annotations

import json



def tamper(notebook):
    return b"\xef\xbb\xbf" + json.dumps(notebook).encode()
