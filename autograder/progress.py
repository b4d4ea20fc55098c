"""How far a grading has come: a bar, the time left, and a running tally."""

from __future__ import annotations

import collections
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from autograder.grade import Outcome


def progress(outcomes: Iterable[Outcome], total: int, *, quiet: bool) -> Iterator[Outcome]:
    """Pass outcomes on and show on stderr how many there are, where somebody is watching."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield from outcomes
        return
    columns = (
        TextColumn("Grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[tally]}"),
    )
    count: collections.Counter[str] = collections.Counter()
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task("", total=total, tally="")
        for outcome in outcomes:
            count[_kind(outcome)] += 1
            shown.update(task, advance=1, tally=tally(count))
            yield outcome


def tally(count: collections.Counter[str]) -> str:
    """`12 graded · 3 unchanged · 1 needs attention`, of those that there are."""
    order = ("graded", "unchanged", "needs attention")
    return " · ".join(f"{count[name]} {name}" for name in order if count[name])


def _kind(outcome: Outcome) -> str:
    if outcome.trouble:
        return "needs attention"
    return "graded" if outcome.graded else "unchanged"
