"""How long the desk's work on a large class takes: a report, and exports, each a command of its own."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.table import Table

from benchmarks.classes import environment
from benchmarks.gradebooks import fill
from benchmarks.processes import run
from benchmarks.timing import table

STUDENTS = 500
#: What a command may take.
SECONDS, MEGABYTES = 20, 500

_EXPORTS = "autograder.nbgrader_plugin.exports"


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
            (used,) = run([(command, course.root)], environment(), memory=True)
            made.add_row(name, f"{used.seconds:.1f}", f"{used.own_peak / 1e6:.0f}")
    return made


def _commands() -> Iterator[tuple[str, list[str]]]:
    """Each command with its name; nbgrader's own export last, for comparison."""
    python = [sys.executable, "-m"]
    yield "autograder report ps02", [*python, "autograder.cli", "report", "ps02"]
    for kind in ("CsvExport", "CanvasExport", "MoodleExport", "JsonExport"):
        exporter = f"--exporter={_EXPORTS}.{kind}"
        yield f"nbgrader export, our {kind}", [*python, "nbgrader", "export", exporter]
    yield "nbgrader export, its own CSV", [*python, "nbgrader", "export"]
