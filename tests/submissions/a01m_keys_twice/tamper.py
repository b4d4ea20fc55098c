from __future__ import annotations

import json



def tamper(notebook):
    text = json.dumps(notebook)
    return ('{"cells": [], "metadata": {"x": 1}, "nbformat": 3, ' + text[1:]).encode()
