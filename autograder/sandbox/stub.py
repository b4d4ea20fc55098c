"""What `from autograder import check, hint, question, rubric` finds while a notebook is graded.

This file is the whole of `autograder` that student code can reach, but for the contract and the worker
that runs it: there is no reference, no expected value and no verdict here.  `check` keeps the answer;
the worker calls it with the inputs that it is sent.
"""

from __future__ import annotations

from typing import Any

__all__ = ["check", "draw_questions", "hint", "question", "rubric", "student"]

#: The answers that the cell now running has handed over.
handed: dict[str, Any] = {}
#: Who is being graded, and which question of an exercise is theirs; the worker sets it.
told: dict[str, Any] = {"student": "", "questions": {}}


def check(exercise: str, answer: Any) -> None:
    """Hand an answer over."""
    handed[exercise] = answer


def hint(exercise: str) -> None:
    """No hints while grading."""


def question(exercise: str) -> None:
    """Tell which question is this student's."""
    print(f"Your question: {told['questions'].get(exercise, 'that of everybody')}")


def student() -> str:
    """Who is being graded."""
    name: str = told["student"]
    return name


def draw_questions(course: str) -> None:
    """The questions have been drawn already."""


def rubric(question: str, **kwargs: Any) -> None:
    """No rubric while grading."""
