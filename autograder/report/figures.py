"""The report's pictures, in the style of the course's; each has a table beside it that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograder.report.statistics import Bin, Success
from course.figures import BLUE, GREEN, INK, ORANGE, Figure, canvas, finish, style

_WIDTH = 5.0  # inches: small enough for its letters to be read on a phone
_HATCH = "////"


def score_histogram(settled: Sequence[Bin], waiting: Sequence[Bin], title: str) -> Figure:
    """How many students have how many points; those still waiting for a person stand on top, hatched.

    Both have the same bins.
    """
    lows = [found.low for found in settled]
    widths = [max(found.high - found.low, 1e-9) for found in settled]
    counts = [found.count for found in settled], [found.count for found in waiting]
    with style():
        figure = canvas(_WIDTH, 3.4)
        axes = figure.add_subplot()
        look: dict[str, Any] = {
            "width": widths,
            "align": "edge",
            "edgecolor": "white",
            "linewidth": 1.0,
        }
        axes.bar(lows, counts[0], color=BLUE, label="marked", **look)
        if any(counts[1]):
            look |= {"hatch": _HATCH, "bottom": counts[0]}
            axes.bar(lows, counts[1], color=ORANGE, label="points so far", **look)
            axes.legend(frameon=False, fontsize=11)
        axes.set_title(title, parse_math=False)
        axes.set(xlabel="points", ylabel="students")
        axes.set_xticks([*lows, settled[-1].high][::2])
        axes.set_xlim(lows[0], max(settled[-1].high, 1e-9))
        axes.locator_params(axis="y", integer=True)
        told = "; ".join(
            f"{_span(one)}: {one.count}" + (f" and {other.count} so far" if other.count else "")
            for one, other in zip(settled, waiting, strict=True)
            if one.count or other.count
        )
        return finish(figure, f"{title}. Histogram of points, students in each bin: {told}.")


def success_bars(found: Sequence[Success], title: str) -> Figure:
    """What became of each exercise: a bar for each, in shares of those whose answer is marked."""
    kinds = (
        ("full points", [s.full for s in found], GREEN, ""),
        ("some", [s.some for s in found], BLUE, _HATCH),
        ("none", [s.none for s in found], ORANGE, ""),
        ("not attempted", [s.not_attempted for s in found], "#BBBBBB", "...."),
    )
    places = range(len(found))
    with style():
        figure = canvas(_WIDTH, 1.5 + 0.34 * len(found))
        axes = figure.add_subplot()
        starts = [0.0] * len(found)
        for name, counts, colour, hatch in kinds:
            pairs = zip(counts, found, strict=True)
            shares = [100 * count / max(success.marked, 1) for count, success in pairs]
            look: dict[str, Any] = {
                "color": colour,
                "hatch": hatch,
                "edgecolor": "white",
                "linewidth": 0.5,
            }
            axes.barh(places, shares, left=starts, height=0.75, label=name, **look)
            starts = [start + share for start, share in zip(starts, shares, strict=True)]
        axes.set_yticks(places, [s.exercise for s in found], parse_math=False, color=INK)
        axes.tick_params("y", length=0)
        axes.set_ylim(len(found) - 0.5, -0.5)
        axes.set(xlim=(0, 100), xlabel="share of the marked answers (%)")
        axes.spines["left"].set_visible(False)
        figure.suptitle(title, fontsize=14, fontweight="bold", parse_math=False)
        axes.legend(
            loc="lower center",
            bbox_to_anchor=(0.3, 1),
            ncols=2,
            frameon=False,
            fontsize=10,
            labelcolor=INK,
        )
        told = "; ".join(
            f"{s.exercise}: " + ", ".join(f"{counts[n]} {name}" for name, counts, *_ in kinds)
            for n, s in enumerate(found)
        )
        return finish(figure, f"{title}. Stacked bars, students by exercise: {told}.")


def _span(found: Bin) -> str:
    return f"{found.low:g} to {found.high:g}"
