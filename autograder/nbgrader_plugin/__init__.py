"""What plugs into nbgrader; the only place that knows it.

`nbgrader_config.py` names the preprocessors below in nbgrader's own lists, so its commands, its
formgrader and `autograder grade` all mark in the same way.
"""

from __future__ import annotations

from autograder.nbgrader_plugin.preprocessors import (
    ClearSolutionsByName,
    DrawQuestions,
    ExecuteInSandbox,
    RecordMarks,
    RestoreNotebook,
)

__all__ = [
    "ClearSolutionsByName",
    "DrawQuestions",
    "ExecuteInSandbox",
    "RecordMarks",
    "RestoreNotebook",
]
