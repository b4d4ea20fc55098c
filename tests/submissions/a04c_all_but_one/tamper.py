from __future__ import annotations

def tamper(notebook):
    notebook["cells"] = [c for c in notebook["cells"] if c["id"] == "rnn-step-solution"]
    return notebook
