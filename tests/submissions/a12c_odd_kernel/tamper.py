from __future__ import annotations

def tamper(notebook):
    notebook["metadata"] = {"kernelspec": {"name": "python3", "display_name": ""}, "language_info": {"name": "python", "version": 3, "codemirror_mode": []}}
    return notebook
