from __future__ import annotations

def tamper(notebook):
    return b'[1, 2, 3]'
