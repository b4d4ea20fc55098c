from __future__ import annotations

def tamper(notebook):
    cell = next(c for c in notebook["cells"] if c["id"] == "state-limits")
    cell["attachments"] = {
        f"picture {number}.png": {"image/png": "AAAA" * 1000, "text/html": "<script>alert(1)</script>"}
        for number in range(500)
    }
    cell["source"] = "".join(f"![x](attachment:picture%20{number}.png)" for number in range(500))
    return notebook
