from __future__ import annotations

def tamper(notebook):
    cell = next(c for c in notebook["cells"] if c["id"] == "rnn-step-solution")
    cell["source"] += ["\nx = [" + "1," * 100_000 + "]"]
    cell = next(c for c in notebook["cells"] if c["id"] == "rnn-output-solution")
    cell["source"] += ["\n# comment" * 20_000]
    return notebook
