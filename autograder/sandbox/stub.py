"""What `from autograder import check, hint, rubric` finds while a notebook is graded.

This file is the whole of `autograder` that student code can reach, but for the contract and the worker
that runs it: there is no reference, no expected value and no verdict here.  `check` keeps the answer;
the worker calls it with the inputs that it is sent.
"""

from __future__ import annotations

from typing import Any

__all__ = ["check", "hint", "rubric"]

#: The answers that the cell now running has handed over.
handed: dict[str, Any] = {}


def check(exercise: str, answer: Any) -> None:
    """Hand an answer over."""
    handed[exercise] = answer


def hint(exercise: str) -> None:
    """No hints while grading."""


def rubric(question: str, **kwargs: Any) -> None:
    """No rubric while grading."""
