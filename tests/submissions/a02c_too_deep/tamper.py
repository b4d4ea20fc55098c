from __future__ import annotations

import json



def tamper(notebook):
    return json.dumps(notebook).replace('"nbformat": 4', '"x": ' + "[" * 60_000 + "]" * 60_000 + ', "nbformat": 4').encode()
