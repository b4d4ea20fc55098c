"""Pictures of long memories: two ways through a cell, how soon tasks are learned, time scales."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from course.figures import BLUE, CYCLE, GREY, INK, ORANGE, Figure, canvas, finish, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Steps = Sequence[int | None]  # one a run; None for a run that did not get there

_MARKERS = ("o", "s", "^", "D")


def two_ways() -> Figure:
    """From one cell to the next: straight on through f_t, and round through the state and W."""
    title = "Straight on: one number. Round about: matrices"
    with style():
        figure = canvas(6.6, 4.3)
        axes = figure.add_subplot()
        axes.set(xlim=(-0.7, 8.1), ylim=(-4.25, 1.0), aspect="equal")
        axes.set_axis_off()
        axes.set_title(title)
        _arrow(axes, (0.46, 0.3), (6.94, 0.3), ORANGE)
        axes.text(3.7, 0.52, "times $f_t$", color=ORANGE, ha="center", size=14)
        _arrow(axes, (0, -0.16), (0, -1.84), BLUE)
        axes.text(0.15, -0.95, "$o_{t-1}$ and tanh", color=BLUE, va="center", size=12)
        for y, gate, name, beside in (
            (-1.1, "f", "f_t", "C_{t-1}"),
            (-2.3, "i", "i_t", "g_t"),
            (-3.5, "g", "g_t", "i_t"),
        ):
            leaves = -2.3 + 0.2 * (y + 2.3)
            _arrow(axes, (0.46, leaves), (3.25, y), BLUE)
            above = (leaves + y) / 2 + 0.3
            axes.text(1.75, above, f"$W^{gate}$", color=BLUE, ha="center", va="center", size=12)
            _node(axes, 3.7, y, f"${name}$", face="#EAEAEA")
            _arrow(axes, (4.16, y), (7.2 + 0.12 * (y + 1.1), -0.14), BLUE)
            axes.text(
                3.7, y - 0.6, f"beside ${beside}$", color=GREY, ha="center", va="center", size=10
            )
        _node(axes, 0, 0.3, "$C_{t-1}$")
        _node(axes, 0, -2.3, "$h_{t-1}$")
        _node(axes, 7.4, 0.3, "$C_t$")
        return finish(
            figure,
            f"{title}. From the old cell C_(t-1) one arrow leads straight to the new cell C_t; it is "
            "multiplied by f_t. Another leads through o_(t-1) and tanh to the state h_(t-1), from there "
            "through the matrices W^f, W^i and W^g to the forget gate f_t, which stands beside C_(t-1), "
            "the input gate i_t, beside g_t, and the candidate g_t, beside i_t, and from each of these "
            "to C_t.",
        )


def _node(axes: Axes, x: float, y: float, name: str, face: str = "#FFF1DC") -> None:
    from matplotlib.patches import Circle

    axes.add_patch(Circle((x, y), 0.42, facecolor=face, edgecolor=INK, linewidth=1.2, zorder=3))
    axes.text(x, y, name, ha="center", va="center_baseline", size=13, zorder=4)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    from matplotlib.patches import FancyArrowPatch

    line: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 13, "linewidth": 1.8}
    axes.add_patch(FancyArrowPatch(start, end, color=colour, shrinkA=0, shrinkB=0, **line))


def steps_needed(
    runs: Mapping[str, Mapping[str, Steps]], limit: int, x_label: str, title: str
) -> Figure:
    """How soon each run was there, a dot for each; those that never were stand above the line.

    Args:
        runs: by name, and by what stands on the x-axis, the steps of each run; four names at most.
        limit: the steps after which a run was given up.
        x_label: what stands on the x-axis.
        title: the message.

    Raises:
        ValueError: there is nothing to draw, or there are more than four names.
    """
    if not 1 <= len(runs) <= len(CYCLE):
        raise ValueError(f"steps_needed got {len(runs)} names; it draws 1 to {len(CYCLE)}.")
    places = list(dict.fromkeys(place for by_place in runs.values() for place in by_place))
    told = []
    with style():
        figure = canvas(6.6, 4.2)
        axes = figure.add_subplot()
        never = limit * 1.12
        for k, (name, by_place) in enumerate(runs.items()):
            for place, steps in by_place.items():
                at = places.index(place) + 0.19 * (k - (len(runs) - 1) / 2)
                y = np.array([never if step is None else step for step in steps], dtype=float)
                x = at + 0.05 * (np.arange(len(y)) - (len(y) - 1) / 2)
                for mask, face in ((y < never, CYCLE[k]), (y == never, "white")):
                    dots: dict[str, Any] = {"marker": _MARKERS[k], "markerfacecolor": face}
                    axes.plot(
                        x[mask], y[mask], linestyle="none", markersize=7, color=CYCLE[k], **dots
                    )
            told.append(f"{name}: " + ", ".join(f"{p} {_told(s)}" for p, s in by_place.items()))
        axes.axhline(limit * 1.05, color=GREY, linewidth=0.8, linestyle="--")
        ticks = list(range(0, limit + 1, 500 if limit >= 1000 else 100))
        axes.set_yticks([*ticks, never], [*map(str, ticks), "never"])
        axes.set_xticks(range(len(places)), places)
        axes.set(xlabel=x_label, ylabel="training steps", title=title, ylim=(0, limit * 1.2))
        axes.set_xlim(-0.6, len(places) - 0.4)
        handles = [
            axes.plot([], [], marker=_MARKERS[k], linestyle="none", color=CYCLE[k])[0]
            for k in range(len(runs))
        ]
        columns = len(runs) if sum(map(len, runs)) < 30 else 2
        figure.legend(handles, list(runs), loc="outside lower center", ncols=columns, frameon=False)
        return finish(
            figure, f"{title}. Training steps until solved, by {x_label}. {'. '.join(told)}."
        )


def steps_by_change(runs: Mapping[str, Steps], limit: int, title: str) -> Figure:
    """A row for each change, a dot for each run; those that never got there stand on the right.

    Args:
        runs: by name, the steps of each run.
        limit: the steps after which a run was given up.
        title: the message.

    Raises:
        ValueError: there is nothing to draw.
    """
    if not runs:
        raise ValueError("steps_by_change got no runs; it draws a row for each name.")
    with style():
        figure = canvas(6.6, 1.3 + 0.34 * len(runs))
        axes = figure.add_subplot()
        never = limit * 1.16
        for row, steps in enumerate(runs.values()):
            reached = [step for step in steps if step is not None]
            missed = len(steps) - len(reached)
            axes.plot(reached, [row] * len(reached), "o", color=BLUE, markersize=7, alpha=0.8)
            if missed:
                spread = never + 0.022 * limit * (np.arange(missed) - (missed - 1) / 2)
                axes.plot(
                    spread, [row] * missed, "x", color=ORANGE, markersize=7, markeredgewidth=2
                )
        axes.axvline(limit * 1.07, color=GREY, linewidth=0.8, linestyle="--")
        ticks = np.linspace(0, limit, 5)
        axes.set_xticks([*ticks, never], [*(f"{tick:.0f}" for tick in ticks), "never"])
        axes.set_yticks(range(len(runs)), list(runs))
        figure.suptitle(title, size=14, weight="bold")  # over the names as well
        axes.set(xlabel="training steps", xlim=(0, limit * 1.24))
        axes.set_ylim(len(runs) - 0.5, -0.5)
        axes.grid(axis="y", color="#E4E4E4", linewidth=0.8)
        axes.set_axisbelow(True)
        told = ". ".join(f"{name}: {_told(steps)}" for name, steps in runs.items())
        return finish(figure, f"{title}. Training steps until solved, one a run. {told}.")


def _told(steps: Steps) -> str:
    return ", ".join("never" if step is None else str(step) for step in steps)


def time_scales(rho: Mapping[str, ArrayLike], title: str) -> Figure:
    """The lag-one autocorrelation of each unit, in order, as the number of steps that it stands for.

    Args:
        rho: by name, one number a unit, (H,); four names at most.
        title: the message.

    Raises:
        ValueError: there is nothing to draw, or there are more than four names.
    """
    if not 1 <= len(rho) <= len(CYCLE):
        raise ValueError(f"time_scales got {len(rho)} names; it draws 1 to {len(CYCLE)}.")
    told = []
    with style():
        figure = canvas(6.6, 4.0)
        axes = figure.add_subplot()
        for k, (name, values) in enumerate(rho.items()):
            ordered = np.sort(np.asarray(values, dtype=float))
            axes.plot(
                np.arange(1, len(ordered) + 1),
                ordered,
                marker=_MARKERS[k],
                markersize=5,
                linewidth=1.5,
                color=CYCLE[k],
                label=name,
            )
            told.append(
                f"{name}: from {ordered[0]:.2f} to {ordered[-1]:.2f}, median {np.median(ordered):.2f}"
            )
        axes.axhline(1, color=GREY, linewidth=0.8)
        axes.axhline(0, color=GREY, linewidth=0.8)
        axes.set(
            xlabel="units, in order",
            ylabel="lag-one autocorrelation",
            title=title,
            ylim=(min(-0.1, axes.get_ylim()[0]), 1.08),
        )
        axes.legend(loc="lower right", framealpha=1, edgecolor="white")  # hides the line at zero
        return finish(figure, f"{title}. Autocorrelation of the units in order. {'. '.join(told)}.")
