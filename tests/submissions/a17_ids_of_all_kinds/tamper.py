from __future__ import annotations

def tamper(notebook):
    odd = ["", "x" * 65, "a b", "../x", "<b>", "extra-1", "ünï", "rnn-step", "a" * 64]
    own = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    notebook["cells"] += [own | {"id": id, "source": f"own_{number} = {number}"} for number, id in enumerate(odd)]
    return notebook
