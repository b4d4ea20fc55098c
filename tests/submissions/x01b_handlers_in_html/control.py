"""nbgrader's own page for grading, of the cell as it was handed in."""

from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter
from nbformat import v4
from nbgrader.server_extensions.formgrader import handlers

shown = v4.new_output(
    "display_data",
    data={
        "text/html": "<b onmouseover=\"document.title = 'x'\">hover</b><img alt='a' src='x' onerror=\"document.title = 'x'\"><script>1</script>"
    },
)
cell = v4.new_code_cell(outputs=[shown])
exporter = HTMLExporter(template_name="formgrade", extra_template_basedirs=[handlers.template_path])
about = {"submission_id": "1", "index": 0, "total": 1}
page, _ = exporter.from_notebook_node(v4.new_notebook(cells=[cell]), about)
if BeautifulSoup(page, "html.parser").body.select("script, [onerror], [onmouseover]"):
    print("ATTACK SUCCEEDED")
