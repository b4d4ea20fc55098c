"""Measure what the project promises about speed and memory, and print it as tables: `make bench`.

Machines differ and are noisy: what counts is the ratio of two things measured in turn, in one run.  The
whole takes about half an hour on two cores, `--quick` five minutes, `--large` ten minutes more.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks import desk, pieces, tables
from benchmarks.reference import reference

RESULTS = Path(__file__).parents[1] / "docs" / "benchmarks.md"
_PACKAGES = ("numpy", "matplotlib", "ipython", "nbgrader", "nbclient")
_INTRODUCTION = """\
# How fast grading and the desk are, and what they take

Written by `{command}`; do not edit. Every figure is a median of paired runs on one machine:
{machine}.

**The classes.** `numpy` and `torch` are two small worksheets as an instructor writes them, with plain
asserts: 13 code cells, one picture, about 0.2 s of the students' own work (`tests/bench/`). `ps02` is the
course's worksheet with its exercises. Submissions are made from a seed: solution by solution, each takes
the right answer, another right or wrong one, or none.

**The others.** `nbgrader` is `nbgrader autograde` without our plugin. It grades one submission after the
other; "two by hand" is a class shared out between two courses, each with a gradebook and a process.
`otter run` is otter-grader 7 in an environment of its own.

**The figures.** Each command's start (imports, the first submission of each worker) is measured by itself
and taken off. A submission's own cells are run in one warm IPython, with everything imported. The trusted
process examines, restores, judges and records, and drives the sandboxes. Processor time is that of all
processes, the sandboxes' included; memory that two processes share is counted once.

**The desk.** A class of 500 whose gradebook is filled by SQL, with one notebook that was really graded under
everybody's name. `nbgrader` has the same gradebook and the same files, and no line about us in its settings.
"""


_PARTS = (pieces.imports, pieces.checks, reference, pieces.worksheets)
_DESK = (desk.desk, desk.feedback, desk.pages)


@click.command()
@click.option("--quick", is_flag=True, help="Two worksheets and few submissions: five minutes.")
@click.option("--large", is_flag=True, help="Classes of up to 2,000 as well: ten minutes more.")
@click.option("--parts/--no-parts", default=True, help="Imports, checks, cells and worksheets too.")
@click.option("--write", is_flag=True, help="Keep the results in docs/benchmarks.md.")
def main(quick: bool, large: bool, parts: bool, write: bool) -> None:
    """Measure, and print the tables."""
    console = Console()
    console.print(_machine())
    if os.getloadavg()[0] > 0.3:
        console.print("! Something else is running here: expect noise.", style="yellow")
    sizes = tables.QUICK if quick else tables.LARGE if large else tables.Sizes()
    found = []
    with console.status("measuring ...") as status:
        for table in _tables(sizes, parts, status.update):
            console.print(table)
            found.append(table)
    if write:
        options = " --quick" * quick + " --large" * large + " --no-parts" * (not parts)
        command = f"python -m benchmarks{options} --write"
        RESULTS.write_text(_page(command, found), encoding="utf-8")


def _tables(sizes: tables.Sizes, parts: bool, say: Callable[[str], object]) -> Iterator[Table]:
    yield from tables.grading(sizes, say)
    for measure in (*_DESK, *_PARTS) if parts else _DESK:
        if sizes is not tables.QUICK:
            say(f"{measure.__name__} ...")
            yield measure()


def _machine() -> str:
    """What was measured on: nothing that tells one machine from its like."""
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    names = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {gigabytes:.0f} GiB, {platform.system()} "
        f"{platform.release().split('-')[0]}, Python {platform.python_version()}, {names}"
    )


def _page(command: str, found: list[Table]) -> str:
    """The tables as a page."""
    return "\n".join(
        [_INTRODUCTION.format(command=command, machine=_machine()), *map(_text, found)]
    )


def _text(table: Table) -> str:
    """One table in Markdown."""
    heads = [str(column.header) for column in table.columns]
    rows = [list(map(str, row)) for row in zip(*(c.cells for c in table.columns), strict=True)]
    rule = ["---", *["--:"] * (len(heads) - 1)]
    lines = (f"| {' | '.join(row)} |" for row in [heads, rule, *rows])
    return f"## {table.title}\n\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
