"""Verdicts, in tables of our own in nbgrader's gradebook: one row a submission, one an exercise."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import sqlalchemy as sa
from nbgrader.api import Gradebook

import autograder
import course
from autograder.marking import Marked
from autograder.sandbox.launch import Level

_metadata = sa.MetaData()
_WHO = ("assignment", "student", "notebook")


def _who() -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(255), primary_key=True) for name in _WHO]


SUBMISSIONS = sa.Table(
    "unrolled_submission",
    _metadata,
    *_who(),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("level", sa.String(32), nullable=False),
)
VERDICTS = sa.Table(
    "unrolled_verdict",
    _metadata,
    *_who(),
    sa.Column("exercise", sa.String(255), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("verdict", sa.String(32), nullable=False),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("points", sa.Float, nullable=False),
    sa.Column("max_points", sa.Float, nullable=False),
    sa.Column("diagnosis", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("explanation", sa.Text, nullable=False),
    sa.Column("read", sa.Text, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("level", sa.String(32), nullable=False),
)


class Records:
    """The verdicts of a gradebook.  A context manager; each `save` is one transaction."""

    def __init__(self, db_url: str) -> None:
        self._engine = sa.create_engine(db_url)
        _metadata.create_all(self._engine)

    def __enter__(self) -> Records:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._engine.dispose()

    def save(
        self, assignment: str, student: str, notebook: str, fingerprint: str, marked: Marked
    ) -> None:
        """Replace what is known of one notebook of one student."""
        who = {"assignment": assignment, "student": student, "notebook": notebook}
        rows = [
            who
            | {
                "exercise": verdict.exercise,
                "position": position,
                "verdict": str(verdict.kind),
                "reason": verdict.reason,
                "points": verdict.points,
                "max_points": verdict.max_points,
                "diagnosis": verdict.diagnosis,
                "message": verdict.message,
                "explanation": verdict.explanation,
                "read": verdict.read,
                "seconds": marked.seconds.get(verdict.exercise, 0.0),
                "level": str(marked.level),
            }
            for position, verdict in enumerate(marked.verdicts)
        ]
        with self._engine.begin() as connection:
            for table in (VERDICTS, SUBMISSIONS):
                connection.execute(table.delete().where(*_is(table, who)))
            row = who | {"fingerprint": fingerprint, "level": str(marked.level)}
            connection.execute(SUBMISSIONS.insert().values(row))
            if rows:
                connection.execute(VERDICTS.insert(), rows)

    def forget(self, assignment: str, student: str, notebook: str) -> None:
        """From here until the next `save`, this notebook counts as not graded."""
        who = {"assignment": assignment, "student": student, "notebook": notebook}
        with self._engine.begin() as connection:
            connection.execute(SUBMISSIONS.delete().where(*_is(SUBMISSIONS, who)))

    def fingerprint(self, assignment: str, student: str, notebook: str) -> str | None:
        """What was graded last, or None."""
        who = {"assignment": assignment, "student": student, "notebook": notebook}
        with self._engine.connect() as connection:
            query = sa.select(SUBMISSIONS.c.fingerprint).where(*_is(SUBMISSIONS, who))
            found: str | None = connection.execute(query).scalar()
        return found

    def verdicts(self, assignment: str, student: str, notebook: str) -> list[Mapping[str, Any]]:
        """The rows of one notebook, in the worksheet's order."""
        who = {"assignment": assignment, "student": student, "notebook": notebook}
        with self._engine.connect() as connection:
            query = VERDICTS.select().where(*_is(VERDICTS, who)).order_by(VERDICTS.c.position)
            return [dict(row) for row in connection.execute(query).mappings()]


def fingerprint(submitted: Path, released: Path, level: Level, hidden: bytes) -> str:
    """Changes when the submission, the worksheet, this code or the sandbox's level does.

    The submission is its whole folder, with data files and timestamp; `hidden` is what the gradebook
    knows of the worksheet and the released notebook does not show, from `hidden_source`.
    """
    digest = hashlib.sha256(_code_version() + str(level).encode() + hidden)
    files = sorted(path for path in submitted.parent.rglob("*") if path.is_file())
    for path in (submitted, released, *files):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def hidden_source(db_url: str, assignment: str, notebook: str) -> bytes:
    """A digest of the cells as the gradebook has them, with their hidden tests."""
    with Gradebook(db_url) as gradebook:
        cells = gradebook.find_notebook(notebook, assignment).source_cells
        sources = sorted((cell.name, cell.source or "") for cell in cells)
    return hashlib.sha256(repr(sources).encode()).digest()


@functools.cache
def _code_version() -> bytes:
    digest = hashlib.sha256()
    for package in (autograder, course):
        for path in sorted(Path(package.__file__ or "").parent.rglob("*.py")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.digest()


def _is(table: sa.Table, who: Mapping[str, str]) -> list[sa.ColumnElement[bool]]:
    return [table.c[name] == value for name, value in who.items()]
