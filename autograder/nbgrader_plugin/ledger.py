"""nbgrader's gradebook, open for a whole batch: one session, and one transaction for each submission.

nbgrader's own steps open the gradebook nine times for each submission and commit after each cell, so
what they leave behind when they are ended half-way is half a submission.  The rules are nbgrader's
(`determine_grade`, checksums, its plugin for late work); the transaction is ours.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from nbformat import NotebookNode
from nbgrader.api import (
    Assignment,
    Base,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    MissingEntry,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from traitlets.config import Config

from autograder.nbgrader_plugin import records
from autograder.nbgrader_plugin.records import Who

#: How long to wait for another program that is writing to an SQLite gradebook.
LOCK_SECONDS = 60
_GRADED, _COMMENTED = ("GradeCell", "TaskCell"), ("SolutionCell", "TaskCell")
_NO_RESPONSE = "No response."  # nbgrader's comment on an untouched cell


@dataclasses.dataclass(frozen=True)
class Score:
    """A graded cell's mark by machine; None where a person has to mark it."""

    points: float | None
    maximum: float


class _OneTransaction(Session):
    """nbgrader commits at every step; here that only writes, and `Ledger.transaction` commits."""

    def commit(self) -> None:
        self.flush()

    def finish(self) -> None:
        super().commit()


class Ledger:
    """A gradebook for one batch.  A context manager."""

    def __init__(self, db_url: str, course_id: str) -> None:
        """Raises what SQLAlchemy raises if the gradebook cannot be opened."""
        wait = f"timeout={LOCK_SECONDS}"
        if db_url.startswith("sqlite") and "timeout=" not in db_url:
            db_url += f"{'&' if '?' in db_url else '?'}{wait}"
        self.gradebook = Gradebook(db_url, course_id)
        self.gradebook.db.remove()
        factory = sessionmaker(bind=self.gradebook.engine, class_=_OneTransaction, future=True)
        self.gradebook.db = scoped_session(factory)
        with self.gradebook.engine.begin() as connection:
            records.make_tables(connection)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.gradebook.close()

    @property
    def connection(self) -> sa.Connection:
        """The connection of the transaction that is going on."""
        found: sa.Connection = self.gradebook.db.connection()
        return found

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything within, or nothing."""
        session = self.gradebook.db
        try:
            yield
            session().finish()
        finally:
            session.remove()  # rolls back what was not finished

    def notebooks(self, assignment: str) -> list[str]:
        """The names of an assignment's notebooks.  Raises MissingEntry if there is no assignment."""
        with self.transaction():
            found = self.gradebook.find_assignment(assignment)
            return sorted(notebook.name for notebook in found.notebooks)

    def due(self, assignment: str, student: str) -> str:
        """When a student's work is due, as text: due date and extension."""
        query = sa.select(SubmittedAssignment.extension).where(
            *self._submission(assignment, student)
        )
        extension = self.connection.execute(query).scalar()
        duedate = self.gradebook.find_assignment(assignment).duedate
        return f"{duedate} {extension}"

    def open_submission(
        self,
        assignment: str,
        student: str,
        timestamp: datetime.datetime | None,
        *,
        create_student: bool,
    ) -> None:
        """Make the rows of a submission where they are missing: all of a new one's, and those of notebooks
        and cells that the worksheet got after it.

        Raises MissingEntry for a student who is not on the roster and may not be added.
        """
        book = self.gradebook
        try:
            book.find_student(student)
        except MissingEntry:
            if not create_student:
                raise
            book.add_student(student)
        submission = self._submission_id(assignment, student)
        if submission is None:
            submission = uuid4().hex
            row = {"id": submission, "student_id": student, "timestamp": timestamp}
            wanted = sa.select(Assignment.id).where(Assignment.name == assignment)
            row["assignment_id"] = self.connection.execute(wanted).scalar_one()
            self.connection.execute(sa.insert(SubmittedAssignment), [row])
        elif timestamp is not None:
            changed = sa.update(SubmittedAssignment).where(SubmittedAssignment.id == submission)
            self.connection.execute(changed.values(timestamp=timestamp))
        self._complete(assignment, submission)

    def save_marks(self, who: Who, notebook: NotebookNode) -> None:
        """Write the scores and comments of a marked notebook, as nbgrader's `SaveAutoGrades` does.

        Its submission has been opened.
        """
        submitted = self._notebook_id(who)
        grades, comments = self._rows(Grade, submitted), self._rows(Comment, submitted)
        scores: dict[str, dict[str, Any]] = {}
        told: dict[str, dict[str, Any]] = {}
        for cell in notebook.cells:
            if is_grade(cell):
                grade = grades[cell.metadata.nbgrader["grade_id"]]
                points, _ = determine_grade(cell, _LOG)
                scores[grade.id] = {
                    "auto_score": points,
                    # A person's mark stays, and is to be looked at again.
                    "needs_manual_grade": grade.manual_score is not None or points is None,
                }
            if is_solution(cell) or is_task(cell):
                comment = comments[cell.metadata.nbgrader["grade_id"]]
                told[comment.id] = {"auto_comment": _comment(cell)}
        self._update(Grade, scores)
        self._update(Comment, told)

    def save_absence(self, who: Who) -> None:
        """A notebook that was not handed in is worth nothing, until a person says otherwise."""
        grades = sa.update(Grade).where(Grade.notebook_id == self._notebook_id(who))
        self.connection.execute(grades.values(auto_score=0.0, needs_manual_grade=False))

    def assign_penalty(self, who: Who, config: Config) -> None:
        """What lateness costs, by nbgrader's plugin."""
        submission = self._submission(who.assignment, who.student)
        on_time = sa.update(SubmittedNotebook).where(SubmittedNotebook.id == self._notebook_id(who))
        self.connection.execute(on_time.values(late_submission_penalty=None))
        handed_in = sa.select(SubmittedAssignment.timestamp).where(*submission)
        if self.connection.execute(handed_in).scalar() is None:
            return
        self.gradebook.db.expire_all()
        found = self.gradebook.find_submission(who.assignment, who.student)
        if found.total_seconds_late <= 0:
            return
        notebook = self.gradebook.find_submission_notebook(
            who.notebook, who.assignment, who.student
        )
        step = AssignLatePenalties(config=config)
        step.init_plugin()
        penalty = step.plugin_inst.late_submission_penalty(
            who.student, notebook.score, found.total_seconds_late
        )
        if penalty is not None:
            notebook.late_submission_penalty = step._check_late_penalty(notebook, penalty)
        self.gradebook.db.flush()

    def scores(self, who: Who) -> dict[str, Score]:
        """The marks of a notebook's code cells, as they stand, a person's included."""
        query = (
            sa.select(GradeCell.name, GradeCell.max_score, Grade.score, Grade.needs_manual_grade)
            .join(GradeCell, GradeCell.id == Grade.cell_id)
            .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
            .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
            .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
            .where(*self._submission(who.assignment, who.student))
            .where(Notebook.name == who.notebook, GradeCell.cell_type == "code")
        )
        return {
            name: Score(None if by_hand else score, maximum)
            for name, maximum, score, by_hand in self.connection.execute(query)
        }

    def _submission(self, assignment: str, student: str) -> Sequence[sa.ColumnElement[bool]]:
        wanted = sa.select(Assignment.id).where(Assignment.name == assignment)
        return (
            SubmittedAssignment.assignment_id == wanted.scalar_subquery(),
            SubmittedAssignment.student_id == student,
        )

    def _submission_id(self, assignment: str, student: str) -> str | None:
        query = sa.select(SubmittedAssignment.id).where(*self._submission(assignment, student))
        found: str | None = self.connection.execute(query).scalar()
        return found

    def _complete(self, assignment: str, submission: str) -> None:
        """Make the rows that a submission lacks of nbgrader's: for notebooks, graded cells, comments."""
        its_own = (
            SubmittedNotebook.notebook_id == Notebook.id,
            SubmittedNotebook.assignment_id == submission,
        )
        query = (
            sa.select(Notebook.id)
            .join(Assignment, Assignment.id == Notebook.assignment_id)
            .outerjoin(SubmittedNotebook, sa.and_(*its_own))
            .where(Assignment.name == assignment, SubmittedNotebook.id.is_(None))
        )
        missing = self.connection.execute(query).scalars().all()
        self._insert(
            SubmittedNotebook,
            [{"notebook_id": id, "assignment_id": submission} for id in missing],
        )
        for table, kinds in ((Grade, _GRADED), (Comment, _COMMENTED)):
            is_there = (table.cell_id == BaseCell.id, table.notebook_id == SubmittedNotebook.id)
            query = (
                sa.select(BaseCell.id.label("cell_id"), SubmittedNotebook.id.label("notebook_id"))
                .join(SubmittedNotebook, SubmittedNotebook.notebook_id == BaseCell.notebook_id)
                .outerjoin(table, sa.and_(*is_there))
                .where(SubmittedNotebook.assignment_id == submission)
                .where(BaseCell.type.in_(kinds), table.id.is_(None))
            )
            self._insert(table, [dict(row) for row in self.connection.execute(query).mappings()])

    def _insert(self, table: type[Base], rows: list[dict[str, Any]]) -> None:
        if rows:
            self.connection.execute(sa.insert(table), rows)

    def _notebook_id(self, who: Who) -> str:
        query = (
            sa.select(SubmittedNotebook.id)
            .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
            .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
            .where(*self._submission(who.assignment, who.student), Notebook.name == who.notebook)
        )
        found: str = self.connection.execute(query).scalar_one()
        return found

    def _rows(self, table: type[Base], submitted: str) -> dict[str, sa.Row[Any]]:
        """The rows of a submitted notebook, by the names of their cells."""
        query = (
            sa.select(BaseCell.name, *table.__table__.columns)
            .join(table.__table__, table.cell_id == BaseCell.id)
            .where(table.notebook_id == submitted)
        )
        return {row[0]: row for row in self.connection.execute(query)}

    def _update(self, table: type[Base], values: Mapping[str, Mapping[str, Any]]) -> None:
        """Set columns of rows by their ids; the same columns in each."""
        if not values:
            return
        target = table.__table__
        changed = next(iter(values.values()))
        statement = (
            sa.update(target)
            .where(target.c.id == sa.bindparam("row"))
            .values({column: sa.bindparam(f"new_{column}") for column in changed})
        )
        rows = [
            {"row": id} | {f"new_{column}": value for column, value in row.items()}
            for id, row in values.items()
        ]
        self.connection.execute(statement, rows)


def _comment(cell: NotebookNode) -> str | None:
    untouched = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
    return _NO_RESPONSE if untouched and not is_task(cell) else None


_LOG = logging.getLogger("autograder.nbgrader")
