from __future__ import annotations

def tamper(notebook):
    output = {"output_type": "stream", "name": 1, "text": 5}
    notebook["cells"][4]["outputs"] = [output] * 2000
    return notebook
