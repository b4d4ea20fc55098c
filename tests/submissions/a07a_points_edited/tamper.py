from __future__ import annotations

def tamper(notebook):
    for cell in notebook["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        if about.get("grade"):
            about |= {"points": 1000, "locked": False, "schema_version": 99, "checksum": "0", "task": True}
        elif about.get("solution"):
            about |= {"grade": True, "points": 500, "locked": True, "solution": False}
    return notebook
