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
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from nbformat import NotebookNode
from nbgrader.api import (
    Base,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from traitlets.config import Config

from autograder.nbgrader_plugin import queries, records
from autograder.nbgrader_plugin.late import LateDays
from autograder.nbgrader_plugin.records import Who

#: How long to wait for another program that is writing to an SQLite gradebook.
LOCK_SECONDS = 60


@dataclasses.dataclass(frozen=True)
class Score:
    """A graded cell's mark by machine; None where a person has to mark it."""

    points: float | None
    maximum: float
    untouched: bool = False  # a person would mark it, and it is as it was given


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
        self._connection: sa.Connection | None = None
        with self.gradebook.engine.begin() as connection:
            records.make_tables(connection)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.gradebook.close()

    @property
    def connection(self) -> sa.Connection:
        """The connection of the transaction that is going on."""
        if self._connection is None:  # to ask for it takes longer than many a query
            self._connection = self.gradebook.db.connection()
        return self._connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything within, or nothing."""
        session = self.gradebook.db
        try:
            yield
            session().finish()
        finally:
            self._connection = None
            session.remove()  # rolls back what was not finished

    def notebooks(self, assignment: str) -> list[str]:
        """The names of an assignment's notebooks.  Raises MissingEntry if there is no assignment."""
        with self.transaction():
            found = self.gradebook.find_assignment(assignment)
            return sorted(notebook.name for notebook in found.notebooks)

    def due(self, assignment: str, student: str) -> str:
        """When a student's work is due, and how late earlier work came, as text."""
        whose = {"assignment": assignment, "student": student}
        asked = (queries.DUE_DATE, queries.EXTENSION)
        dates = [self.connection.execute(query, whose).scalar() for query in asked]
        return " ".join(map(str, [*dates, *self.lateness_before(assignment, student)]))

    def lateness_before(self, assignment: str, student: str) -> tuple[float, ...]:
        """Seconds that a student was late with assignments that were due before this one."""
        whose = {"assignment": assignment, "student": student}
        late = (
            (handed_in - due - (extension or datetime.timedelta())).total_seconds()
            for due, handed_in, extension in self.connection.execute(queries.EARLIER, whose)
        )
        return tuple(seconds for seconds in late if seconds > 0)

    def open_submission(
        self,
        assignment: str,
        student: str,
        timestamp: datetime.datetime | None,
        *,
        create_student: bool,
    ) -> None:
        """Make the rows of a submission where they are missing.

        Raises MissingEntry for a student who is not on the roster and may not be added.
        """
        connection, whose = self.connection, {"assignment": assignment, "student": student}
        if not connection.execute(queries.IS_KNOWN, whose).scalar_one():
            if not create_student:
                raise MissingEntry(f"No such student: {student}")
            self._insert(Student, [{"id": student}])
        submission = connection.execute(queries.SUBMISSION_ID, whose).scalar()
        if submission is None:
            submission = uuid4().hex
            of = connection.execute(queries.THE_ASSIGNMENT, whose).scalar_one()
            row = {"id": submission, "student_id": student, "assignment_id": of}
            self._insert(SubmittedAssignment, [row | {"timestamp": timestamp}])
        elif timestamp is not None:
            connection.execute(
                queries.SET_TIMESTAMP, {"row": submission, "new_timestamp": timestamp}
            )
        whose["submission"] = submission
        for table, query in (
            (SubmittedNotebook, queries.MISSING_NOTEBOOKS),
            (Grade, queries.MISSING_GRADES),
            (Comment, queries.MISSING_COMMENTS),
        ):
            rows = [dict(row) for row in connection.execute(query, whose).mappings()]
            if table is SubmittedNotebook:
                rows = [row | {"assignment_id": submission} for row in rows]
            self._insert(table, rows)

    def extend(self, assignment: str, student: str, days: float) -> datetime.datetime | None:
        """Give a student `days` in all after the due date; when the work is due then, in UTC.

        None, and nothing is changed, where there is no due date.  Raises MissingEntry for a student who is
        not on the roster.
        """
        if self.gradebook.find_assignment(assignment).duedate is None:
            return None
        self.open_submission(assignment, student, None, create_student=False)
        self.gradebook.grant_extension(assignment, student, days=days)
        due: datetime.datetime = self.gradebook.find_submission(assignment, student).duedate
        return due

    def save_marks(self, who: Who, notebook: NotebookNode) -> None:
        """Write the scores and comments of a marked notebook, as nbgrader's `SaveAutoGrades` does.

        Its submission has been opened.
        """
        of = {"submitted": self._notebook_id(who)}
        grades = {row.name: row for row in self.connection.execute(queries.GRADES, of)}
        comments = {row.name: row for row in self.connection.execute(queries.COMMENTS, of)}
        scores, told = [], []
        for cell in notebook.cells:
            if is_grade(cell):
                grade = grades[cell.metadata.nbgrader["grade_id"]]
                points, _ = determine_grade(cell, _LOG)
                # A person's mark stays, and is to be looked at again.
                by_hand = grade.manual_score is not None or points is None
                score = {"new_auto_score": points, "new_needs_manual_grade": by_hand}
                scores.append({"row": grade.id} | score)
            if is_solution(cell) or is_task(cell):
                comment = comments[cell.metadata.nbgrader["grade_id"]]
                told.append({"row": comment.id, "new_auto_comment": _comment(cell)})
        for statement, rows in ((queries.SET_GRADES, scores), (queries.SET_COMMENTS, told)):
            if rows:
                self.connection.execute(statement, rows)

    def save_absence(self, who: Who) -> None:
        """A notebook that was not handed in is worth nothing, until a person says otherwise."""
        of = {"submitted": self._notebook_id(who)}
        nothing = {"new_auto_score": 0.0, "new_needs_manual_grade": False}
        if rows := [
            {"row": row.id} | nothing for row in self.connection.execute(queries.GRADES, of)
        ]:
            self.connection.execute(queries.SET_GRADES, rows)

    def assign_penalty(self, who: Who, config: Config) -> None:
        """What lateness costs, by nbgrader's plugin."""
        on_time = {"row": self._notebook_id(who), "new_late_submission_penalty": None}
        self.connection.execute(queries.SET_PENALTY, on_time)
        whose = {"assignment": who.assignment, "student": who.student}
        if self.connection.execute(queries.HANDED_IN, whose).scalar() is None:
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
        if isinstance(step.plugin_inst, LateDays):
            step.plugin_inst.earlier = self.lateness_before(who.assignment, who.student)
        penalty = step.plugin_inst.late_submission_penalty(
            who.student, notebook.score, found.total_seconds_late
        )
        if penalty is not None:
            notebook.late_submission_penalty = step._check_late_penalty(notebook, penalty)
        self.gradebook.db.flush()

    def scores(self, who: Who) -> dict[str, Score]:
        """The marks of a notebook's code cells, as they stand, a person's included."""
        return {
            row.name: Score(row.score, row.max_score, row.untouched)
            if not row.needs_manual_grade
            else Score(None, row.max_score)
            for row in self.connection.execute(queries.SCORES, vars(who))
        }

    def _notebook_id(self, who: Who) -> str:
        found: str = self.connection.execute(queries.NOTEBOOK_ID, vars(who)).scalar_one()
        return found

    def _insert(self, table: type[Base], rows: list[dict[str, Any]]) -> None:
        if rows:
            self.connection.execute(sa.insert(table), rows)


def _comment(cell: NotebookNode) -> str | None:
    untouched = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
    return queries.NO_RESPONSE if untouched and not is_task(cell) else None


_LOG = logging.getLogger("autograder.nbgrader")
