from __future__ import annotations

def tamper(notebook):
    extra = {"cell_type": "markdown", "metadata": {}, "source": "x"}
    notebook["cells"] += [extra | {"id": f"x{number}"} for number in range(100_000)]
    return notebook
