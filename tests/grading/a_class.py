"""A small class that has handed in ps02, for tests of grading as a whole."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import sqlalchemy as sa

from autograder import build as builder
from autograder import exercises
from autograder.grade import Outcome, grade
from autograder.nbgrader_plugin import audit, records
from autograder.nbgrader_plugin.course import Course
from autograder.submissions import fill_in
from benchmarks.fixtures import lay_out

__all__ = ["Course"]

CHECKOUT = Path(__file__).parents[2]
PS02 = exercises.worksheet("ps02")
FULL = sum(exercise.points for exercise in PS02.exercises)
SOLVED = "# base: solved\n"
HALF = """\
# base: released

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)
"""
FORGETS_BIAS = (
    SOLVED
    + """
# %% solution rnn_output
def rnn_output(h, W_hy, b_y):
    return h @ W_hy
"""
)
CLASS = {"ada": SOLVED, "ben": HALF, "cem": FORGETS_BIAS, "dag": "# base: released\n"}


def put(course: Course, student: str, text: str) -> Path:
    path = course.folder("submitted", student, "ps02") / f"{PS02.notebook}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    released = nbformat.read(builder.released_path(CHECKOUT, PS02), as_version=4)
    solved = nbformat.read(builder.solved_path(CHECKOUT, PS02), as_version=4)
    nbformat.write(fill_in(text, released, solved), path)
    return path


def set_up(root: Path) -> None:
    """A course with a gradebook, a secret that is always the same, and the class's submissions."""
    # A busy machine is no reason to run out of time.
    settings = "c.ExecuteInSandbox.cell_seconds = c.ExecuteInSandbox.exercise_seconds = 60"
    course = lay_out(root, "ps02", settings=settings)
    course.generate("ps02")
    for student, text in CLASS.items():
        put(course, student, text)
    (root / ".unrolled").mkdir()
    (root / ".unrolled" / "secret").write_bytes(bytes(range(32)))


def graded(course: Course, **options: object) -> dict[str, Outcome]:
    found = grade(course, "ps02", course.submitters("ps02"), **options)  # type: ignore[arg-type]
    return {outcome.student: outcome for outcome in found}


def dump(course: Course) -> list[str]:
    return list(audit.dumped(course, "ps02"))


def points(course: Course) -> dict[str, float]:
    """What nbgrader's own gradebook says."""
    with course.gradebook() as gradebook:
        return {s.student.id: s.score for s in gradebook.assignment_submissions("ps02")}


def command(course: Course, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "autograder.cli", *arguments, "--course", str(course.root)]


def nbgrader(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "nbgrader", *arguments]


def environment() -> dict[str, str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return os.environ | {"PATH": path, "PYTHONPATH": str(CHECKOUT)}


def grade_twice_at_once(course: Course) -> None:
    """Two graders begin together; both end well."""
    both = [
        subprocess.Popen(
            command(course, "grade", "ps02", "--jobs", "1"),
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=300) for process in both]
    assert [process.returncode for process in both] == [0, 0], said


def make_tables_at_once(course: Course, graders: int = 6) -> None:
    """Graders come to a gradebook that has none of our tables, all at the same moment."""
    begin = threading.Barrier(graders)

    def come(engine: sa.Engine) -> None:
        with engine.begin() as connection:
            connection.execute(sa.text("SELECT 1"))
            begin.wait(timeout=60)
            records.make_tables(connection)

    with course.ledger() as ledger, ThreadPoolExecutor(graders) as pool:
        with ledger.gradebook.engine.begin() as connection:
            for table in ("unrolled_notebook", "unrolled_verdict"):
                connection.execute(sa.text(f"DROP TABLE {table}"))
        engines = [sa.create_engine(ledger.gradebook.engine.url) for _ in range(graders)]
        list(pool.map(come, engines))
        for engine in engines:
            engine.dispose()
