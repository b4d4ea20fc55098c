from __future__ import annotations

def tamper(notebook):
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception", "remove-cell"]
        cell["metadata"]["deletable"] = True
    notebook["metadata"]["execution"] = {"allow_errors": True, "timeout": -1}
    return notebook
