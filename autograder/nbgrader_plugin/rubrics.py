"""Rubrics beside the written answers that a person marks, in the formgrader.

The criteria live with the worksheet, in `Written`.  They are put into a page when it is made, and are in no
file that a student gets before: `nbgrader_config.py` names `ShowRubrics` among the exporter's steps,
and the template `formgrade` writes what it finds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

from autograder.build import grade_id
from autograder.exercise import Written
from autograder.nbgrader_plugin.assignment import worksheet_of


class ShowRubrics(Preprocessor):
    """Tell the page of a notebook which criteria its written answers are marked by.

    A cell gets `metadata.unrolled_rubric`: `points` and `text` of each criterion, and the marked samples.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        about: Mapping[str, str] = resources.get("nbgrader", {})
        assignment = resources.get("assignment_id") or about.get("assignment", "")
        notebook = resources.get("notebook_id") or about.get("notebook", "")
        worksheet = worksheet_of(assignment, notebook)
        rubrics = {written.id: written for written in worksheet.written} if worksheet else {}
        for cell in nb.cells:
            if written := rubrics.get(grade_id(cell)):
                cell.metadata.unrolled_rubric = _as_data(written)
        return nb, resources


def _as_data(written: Written) -> dict[str, Any]:
    return {
        "criteria": [{"points": c.points, "text": c.text} for c in written.criteria],
        "samples": [
            {
                "points": written.mark(sample.met),
                "text": sample.text,
                "met": list(sample.met),
                "comment": sample.comment,
            }
            for sample in written.samples
        ],
    }
