from __future__ import annotations

def tamper(notebook):
    notebook["cells"].sort(key=lambda c: not c["metadata"].get("nbgrader", {}).get("grade", False))
    return notebook
