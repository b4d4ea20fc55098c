from __future__ import annotations

import json



def tamper(notebook):
    notebook["metadata"] |= {"a": float("nan"), "b": float("-inf"), "c": 10**400, "d": -0.0, "e": 1e308}
    notebook["cells"][4]["metadata"]["x"] = [float("nan"), 10**400]
    notebook["cells"][4]["execution_count"] = 10**400
    return json.dumps(notebook).encode()
