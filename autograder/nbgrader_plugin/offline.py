"""Where nbconvert finds our templates, so that nbgrader's pages need no network.

nbconvert's own `base/mathjax.html.j2` loads MathJax from afar.  Without a network formulas stay raw, and
the formgrader's keyboard shortcuts are dead: its script asks MathJax to be told when it is done, before it
takes the keyboard, and stumbles where there is none.  Ours brings KaTeX along, and answers in its place.

A page's templates are looked for in `HTMLExporter.extra_template_basedirs`, and then in
`nbconvert/templates` of each folder on Jupyter's path.  So there are two ways to it:

- `nbgrader_config.py` sets `c.HTMLExporter.extra_template_basedirs = template_folders()`.  nbgrader's
  commands read it, and so does the formgrader of a Jupyter that was started in the course's folder, or
  that knows it as `c.CourseDirectory.root`.
- `JUPYTER_PATH` has `jupyter_path()` on it when Jupyter starts.  The formgrader makes its exporter once, at
  the start, and a course that is opened later, from JupyterLab's menu, does not change it; this way works for
  all courses.
"""

from __future__ import annotations

from pathlib import Path

import nbgrader


def jupyter_path() -> Path:
    """The folder that has to be on JUPYTER_PATH."""
    return Path(__file__).with_name("share") / "jupyter"


def template_folders() -> list[str]:
    """For `c.HTMLExporter.extra_template_basedirs`: our templates, then nbgrader's own."""
    own = jupyter_path() / "nbconvert" / "templates"
    formgrader = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader"
    return [str(own), str(formgrader / "templates")]
