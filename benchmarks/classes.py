"""Whole classes, graded by us, by stock nbgrader and by otter-grader: how fast, and what it takes.

What a submission takes is read off a command while it runs, between its first submissions and its last;
so what it needs to start and to end is not in it, and a small class is not at a disadvantage.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import fixtures
from benchmarks.processes import Used, run

#: Student code gets one thread everywhere, so that two workers are two cores.
_ENVIRONMENT = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
WORKERS = 2


@dataclasses.dataclass(frozen=True)
class Rate:
    """What each submission takes, in a class that is on its way."""

    start: float  # seconds that a command takes besides: its start and its end
    seconds: float
    cpu: float
    own_cpu: float  # of the grading process itself

    @property
    def per_minute(self) -> float:
        return 60 / self.seconds


class Bench:
    """A folder in which courses are made, one for each run, and taken away again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made: dict[tuple[str, bool], Path] = {}
        self._runs = 0

    def course(self, name: str, numbers: Sequence[int], *, stock: bool = False) -> Path:
        """A new course with the submissions of these numbers."""
        if (name, stock) not in self._made:
            template = self.folder / f"{name}-{'stock' if stock else 'ours'}"
            fixtures.course(template, name, stock=stock)
            self._made[name, stock] = template
        self._runs += 1
        made = self.folder / f"run{self._runs}"
        shutil.copytree(self._made[name, stock], made)
        fixtures.hand_in(made, name, numbers)
        return made

    def ours(self, name: str, workers: int, size: int, *, memory: bool = False) -> list[Used]:
        """`autograder grade`, on the first `size` submissions."""
        course = self.course(name, range(size))
        command = [sys.executable, "-m", "autograder.cli", "grade", name, *jobs_option(workers)]
        try:
            return run([(command, course)], environment(), memory=memory, done=_graded)
        finally:
            shutil.rmtree(course)

    def stock(self, name: str, workers: int, size: int) -> list[Used]:
        """`nbgrader autograde` as it comes, one process for each share of the class.

        It has no way to share a class: each process has a gradebook of its own.
        """
        courses = [self.course(name, range(n, size, workers), stock=True) for n in range(workers)]
        command = [str(Path(sys.executable).with_name("nbgrader")), "autograde", name]
        try:
            commands = [(command, course) for course in courses]
            return run(commands, environment(), done=_graded)
        finally:
            for course in courses:
                shutil.rmtree(course)

    def own_cells(self, name: str, numbers: Sequence[int]) -> list[float]:
        """Processor seconds of each submission's own cells in one warm IPython."""
        course = self.course(name, numbers)
        notebooks = sorted(map(str, course.glob(f"submitted/*/{name}/*.ipynb")))
        command = [sys.executable, "-m", "benchmarks.cells", *notebooks]
        scratch = course / "scratch"
        scratch.mkdir()
        try:
            done = subprocess.run(
                command, cwd=scratch, env=environment(), stdout=subprocess.PIPE, check=True
            )
        finally:
            shutil.rmtree(course)
        found: list[float] = json.loads(done.stdout.splitlines()[-1])
        return found


def _graded(course: Path) -> int:
    """How many submissions have a folder of graded work: nbgrader makes it first, we make it last."""
    folder = course / "autograded"
    return sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0


def environment() -> dict[str, str]:
    """This one, with the tree that is measured and the commands beside this interpreter first."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, **_ENVIRONMENT, "PATH": path, "PYTHONPATH": str(fixtures.ROOT)}


@functools.cache
def _has_jobs() -> bool:
    command = [sys.executable, "-m", "autograder.cli", "grade", "--help"]
    done = subprocess.run(command, env=environment(), stdout=subprocess.PIPE, check=True)
    return b"--jobs" in done.stdout


def jobs_option(jobs: int) -> list[str]:
    """What asks for so many workers; nothing where the command knows of none."""
    return ["--jobs", str(jobs)] if _has_jobs() else []


def rate(commands: Sequence[Used], size: int, first: int = 1) -> Rate:
    """What a submission takes, of a class of `size` that these commands have shared out.

    It is counted from the mark of the `first` submission of each on.
    """
    spans = []
    for used in commands:
        begin = next(mark for mark in used.marks if mark.done >= first)
        spans.append((begin, used.marks[-1]))
    spans = [(begin, end) for begin, end in spans if end.done > begin.done]
    count = sum(end.done - begin.done for begin, end in spans)
    seconds = 1 / sum(
        (end.done - begin.done) / (end.seconds - begin.seconds) for begin, end in spans
    )
    return Rate(
        start=max(used.seconds for used in commands) - size * seconds,
        seconds=seconds,
        cpu=sum(end.cpu - begin.cpu for begin, end in spans) / count,
        own_cpu=sum(end.own_cpu - begin.own_cpu for begin, end in spans) / count,
    )


def median(rates: Sequence[Rate]) -> Rate:
    """The median of each figure."""
    fields = [field.name for field in dataclasses.fields(Rate)]
    return Rate(**{name: statistics.median(getattr(r, name) for r in rates) for name in fields})
