"""How long the desk's work on a large class takes: reports, exports, feedback, the formgrader's pages."""

from __future__ import annotations

import functools
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.table import Table

from benchmarks import formgrader
from benchmarks.classes import environment
from benchmarks.gradebooks import fill, mark_one_for_all
from benchmarks.processes import run
from benchmarks.timing import seconds, table

STUDENTS = 500
PAGES = 200
#: How often each page is loaded.
LOADS = 21
#: What a command may take.
SECONDS, MEGABYTES = 20, 500
FASTER, SLOWER = 5, 1.1

_EXPORTS = "autograder.nbgrader_plugin.exports"
_PYTHON = [sys.executable, "-m"]


def desk(students: int = STUDENTS) -> Table:
    """Seconds and memory of each command on a gradebook with six worksheets of so many students."""
    made = table(
        f"The desk, {students} students and 6 worksheets",
        f"seconds (≤ {SECONDS})",
        f"most memory, MB (≤ {MEGABYTES})",
    )
    with tempfile.TemporaryDirectory(prefix="unrolled-desk-") as folder:
        course = fill(Path(folder) / "course", students)
        for name, command in _commands():
            used = [run([(command, course.root)], environment())[0] for _ in range(3)]
            took = statistics.median(each.seconds for each in used)
            made.add_row(name, f"{took:.1f}", f"{max(each.own_peak for each in used) / 1e6:.0f}")
    return made


def _commands() -> Iterator[tuple[str, list[str]]]:
    """Each command with its name; nbgrader's own export last, for comparison."""
    yield "autograder report ps02", [*_PYTHON, "autograder.cli", "report", "ps02"]
    for kind in ("CsvExport", "CanvasExport", "MoodleExport", "JsonExport"):
        exporter = f"--exporter={_EXPORTS}.{kind}"
        yield f"nbgrader export, our {kind}", [*_PYTHON, "nbgrader", "export", exporter]
    yield "nbgrader export, its own CSV", [*_PYTHON, "nbgrader", "export"]


def feedback(pages: int = PAGES) -> Table:
    """Seconds for a class's feedback on ps02, and nbgrader's for the same notebooks."""
    made = table(f"Feedback on {pages} notebooks", "seconds", "ms a page", "first row / this")
    with tempfile.TemporaryDirectory(prefix="unrolled-feedback-") as folder:
        course = fill(Path(folder) / "course", pages, ["ps02"])
        mark_one_for_all(course, "ps02")
        stock = formgrader.as_it_comes(course.root, Path(folder) / "stock")
        (ours,) = run(
            [([*_PYTHON, "autograder.cli", "feedback", "ps02", "--force"], course.root)],
            environment(),
        )
        (theirs,) = run(
            [([*_PYTHON, "nbgrader", "generate_feedback", "ps02", "--force"], stock)],
            environment(),
        )
        written = [len(list(root.glob("feedback/*/ps02/*.html"))) for root in (course.root, stock)]
        if len(set(written)) > 1:
            raise AssertionError(f"not the same work: {written} pages")
    for name, used in (("autograder feedback", ours), ("nbgrader generate_feedback", theirs)):
        ratio = used.seconds / ours.seconds
        wanted = f" (≥ {FASTER})" if used is theirs else ""
        each = used.seconds / written[0] * 1000
        made.add_row(name, f"{used.seconds:.0f}", f"{each:.0f}", f"{ratio:.1f}{wanted}")
    return made


def pages(students: int = STUDENTS) -> Table:
    """Milliseconds of each of the formgrader's pages with what it loads, and of nbgrader's as it comes."""
    made = table(
        f"The formgrader's pages, {students} students and 6 worksheets, in ms",
        "ours",
        "nbgrader",
        f"ratio (≤ {SLOWER})",
    )
    with tempfile.TemporaryDirectory(prefix="unrolled-pages-") as folder:
        course = fill(Path(folder) / "course", students)
        mark_one_for_all(course, "ps02")
        stock = formgrader.as_it_comes(course.root, Path(folder) / "stock")
        with formgrader.serve(course.root) as ours, formgrader.serve(stock) as theirs:
            for name, paths in formgrader.pages(course, "ps02").items():
                loads = [functools.partial(each.load, paths) for each in (ours, theirs)]
                taken = seconds(*loads, runs=LOADS)
                mine, other = (value * 1000 for value in taken)
                made.add_row(name, f"{mine:.0f}", f"{other:.0f}", f"{mine / other:.2f}")
    return made
