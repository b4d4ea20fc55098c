from __future__ import annotations

def tamper(notebook):
    notebook["cells"] = [c for c in notebook["cells"] if not (_about(c).get("grade") and _about(c).get("locked"))]
    return notebook


def _about(cell):
    return cell["metadata"].get("nbgrader", {})
