from __future__ import annotations

def tamper(notebook):
    notebook["cells"][1]["source"] = True
    notebook["cells"][2]["source"] = None
    notebook["cells"][4]["cell_type"] = 7
    notebook["cells"][5]["id"] = False
    return notebook
