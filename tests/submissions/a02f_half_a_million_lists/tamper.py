from __future__ import annotations

def tamper(notebook):
    notebook["metadata"]["x"] = [[]] * 300_000
    notebook["cells"][4]["metadata"]["x"] = [{}] * 190_000
    return notebook
