from __future__ import annotations

def tamper(notebook):
    cells = notebook["cells"]
    at = next(n for n, c in enumerate(cells) if c["id"] == "sequence-loss-solution")
    wrong = "def sequence_loss(y, target):\n    return y.sum(axis=(0, 2)), y.sum(), y.min()"
    cells.append(cells[at] | {"id": "again", "source": wrong})
    return notebook
