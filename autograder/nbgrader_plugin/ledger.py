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
from collections.abc import Iterator, Sequence
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
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task
from sqlalchemy.orm import Session, aliased, scoped_session, sessionmaker
from traitlets.config import Config

from autograder.nbgrader_plugin import records
from autograder.nbgrader_plugin.late import LateDays
from autograder.nbgrader_plugin.records import Who

#: How long to wait for another program that is writing to an SQLite gradebook.
LOCK_SECONDS = 60
_NO_RESPONSE = "No response."  # nbgrader's comment on an untouched cell


@dataclasses.dataclass(frozen=True)
class Score:
    """A graded cell's mark by machine; None where a person has to mark it."""

    points: float | None
    maximum: float
    untouched: bool = False  # a person would mark it, and it is as it was given


_THE_ASSIGNMENT = sa.select(Assignment.id).where(Assignment.name == sa.bindparam("assignment"))
_SUBMISSION = (
    SubmittedAssignment.assignment_id == _THE_ASSIGNMENT.scalar_subquery(),
    SubmittedAssignment.student_id == sa.bindparam("student"),
)
_IS_KNOWN = sa.select(sa.exists().where(Student.id == sa.bindparam("student")))
_DUE_DATE = sa.select(Assignment.duedate).where(Assignment.name == sa.bindparam("assignment"))
_EXTENSION = sa.select(SubmittedAssignment.extension).where(*_SUBMISSION)
_HANDED_IN = sa.select(SubmittedAssignment.timestamp).where(*_SUBMISSION)
_EARLIER = (
    sa.select(Assignment.duedate, SubmittedAssignment.timestamp, SubmittedAssignment.extension)
    .join(SubmittedAssignment, SubmittedAssignment.assignment_id == Assignment.id)
    .where(
        SubmittedAssignment.student_id == sa.bindparam("student"),
        SubmittedAssignment.timestamp.is_not(None),
        sa.tuple_(Assignment.duedate, Assignment.name)
        < sa.tuple_(_DUE_DATE.scalar_subquery(), sa.bindparam("assignment", type_=sa.String)),
    )
)
_SUBMISSION_ID = sa.select(SubmittedAssignment.id).where(*_SUBMISSION)
_NOTEBOOK_ID = (
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
_SCORES = (
    sa.select(
        *(GradeCell.name, GradeCell.max_score),
        *(Grade.score.label("score"), Grade.needs_manual_grade),
        sa.and_(_IS_WRITTEN, Grade.manual_score.is_(None)).label("untouched"),
    )
    .join(GradeCell, GradeCell.id == Grade.cell_id)
    .where(Grade.notebook_id == _NOTEBOOK_ID.scalar_subquery(), GradeCell.cell_type == "code")
)
_MISSING_NOTEBOOKS = (
    sa.select(Notebook.id.label("notebook_id"))
    .outerjoin(
        SubmittedNotebook,
        sa.and_(
            SubmittedNotebook.notebook_id == Notebook.id,
            SubmittedNotebook.assignment_id == sa.bindparam("submission"),
        ),
    )
    .where(
        Notebook.assignment_id == _THE_ASSIGNMENT.scalar_subquery(), SubmittedNotebook.id.is_(None)
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


_MISSING_GRADES = _missing(Grade, ("GradeCell", "TaskCell"))
_MISSING_COMMENTS = _missing(Comment, ("SolutionCell", "TaskCell"))


def _of_notebook(table: type[Base], *columns: Any) -> sa.Select[Any]:
    """Rows of a submitted notebook, with the names of their cells."""
    return (
        sa.select(BaseCell.name, table.id, *columns)
        .join(table, table.cell_id == BaseCell.id)
        .where(table.notebook_id == sa.bindparam("submitted"))
    )


_GRADES = _of_notebook(Grade, Grade.manual_score)
_COMMENTS = _of_notebook(Comment)


def _update(table: type[Base], *columns: str) -> sa.Update:
    """Sets columns of rows by their ids."""
    changed = sa.update(table.__table__).where(table.__table__.c.id == sa.bindparam("row"))
    return changed.values({column: sa.bindparam(f"new_{column}") for column in columns})


_SET_GRADES = _update(Grade, "auto_score", "needs_manual_grade")
_SET_COMMENTS = _update(Comment, "auto_comment")
_SET_PENALTY = _update(SubmittedNotebook, "late_submission_penalty")
_SET_TIMESTAMP = _update(SubmittedAssignment, "timestamp")


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
        """When a student's work is due, and how late earlier work came, as text."""
        whose = {"assignment": assignment, "student": student}
        queries = (_DUE_DATE, _EXTENSION)
        dates = [self.connection.execute(query, whose).scalar() for query in queries]
        return " ".join(map(str, [*dates, *self.lateness_before(assignment, student)]))

    def lateness_before(self, assignment: str, student: str) -> tuple[float, ...]:
        """Seconds that a student was late with assignments that were due before this one."""
        whose = {"assignment": assignment, "student": student}
        late = (
            (handed_in - due - (extension or datetime.timedelta())).total_seconds()
            for due, handed_in, extension in self.connection.execute(_EARLIER, whose)
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
        if not connection.execute(_IS_KNOWN, whose).scalar_one():
            if not create_student:
                raise MissingEntry(f"No such student: {student}")
            self.gradebook.add_student(student)
        submission = connection.execute(_SUBMISSION_ID, whose).scalar()
        if submission is None:
            submission = uuid4().hex
            of = connection.execute(_THE_ASSIGNMENT, whose).scalar_one()
            row = {"id": submission, "student_id": student, "assignment_id": of}
            self._insert(SubmittedAssignment, [row | {"timestamp": timestamp}])
        elif timestamp is not None:
            connection.execute(_SET_TIMESTAMP, {"row": submission, "new_timestamp": timestamp})
        whose["submission"] = submission
        for table, query in (
            (SubmittedNotebook, _MISSING_NOTEBOOKS),
            (Grade, _MISSING_GRADES),
            (Comment, _MISSING_COMMENTS),
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
        grades = {row.name: row for row in self.connection.execute(_GRADES, of)}
        comments = {row.name: row for row in self.connection.execute(_COMMENTS, of)}
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
        for statement, rows in ((_SET_GRADES, scores), (_SET_COMMENTS, told)):
            if rows:
                self.connection.execute(statement, rows)

    def save_absence(self, who: Who) -> None:
        """A notebook that was not handed in is worth nothing, until a person says otherwise."""
        of = {"submitted": self._notebook_id(who)}
        nothing = {"new_auto_score": 0.0, "new_needs_manual_grade": False}
        if rows := [{"row": row.id} | nothing for row in self.connection.execute(_GRADES, of)]:
            self.connection.execute(_SET_GRADES, rows)

    def assign_penalty(self, who: Who, config: Config) -> None:
        """What lateness costs, by nbgrader's plugin."""
        on_time = {"row": self._notebook_id(who), "new_late_submission_penalty": None}
        self.connection.execute(_SET_PENALTY, on_time)
        whose = {"assignment": who.assignment, "student": who.student}
        if self.connection.execute(_HANDED_IN, whose).scalar() is None:
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
            for row in self.connection.execute(_SCORES, dataclasses.asdict(who))
        }

    def _notebook_id(self, who: Who) -> str:
        found: str = self.connection.execute(_NOTEBOOK_ID, dataclasses.asdict(who)).scalar_one()
        return found

    def _insert(self, table: type[Base], rows: list[dict[str, Any]]) -> None:
        if rows:
            self.connection.execute(sa.insert(table), rows)


def _comment(cell: NotebookNode) -> str | None:
    untouched = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
    return _NO_RESPONSE if untouched and not is_task(cell) else None


_LOG = logging.getLogger("autograder.nbgrader")
