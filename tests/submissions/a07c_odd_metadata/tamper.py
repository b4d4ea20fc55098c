from __future__ import annotations

def tamper(notebook):
    odd = [5, None, [], "x", True, {"grade_id": ["rnn_step"]}, {"grade_id": {}}, {"grade_id": None}, {"schema_version": "x"}, {}]
    tests = [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade")]
    for number, cell in enumerate(tests):
        cell["metadata"]["nbgrader"] = odd[number % len(odd)]
    return notebook
