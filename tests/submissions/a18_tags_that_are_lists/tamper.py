from __future__ import annotations

def tamper(notebook):
    notebook["cells"][4]["metadata"]["tags"] = [{"tag": number} for number in range(3000)]
    return notebook
