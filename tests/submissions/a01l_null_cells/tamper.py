from __future__ import annotations

def tamper(notebook):
    notebook["cells"][3:3] = [None, 5, [], "cell", True]
    return notebook
