from __future__ import annotations

def tamper(notebook):
    for cell in notebook["cells"]:
        if cell["id"].endswith("-solution"):
            cell["source"] += ["\nx = (" + "0," * 20_000 + ")", "\n# " + "x" * 5_000]
    return notebook
