from __future__ import annotations

def tamper(notebook):
    cells = [
        {"cell_type": "code", "input": cell["source"], "language": "python", "outputs": [], "metadata": cell["metadata"]}
        if cell["cell_type"] == "code"
        else {"cell_type": "markdown", "source": cell["source"], "metadata": cell["metadata"]}
        for cell in notebook["cells"]
    ]
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "x"}, "worksheets": [{"cells": cells, "metadata": {}}]}
