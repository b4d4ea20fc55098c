"""What a gradebook says of everybody's marks, read in few queries: for exports and reports.

The points are nbgrader's, a person's marks included; verdicts and diagnoses are those of our own tables,
where there are any.  Nothing is written.
"""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from nbgrader import api
from nbgrader.api import (
    Assignment,
    Grade,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)

from autograder.errors import UserError
from autograder.nbgrader_plugin import queries, records
from autograder.roster import COLUMNS, Student


class NotInGradebook(UserError):
    """The gradebook has no such assignment or student."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sheet:
    """An assignment."""

    name: str
    duedate: datetime.datetime | None  # UTC
    max_points: float


@dataclasses.dataclass(frozen=True, slots=True)
class Mark:
    """The mark of one graded cell."""

    notebook: str
    exercise: str  # the cell's name, which is that of its exercise
    points: float | None  # None while it waits for a person
    max_points: float
    written: bool  # the student writes in the cell itself, and a person marks it
    verdict: str = ""  # empty where no exercise of ours was judged
    diagnosis: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Submission:
    """What a student has handed in of an assignment, marked as far as it is."""

    assignment: str
    student: str
    timestamp: datetime.datetime | None  # UTC
    penalty: float  # points that lateness costs
    levels: tuple[str, ...]  # of the sandboxes that it ran in; empty if none of ours
    digest: str  # of the folder that was graded; empty if nbgrader alone has graded it
    marks: tuple[Mark, ...]

    @property
    def waiting(self) -> int:
        """How many of its cells wait for a person."""
        return sum(mark.points is None for mark in self.marks)

    @property
    def points(self) -> float:
        """The points so far, lateness not yet taken off."""
        return math.fsum(mark.points for mark in self.marks if mark.points is not None)

    @property
    def score(self) -> float | None:
        """What counts, as nbgrader has it: points less penalty, never below 0; None while it waits."""
        return None if self.waiting else max(0.0, self.points - self.penalty)


@dataclasses.dataclass(frozen=True)
class Marks:
    """A class's marks: assignments by due date, people by name, submissions by both."""

    sheets: Sequence[Sheet]
    people: Sequence[Student]
    submissions: Mapping[tuple[str, str], Submission]  # by assignment and student

    def of(self, assignment: str, student: str) -> Submission | None:
        return self.submissions.get((assignment, student))


def read_marks(
    connection: sa.Connection, assignments: Iterable[str] = (), students: Iterable[str] = ()
) -> Marks:
    """The marks of these assignments and students; of all of them where none is named.

    Raises NotInGradebook for one that the gradebook does not have.
    """
    people = read_students(connection)
    query = sa.select(Assignment.name, Assignment.duedate, Assignment.max_score)
    sheets = [Sheet(*row) for row in connection.execute(query)]
    wanted, whose = list(assignments), list(students)
    _require("assignment", wanted, [sheet.name for sheet in sheets])
    _require("student", whose, [person.id for person in people])
    if wanted:
        sheets = [sheet for sheet in sheets if sheet.name in set(wanted)]
    if whose:
        people = [person for person in people if person.id in set(whose)]
    sheets.sort(key=lambda sheet: (sheet.duedate or datetime.datetime.max, sheet.name))
    people.sort(key=lambda person: (person.last_name, person.first_name, person.id))
    return Marks(sheets, people, _submissions(connection, wanted, whose))


def read_students(connection: sa.Connection) -> list[Student]:
    """Whom the gradebook knows, by id."""
    table = api.Student.__table__
    rows = connection.execute(sa.select(*(table.c[column] for column in COLUMNS)))
    return sorted((Student(*(value or "" for value in row)) for row in rows), key=lambda s: s.id)


def _require(kind: str, wanted: Iterable[str], known: Sequence[str]) -> None:
    if unknown := [name for name in wanted if name not in set(known)]:
        shown = ", ".join(sorted(known)[:20]) or "none"
        more = ", ..." if len(known) > 20 else ""
        raise NotInGradebook(f"the gradebook has no {kind} {unknown[0]!r} (it has: {shown}{more}).")


def _submissions(
    connection: sa.Connection, assignments: Sequence[str], students: Sequence[str]
) -> dict[tuple[str, str], Submission]:
    only = _only(Assignment.name, SubmittedAssignment.student_id, assignments, students)
    judged, graded = _records(connection, assignments, students)
    marks: dict[tuple[str, str], list[tuple[Any, Mark]]] = defaultdict(list)
    for row in connection.execute(_GRADES.where(*only)):
        who = (row.assignment, row.student)
        verdict = judged.get((*who, row.notebook, row.exercise))
        mark = Mark(
            row.notebook,
            row.exercise,
            None if row.waits else row.score,
            row.max_points,
            bool(row.written),
            *((verdict.verdict, verdict.diagnosis) if verdict else ()),
        )
        place = math.inf if verdict is None else verdict.position
        marks[who].append(((row.notebook, place, row.exercise), mark))
    found = {}
    for row in connection.execute(_SUBMISSIONS.where(*only)):
        who = (row.assignment, row.student)
        levels, digest = graded.get(who, ((), ""))
        ordered = tuple(mark for _, mark in sorted(marks[who], key=lambda pair: pair[0]))
        found[who] = Submission(*who, row.timestamp, row.penalty, levels, digest, ordered)
    return found


def _only(
    assignment: Any, student: Any, assignments: Sequence[str], students: Sequence[str]
) -> list[sa.ColumnElement[bool]]:
    pairs = ((assignment, assignments), (student, students))
    return [column.in_(names) for column, names in pairs if names]


def _records(
    connection: sa.Connection, assignments: Sequence[str], students: Sequence[str]
) -> tuple[dict[tuple[str, ...], Any], dict[tuple[str, str], tuple[tuple[str, ...], str]]]:
    """Verdicts by assignment, student, notebook and exercise; levels and digest by the first two."""
    notebooks, verdicts = records.NOTEBOOKS, records.VERDICTS
    there = sa.inspect(connection)
    if not (there.has_table(notebooks.name) and there.has_table(verdicts.name)):
        return {}, {}  # graded by nbgrader alone

    def rows(table: sa.Table, *names: str) -> Iterable[Any]:
        columns = [table.c[name] for name in ("assignment", "student", "notebook", *names)]
        only = _only(table.c.assignment, table.c.student, assignments, students)
        return connection.execute(sa.select(*columns).where(*only))

    graded: dict[tuple[str, str], tuple[tuple[str, ...], str]] = {}
    handed_in = set()
    for row in rows(notebooks, "level", "submission"):
        who = (row.assignment, row.student)
        levels = {*graded.get(who, ((), ""))[0], row.level}
        graded[who] = (tuple(sorted(levels)), row.submission)
        handed_in.add((*who, row.notebook))
    judged: dict[tuple[str, ...], Any] = {
        (row.assignment, row.student, row.notebook, row.exercise): row
        for row in rows(verdicts, "exercise", "position", "verdict", "diagnosis")
        # Verdicts may be left of a notebook that is not handed in any more.
        if (row.assignment, row.student, row.notebook) in handed_in
    }
    return judged, graded


_WHO = (Assignment.name.label("assignment"), SubmittedAssignment.student_id.label("student"))
_PENALTY = sa.func.coalesce(sa.func.sum(SubmittedNotebook.late_submission_penalty), 0.0)
_SUBMISSIONS = (
    sa.select(*_WHO, SubmittedAssignment.timestamp, _PENALTY.label("penalty"))
    .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
    .outerjoin(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
    .group_by(SubmittedAssignment.id, *_WHO, SubmittedAssignment.timestamp)
)
_SOLUTION = queries.CELL.alias()  # the student's own part of the cell, if it has one
_WRITTEN = sa.or_(_SOLUTION.c.id.is_not(None), queries.TASK_CELL.c.id.is_not(None))
_GRADES = queries.with_cells(
    sa.select(
        *_WHO,
        Notebook.name.label("notebook"),
        queries.CELL.c.name.label("exercise"),
        queries.MAX_POINTS.label("max_points"),
        queries.WAITS.label("waits"),
        Grade.score.label("score"),
        _WRITTEN.label("written"),
    )
    .select_from(Grade)
    .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
    .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
    .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
    .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
).outerjoin(
    _SOLUTION,
    sa.and_(
        _SOLUTION.c.notebook_id == queries.CELL.c.notebook_id,
        _SOLUTION.c.name == queries.CELL.c.name,
        _SOLUTION.c.type == "SolutionCell",
    ),
)
