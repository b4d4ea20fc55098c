from __future__ import annotations

def tamper(notebook):
    notebook['cells'][4]['review'] = 'later'
    return notebook | {'nbformat_minor': 99, 'sections': []}
