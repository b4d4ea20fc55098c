from __future__ import annotations

def tamper(notebook):
    notebook['cells'].reverse()
    return notebook
