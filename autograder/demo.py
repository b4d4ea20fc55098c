"""The main job, end to end, on a small class: build, release, hand in, grade, feed back, export.

Everything happens in a folder of its own (`.demo/`); the checkout is only read.  The marks are compared
with `demo/expected.csv`.
"""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
from rich.console import Console

from autograder import build as builder
from autograder import exercises
from autograder.exercise import Worksheet
from autograder.grade import Outcome, Row, grade, sandbox_level
from autograder.nbgrader_plugin.course import CONFIG_FILE, Course, CourseError
from autograder.nbgrader_plugin.setup import prepare
from autograder.sandbox.launch import why_not_full
from autograder.submissions import fill_in
from autograder.table import grades_table, legend

WORKSHEET = "ps02"
EXPECTED_FIELDS = ("student", "exercise", "verdict", "points", "diagnosis")

_SETTINGS = """

# The demo's class: one of them loops for ever, and nobody wants to wait half a minute for it.
c.ExecuteInSandbox.cell_seconds = 5
c.ExecuteInSandbox.exercise_seconds = 5
"""


def run_demo(checkout: Path, workspace: Path, console: Console, accept: bool = False) -> int:
    """Run the demo and print its table; 0 if every mark is as expected, 1 if not.

    With `accept`, what this run gives is written down as what is expected.

    Raises CourseError if `checkout` is not the project's folder.
    """
    class_folder = checkout / "demo" / "submissions"
    if not class_folder.is_dir():
        raise CourseError(
            f"{checkout} holds no demo/submissions: run this in the project's folder."
        )
    worksheet = exercises.worksheet(WORKSHEET)
    course = _set_up(checkout, workspace, worksheet, console)
    students = _hand_in(course, worksheet, class_folder)
    console.print(f"handed in: {len(students)} submissions")
    outcomes = []
    with console.status("grading ...") as status:
        for outcome in grade(course, WORKSHEET, students):
            outcomes.append(outcome)
            status.update(f"grading ... {len(outcomes)} of {len(students)} ({outcome.student})")
    refused = sum(bool(outcome.trouble) for outcome in outcomes)
    graded = sum(outcome.graded for outcome in outcomes) - refused
    unchanged = len(outcomes) - graded - refused
    console.print(
        f"graded: {graded}, unchanged since the last run: {unchanged}, refused: {refused}"
    )
    look = _feed_back(course, outcomes, console)
    course.export(course.root / "gradebook.csv")
    _report(course, outcomes, look, console)
    expected = checkout / "demo" / "expected.csv"
    if accept:
        _accept(outcomes, expected)
    return _compare(outcomes, expected, console)


def _set_up(checkout: Path, workspace: Path, worksheet: Worksheet, console: Console) -> Course:
    root = workspace / "course"
    (root / "solutions").mkdir(parents=True, exist_ok=True)
    settings = (checkout / CONFIG_FILE).read_text() + _SETTINGS
    if reason := why_not_full():
        settings += "c.ExecuteInSandbox.unsafe_no_sandbox = True\n"
        console.print(
            f"! No sandbox: {reason} The demo's submissions run unconfined.", style="yellow"
        )
    (root / CONFIG_FILE).write_text(settings)
    source = builder.source_path(root, worksheet)
    shutil.copyfile(builder.source_path(checkout, worksheet), source)
    with console.status("building the worksheet: running its solution from top to bottom ..."):
        built = builder.build(root, worksheet)
    console.print(f"{worksheet.notebook}: {'built' if built else 'up to date'}")
    course = Course(root)
    if built or not builder.released_path(root, worksheet).is_file():
        with console.status("nbgrader generates and releases it ..."):
            list(prepare(course))
            if os.name == "posix":  # nbgrader has no exchange on Windows
                course.release(WORKSHEET)
    console.print(f"released: notebooks/{worksheet.id}/{worksheet.notebook}.ipynb")
    return course


def _hand_in(course: Course, worksheet: Worksheet, class_folder: Path) -> list[str]:
    """Put each student's work in place, leaving what is there already untouched."""
    released = nbformat.read(builder.released_path(course.root, worksheet), as_version=4)
    solved = nbformat.read(builder.solved_path(course.root, worksheet), as_version=4)
    students = []
    for path in sorted(class_folder.iterdir()):
        student = path.stem
        folder = course.folder("submitted", student, worksheet.id)
        folder.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, folder, dirs_exist_ok=True)
        else:
            notebook = fill_in(path.read_text(encoding="utf-8"), released, solved)
            nbformat.write(notebook, folder / f"{worksheet.notebook}.ipynb")
        students.append(student)
    return students


def _feed_back(course: Course, outcomes: Sequence[Outcome], console: Console) -> dict[str, str]:
    """Write the feedback pages; the page to open for each student."""
    look = {}
    with console.status("writing feedback ...") as status:
        for outcome in outcomes:
            folder = course.folder("feedback", outcome.student, WORKSHEET)
            page = folder / f"{exercises.worksheet(WORKSHEET).notebook}.html"
            if outcome.trouble:
                look[outcome.student] = f"submitted/{outcome.student}/{WORKSHEET}/"
                continue
            if outcome.graded or not page.is_file():
                status.update(f"writing feedback ... {outcome.student}")
                course.feedback(WORKSHEET, outcome.student)
            look[outcome.student] = str(page.relative_to(course.root).parent) + "/"
    return look


def _report(
    course: Course, outcomes: Sequence[Outcome], look: dict[str, str], console: Console
) -> None:
    console.print()
    console.print(grades_table(outcomes, look, console.width))
    console.print(legend(outcomes), style="bright_black")
    console.print(f"sandbox level: {sandbox_level(course)}", style="bright_black")
    shown = os.path.relpath(course.root)
    console.print(f"feedback pages: {shown}/feedback/<student>/{WORKSHEET}/", markup=False)
    console.print(f"gradebook:      {shown}/gradebook.csv", markup=False)
    console.print()


def expected_rows(outcomes: Sequence[Outcome]) -> Iterator[dict[str, str]]:
    """What `expected.csv` holds: a line for each student and exercise."""
    for outcome in outcomes:
        for row in outcome.rows:
            yield {name: _cell(row, name) for name in EXPECTED_FIELDS}


def _cell(row: Row, name: str) -> str:
    value = getattr(row, name)
    return f"{value:g}" if isinstance(value, float | int) else str(value)


def _accept(outcomes: Sequence[Outcome], expected: Path) -> None:
    with expected.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, EXPECTED_FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(expected_rows(outcomes))


def _compare(outcomes: Sequence[Outcome], expected: Path, console: Console) -> int:
    with expected.open(newline="", encoding="utf-8") as file:
        wanted = {(r["student"], r["exercise"]): r for r in csv.DictReader(file)}
    got = {(r["student"], r["exercise"]): r for r in expected_rows(outcomes)}
    differences = [key for key in sorted(wanted | got) if wanted.get(key) != got.get(key)]
    for key in differences:
        console.print(
            f"✗ {' '.join(key)}: expected {wanted.get(key)}, got {got.get(key)}", markup=False
        )
    if differences:
        console.print(f"{len(differences)} marks differ from demo/expected.csv.")
        return 1
    console.print(f"✓ All {len(got)} marks are as demo/expected.csv says.", markup=False)
    return 0
