from __future__ import annotations

def tamper(notebook):
    return notebook | {'nbformat_minor': -1}
