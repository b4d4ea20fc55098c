from __future__ import annotations

def tamper(notebook):
    notebook["metadata"]["kernelspec"] = {"name": "../../evil", "display_name": "my env (3.12)"}
    return notebook
