from __future__ import annotations

def tamper(notebook):
    output = {"output_type": "display_data", "data": {}, "metadata": {}}
    notebook["cells"][4]["outputs"] = [output] * 40_000
    return notebook
