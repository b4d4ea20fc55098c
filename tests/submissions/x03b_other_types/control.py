"""A page of nbconvert's, of the cell as it was handed in."""

from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter
from nbformat import v4

shown = v4.new_output("display_data", data={"text/vnd.mermaid": "<img src=x onerror=alert(1)>"})
cell = v4.new_code_cell(outputs=[shown])
exporter = HTMLExporter()
about = {"submission_id": "1", "index": 0, "total": 1}
page, _ = exporter.from_notebook_node(v4.new_notebook(cells=[cell]), about)
if BeautifulSoup(page, "html.parser").body.select("[onerror]"):
    print("ATTACK SUCCEEDED")
