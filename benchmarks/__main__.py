"""Measure what the project promises about speed, and print it as tables.

Machines differ and are noisy: what counts is the ratio of two things measured in turn, in one run.
"""

from __future__ import annotations

import platform
import statistics
import subprocess
import sys
import time
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
from autograder.restore import is_lab
from autograder.sandbox.child import Budget
from autograder.sandbox.launch import choose_level
from autograder.sandbox.library import library
from autograder.sandbox.slot import slot
from course import rnn

ROOT = Path(__file__).parents[1]
RUNS = 7


def main() -> None:
    """Run every measurement."""
    console = Console()
    console.print(f"Python {platform.python_version()}, NumPy {np.__version__}, {RUNS} runs each")
    for table in (imports(), checks(), grading(), reference()):
        console.print(table)


def seconds(*actions: Callable[[], object], runs: int = RUNS) -> list[float]:
    """Median seconds of each action, taken in turn so that they share the machine's moods."""
    taken: list[list[float]] = [[] for _ in actions]
    for _ in range(runs + 1):  # the first round warms caches up and does not count
        for action, times in zip(actions, taken, strict=True):
            start = time.perf_counter()
            action()
            times.append(time.perf_counter() - start)
    return [statistics.median(times[1:]) for times in taken]


def imports() -> Table:
    """`import course`, in a fresh interpreter."""

    def run(code: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, "-c", code], check=True)

    bare, numpy, course, notebook = seconds(
        run("pass"), run("import numpy"), run("import course.rnn"), run("import autograder")
    )
    table = _table("Imports", "seconds beyond a bare interpreter", "ratio to NumPy")
    for name, value in (("numpy", numpy), ("course.rnn", course), ("autograder", notebook)):
        table.add_row(
            f"import {name}", f"{value - bare:.3f}", f"{(value - bare) / (numpy - bare):.1f}"
        )
    return table


def checks() -> Table:
    """`check()` as a student waits for it: drive, judge, diagnose, render."""
    table = _table("check() in a notebook", "right answer, ms", "wrong answer, ms")
    for exercise in exercises.worksheet("ps02").exercises:
        wrong = exercise.mistakes[-1].answer

        def show(answer: object, exercise: exercises.Exercise = exercise) -> None:
            verdict_panel(verdict(exercise, answer), exercise.title).data()

        right_time, wrong_time = seconds(
            lambda show=show, e=exercise: show(e.reference),
            lambda show=show, wrong=wrong: show(wrong),
        )
        table.add_row(exercise.id, f"{1e3 * right_time:.1f}", f"{1e3 * wrong_time:.1f}")
    return table


def grading() -> Table:
    """One solved ps02, run and judged in the sandbox, against the same cells in a Jupyter kernel."""
    worksheet = exercises.worksheet("ps02")
    solved = nbformat.read(builder.solved_path(ROOT, worksheet), as_version=4)
    solved.cells = [cell for cell in solved.cells if not is_lab(cell)]
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
    table = _table("Running and judging one solved ps02", "seconds", "ratio to the kernel")
    table.add_row("a Jupyter kernel (nbclient)", f"{kernel:.2f}", "1.00")
    table.add_row(f"a warm sandbox, level {level}", f"{ours:.2f}", f"{ours / kernel:.2f}")
    return table


def reference() -> Table:
    """Forward and backward of the vanilla RNN against torch's layer, one thread, float64."""
    table = _table("Reference RNN, forward and backward", "ms", "ratio to torch")
    try:
        import torch
    except ImportError:
        table.add_row("torch is not installed", "", "")
        return table
    torch.set_num_threads(1)
    for N, T, D, H in ((1, 32, 16, 32), (32, 64, 64, 128), (64, 128, 128, 256)):
        rng = np.random.default_rng(0)
        x, h0, dh = (rng.normal(size=s) for s in ((N, T, D), (N, H), (N, T, H)))
        W_xh, W_hh = rng.normal(size=(D, H)) / np.sqrt(D), rng.normal(size=(H, H)) / np.sqrt(H)
        b_h = rng.normal(size=H)
        layer = torch.nn.RNN(D, H, batch_first=True, dtype=torch.float64)
        inputs = torch.from_numpy(x).requires_grad_()
        start = torch.from_numpy(h0)[None].requires_grad_()

        def ours() -> None:
            h = rnn.rnn_forward(x, h0, W_xh, W_hh, b_h)  # noqa: B023 - called in this round
            rnn.rnn_backward(dh, x, h0, h, W_xh, W_hh)  # noqa: B023

        def theirs() -> None:
            layer(inputs, start)[0].backward(torch.from_numpy(dh))  # noqa: B023

        our_time, their_time = seconds(ours, theirs)
        sizes = f"N={N} T={T} D={D} H={H}"
        table.add_row(sizes, f"{1e3 * our_time:.2f}", f"{our_time / their_time:.2f}")
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", min_width=70)
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right")
    return table


if __name__ == "__main__":
    main()
