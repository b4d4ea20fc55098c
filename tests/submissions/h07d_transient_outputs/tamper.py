from __future__ import annotations

def tamper(notebook):
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [
                {"output_type": "display_data", "data": {"text/plain": "x"}, "metadata": {}, "transient": {"display_id": "1"}}
            ]
    return notebook
