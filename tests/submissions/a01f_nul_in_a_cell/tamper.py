from __future__ import annotations

def tamper(notebook):
    for cell in notebook["cells"]:
        if cell["id"] == "sequence-loss-solution":
            cell["source"] += ["\nodd = 'a\\0b\x1b[2J\x08\u202e\ufffe\u2028'"]
        if cell["cell_type"] == "markdown":
            cell["source"] += ["\0\x1b[31m\u202e"]
    return notebook
