"""Looks at a gradebook afterwards: are the verdicts what their evidence says, and what is in it?"""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)

from autograder.errors import UserError
from autograder.evidence import DamagedRecord, Entry, entries, replay, same
from autograder.nbgrader_plugin import records
from autograder.nbgrader_plugin.assignment import worksheet_of
from autograder.nbgrader_plugin.course import Course
from autograder.nbgrader_plugin.ledger import Ledger


class NothingToAudit(UserError):
    """There is no such assignment in the gradebook."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    well: bool
    said: str


def replayed(course: Course, assignment: str | None) -> Iterator[Finding]:
    """Make each verdict of the gradebook again from its evidence.

    Raises NothingToAudit where there is no such assignment.
    """
    with course.ledger() as ledger:
        for name in _assignments(ledger, assignment):
            yield from _replay_assignment(course, ledger, name)


def _replay_assignment(course: Course, ledger: Ledger, assignment: str) -> Iterator[Finding]:
    wanted = _on_record(ledger, assignment)
    folder = course.root / ".unrolled" / "records" / assignment
    count: Counter[str] = Counter()
    for batch in sorted({row["batch"] for row in wanted.values()}):
        try:
            for entry in entries(folder / batch):
                row = wanted.get(entry.digest)
                if row is None:
                    continue  # of an earlier grading
                del wanted[entry.digest]
                yield from _compare(ledger, row, entry, count)
        except (DamagedRecord, OSError) as error:
            yield Finding(False, f"{assignment}: {error}")
    for row in wanted.values():
        yield Finding(
            False, f"{assignment} {row['student']}: its evidence is missing ({row['batch']})"
        )
    yield Finding(
        True,
        f"{assignment}: {count['same']} verdicts made again and found the same"
        + (f", {count['none']} without an answer to judge" if count["none"] else ""),
    )


def _compare(
    ledger: Ledger, row: Mapping[str, Any], entry: Entry, count: Counter[str]
) -> Iterator[Finding]:
    """The verdicts of one notebook: on record, in the gradebook, and as today's judge gives them."""
    who = records.Who(row["assignment"], row["student"], row["notebook"])
    with ledger.transaction():
        stored = {v["exercise"]: v for v in records.verdicts(ledger.connection, who)}
    worksheet = worksheet_of(who.assignment, who.notebook)
    if worksheet is None:
        return
    for told, verdict in replay(entry, worksheet):
        name = f"{who.assignment} {who.student} {told['exercise']}"
        mark = stored.get(told["exercise"])
        if mark is None or (mark["verdict"], mark["points"]) != (told["kind"], told["points"]):
            yield Finding(False, f"{name}: the gradebook has another verdict than the record")
        elif verdict is None:
            count["none"] += 1
        elif same(told, verdict):
            count["same"] += 1
        else:
            yield Finding(
                False,
                f"{name}: on record {told['kind']}, {told['points']:g}; "
                f"today's judge says {verdict.kind}, {verdict.points:g}",
            )


def dumped(course: Course, assignment: str | None) -> Iterator[str]:
    """The gradebook as JSON lines, the same for the same marks: no ids, times or seconds."""
    with course.ledger() as ledger:
        for name in _assignments(ledger, assignment):
            for kind, query in _queries(name).items():
                with ledger.transaction():
                    rows = [dict(row) for row in ledger.connection.execute(query).mappings()]
                lines = [json.dumps({"kind": kind, "assignment": name} | row) for row in rows]
                yield from sorted(lines)


def _assignments(ledger: Ledger, assignment: str | None) -> list[str]:
    with ledger.transaction():
        query = sa.select(Assignment.name).order_by(Assignment.name)
        names = list(ledger.connection.execute(query).scalars())
    if assignment is not None and assignment not in names:
        raise NothingToAudit(f"the gradebook has no assignment {assignment!r}.")
    return [assignment] if assignment is not None else names


def _on_record(ledger: Ledger, assignment: str) -> dict[str, Mapping[str, Any]]:
    """The graded notebooks of an assignment, by the digest of their evidence."""
    table = records.NOTEBOOKS
    query = table.select().where(table.c.assignment == assignment).order_by(table.c.student)
    with ledger.transaction():
        rows = ledger.connection.execute(query).mappings().all()
    return {row["evidence"]: dict(row) for row in rows}


def _queries(assignment: str) -> dict[str, sa.Select[Any]]:
    """What is dumped of an assignment: whatever a grading may have written, and a person too."""
    submission, notebook = SubmittedAssignment, SubmittedNotebook
    names: tuple[Any, ...] = (
        submission.student_id.label("student"),
        Notebook.name.label("notebook"),
    )

    def of(*columns: Any) -> sa.Select[Any]:
        return (
            sa.select(*names, *columns)
            .select_from(notebook)
            .join(submission, submission.id == notebook.assignment_id)
            .join(Notebook, Notebook.id == notebook.notebook_id)
            .join(Assignment, Assignment.id == submission.assignment_id)
            .where(Assignment.name == assignment)
        )

    cell = BaseCell.name.label("cell")
    grade = (Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade)
    graded, verdicts = records.NOTEBOOKS, records.VERDICTS
    unsteady = ("seconds", "assignment")
    return {
        "submission": of(notebook.late_submission_penalty),
        "grade": of(cell, *grade)
        .join(Grade, Grade.notebook_id == notebook.id)
        .join(BaseCell, BaseCell.id == Grade.cell_id),
        "comment": of(cell, Comment.auto_comment, Comment.manual_comment)
        .join(Comment, Comment.notebook_id == notebook.id)
        .join(BaseCell, BaseCell.id == Comment.cell_id),
        "graded": sa.select(
            *(graded.c[n] for n in ("student", "notebook", "submission", "worksheet", "level"))
        ).where(graded.c.assignment == assignment),
        "verdict": sa.select(*(c for c in verdicts.c if c.name not in unsteady)).where(
            verdicts.c.assignment == assignment
        ),
    }
