"""Marks many submissions, one after the other.

Each is examined, restored, executed and judged by nbgrader's autograde step with our preprocessors; a
submission that cannot be graded gets a reason and never stops the others.  What has not changed since
it was graded last is not graded again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat

from autograder import exercises
from autograder.errors import UserError
from autograder.exercise import Worksheet
from autograder.intake import Refused, check_student_id, examine
from autograder.judge import Kind
from autograder.nbgrader_plugin.course import Course
from autograder.nbgrader_plugin.records import Records, fingerprint, hidden_source
from autograder.nbgrader_plugin.secret import course_secret
from autograder.restore import is_empty_handed
from autograder.sandbox.launch import Level, choose_level


@dataclasses.dataclass(frozen=True)
class Row:
    """One student's mark for one exercise: an object of `--json`, with its fields in this order."""

    student: str
    assignment: str
    exercise: str
    verdict: str
    points: float
    max_points: float
    diagnosis: str
    seconds: float
    level: str
    # What the table tells beside these.
    message: str = dataclasses.field(default="", repr=False)
    read: str = dataclasses.field(default="", repr=False)
    reason: str = dataclasses.field(default="", repr=False)

    def as_json(self) -> dict[str, Any]:
        hidden = ("message", "read", "reason")
        return {k: v for k, v in dataclasses.asdict(self).items() if k not in hidden}


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of one student's submission."""

    student: str
    rows: tuple[Row, ...]
    trouble: str = ""  # why it needs attention: refused, or the grader's own fault
    graded: bool = True  # False where nothing had changed

    @property
    def points(self) -> float:
        return sum(row.points for row in self.rows)


def grade(
    course: Course, assignment: str, students: Sequence[str], *, force: bool = False
) -> Iterator[Outcome]:
    """Grade the submissions of an assignment, yielding each outcome as it comes.

    Raises UserError where nothing can be graded at all: no gradebook, no such assignment, no
    sandbox.
    """
    course.require_assignment(assignment)
    course_secret(course.root)
    level = sandbox_level(course)
    worksheet = exercises.worksheet(assignment) if assignment in exercises.IDS else None
    for student in students:
        try:
            outcome = _grade_one(course, assignment, student, level, force)
        except Refused as refused:
            rows = _rows_without_marks(
                worksheet, assignment, student, Kind.REFUSED, str(refused), level
            )
            outcome = Outcome(student, rows, f"refused: {refused}")
        except Exception as error:
            # A crash, a locked database, a full disk: one student's row, not the batch.
            why = f"the grader failed: {_first_line(error)}"
            rows = _rows_without_marks(
                worksheet, assignment, student, Kind.INFRASTRUCTURE, why, level
            )
            outcome = Outcome(student, rows, why)
        yield outcome


def _first_line(error: Exception) -> str:
    """An error's own sentence, with the name of its class where it was not made for people."""
    said = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
    return (said.splitlines() or [""])[0]


def sandbox_level(course: Course) -> Level:
    """How student code will be confined.  Raises NoSandbox where it cannot be and has to be."""
    settings = course.config.ExecuteInSandbox
    return choose_level(
        reduced=bool(settings.get("reduced_sandbox", False)),
        unsafe=bool(settings.get("unsafe_no_sandbox", False)),
    )


def _grade_one(course: Course, assignment: str, student: str, level: Level, force: bool) -> Outcome:
    """Examine a submission and grade it if it has changed.  Raises Refused; StepFailed and others."""
    released = course.released(assignment)
    folder = course.folder("submitted", student, assignment)
    check_student_id(student)
    examine(folder, [path.name for path in released])
    for path in released:
        _check_cells(path, folder / path.name)
    graded = force or not _is_current(course, assignment, student, released, level)
    if graded:
        course.autograde(assignment, student)
    return Outcome(student, _rows(course, assignment, student, released, level), graded=graded)


def _check_cells(released: Path, submitted: Path) -> None:
    notebooks = [nbformat.read(path, as_version=4) for path in (released, submitted)]
    if is_empty_handed(*notebooks):
        raise Refused(
            f"{submitted.name} has none of the worksheet's cells; were they copied into a new notebook? "
            "The file that was handed out has to be filled in."
        )


def _is_current(
    course: Course, assignment: str, student: str, released: Sequence[Path], level: Level
) -> bool:
    """Has this very submission been graded, by this code, and is its result still there?"""
    submitted = course.folder("submitted", student, assignment)
    autograded = course.folder("autograded", student, assignment)
    hidden = {path: hidden_source(course.db_url, assignment, path.stem) for path in released}
    with Records(course.db_url) as records:
        return all(
            (autograded / path.name).is_file()
            and records.fingerprint(assignment, student, path.stem)
            == fingerprint(submitted / path.name, path, level, hidden[path])
            for path in released
        )


def _rows(
    course: Course, assignment: str, student: str, released: Sequence[Path], level: Level
) -> tuple[Row, ...]:
    """The verdicts that are on record, and marks of cells that nobody but their outputs judged."""
    rows, known = [], set()
    with Records(course.db_url) as records:
        for path in released:
            for found in records.verdicts(assignment, student, path.stem):
                fields = {f.name for f in dataclasses.fields(Row)}
                rows.append(Row(**{k: v for k, v in found.items() if k in fields}))
                known.add((path.stem, found["exercise"]))
    points = course.points(assignment, student)
    for (notebook, cell), (score, maximum) in points.items():
        if (notebook, cell) not in known and score is not None:
            name = f"{notebook}/{cell}" if len(released) > 1 else cell
            share = score / maximum if maximum else 1.0
            kind = Kind.CORRECT if share == 1 else Kind.PARTLY if share else Kind.WRONG
            rows.append(Row(student, assignment, name, kind, score, maximum, "", 0.0, str(level)))
    return tuple(rows)


def _rows_without_marks(
    worksheet: Worksheet | None,
    assignment: str,
    student: str,
    kind: Kind,
    message: str,
    level: Level,
) -> tuple[Row, ...]:
    asked = [(e.id, e.points) for e in worksheet.exercises] if worksheet else [("", 0.0)]
    return tuple(
        Row(student, assignment, name, kind, 0.0, float(points), message, 0.0, str(level))
        for name, points in asked
    )
