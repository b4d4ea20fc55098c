"""nbgrader's own page for grading, of the cell as it was handed in."""

from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter
from nbformat import v4
from nbgrader.server_extensions.formgrader import handlers

cell = v4.new_markdown_cell(
    "Since $\\href{javascript:alert(1)}{x} < 1$ and $\\style{position:fixed}{\\class{score}{\\cssId{rnn_step}{y}}}$, $$\\require{action}\\url{https://x.org}$$"
)
exporter = HTMLExporter(template_name="formgrade", extra_template_basedirs=[handlers.template_path])
about = {"submission_id": "1", "index": 0, "total": 1}
page, _ = exporter.from_notebook_node(v4.new_notebook(cells=[cell]), about)
if BeautifulSoup(page, "html.parser").body.select("p:-soup-contains('href{javascript')"):
    print("ATTACK SUCCEEDED")
