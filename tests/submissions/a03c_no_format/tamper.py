from __future__ import annotations

def tamper(notebook):
    del notebook['nbformat'], notebook['nbformat_minor']
    return notebook
