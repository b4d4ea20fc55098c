"""What is asked of nbgrader's gradebook, as statements that are made once, and what they share.

SQLAlchemy takes longer to make a statement than SQLite to run it.  Parameters: `assignment`, `student` and
`notebook` are names; `submission`, `submitted` and `row` are ids of a submission, of a notebook of one, and
of the row to be changed; `new_...` is what a column is set to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from nbgrader.api import (
    Assignment,
    Base,
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy.orm import aliased

#: nbgrader's comment on an untouched cell.
NO_RESPONSE = "No response."

# Of a cell that has marks.  The tables themselves: each of nbgrader's classes would bring its joins along.
CELL, _GRADE_CELL, TASK_CELL = (kind.__table__ for kind in (BaseCell, GradeCell, TaskCell))
MAX_POINTS = sa.func.coalesce(_GRADE_CELL.c.max_score, TASK_CELL.c.max_score, 0.0)
WAITS = sa.or_(  # for a person
    Grade.needs_manual_grade, sa.and_(Grade.auto_score.is_(None), Grade.manual_score.is_(None))
)


def with_cells(grades: sa.Select[Any]) -> sa.Select[Any]:
    """Grades together with their cells, of both kinds."""
    return (
        grades.join(CELL, CELL.c.id == Grade.cell_id)
        .outerjoin(_GRADE_CELL, _GRADE_CELL.c.id == CELL.c.id)
        .outerjoin(TASK_CELL, TASK_CELL.c.id == CELL.c.id)
    )


THE_ASSIGNMENT = sa.select(Assignment.id).where(Assignment.name == sa.bindparam("assignment"))
_SUBMISSION = (
    SubmittedAssignment.assignment_id == THE_ASSIGNMENT.scalar_subquery(),
    SubmittedAssignment.student_id == sa.bindparam("student"),
)
IS_KNOWN = sa.select(sa.exists().where(Student.id == sa.bindparam("student")))
DUE_DATE = sa.select(Assignment.duedate).where(Assignment.name == sa.bindparam("assignment"))
EXTENSION = sa.select(SubmittedAssignment.extension).where(*_SUBMISSION)
HANDED_IN = sa.select(SubmittedAssignment.timestamp).where(*_SUBMISSION)
EARLIER = (
    sa.select(Assignment.duedate, SubmittedAssignment.timestamp, SubmittedAssignment.extension)
    .join(SubmittedAssignment, SubmittedAssignment.assignment_id == Assignment.id)
    .where(
        SubmittedAssignment.student_id == sa.bindparam("student"),
        SubmittedAssignment.timestamp.is_not(None),
        sa.tuple_(Assignment.duedate, Assignment.name)
        < sa.tuple_(DUE_DATE.scalar_subquery(), sa.bindparam("assignment", type_=sa.String)),
    )
)
SUBMISSION_ID = sa.select(SubmittedAssignment.id).where(*_SUBMISSION)
NOTEBOOK_ID = (
    sa.select(SubmittedNotebook.id)
    .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
    .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
    .where(*_SUBMISSION, Notebook.name == sa.bindparam("notebook"))
)
_Same = aliased(BaseCell)
_IS_WRITTEN = sa.exists().where(  # the student writes in it, so no test marks it
    _Same.type == "SolutionCell",
    _Same.notebook_id == GradeCell.notebook_id,
    _Same.name == GradeCell.name,
)
SCORES = (
    sa.select(
        *(GradeCell.name, GradeCell.max_score),
        *(Grade.score.label("score"), Grade.needs_manual_grade),
        sa.and_(_IS_WRITTEN, Grade.manual_score.is_(None)).label("untouched"),
    )
    .join(GradeCell, GradeCell.id == Grade.cell_id)
    .where(Grade.notebook_id == NOTEBOOK_ID.scalar_subquery(), GradeCell.cell_type == "code")
)
MISSING_NOTEBOOKS = (
    sa.select(Notebook.id.label("notebook_id"))
    .outerjoin(
        SubmittedNotebook,
        sa.and_(
            SubmittedNotebook.notebook_id == Notebook.id,
            SubmittedNotebook.assignment_id == sa.bindparam("submission"),
        ),
    )
    .where(
        Notebook.assignment_id == THE_ASSIGNMENT.scalar_subquery(), SubmittedNotebook.id.is_(None)
    )
)


def _missing(table: type[Base], kinds: Sequence[str]) -> sa.Select[Any]:
    """The rows that a submission lacks of those that nbgrader has for each cell of these kinds."""
    is_there = (table.cell_id == BaseCell.id, table.notebook_id == SubmittedNotebook.id)
    return (
        sa.select(BaseCell.id.label("cell_id"), SubmittedNotebook.id.label("notebook_id"))
        .join(SubmittedNotebook, SubmittedNotebook.notebook_id == BaseCell.notebook_id)
        .outerjoin(table, sa.and_(*is_there))
        .where(SubmittedNotebook.assignment_id == sa.bindparam("submission"))
        .where(BaseCell.type.in_(kinds), table.id.is_(None))
    )


MISSING_GRADES = _missing(Grade, ("GradeCell", "TaskCell"))
MISSING_COMMENTS = _missing(Comment, ("SolutionCell", "TaskCell"))


def of_notebook(table: type[Base], *columns: Any) -> sa.Select[Any]:
    """Rows of a submitted notebook, with the names of their cells."""
    return (
        sa.select(BaseCell.name, table.id, *columns)
        .join(table, table.cell_id == BaseCell.id)
        .where(table.notebook_id == sa.bindparam("submitted"))
    )


GRADES = of_notebook(Grade, Grade.manual_score)
COMMENTS = of_notebook(Comment)


def _update(table: type[Base], *columns: str) -> sa.Update:
    """Sets columns of rows by their ids."""
    changed = sa.update(table.__table__).where(table.__table__.c.id == sa.bindparam("row"))
    return changed.values({column: sa.bindparam(f"new_{column}") for column in columns})


SET_GRADES = _update(Grade, "auto_score", "needs_manual_grade")
SET_COMMENTS = _update(Comment, "auto_comment")
SET_PENALTY = _update(SubmittedNotebook, "late_submission_penalty")
SET_TIMESTAMP = _update(SubmittedAssignment, "timestamp")
