"""The parts that a student waits for: imports, `check()`, a worksheet from top to bottom."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from rich.table import Table

from autograder import build as builder
from autograder import exercises
from autograder.check import verdict
from autograder.panel import verdict_panel
from autograder.prove.trial import whole_answer
from autograder.questions import Drawn
from benchmarks.timing import seconds, table

ROOT = Path(__file__).parents[1]


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
