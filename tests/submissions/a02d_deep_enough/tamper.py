from __future__ import annotations

def tamper(notebook):
    for cell in notebook["cells"]:
        deep = {}
        for _ in range(200):
            deep = {"x": deep}
        cell["metadata"]["deep"] = deep
    return notebook
