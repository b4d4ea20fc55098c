"""How the benchmarks measure and show: medians of things taken in turn, one table each."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from rich.table import Table

RUNS = 7


def seconds(*actions: Callable[[], object], runs: int = RUNS) -> list[float]:
    """Median seconds of each action, taken in turn so that they share the machine's moods."""
    taken: list[list[float]] = [[] for _ in actions]
    turns = list(zip(actions, taken, strict=True))
    for _ in range(runs + 1):  # the first round warms caches up and does not count
        turns.reverse()  # nobody is always the one who comes after the other
        for action, times in turns:
            start = time.perf_counter()
            action()
            times.append(time.perf_counter() - start)
    return [statistics.median(times[1:]) for times in taken]


def table(title: str, *columns: str) -> Table:
    """An empty table; the first column names the rows."""
    made = Table(title=title, title_justify="left", min_width=70)
    made.add_column("")
    for column in columns:
        made.add_column(column, justify="right")
    return made
