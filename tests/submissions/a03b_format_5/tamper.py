from __future__ import annotations

def tamper(notebook):
    return notebook | {'nbformat': 5, 'nbformat_minor': 0}
