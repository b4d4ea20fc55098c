"""The tables about grading: how fast, how much processor time, how much memory, how it grows."""

from __future__ import annotations

import dataclasses
import math
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.table import Table

from benchmarks import otter
from benchmarks.classes import WORKERS, Bench, Rate, median, rate
from benchmarks.fixtures import NAMES
from benchmarks.timing import table

MB = 1e6


@dataclasses.dataclass(frozen=True)
class Sizes:
    """How many submissions each measurement takes, and how often it is repeated."""

    ours: int = 100
    stock: int = 16
    otter: int = 8
    rounds: int = 3
    memory: tuple[int, ...] = (10, 100)
    names: tuple[str, ...] = NAMES


QUICK = Sizes(ours=30, stock=6, otter=0, rounds=1, memory=(10,), names=("numpy", "torch"))
GROWTH = (100, 500, 2000)

#: What each figure has to be at least (or at most), by fixture where it differs.
FASTER = {"numpy": 12.0, "torch": 22.0}
CPU_RATIO, TRUSTED_MS, MEGABYTES, TWO_WORKERS = 1.15, 40.0, 200.0, 1.7


@dataclasses.dataclass
class Measured:
    """The rates of one fixture: a list holds one for each round."""

    one: list[Rate] = dataclasses.field(default_factory=list)  # ours, one worker
    two: list[Rate] = dataclasses.field(default_factory=list)
    stock: list[Rate] = dataclasses.field(default_factory=list)  # two processes
    stock_alone: list[Rate] = dataclasses.field(default_factory=list)  # one: as it comes
    own: list[float] = dataclasses.field(default_factory=list)  # the cells' processor seconds

    def ratio(self, top: str, bottom: str) -> float:
        """The median, over rounds, of how many times faster `top` is."""
        pairs = zip(getattr(self, top), getattr(self, bottom), strict=False)
        return statistics.median(b.seconds / a.seconds for a, b in pairs)

    @property
    def cpu_ratio(self) -> float:
        pairs = zip(self.one, self.own, strict=True)
        return statistics.median(ours.cpu / own for ours, own in pairs)


def grading(sizes: Sizes, say: Callable[[str], object]) -> Iterator[Table]:
    """Every table about grading, each as soon as it is there."""
    with tempfile.TemporaryDirectory(prefix="unrolled-bench-") as folder:
        bench = Bench(Path(folder))
        found = {name: _measure(bench, name, sizes, say) for name in sizes.names}
        say("otter-grader")
        yield _speed(found, sizes, _otter(bench, sizes))
        yield _processor(found)
        yield _memory(bench, sizes, say)


def _measure(bench: Bench, name: str, sizes: Sizes, say: Callable[[str], object]) -> Measured:
    found = Measured()
    rounds = sizes.rounds if name in FASTER else 1  # no target depends on the others
    for number in range(rounds):
        where = f"{name}, round {number + 1} of {rounds}"
        own = []
        for jobs, rates in ((1, found.one), (WORKERS, found.two)):
            # Before and after our one worker, as the two are compared and machines have moods.
            say(f"{where}: the cells alone")
            own += bench.own_cells(name, range(sizes.ours))
            say(f"{where}: ours, {jobs} at once")
            done = bench.ours(name, jobs, sizes.ours)
            # From when each worker is warm.
            rates.append(rate(done, sizes.ours, 2 * jobs))
        found.own.append(statistics.mean(own))
        by_hand = number == 0  # no target depends on it
        for workers, rates in ((1, found.stock_alone), (WORKERS, found.stock))[: 1 + by_hand]:
            say(f"{where}: nbgrader, {workers} at once")
            rates.append(rate(bench.stock(name, workers, sizes.stock), sizes.stock))
    return found


def _otter(bench: Bench, sizes: Sizes) -> list[float]:
    """Seconds of each submission; none where otter cannot be had."""
    command = otter.install(bench.folder) if sizes.otter else None
    return otter.seconds(command, bench, "numpy", range(sizes.otter)) if command else []


def _speed(found: dict[str, Measured], sizes: Sizes, otters: list[float]) -> Table:
    made = table(
        "Submissions per minute, the start taken off",
        "class",
        "start, s",
        "per minute",
        "first row / this",
        "wanted",
    )
    for name, each in found.items():
        rows = (
            ("two workers", each.two, sizes.ours, ""),
            ("one worker", each.one, sizes.ours, f"{TWO_WORKERS}"),
            ("nbgrader, as it comes", each.stock_alone, sizes.stock, f"{FASTER.get(name, '')}"),
            ("nbgrader, two by hand", each.stock, sizes.stock, ""),
        )
        for what, rates, size, wanted in rows:
            rated = median(rates)
            faster = each.ratio("two", _field(each, rates))
            made.add_row(
                f"{name}: {what}",
                str(size),
                f"{rated.start:.1f}",
                f"{rated.per_minute:.0f}",
                f"{faster:.2f}" if rates is each.one else f"{faster:.1f}",
                wanted,
            )
        if name == "numpy":
            made.add_row("numpy: otter run", *_otter_row(otters, each))
        made.add_section()
    return made


def _field(each: Measured, rates: list[Rate]) -> str:
    return next(field for field, value in vars(each).items() if value is rates)


def _otter_row(otters: list[float], each: Measured) -> list[str]:
    if not otters:
        return ["", "", "not here", "", ""]
    seconds = statistics.median(otters)
    ratio = seconds / median(each.two).seconds
    return [str(len(otters)), "", f"{60 / seconds:.0f}", f"{ratio:.0f}", ""]


def _processor(found: dict[str, Measured]) -> Table:
    made = table(
        "Processor time of one submission, in ms (one worker, all processes)",
        "own cells",
        "ours",
        f"ratio (≤ {CPU_RATIO})",
        f"trusted (≤ {TRUSTED_MS:.0f})",
        "nbgrader",
        "ratio",
    )
    for name, each in found.items():
        own, ours, stock = statistics.median(each.own), median(each.one), median(each.stock)
        made.add_row(
            name,
            f"{1e3 * own:.0f}",
            _number(1e3 * ours.cpu),
            _number(each.cpu_ratio, 2),
            f"{1e3 * ours.own_cpu:.0f}",
            _number(1e3 * stock.cpu),
            _number(stock.cpu / own, 1),
        )
    return made


def _number(value: float, digits: int = 0) -> str:
    return "not known here" if math.isnan(value) else f"{value:.{digits}f}"


def _memory(bench: Bench, sizes: Sizes, say: Callable[[str], object]) -> Table:
    made = table(
        f"Most memory at once, in MB (two workers; ≤ {MEGABYTES:.0f})",
        "class",
        "trusted",
        "both sandboxes",
    )
    for name in sizes.names:
        for size in sizes.memory:
            say(f"{name}: memory for {size}")
            used = bench.ours(name, WORKERS, size, memory=True)[0]
            both = f"{used.others_peak / MB:.0f}" if used.others_peak else "not known here"
            made.add_row(name, str(size), f"{used.own_peak / MB:.0f}", both)
    return made


def growth(say: Callable[[str], object], sizes: Sequence[int] = GROWTH) -> Iterator[Table]:
    """How the time and the memory of whole classes grow, the start included."""
    columns = ("seconds", "ms each", "ratio to the first", f"trusted, MB (≤ {MEGABYTES:.0f})")
    made = table("Large classes (numpy, two workers)", *columns)
    first = 0.0
    with tempfile.TemporaryDirectory(prefix="unrolled-bench-") as folder:
        bench = Bench(Path(folder))
        for size in sizes:
            say(f"numpy: {size} submissions")
            (used,) = bench.ours("numpy", WORKERS, size)
            each = 1e3 * used.seconds / size
            first = first or each
            row = (f"{used.seconds:.0f}", f"{each:.0f}", f"{each / first:.2f}")
            made.add_row(f"{size} submissions", *row, f"{used.own_peak / MB:.0f}")
    yield made
