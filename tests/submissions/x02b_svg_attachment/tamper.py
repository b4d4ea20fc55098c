from __future__ import annotations

import base64

SVG = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(2)</script><foreignObject><b/></foreignObject></svg>"


def tamper(notebook):
    picture = base64.b64encode(SVG.encode()).decode()
    attachments = {"a.png": {"image/svg+xml": picture}, "b.png": {"image/png": picture}}
    cell = next(
        c
        for c in notebook["cells"]
        if c["metadata"].get("nbgrader", {}).get("grade_id") == "state_limits"
    )
    cell["source"] = "![a](attachment:a.png) ![b](attachment:b.png)"
    cell["attachments"] = attachments
    return notebook
