from __future__ import annotations

def tamper(notebook):
    extra = {"cell_type": "markdown", "metadata": {}, "source": "x", "id": "rnn-step"}
    notebook["cells"][5:5] = [dict(extra) for _ in range(1900)]
    return notebook
