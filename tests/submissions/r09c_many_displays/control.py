import json

import nbformat

output = nbformat.v4.new_output("display_data", data={"text/html": "<b>!</b>"})
cell = nbformat.v4.new_code_cell("", outputs=[output] * 20_000)
notebook = nbformat.v4.new_notebook(cells=[cell])
if len(nbformat.writes(notebook)) > 2_000_000:
    print("ATTACK SUCCEEDED: a notebook of megabytes that says nothing")
