from __future__ import annotations

def tamper(notebook):
    cells = {c["id"]: c for c in notebook["cells"]}
    one, other = (cells[name]["metadata"]["nbgrader"] for name in ("rnn-step", "VanillaRNN"))
    one["grade_id"], other["grade_id"] = other["grade_id"], one["grade_id"]
    own = {"cell_type": "code", "id": "own", "source": "100.0", "outputs": [], "execution_count": 1}
    claim = {"grade": True, "grade_id": "sequence_loss", "locked": True, "points": 4, "schema_version": 3, "solution": False}
    notebook["cells"].insert(0, own | {"metadata": {"nbgrader": claim}})
    return notebook
