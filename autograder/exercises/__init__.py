"""The worksheets that exist, by id.  One module each; adding one means adding its id here."""

from __future__ import annotations

import difflib
import functools
import importlib

from autograder.errors import UserError
from autograder.exercise import Exercise, Worksheet, Written

IDS = ("ps02",)


class UnknownName(UserError, LookupError):
    """No worksheet, exercise or question has that name.  The message suggests one."""


@functools.cache
def worksheet(id: str) -> Worksheet:
    """The worksheet of that id."""
    if id not in IDS:
        raise UnknownName(_unknown("worksheet", id, list(IDS)))
    found: Worksheet = importlib.import_module(f"{__name__}.{id}").WORKSHEET
    return found


def find_exercise(id: str) -> Exercise:
    """The exercise of that id, in whichever worksheet."""
    known = {exercise.id: exercise for ps in IDS for exercise in worksheet(ps).exercises}
    if id in {question.id for ps in IDS for question in worksheet(ps).written}:
        raise UnknownName(f'{id} is a written answer, which a person marks: see rubric("{id}").')
    if id not in known:
        raise UnknownName(_unknown("exercise", id, list(known)))
    return known[id]


def find_written(id: str) -> Written:
    """The written question of that id, in whichever worksheet."""
    known = {question.id: question for ps in IDS for question in worksheet(ps).written}
    if id not in known:
        raise UnknownName(_unknown("written question", id, list(known)))
    return known[id]


def _unknown(kind: str, id: str, known: list[str]) -> str:
    near = difflib.get_close_matches(str(id), known, n=1)
    return f"there is no {kind} {id!r}. " + (
        f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(known)}."
    )
