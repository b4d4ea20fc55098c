from __future__ import annotations

def tamper(notebook):
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["id"].endswith("-solution"):
            source = source.replace("    ", "\t")
        if cell["cell_type"] == "code" and cell["id"].endswith("-solution"):
            source += "\n# caf\u00e9\u00a0\u2014 done"
        cell["source"] = source.replace("\n", "\r\n")
    return notebook
