"""Measure what the project promises about speed, and print it as tables.

Machines differ and are noisy: what counts is the ratio of two things measured in turn, in one run.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbclient
import nbformat
import numpy as np
from rich.console import Console
from rich.table import Table

from autograder import build as builder
from autograder import exercises
from autograder.check import verdict
from autograder.marking import Key, mark
from autograder.panel import verdict_panel
from autograder.prove.trial import whole_answer
from autograder.questions import Drawn
from autograder.sandbox.child import Budget
from autograder.sandbox.launch import choose_level
from autograder.sandbox.library import library
from autograder.sandbox.slot import slot
from benchmarks.reference import reference
from benchmarks.timing import RUNS, seconds, table

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Run every measurement."""
    console = Console()
    console.print(f"Python {platform.python_version()}, NumPy {np.__version__}, {RUNS} runs each")
    for measure in (imports, checks, grading, reference, worksheets):
        console.print(measure())


def imports() -> Table:
    """`import course`, in a fresh interpreter."""

    def run(code: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, "-c", code], check=True)

    bare, numpy, course, notebook = seconds(
        run("pass"), run("import numpy"), run("import course.rnn"), run("import autograder")
    )
    made = table("Imports", "seconds beyond a bare interpreter", "ratio to NumPy")
    for name, value in (("numpy", numpy), ("course.rnn", course), ("autograder", notebook)):
        made.add_row(
            f"import {name}", f"{value - bare:.3f}", f"{(value - bare) / (numpy - bare):.1f}"
        )
    return made


def checks() -> Table:
    """`check()` as a student waits for it: drive, judge, diagnose, render."""
    made = table("check() in a notebook", "right answer, ms", "wrong answer, ms")
    for exercise in (e for id in exercises.IDS for e in exercises.worksheet(id).exercises):
        wrong = whole_answer(exercise, exercise.mistakes[-1])

        def show(answer: object, exercise: exercises.Exercise = exercise) -> None:
            verdict_panel(verdict(Drawn(exercise), answer), exercise.title).data()

        right_time, wrong_time = seconds(
            lambda show=show, e=exercise: show(e.reference),
            lambda show=show, wrong=wrong: show(wrong),
        )
        made.add_row(exercise.id, f"{1e3 * right_time:.1f}", f"{1e3 * wrong_time:.1f}")
    return made


def grading() -> Table:
    """One solved ps02, run and judged in the sandbox, against the same cells in a Jupyter kernel."""
    worksheet = exercises.worksheet("ps02")
    solved = nbformat.read(builder.solved_path(ROOT, worksheet), as_version=4)
    solved.cells = [cell for cell in solved.cells if not builder.is_lab(cell)]
    released = nbformat.read(builder.released_path(ROOT, worksheet), as_version=4)
    level = choose_level(unsafe=True)
    key = Key(b"bench", "student", b"submission")
    with (
        library(worksheet.id, worksheet.withheld) as packages,
        slot(packages, level, ["matplotlib"]) as own,
    ):
        ours, kernel = seconds(
            lambda: mark(solved, released, worksheet, key, own, Budget()),
            lambda: nbclient.NotebookClient(
                nbformat.from_dict(solved), extra_arguments=["--log-level=ERROR"]
            ).execute(),
            runs=5,
        )
    made = table("Running and judging one solved ps02", "seconds", "ratio to the kernel")
    made.add_row("a Jupyter kernel (nbclient)", f"{kernel:.2f}", "1.00")
    made.add_row(f"a warm sandbox, level {level}", f"{ours:.2f}", f"{ours / kernel:.2f}")
    return made


def worksheets() -> Table:
    """Each solved worksheet, run once from top to bottom in a Jupyter kernel."""
    columns = ("all, s", "labs, s", "without labs, s", "ratio all / without")
    made = table("Running a solved worksheet", *columns, "longest lab")
    for id in exercises.IDS:
        worksheet = exercises.worksheet(id)
        source = builder.source_path(ROOT, worksheet).read_text(encoding="utf-8")
        timing = builder.run(builder.parse(source, worksheet), worksheet)
        labs, rest = timing.in_labs, timing.elsewhere
        longest = timing.longest_lab
        named = f"{longest}, {timing.seconds[longest]:.1f} s" if longest else ""
        made.add_row(
            id,
            f"{labs + rest:.1f}",
            f"{labs:.1f}",
            f"{rest:.1f}",
            f"{(labs + rest) / rest:.1f}",
            named,
        )
    return made


if __name__ == "__main__":
    main()
