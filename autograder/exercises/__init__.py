"""The worksheets that exist, by id.  One module each; adding one means adding its id here."""

from __future__ import annotations

import dataclasses
import difflib
import functools
import importlib

from autograder.errors import UserError
from autograder.exercise import Exercise, Worksheet, Written

IDS = (
    "ps01",
    "ps02",
    "ps03",
    "ps04",
    "ps05",
    "ps06",
)


class UnknownName(UserError, LookupError):
    """No worksheet, exercise or question has that name.  The message suggests one."""


@functools.cache
def worksheet(id: str) -> Worksheet:
    """The worksheet of that id.  Beside what it withholds itself, so are the chapters of later ones."""
    if id not in IDS:
        raise UnknownName(_unknown("worksheet", id, list(IDS)))
    found = _as_written(id)
    later = [
        module
        for ps in IDS[IDS.index(id) + 1 :]
        for module in _as_written(ps).withheld
        if module.startswith("course.")
    ]
    return dataclasses.replace(found, withheld=tuple(dict.fromkeys((*found.withheld, *later))))


def _as_written(id: str) -> Worksheet:
    found: Worksheet = importlib.import_module(f"{__name__}.{id}").WORKSHEET
    return found


def find_exercise(id: str) -> Exercise:
    """The exercise of that id, in whichever worksheet."""
    for ps in IDS:  # no further than the one that has it: each takes time to import
        if (found := _as_written(ps).exercise(id)) is not None:
            return found
    if id in {question.id for ps in IDS for question in _as_written(ps).written}:
        raise UnknownName(f'{id} is a written answer, which a person marks: see rubric("{id}").')
    known = [exercise.id for ps in IDS for exercise in _as_written(ps).exercises]
    raise UnknownName(_unknown("exercise", id, known))


def find_written(id: str) -> Written:
    """The written question of that id, in whichever worksheet."""
    known = {question.id: question for ps in IDS for question in _as_written(ps).written}
    if id not in known:
        raise UnknownName(_unknown("written question", id, list(known)))
    return known[id]


def _unknown(kind: str, id: str, known: list[str]) -> str:
    near = difflib.get_close_matches(str(id), known, n=1)
    return f"there is no {kind} {id!r}. " + (
        f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(known)}."
    )
