"""Measure what the project promises about speed and memory, and print it as tables: `make bench`.

Machines differ and are noisy: what counts is the ratio of two things measured in turn, in one run.  The
whole takes about an hour on two cores, `quick` five minutes.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from autograder.files import write_whole
from benchmarks import desk, pieces, tables
from benchmarks.reference import reference

RESULTS = Path(__file__).parents[1] / "docs" / "benchmarks.md"
_PACKAGES = ("numpy", "matplotlib", "ipython", "nbgrader", "nbclient")
_INTRODUCTION = """\
# How fast grading and the desk are, and what they take

Written by the commands that stand above the tables; do not edit. Every figure is a median of paired runs on
one machine: {machine}.

**The classes.** `numpy` and `torch` are two small worksheets as an instructor writes them, with plain
asserts: 13 code cells, one picture, about 0.2 s of the students' own work (`tests/bench/`). `ps02` is the
course's worksheet with its exercises. Submissions are made from a seed: solution by solution, each takes
the right answer, another right or wrong one, or none.

**The others.** `nbgrader` is `nbgrader autograde` without our plugin. It grades one submission after the
other; "two by hand" is a class shared out between two courses, each with a gradebook and a process.
`otter run` is otter-grader 7 in an environment of its own.

**The figures.** What a submission takes is read off between a command's first submissions and its last; what
the command takes besides, to start and to end, stands in a column of its own. A submission's own cells are
run in one warm IPython, with everything imported. The trusted process examines, restores, judges and
records, and drives the sandboxes. Processor time is that of all processes, the sandboxes' included; memory
that two processes share is counted once.

**The desk.** A class of 500 whose gradebook is filled by SQL, with one notebook that was really graded under
everybody's name. `nbgrader` has the same gradebook and the same files, and no line about us in its settings.
"""


def _each(measures: Sequence[Callable[[], Table]], say: Callable[[str], object]) -> Iterator[Table]:
    for measure in measures:
        say(f"{measure.__name__} ...")
        yield measure()


_SUBJECTS: dict[str, Callable[[Callable[[str], object]], Iterator[Table]]] = {
    "grading": partial(tables.grading, tables.Sizes()),
    "quick": partial(tables.grading, tables.QUICK),
    "growth": tables.growth,
    "desk": partial(_each, (desk.desk, desk.feedback, desk.pages)),
    "parts": partial(_each, (pieces.imports, pieces.checks, reference, pieces.worksheets)),
}


@click.command()
@click.argument("subjects", nargs=-1, type=click.Choice(list(_SUBJECTS)), metavar="[SUBJECT]...")
@click.option("--write", is_flag=True, help="Keep the results in docs/benchmarks.md.")
def main(subjects: tuple[str, ...], write: bool) -> None:
    """Measure, and print the tables.

    \b
    grading  35 minutes: against nbgrader and otter-grader, three worksheets
    quick    five minutes: the same with two worksheets and few submissions
    growth   seven minutes: classes of up to 2,000
    desk     seven minutes: report, exports, feedback, the formgrader's pages
    parts    five minutes: imports, checks, cells and worksheets

    Without a subject: all but quick.
    """
    console = Console()
    console.print(_machine())
    if os.getloadavg()[0] > 0.3:
        console.print("! Something else is running here: expect noise.", style="yellow")
    for subject in subjects or [name for name in _SUBJECTS if name != "quick"]:
        found = []
        with console.status("measuring ...") as status:
            for table in _SUBJECTS[subject](status.update):
                console.print(table)
                found.append(table)
        if write:
            before = RESULTS.read_text(encoding="utf-8") if RESULTS.is_file() else ""
            command = f"python -m benchmarks {subject} --write"
            write_whole(RESULTS, _page(before, command, found).encode())


def _machine() -> str:
    """What was measured on: nothing that tells one machine from its like."""
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    names = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {gigabytes:.0f} GiB, {platform.system()} "
        f"{platform.release().split('-')[0]}, Python {platform.python_version()}, {names}"
    )


def _page(before: str, command: str, found: Sequence[Table]) -> str:
    """The page with these tables; what else it had stays, if it was measured on the like of this machine."""
    introduction = _INTRODUCTION.format(machine=_machine())
    old = before.split("\n## ")[1:] if before.startswith(introduction) else []
    sections = {section.partition("\n")[0]: section for section in old}
    sections |= {str(table.title): _text(table, command) for table in found}
    return "\n## ".join(
        [introduction, *(section.rstrip("\n") + "\n" for section in sections.values())]
    )


def _text(table: Table, command: str) -> str:
    """One table in Markdown, from its title on."""
    heads = [str(column.header) for column in table.columns]
    rows = [list(map(str, row)) for row in zip(*(c.cells for c in table.columns), strict=True)]
    rule = ["---", *["--:"] * (len(heads) - 1)]
    lines = (f"| {' | '.join(row)} |" for row in [heads, rule, *rows])
    return f"{table.title}\n\n`{command}`\n\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
