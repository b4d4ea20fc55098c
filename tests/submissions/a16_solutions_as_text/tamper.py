from __future__ import annotations

def tamper(notebook):
    cells = {c["id"]: c for c in notebook["cells"]}
    for name, kind in (("sequence-loss-solution", "markdown"), ("rnn-step", "raw"), ("shapes", "markdown")):
        cell = cells[name]
        cell["cell_type"] = kind
        del cell["outputs"], cell["execution_count"]
    cells["state-limits"] |= {"cell_type": "code", "outputs": [], "execution_count": None}
    return notebook
