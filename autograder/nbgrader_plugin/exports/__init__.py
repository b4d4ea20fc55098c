"""Marks for other programs, as nbgrader's export plugins: CSV, Canvas, Moodle, JSON.

    nbgrader export --exporter=autograder.nbgrader_plugin.exports.CanvasExport --to marks.csv

A mark that is not settled, because a cell waits for a person, because the submission was not graded
or because there is none, is left out and counted in a warning.  It is never written as 0, unless
`zero_if_missing` says so of work that was not handed in.
"""

from __future__ import annotations

from autograder.nbgrader_plugin.exports.common import ExportError
from autograder.nbgrader_plugin.exports.lms import CanvasExport, MoodleExport
from autograder.nbgrader_plugin.exports.plain import CsvExport, JsonExport

__all__ = ["CanvasExport", "CsvExport", "ExportError", "JsonExport", "MoodleExport"]
