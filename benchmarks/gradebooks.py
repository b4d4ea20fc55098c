"""Large gradebooks, filled by SQL: a class that has been graded, without anybody's answers.

Students differ in ability and exercises in difficulty, so right answers hang together as in a class;
the last exercise of each worksheet is a matter of luck.  A few hand in nothing, or late, and some
written answers wait for a person.  What lies in the folders of submitted work is the released notebook.
The same seed gives the same class.
"""

from __future__ import annotations

import dataclasses
import datetime
import math
import random
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)

from autograder import exercises
from autograder.exercise import Exercise, Worksheet
from autograder.grade import grade
from autograder.judge import Kind
from autograder.marker import SOLUTION_SUFFIX
from autograder.nbgrader_plugin import records
from autograder.nbgrader_plugin.assignment import all_files, digest_of
from autograder.nbgrader_plugin.course import Course
from autograder.nbgrader_plugin.records import Basis, Graded, Who
from benchmarks import fixtures

_DUE = datetime.datetime(2027, 3, 1, 12)
_FIRST = ("Ada", "Bảo", "Çem", "Dagný", "Ebele", "Fatima", "Gül", "Hiro", "Íñigo", "Jürgen")
_LAST = ("O'Neil", "Nguyễn", "García Márquez", "van der Berg", "Ødegård", "Sørensen", "Łukasz")
#: Of those who hand in: how many written answers wait, and how many submissions are late.
_WAITING, _LATE, _MISSING = 0.1, 0.05, 0.03


@dataclasses.dataclass
class _Rows:
    """What goes into each table."""

    rng: random.Random
    of: dict[sa.Table, list[dict[str, Any]]] = dataclasses.field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, table: Any, **row: Any) -> str:
        """A row with an id of its own."""
        id = UUID(int=self.rng.getrandbits(128)).hex
        self.of[table.__table__].append({"id": id} | row)
        return id


def fill(folder: Path, students: int, ids: Sequence[str] = exercises.IDS, seed: int = 1) -> Course:
    """A course in `folder` whose gradebook holds a class of so many, graded on these worksheets."""
    course = fixtures.lay_out(folder, *ids)
    rng = random.Random(seed)
    rows = _Rows(rng)
    names = [f"student{number:05d}" for number in range(students)]
    for number, name in enumerate(names):
        person = {"first_name": rng.choice(_FIRST), "last_name": rng.choice(_LAST)}
        about = {"email": f"{name}@example.org", "lms_user_id": str(70_000 + number)}
        rows.of[Student.__table__].append({"id": name} | person | about)
    ability = {name: rng.gauss(0, 1) for name in names}
    for number, id in enumerate(ids):
        _assignment(rows, exercises.worksheet(id), course.directory.course_id, number, ability)
        _hand_in(rows, course, id)
    with course.ledger() as ledger, ledger.gradebook.engine.begin() as connection:
        for table in _ORDER:
            if rows.of[table]:
                connection.execute(sa.insert(table), rows.of[table])
    return course


_ORDER: tuple[Any, ...] = (
    *(table.__table__ for table in (Student, Assignment, Notebook)),
    *(table.__table__ for table in (BaseCell, GradeCell, SolutionCell)),
    *(table.__table__ for table in (SubmittedAssignment, SubmittedNotebook, Grade, Comment)),
    *(records.NOTEBOOKS, records.VERDICTS),
)


def _assignment(
    rows: _Rows, sheet: Worksheet, course_id: str, number: int, ability: dict[str, float]
) -> None:
    rng = rows.rng
    due = _DUE + datetime.timedelta(weeks=number)
    assignment = rows.add(Assignment, name=sheet.id, duedate=due, course_id=course_id)
    notebook = rows.add(Notebook, name=sheet.notebook, assignment_id=assignment)
    cells, solutions = _cells(rows, sheet, notebook)
    hard = {e.id: e.difficulty - 2.5 + rng.gauss(0, 0.5) for e in sheet.exercises}
    for student, able in ability.items():
        if rng.random() < _MISSING:
            continue
        late = rng.random() < _LATE
        when = due + datetime.timedelta(hours=30 if late else -rng.uniform(1, 90))
        whose = {"assignment_id": assignment, "student_id": student, "timestamp": when}
        penalty = {"late_submission_penalty": 2.0 if late else None}
        submission = rows.add(SubmittedAssignment, **whose)
        of = {"notebook_id": notebook, "assignment_id": submission, "flagged": False}
        submitted = rows.add(SubmittedNotebook, **of, **penalty)
        for cell in solutions:
            rows.add(Comment, cell_id=cell, notebook_id=submitted, auto_comment=None)
        who = Who(sheet.id, student, sheet.notebook)
        _vouch(rows, who)
        for position, exercise in enumerate(sheet.exercises):
            luck = 0.0 if exercise is sheet.exercises[-1] else 1.5 * able
            verdict = _verdict(rng, exercise, 1 / (1 + math.exp(hard[exercise.id] - luck)))
            grade = {"auto_score": verdict["points"], "manual_score": None}
            of = {"cell_id": cells[exercise.id], "notebook_id": submitted}
            rows.add(Grade, **of, **grade, needs_manual_grade=False)
            told = {"position": position, "level": "full", "seconds": 0.01, "message": ""}
            row = dataclasses.asdict(who) | {"exercise": exercise.id} | told | verdict
            rows.of[records.VERDICTS].append(row)
        for question in sheet.written:
            waits = rng.random() < _WAITING
            share = 1 / (1 + math.exp(-able - rng.gauss(0, 0.7)))
            by_hand = {"manual_score": None if waits else round(question.points * share)}
            of = {"cell_id": cells[question.id], "notebook_id": submitted}
            rows.add(Grade, **of, **by_hand, auto_score=None, needs_manual_grade=waits)


def _cells(rows: _Rows, sheet: Worksheet, notebook: str) -> tuple[dict[str, str], list[str]]:
    """The graded cells by name, and those that students write in."""
    graded, solutions = {}, []
    for asked, kind in (
        *((e, "code") for e in sheet.exercises),
        *((w, "markdown") for w in sheet.written),
    ):
        id = rows.add(BaseCell, name=asked.id, notebook_id=notebook, type="GradeCell")
        row = {"id": id, "max_score": float(asked.points), "cell_type": kind}
        rows.of[GradeCell.__table__].append(row)
        graded[asked.id] = id
        name = asked.id + (SOLUTION_SUFFIX if kind == "code" else "")
        solution = rows.add(BaseCell, name=name, notebook_id=notebook, type="SolutionCell")
        rows.of[SolutionCell.__table__].append({"id": solution})
        solutions.append(solution)
    return graded, solutions


def _hand_in(rows: _Rows, course: Course, id: str) -> None:
    """The files behind an assignment's rows: one file under many names, as copies would fill a disk."""
    (released,) = course.released(id)
    found = [row for row in rows.of[records.NOTEBOOKS] if row["assignment"] == id]
    for row in found:
        folder = course.folder("submitted", row["student"], id)
        folder.mkdir(parents=True)
        (folder / released.name).hardlink_to(released)
    digest = digest_of(all_files(released.parent))
    for row in found:
        row["submission"] = digest


def mark_one_for_all(course: Course, id: str) -> None:
    """Everybody's marked notebook of an assignment: one that was really graded, under many names."""
    (released,) = course.released(id)
    with tempfile.TemporaryDirectory(prefix="unrolled-marked-") as made:
        small = Path(made)
        fixtures.course(small, id)
        fixtures.hand_in(small, id, [0])
        (graded,) = grade(Course(small), id, ["student00000"])
        if graded.trouble:
            raise AssertionError(graded.trouble)
        (marked,) = small.glob(f"autograded/*/{id}/*.ipynb")
        kept = course.root / marked.name
        shutil.copyfile(marked, kept)
    for student in course.submitters(id):
        folder = course.folder("autograded", student, id)
        folder.mkdir(parents=True)
        (folder / released.name).hardlink_to(kept)


def _vouch(rows: _Rows, who: Who) -> None:
    """The row that says that a notebook is graded."""
    digests = {field.name: "0" * 64 for field in dataclasses.fields(Basis)}
    graded = dataclasses.asdict(Graded(Basis(**digests), "full", "0" * 64, "none", "0" * 64))
    del graded["basis"]
    rows.of[records.NOTEBOOKS].append(dataclasses.asdict(who) | digests | graded)


def _verdict(rng: random.Random, exercise: Exercise, chance: float) -> dict[str, Any]:
    """Right by chance; else half right, left as it was, or one of the known mistakes."""
    most = float(exercise.points)
    said: dict[str, Any] = dict.fromkeys(("reason", "diagnosis", "explanation", "read"), "")
    if rng.random() < chance:
        return said | {"verdict": Kind.CORRECT, "points": most, "max_points": most}
    kind = rng.choices(
        (Kind.WRONG, Kind.PARTLY, Kind.NOT_ATTEMPTED, Kind.RAISED, Kind.TIMED_OUT),
        (50, 20, 15, 12, 3),
    )[0]
    points = round(most / 2, 2) if kind == Kind.PARTLY else 0.0
    if kind in (Kind.WRONG, Kind.PARTLY) and exercise.mistakes and rng.random() < 0.8:
        weights = [1 / (n + 1) for n, _ in enumerate(exercise.mistakes)]
        mistake = rng.choices(exercise.mistakes, weights)[0]
        said |= {"diagnosis": mistake.name, "explanation": mistake.diagnosis, "read": mistake.read}
    return said | {"verdict": kind, "points": points, "max_points": most}
