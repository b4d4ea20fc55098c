from __future__ import annotations

def tamper(notebook):
    cells = notebook["cells"]
    at = next(n for n, c in enumerate(cells) if c["id"] == "rnn-step")
    cells.insert(at + 1, cells[at] | {"id": "half", "source": "rnn_step)"})
    cells[at]["source"] = 'check("rnn_step",'
    return notebook
