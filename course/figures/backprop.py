"""Pictures of backpropagation: deltas on a graph, the way back through time, shares by distance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from course.figures import BLUE, CYCLE, GREY, INK, ORANGE, Figure, canvas, finish, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ARROW: dict[str, Any] = {
    "arrowstyle": "-|>",
    "mutation_scale": 13,
    "shrinkA": 0,
    "shrinkB": 0,
}


def two_ways_back() -> Figure:
    """f = x (x + 3) at x = 2 as a graph: values on the way there, deltas on the way back."""
    title = "Two ways lead back to x, and what comes back adds up"
    with style():
        figure = canvas(7.4, 3.9)
        axes = figure.add_subplot()
        axes.set(xlim=(-0.8, 7.4), ylim=(-1.75, 2.35), aspect="equal")
        axes.set_axis_off()
        axes.set_title(title)
        x, three, u, f = (0.0, 0.9), (0.0, -0.9), (3.0, 0.0), (6.0, 0.9)
        for start, end, slope, bend in (
            (x, u, "$1$", 0.0),
            (three, u, "$1$", 0.0),
            (u, f, "$x = 2$", 0.0),
            (x, f, "$u = 5$", -0.22),
        ):
            _curved(axes, start, end, GREY, bend)
            middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 - 3.0 * bend)
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
            axes.text(*middle, slope, ha="center", va="center", color=GREY, bbox=box, size=13)
        for (left, height), name, delta in (
            (x, "$x = 2$", r"$\delta_x = 5 + 2 = 7$"),
            (three, "$3$", r"$\delta_3 = 2$"),
            (u, "$u = x + 3$\n$= 5$", r"$\delta_u = 2$"),
            (f, "$f = x\\,u$\n$= 10$", r"$\delta_f = 1$"),
        ):
            _circle(axes, left, height, name, radius=0.62)
            axes.text(left, height - 0.68, delta, color=ORANGE, ha="center", va="top", size=14)
        return finish(
            figure,
            f"{title}. A graph of the computation f = x (x + 3) at x = 2. Arrows lead from x = 2 "
            "and from 3 to u = x + 3 = 5, both with slope 1; from u to f with slope x = 2; and from "
            "x to f with slope u = 5; f = x u = 10. Deltas come back against the arrows: delta_f = 1, "
            "delta_u = 2, delta_3 = 2, and delta_x = 5 + 2 = 7: 5 from f directly, 2 through u.",
        )


def errors_by_eps(eps: ArrayLike, errors: Mapping[str, ArrayLike], title: str) -> Figure:
    """The error of central differences against the distance eps, in powers of ten.

    Args:
        eps: the distances, above zero, (K,).
        errors: the relative error at each of them, above zero, (K,), by name of the precision.
        title: the message.

    Raises:
        ValueError: a number is not above zero, or the lengths differ.
    """
    eps = np.asarray(eps, dtype=float)
    rows = {name: np.asarray(row, dtype=float) for name, row in errors.items()}
    if any(row.shape != eps.shape or not np.all(row > 0) for row in (eps, *rows.values())):
        raise ValueError("errors_by_eps draws logarithms: it needs an error above 0 for each eps.")
    with style():
        figure = canvas(6.6, 3.8)
        axes = figure.add_subplot()
        told = []
        for k, (name, row) in enumerate(rows.items()):
            colour, best = CYCLE[k % 4], int(np.argmin(row))
            line: dict[str, Any] = {"color": colour, "linewidth": 2, "marker": "os^D"[k % 4]}
            axes.plot(np.log10(eps), np.log10(row), label=name, **line)
            told.append(
                f"{name} is best at eps = {eps[best]:.0e}, with an error of {row[best]:.0e}"
            )
        for axis, values in ((axes.xaxis, eps), (axes.yaxis, np.concatenate([*rows.values()]))):
            low, high = int(np.floor(np.log10(values.min()))), int(np.ceil(np.log10(values.max())))
            ticks = range(low, high + 1, 1 if high - low < 8 else 2)
            axis.set_ticks(list(ticks), [f"$10^{{{tick}}}$" for tick in ticks])
        axes.invert_xaxis()
        axes.set(xlabel=r"distance $\varepsilon$", ylabel="relative error", title=title)
        axes.legend(frameon=False)
        return finish(figure, f"{title}. Relative error against eps. {'; '.join(told)}.")


def gradient_paths(T: int = 4, window: int | None = None) -> Figure:
    """The unrolled network: forward in grey, the ways of the gradient back in orange.

    Args:
        T: number of steps to draw, 2 to 6.
        window: number of steps after which the way back is cut; by default it is not.

    Raises:
        ValueError: T is not in that range, or the window is not from 1 to T.
    """
    if not 2 <= T <= 6 or not 1 <= (window or T) <= T:
        raise ValueError(
            f"gradient_paths got T = {T} and window = {window}; it draws 2 to 6 steps, "
            "and a window of 1 to T."
        )
    window = window or T
    cuts = [t for t in range(1, T) if t % window == 0]  # between steps t and t + 1
    title = "Each step adds its share to the gradient of one and the same weight"
    if cuts:
        title = "The state crosses the border, the gradient does not"
    gap = 1.9
    with style():
        figure = canvas(1.25 * (T + 1) + 1.4, 4.1)
        axes = figure.add_subplot()
        axes.set(xlim=(-0.55, gap * T + 0.75), ylim=(-2.15, 2.0), aspect="equal")
        axes.set_axis_off()
        axes.set_title(title)
        for t in range(T + 1):
            _circle(axes, gap * t, 0, f"$h_{t}$", radius=0.36)
        axes.text(-0.4, -1.92, "$dW_{hh}$  =", color=BLUE, ha="center", va="center", size=14)
        for t in range(1, T + 1):
            at = gap * t
            cut = t - 1 in cuts
            _circle(axes, at, 1.55, f"$L_{t}$", radius=0.32, face="#EAEAEA")
            _curved(axes, (at - 0.08, 0.36), (at - 0.08, 1.23), GREY)
            _curved(axes, (at + 0.08, 1.23), (at + 0.08, 0.36), ORANGE)
            _curved(axes, (at - gap + 0.35, 0.09), (at - 0.35, 0.09), GREY)
            if not cut:
                _curved(axes, (at - 0.35, -0.09), (at - gap + 0.35, -0.09), ORANGE)
            else:
                _curved(axes, (at - 0.35, -0.09), (at - gap / 2 + 0.12, -0.09), ORANGE)
                line: dict[str, Any] = {"color": INK, "linestyle": "--", "linewidth": 1.3}
                axes.plot([at - gap / 2] * 2, [-1.45, 1.9], **line)
            _curved(axes, (at, -0.37), (at, -1.55), BLUE)
            axes.text(at + 0.07, -0.95, "$da_" + str(t) + "$", color=BLUE, va="center", size=13)
            plus = "  +" if t < T else ""
            share = f"$h_{t - 1}^\\top da_{t}$"
            axes.text(at, -1.92, share, color=BLUE, ha="center", va="center", size=14)
            if plus:
                axes.text(at + gap / 2, -1.92, "+", color=BLUE, ha="center", va="center", size=14)
        where = " and ".join(f"{t} and {t + 1}" for t in cuts)
        said = (
            f"Orange arrows lead back from each loss to its state, and from each state to the one "
            f"before, but stop at a dashed border between steps {where}, which the grey arrows cross."
            if cuts
            else "Orange arrows lead back from each loss to its state, and from each state to the "
            "one before, down to h_0."
        )
        return finish(
            figure,
            f"{title}. States h_0 to h_{T} in a row, grey arrows from each to the next and up to a "
            f"loss at every step. {said} Blue arrows lead down from each step t: its share is "
            "h_(t-1) transposed times da_t, and dW_hh is the sum of all shares.",
        )


def shares_by_distance(shares: ArrayLike, title: str | None = None, farthest: int = 12) -> Figure:
    """How much of dL/dW_hh comes from each distance, in per cent of the whole.

    Shares are matrices and may point anywhere. Of each, the part along the whole gradient G is
    drawn, <C_k, G> / <G, G>: these numbers add up to 1, and a negative one works against the rest.

    Args:
        shares: what `per_distance` returns, (T, H, H).
        title: the message; without one, what the nearest distances make up.
        farthest: the largest distance to draw; what lies beyond is one bar.

    Raises:
        ValueError: `shares` is not three-dimensional, or its sum is zero.
    """
    shares = np.asarray(shares, dtype=float)
    if shares.ndim != 3 or not np.any(shares.sum(axis=0)):
        raise ValueError(
            f"shares_by_distance got shape {shares.shape}; it draws shares (T, H, H) whose sum is "
            "not zero."
        )
    whole = shares.sum(axis=0)
    parts = np.einsum("kij,ij->k", shares, whole) / np.sum(whole * whole)
    cumulative = np.cumsum(parts)
    near = int(np.argmax(cumulative >= 0.9))
    in_words = "the step itself" if near == 0 else f"distances 0 to {near}"
    title = title or f"{cumulative[near]:.0%} of the gradient comes from {in_words}"
    labels = [str(k) for k in range(min(len(parts), farthest + 1))]
    heights = list(parts[: farthest + 1])
    if len(parts) > farthest + 1:
        labels.append(f"{farthest + 1}+")
        heights.append(float(parts[farthest + 1 :].sum()))
    with style():
        figure = canvas(6.6, 3.6)
        axes = figure.add_subplot()
        axes.bar(range(len(heights)), 100 * np.array(heights), color=BLUE, width=0.7)
        axes.axhline(0, color=GREY, linewidth=0.8)
        axes.set_xticks(range(len(labels)), labels)
        axes.set(
            xlabel="distance k from the loss back to the use of the weight, in steps",
            ylabel="share of $dL/dW_{hh}$ in %",
            title=title,
        )
        listed = ", ".join(
            # Adding 0.0 turns -0.0 into 0.0.
            f"{label}: {round(100 * height, 1) + 0.0:.1f}"
            for label, height in zip(labels, heights, strict=True)
        )
        return finish(
            figure, f"{title}. Bars of the share in per cent for every distance: {listed}."
        )


def loss_curves(curves: Mapping[str, ArrayLike], chance: float, title: str) -> Figure:
    """Losses of several runs against the training step, each a running mean over 10 steps.

    Args:
        curves: the loss at every step, (steps,), by name.
        chance: the loss of a guess that has learned nothing.
        title: the message.

    Raises:
        ValueError: there is no curve, or one has fewer than 10 steps.
    """
    smooth = {
        name: np.convolve(np.asarray(losses, dtype=float), np.full(10, 0.1), mode="valid")
        for name, losses in curves.items()
        if np.size(losses) >= 10
    }
    if not smooth or len(smooth) < len(curves):
        raise ValueError("loss_curves needs at least one curve, each of at least 10 steps.")
    dashes = ("-", "--", "-.", (0, (1, 1)))
    with style():
        figure = canvas(6.6, 4.2)
        axes = figure.add_subplot()
        for k, (name, losses) in enumerate(smooth.items()):
            line: dict[str, Any] = {"color": CYCLE[k % 4], "linestyle": dashes[k % 4]}
            axes.plot(np.arange(10, 10 + losses.size), losses, label=name, linewidth=2, **line)
        axes.axhline(chance, color=GREY, linewidth=1)
        end = max(losses.size for losses in smooth.values()) + 9
        axes.text(end, chance, "chance", color=GREY, ha="right", va="bottom")
        axes.set(xlabel="training step", ylabel="loss in nats", title=title, ylim=(0, None))
        figure.legend(loc="outside lower center", ncols=4, frameon=False)
        ends = "; ".join(f"{name} ends at {losses[-1]:.3g}" for name, losses in smooth.items())
        return finish(
            figure, f"{title}. Loss against training step; chance is {chance:.3g}. {ends}."
        )


def _circle(
    axes: Axes, x: float, y: float, name: str, radius: float, face: str = "#FFF1DC"
) -> None:
    from matplotlib.patches import Circle

    axes.add_patch(Circle((x, y), radius, facecolor=face, edgecolor=INK, linewidth=1.2, zorder=3))
    axes.text(x, y, name, ha="center", va="center", size=13, zorder=4)


def _curved(
    axes: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    colour: str,
    bend: float | None = None,
) -> None:
    """An arrow; with `bend` between the rims of two large circles, and curved."""
    from matplotlib.patches import FancyArrowPatch

    if bend is not None:
        (x0, y0), (x1, y1) = start, end
        length = float(np.hypot(x1 - x0, y1 - y0))
        # A curved arrow leaves its circle above the straight line.
        lift = -1.6 * bend
        along = 0.64 * (x1 - x0) / length, 0.64 * (y1 - y0) / length
        start = x0 + along[0], y0 + along[1] + lift
        end = x1 - along[0], y1 - along[1] + lift
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            color=colour,
            linewidth=2,
            connectionstyle=f"arc3,rad={bend or 0.0}",
            zorder=1,
            **_ARROW,
        )
    )
