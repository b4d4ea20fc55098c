from __future__ import annotations

def tamper(notebook):
    notebook["metadata"]["kernelspec"] = {"name": "bash", "language": "bash", "display_name": "Bash"}
    notebook["metadata"]["language_info"] = {"name": "bash", "file_extension": ".sh"}
    return notebook
