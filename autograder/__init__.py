"""Checking and grading of worksheets.

In a notebook: `from autograder import check, hint, question, rubric`.  On the command line:
`autograder --help`.  This package imports `course`; `course` never imports it.
"""

from __future__ import annotations

from autograder.check import check, draw_questions, hint, question, rubric
from autograder.questions import student

__all__ = ["check", "draw_questions", "hint", "question", "rubric", "student"]
