from __future__ import annotations

def tamper(notebook):
    cells = notebook["cells"]
    at = next(n for n, c in enumerate(cells) if c["id"] == "sequence-loss-solution")
    lines = cells[at]["source"]
    cells.insert(at + 1, cells[at] | {"id": "half", "source": lines[-4:]})
    cells[at]["source"] = lines[:2]
    return notebook
