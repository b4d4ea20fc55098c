from __future__ import annotations

import json



def tamper(notebook):
    return json.dumps(notebook).replace('"nbformat": 4', '"nbformat": ' + "4" * 5000).encode()
