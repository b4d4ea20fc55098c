from __future__ import annotations

def tamper(notebook):
    notebook["cells"][4]["metadata"]["x"] = "x" * 19_000_000
    return notebook
