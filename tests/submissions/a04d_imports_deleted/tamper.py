from __future__ import annotations

def tamper(notebook):
    gone = ("imports", "hand-step-solution", "ps02-006-c3ae63f1")
    notebook["cells"] = [c for c in notebook["cells"] if c["id"] not in gone]
    return notebook
