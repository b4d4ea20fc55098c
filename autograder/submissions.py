"""Submissions as text: what a student typed into a released notebook.

A file in percent format names the cells that the student filled in, with the worksheet's own markers.
A cell `solution NAME`, `written NAME` or `test NAME` takes the place of that cell's text; a cell
without a marker is an extra one and stands behind the cell named before it.  The first line may be
`# base: solved`, to begin from the worksheet's solution instead of the untouched release.
"""

from __future__ import annotations

import copy

import jupytext
from nbformat import NotebookNode

from autograder.build import grade_id
from autograder.marker import SOLUTION_SUFFIX


def fill_in(text: str, released: NotebookNode, solved: NotebookNode) -> NotebookNode:
    """The notebook that a student would have handed in.  Raises KeyError for an unknown cell."""
    notebook = copy.deepcopy(released)
    if text.startswith("# base: solved"):
        _take_solutions(notebook, solved)
    place = 0
    for number, cell in enumerate(jupytext.reads(text, fmt="py:percent").cells):
        title = cell.metadata.pop("title", None)
        if title is None:
            if cell.source.startswith("# base:"):
                continue
            cell.id = f"own-{number}"
            notebook.cells.insert(place, cell)
            place += 1
            continue
        kind, name = title.split()[:2]
        wanted = name + (SOLUTION_SUFFIX if kind == "solution" else "")
        index = {grade_id(c): i for i, c in enumerate(notebook.cells)}[wanted]
        notebook.cells[index].source = cell.source
        notebook.cells[index].metadata.update(cell.metadata)
        place = index + 1
    return notebook


def _take_solutions(notebook: NotebookNode, solved: NotebookNode) -> None:
    sources = {grade_id(cell): cell.source for cell in solved.cells if grade_id(cell)}
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = sources[grade_id(cell)]
