from __future__ import annotations

def tamper(notebook):
    cells = notebook["cells"]
    at = next(n for n, c in enumerate(cells) if c["id"] == "rnn-step")
    cells.insert(at + 3, cells[at] | {"id": "copy", "source": "check('rnn_step', lambda *a: a[1])"})
    return notebook
