"""What is kept of each grading, in tables of our own beside nbgrader's: one row a notebook, one a verdict.

Everything here works on a connection that somebody else opened, so that it goes into the same
transaction as the marks.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from autograder.marking import Marked

_metadata = sa.MetaData()


@dataclasses.dataclass(frozen=True)
class Who:
    """One notebook of one student."""

    assignment: str
    student: str
    notebook: str


@dataclasses.dataclass(frozen=True)
class Basis:
    """What a grading rests on, as digests: it stands as long as none of them changes."""

    submission: str  # the folder that was handed in
    worksheet: str  # the released notebook, its hidden tests, the instructor's files
    code: str  # the grader itself
    terms: str  # sandbox level, budgets, due date, penalties

    def differences(self, other: Basis) -> list[str]:
        """What has changed since `other`, in words."""
        return [
            text
            for name, text in (
                ("submission", "the submission changed"),
                ("worksheet", "the worksheet changed"),
                ("code", "the grader changed"),
                ("terms", "sandbox, budget or due date changed"),
            )
            if getattr(self, name) != getattr(other, name)
        ]


@dataclasses.dataclass(frozen=True)
class Graded:
    """What is on record of a notebook."""

    basis: Basis
    level: str
    file: str  # digest of the autograded notebook
    batch: str  # the file that holds inputs and answers
    evidence: str  # digest of its entry there


def _who() -> list[sa.Column[str]]:
    names = (field.name for field in dataclasses.fields(Who))
    return [sa.Column(name, sa.String(255), primary_key=True) for name in names]


def _digest(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(64), nullable=False)


NOTEBOOKS = sa.Table(
    "unrolled_notebook",
    _metadata,
    *_who(),
    *(_digest(field.name) for field in dataclasses.fields(Basis)),
    sa.Column("level", sa.String(32), nullable=False),
    _digest("file"),
    sa.Column("batch", sa.String(255), nullable=False),
    _digest("evidence"),
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


def _its(table: sa.Table) -> list[sa.ColumnElement[bool]]:
    """The rows of one notebook of one student."""
    names = [field.name for field in dataclasses.fields(Who)]
    return [table.c[name] == sa.bindparam(f"its_{name}") for name in names]


_NOTEBOOK = NOTEBOOKS.select().where(*_its(NOTEBOOKS))
_VERDICTS = VERDICTS.select().where(*_its(VERDICTS)).order_by(VERDICTS.c.position)
_DELETE = {table.name: table.delete().where(*_its(table)) for table in (NOTEBOOKS, VERDICTS)}

#: Of nbgrader's tables: without an index, each submission's rows are searched among the whole class's.
_INDEXED = {
    "grade": "notebook_id",
    "comment": "notebook_id",
    "submitted_notebook": "assignment_id",
}


#: Of two graders who come at once, one waits for the other.
_ALONE = {
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": "SELECT pg_advisory_xact_lock(hashtext('unrolled'))",
}


def make_tables(connection: sa.Connection) -> None:
    """Make the tables where they are missing or of an older version.

    What is lost with an old table is made again: everything is graded once more.
    """
    if all(_is_as_now(connection, table) for table in _metadata.sorted_tables):
        return
    if alone := _ALONE.get(connection.dialect.name):
        connection.execute(sa.text(alone))
    for table in _metadata.sorted_tables:
        if not _is_as_now(connection, table):
            table.drop(connection, checkfirst=True)
            table.create(connection)
    for indexed, column in _INDEXED.items():
        name = f"unrolled_{indexed}_{column}"
        connection.execute(sa.text(f"CREATE INDEX IF NOT EXISTS {name} ON {indexed} ({column})"))


def _is_as_now(connection: sa.Connection, table: sa.Table) -> bool:
    """Is it there, with today's columns?"""
    there = sa.inspect(connection)
    if not there.has_table(table.name):
        return False
    columns = {column["name"] for column in there.get_columns(table.name)}
    return columns == {column.name for column in table.columns}


def save(connection: sa.Connection, who: Who, graded: Graded, marked: Marked) -> None:
    """Replace what is known of one notebook of one student."""
    key = vars(who)
    rows = [
        key
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
    for table in (VERDICTS, NOTEBOOKS):
        connection.execute(_DELETE[table.name], _whose(who))
    row = {**vars(graded), **vars(graded.basis)}
    del row["basis"]
    connection.execute(NOTEBOOKS.insert(), [key | row])
    if rows:
        connection.execute(VERDICTS.insert(), rows)


def forget(connection: sa.Connection, who: Who) -> None:
    """From here until the next `save`, this notebook counts as not graded."""
    connection.execute(_DELETE[NOTEBOOKS.name], _whose(who))


def find(connection: sa.Connection, who: Who) -> Graded | None:
    """What was graded last, or None."""
    row = connection.execute(_NOTEBOOK, _whose(who)).mappings().first()
    if row is None:
        return None
    basis = Basis(**{field.name: row[field.name] for field in dataclasses.fields(Basis)})
    return Graded(basis, row["level"], row["file"], row["batch"], row["evidence"])


def verdicts(connection: sa.Connection, who: Who) -> list[Mapping[str, Any]]:
    """The rows of one notebook, in the worksheet's order."""
    return [dict(row) for row in connection.execute(_VERDICTS, _whose(who)).mappings()]


def _whose(who: Who) -> dict[str, str]:
    return {f"its_{name}": value for name, value in vars(who).items()}
