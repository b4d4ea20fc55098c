from __future__ import annotations

def tamper(notebook):
    return b''
