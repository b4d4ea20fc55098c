"""What plugs into nbgrader; the only place that knows it.

`nbgrader_config.py` names the preprocessors below in nbgrader's own lists, so its commands, its
formgrader and `autograder grade` all mark in the same way.
"""

from __future__ import annotations

from autograder.nbgrader_plugin.late import LateDays
from autograder.nbgrader_plugin.preprocessors import (
    ClearSolutionsByName,
    DrawQuestions,
    ExecuteInSandbox,
    RecordMarks,
    RestoreNotebook,
)
from autograder.nbgrader_plugin.rubrics import ShowRubrics

__all__ = [
    "ClearSolutionsByName",
    "DrawQuestions",
    "ExecuteInSandbox",
    "LateDays",
    "RecordMarks",
    "RestoreNotebook",
    "ShowRubrics",
]
