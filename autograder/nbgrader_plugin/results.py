"""What the gradebook tells a student of one notebook: verdicts, points, comments, what lateness costs.

Points are nbgrader's, a person's marks included.  What the check said is from our own tables, where it has
judged; other cells have a person's mark, or the points of an instructor's own asserts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from nbgrader.api import BaseCell, Comment, Grade, MissingEntry, SubmittedNotebook

from autograder.exercise import Worksheet
from autograder.feedback import Report, Result
from autograder.judge import Kind
from autograder.marker import SOLUTION_SUFFIX
from autograder.nbgrader_plugin import queries, records
from autograder.nbgrader_plugin.assignment import worksheet_of
from autograder.nbgrader_plugin.records import Who

_SUBMITTED = queries.NOTEBOOK_ID.add_columns(
    SubmittedNotebook.late_submission_penalty.label("penalty")
)
_GRADES = (
    queries.with_cells(
        sa.select(
            queries.CELL.c.name,
            queries.MAX_POINTS.label("max_points"),
            queries.WAITS.label("waits"),
            *(Grade.auto_score, Grade.manual_score, Grade.extra_credit),
            Grade.score.label("score"),
        ).select_from(Grade)
    )
    .where(Grade.notebook_id == sa.bindparam("submitted"))
    .order_by(queries.CELL.c.name)
)
_COMMENTS = queries.of_notebook(Comment, Comment.auto_comment, Comment.manual_comment).order_by(
    BaseCell.name
)


def read_report(connection: sa.Connection, who: Who, released: Mapping[str, str]) -> Report:
    """What the gradebook has to tell a student of one notebook.

    `released` has the sources of given cells as students know them.  Raises MissingEntry if nothing of the
    kind was handed in.
    """
    found = connection.execute(_SUBMITTED, vars(who)).first()
    if found is None:
        raise MissingEntry(f"the gradebook has no {who.notebook} of {who.student}.")
    submitted = {"submitted": found.id}
    comments = {row.name: row for row in connection.execute(_COMMENTS, submitted)}
    verdicts = {row["exercise"]: row for row in records.verdicts(connection, who)}
    worksheet = worksheet_of(who.assignment, who.notebook)
    results = [
        _result(grade, verdicts.get(grade.name), comments, worksheet)
        for grade in connection.execute(_GRADES, submitted)
    ]
    return Report(
        who.student,
        who.assignment,
        worksheet.title if worksheet else who.notebook,
        results,
        found.penalty or 0.0,
        {name: row.manual_comment for name, row in comments.items() if row.manual_comment},
        released,
    )


def _result(
    grade: Any,
    verdict: Mapping[str, Any] | None,
    comments: Mapping[str, Any],
    worksheet: Worksheet | None,
) -> Result:
    own = comments.get(grade.name)
    untouched = own is not None and own.auto_comment == queries.NO_RESPONSE
    notes = []
    if verdict and grade.manual_score not in (None, grade.auto_score):
        notes.append(f"A person has set these points; the check gave {grade.auto_score or 0:g}.")
    if grade.extra_credit:
        notes.append(f"With {grade.extra_credit:g} extra.")
    said = (comments.get(name) for name in (grade.name, f"{grade.name}{SOLUTION_SUFFIX}"))
    result = Result(
        grade.name,
        _title(grade.name, worksheet),
        _headline(grade, untouched),
        None if grade.waits else grade.score,
        grade.max_points,
        note=" ".join(notes),
        comment="\n\n".join(row.manual_comment for row in said if row and row.manual_comment),
    )
    if verdict is None:
        return dataclasses.replace(result, kind=Kind.NOT_ATTEMPTED) if untouched else result
    kind = Kind(verdict["verdict"])
    return dataclasses.replace(
        result,
        headline=verdict["reason"] if kind == Kind.WRONG and verdict["reason"] else str(kind),
        kind=kind,
        told=_told(kind, verdict),
        read=verdict["read"],
    )


def _title(name: str, worksheet: Worksheet | None) -> str:
    titles: dict[str, str] = {}
    if worksheet:
        titles = {exercise.id: exercise.title for exercise in worksheet.exercises}
        titles |= {question.id: question.title for question in worksheet.written}
    return titles.get(name, name)


def _headline(grade: Any, untouched: bool) -> str:
    """Of a cell that no check of ours has judged."""
    if grade.waits:
        return "still to be marked"
    if grade.manual_score is None and untouched:
        return str(Kind.NOT_ATTEMPTED)
    if grade.score >= grade.max_points:
        return "all points"
    return "some points" if grade.score > 0 else "no points"


def _told(kind: Kind, verdict: Mapping[str, Any]) -> str:
    if kind == Kind.CORRECT:
        return ""
    if verdict["diagnosis"]:
        return f"It looks like: {verdict['diagnosis']}. {verdict['explanation']}".strip()
    return str(verdict["message"])
