"""Pictures of gradients on their way back: their path, their size, and what bounds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.figures import BLUE, CYCLE, GREEN, GREY, INK, ORANGE, Figure, canvas, finish, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DASHES = ("-", "--", "-.", ":", (0, (8, 2, 1, 2, 1, 2)))
_COLOURS = (*CYCLE, INK)
_Numbers = NDArray[np.float64]


def gradient_path(steps: int = 3) -> Figure:
    """The last states of a network: forward in blue, and the gradient on its way back in orange.

    Args:
        steps: how many steps back to draw, 2 to 4.

    Raises:
        ValueError: `steps` is not in that range.
    """
    if not 2 <= steps <= 4:
        raise ValueError(f"gradient_path got steps = {steps}; it draws 2 to 4.")
    from matplotlib.patches import Circle, FancyArrowPatch

    title = "One step back, one more factor"
    wide = 2.3

    def index(k: int) -> str:
        return "T" if k == 0 else f"T-{k}"

    with style():
        figure = canvas(2.2 + 1.55 * steps, 2.6)
        axes = figure.add_subplot()
        axes.set(xlim=(-0.7, wide * steps + 2.3), ylim=(-1.5, 1.25), aspect="equal")
        axes.set_axis_off()
        axes.set_title(title)

        def arrow(
            start: tuple[float, float], end: tuple[float, float], colour: str, bend: float
        ) -> None:
            axes.add_patch(
                FancyArrowPatch(
                    start,
                    end,
                    color=colour,
                    arrowstyle="-|>",
                    mutation_scale=14,
                    linewidth=2,
                    connectionstyle=f"arc3,rad={bend}",
                    shrinkA=0,
                    shrinkB=0,
                )
            )

        for k in range(steps, -1, -1):
            at = wide * (steps - k)
            face = "#FFF1DC"
            axes.add_patch(Circle((at, 0), 0.5, facecolor=face, edgecolor=INK, linewidth=1.2))
            axes.text(at, 0, f"$h_{{{index(k)}}}$", ha="center", va="center_baseline", size=15)
            if k == 0:
                break
            arrow((at + 0.42, 0.3), (at + wide - 0.42, 0.3), BLUE, -0.25)
            arrow((at + wide - 0.42, -0.3), (at + 0.42, -0.3), ORANGE, -0.25)
            axes.text(
                at + wide / 2,
                0.78,
                r"$\tanh(\cdots + h\,W_{hh})$",
                color=BLUE,
                ha="center",
                va="center",
                size=12,
            )
            axes.text(
                at + wide / 2,
                -0.85,
                f"$J_{{{index(k - 1)}}}$",
                color=ORANGE,
                ha="center",
                va="center",
                size=15,
            )
        end = wide * steps
        arrow((end + 1.45, 0), (end + 0.5, 0), ORANGE, 0)
        axes.text(end + 1.5, 0, "loss", ha="left", va="center", color=ORANGE, size=13)
        axes.text(
            wide * steps / 2,
            -1.35,
            f"at $h_{{{index(steps)}}}$ arrives   "
            + r"$\partial L/\partial h_T\;"
            + r"\,".join(f"J_{{{index(k)}}}" for k in range(steps))
            + "$",
            ha="center",
            va="center",
            size=14,
        )
        states = ", ".join(f"h_{index(k)}" for k in range(steps, -1, -1))
        factors = " ".join(f"J_{index(k)}" for k in range(steps))
        return finish(
            figure,
            f"{title}. The states {states} in a row, and the loss behind the last. Forward arrows "
            "lead from each state to the next, through W_hh and tanh. A backward arrow leads "
            "from the loss to h_T, and one from each state to the state before, with the factor J "
            f"of the later state. At h_{index(steps)} arrives dL/dh_T {factors}.",
        )


def norms_by_distance(
    curves: Mapping[str, ArrayLike], title: str, quantity: str = "norm of dL/dh"
) -> Figure:
    """Sizes of gradients against the distance they have travelled, in powers of ten.

    Args:
        curves: by name, the norms at distances 0, 1, 2, ..., (K + 1,); five at most.
            What is zero or not finite leaves a gap.
        title: the message.
        quantity: what the sizes are of.

    Raises:
        ValueError: there is no curve, or more than five, or one has nothing to draw.
    """
    drawn = {name: _logs(curve, name) for name, curve in curves.items()}
    if not 1 <= len(drawn) <= len(_COLOURS):
        raise ValueError(f"norms_by_distance got {len(drawn)} curves; it draws 1 to 5.")
    with style():
        figure = canvas(6.6, 4.3)
        axes = figure.add_subplot()
        for k, (name, logs) in enumerate(drawn.items()):
            axes.plot(logs, color=_COLOURS[k], linestyle=_DASHES[k], linewidth=2, label=name)
        axes.axhline(0, color=GREY, linewidth=0.8, zorder=0)
        _powers_of_ten(axes)
        axes.set(xlabel="distance k (steps back)", ylabel=quantity, title=title)
        axes.set_xlim(0, max(len(logs) for logs in drawn.values()) - 1)
        columns = 3 if max(map(len, drawn)) <= 14 and len(drawn) != 4 else 2
        figure.legend(loc="outside lower center", ncols=columns, frameon=False)
        ends = "".join(f" {name}: {_ends(logs)}." for name, logs in drawn.items())
        return finish(figure, f"{title}. {quantity} against the distance in steps.{ends}")


def _logs(curve: ArrayLike, name: str) -> _Numbers:
    values = np.asarray(curve, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs: _Numbers = np.log10(values)
    logs[~np.isfinite(logs)] = np.nan
    if values.ndim != 1 or np.all(np.isnan(logs)):
        raise ValueError(
            f"{name!r} has no numbers above zero to draw; it must be one row of norms."
        )
    return logs


def _ends(logs: _Numbers) -> str:
    (known,) = np.nonzero(~np.isnan(logs))
    first, last = known[0], known[-1]
    middle = (first + last) // 2
    parts = [f"{10.0 ** logs[k]:.2g} at {k}" for k in dict.fromkeys((first, middle, last))]
    return ", ".join(parts)


def _powers_of_ten(axes: Axes) -> None:
    """Label a linear axis of logarithms with powers of ten, at most eight of them."""
    low, high = axes.get_ylim()
    if high - low < 2:  # too little for powers alone
        low, high = (low + high) / 2 - 1, (low + high) / 2 + 1
        axes.set_ylim(low, high)
    every = next(n for n in (1, 2, 5, 10, 20, 50, 100, 200) if (high - low) / n <= 8)
    ticks = range(int(np.ceil(low / every)) * every, int(np.floor(high)) + 1, every)
    axes.set_yticks(list(ticks), [f"$10^{{{tick}}}$" for tick in ticks])


def matrix_powers(W: ArrayLike, steps: int = 100, title: str | None = None) -> Figure:
    """The largest singular value of W^k against k, between what eigenvalue and first step promise.

    Args:
        W: (H, H).
        steps: the largest power.
        title: the message; without one, the largest power and the spectral radius.

    Raises:
        ValueError: W is not a square matrix.
    """
    W = np.asarray(W, dtype=float)
    if W.ndim != 2 or W.shape[0] != W.shape[1]:
        raise ValueError(f"matrix_powers got shape {W.shape}; it needs a square matrix.")
    radius = float(np.max(np.abs(np.linalg.eigvals(W))))
    sizes, power = [], np.eye(len(W))
    for _ in range(steps + 1):
        sizes.append(float(np.linalg.norm(power, 2)))
        power = power @ W
    largest = int(np.argmax(sizes))
    title = title or (
        f"Spectral radius {radius:.2g}, and yet {sizes[largest]:.3g} at power {largest}"
        if largest
        else f"Spectral radius {radius:.2g}: no power is larger than 1"
    )
    k = np.arange(steps + 1)
    with style():
        figure = canvas(6.6, 4.2)
        axes = figure.add_subplot()
        with np.errstate(divide="ignore"):
            logs = np.log10(sizes)
        floor = max(np.min(logs[np.isfinite(logs)]) - 2.0, -12.0)
        axes.plot(k, logs, color=BLUE, linewidth=2.5, label="largest singular value of $W^k$")
        if radius > 0:
            axes.plot(
                k,
                k * np.log10(radius),
                color=ORANGE,
                linestyle="--",
                linewidth=2,
                label="(spectral radius)$^k$",
            )
        if sizes[1] > 0:
            axes.plot(
                k,
                k * np.log10(sizes[1]),
                color=GREEN,
                linestyle=":",
                linewidth=2,
                label="(largest singular value of W)$^k$",
            )
        top = max(np.max(logs), 0.0) + 1.0
        axes.set_ylim(floor - 0.3, top)
        axes.axhline(0, color=GREY, linewidth=0.8, zorder=0)
        _powers_of_ten(axes)
        axes.set(xlabel="power k", ylabel="size", title=title, xlim=(0, steps))
        axes.legend(loc="upper right", frameon=False)
        return finish(
            figure,
            f"{title}. The largest singular value of W^k is {sizes[1]:.3g} at k = 1, "
            f"{sizes[largest]:.3g} at its largest, k = {largest}, and {sizes[-1]:.2g} at k = "
            f"{steps}. In the end it falls or grows by the factor {radius:.3g} a step, the spectral "
            f"radius; the first step's factor, {sizes[1]:.3g}, is only a bound.",
        )


def three_slopes(
    a: ArrayLike, tanh: ArrayLike, sigmoid: ArrayLike, relu: ArrayLike, title: str | None = None
) -> Figure:
    """The derivatives of three activations against the sum that they are given.

    Args:
        a: the sums, (K,), in order.
        tanh, sigmoid, relu: the slopes there, (K,).
        title: the message; without one, the largest slopes.
    """
    a = np.asarray(a, dtype=float)
    named = {"tanh": tanh, "sigmoid": sigmoid, "ReLU": relu}
    slopes = {name: np.asarray(slope, dtype=float) for name, slope in named.items()}
    largest = {name: float(slope.max()) for name, slope in slopes.items()}
    title = title or (
        "Largest slopes: " + ", ".join(f"{name} {top:.2g}" for name, top in largest.items())
    )
    with style():
        figure = canvas(6.6, 3.6)
        axes = figure.add_subplot()
        for k, (name, slope) in enumerate(slopes.items()):
            axes.plot(a, slope, color=CYCLE[k], linestyle=_DASHES[k], linewidth=2.5, label=name)
        axes.set(xlabel="sum a", ylabel="slope", title=title, ylim=(-0.05, 1.1))
        axes.legend(loc="upper left", frameon=False)
        ends = "; ".join(
            f"{name} {slope[0]:.2g} at a = {a[0]:g}, at most {largest[name]:.2g}, "
            f"{slope[-1]:.2g} at a = {a[-1]:g}"
            for name, slope in slopes.items()
        )
        return finish(figure, f"{title}. Slopes of three activations: {ends}.")


def clipping(gradients: ArrayLike, by_value: ArrayLike, by_norm: ArrayLike, limit: float) -> Figure:
    """The same gradients clipped in two ways: number by number, and by their length.

    Args:
        gradients: gradients of two numbers each, (K, 2).
        by_value, by_norm: what becomes of each, (K, 2).
        limit: of both.
    """
    from matplotlib.patches import Circle, Rectangle

    g = np.asarray(gradients, dtype=float)
    both = {"each number by itself": by_value, "the whole by its norm": by_norm}
    clipped = {name: np.asarray(new, dtype=float) for name, new in both.items()}
    turned = {name: _largest_angle(g, new) for name, new in clipped.items()}
    first, second = turned.values()
    title = f"By value turns a gradient by up to {first:.0f}°, by norm by {second:.0f}°"
    reach = 1.1 * float(np.max(np.abs(g)))
    with style():
        figure = canvas(6.8, 4.3)
        figure.suptitle(title, fontsize=14, fontweight="bold")
        for axes, (name, new), colour in zip(
            figure.subplots(1, 2, sharey=True), clipped.items(), (BLUE, ORANGE), strict=True
        ):
            bound: Any = {"facecolor": "#EFEFEF", "edgecolor": GREY, "zorder": 0}
            axes.add_patch(
                Rectangle((-limit, -limit), 2 * limit, 2 * limit, **bound)
                if colour == BLUE
                else Circle((0, 0), limit, **bound)
            )
            zero = np.zeros(len(g))
            arrow: Any = {"angles": "xy", "scale_units": "xy", "scale": 1}
            axes.quiver(zero, zero, *g.T, color="#BBBBBB", width=0.008, **arrow)
            axes.quiver(zero, zero, *new.T, color=colour, width=0.014, **arrow)
            axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
            axes.set_title(name, fontsize=12, fontweight="normal")
            axes.set_xlabel("first number of g")
        figure.axes[0].set_ylabel("second number of g")
        return finish(
            figure,
            f"{title}. {len(g)} gradients of two numbers as grey arrows, and what clipping leaves of "
            f"them in colour. Left, each number is kept within ±{limit:g}: the arrows end in a "
            f"square. Right, the length is kept within {limit:g}: they end in a circle, "
            "and point where they did.",
        )


def _largest_angle(g: _Numbers, new: _Numbers) -> float:
    """In degrees, between each gradient and what became of it."""
    turned = np.arctan2(g[:, 0] * new[:, 1] - g[:, 1] * new[:, 0], (g * new).sum(axis=1))
    return float(np.max(np.abs(np.degrees(turned))))


def training_runs(
    losses: Mapping[str, ArrayLike], baseline: float | None = None, title: str = ""
) -> Figure:
    """log10 of the loss of several runs; one that stops being a number ends in a cross.

    Args:
        losses: by name, the loss at each step; from the first that is not finite on, the run is over.
        baseline: the loss of the best constant guess.
        title: the message.
    """
    with style():
        figure = canvas(6.6, 4.0)
        axes = figure.add_subplot()
        said = []
        for k, (name, run) in enumerate(losses.items()):
            values = np.asarray(run, dtype=float)
            bad = np.nonzero(~np.isfinite(values))[0]
            end = int(bad[0]) if len(bad) else len(values)
            steps = np.arange(1, end + 1)
            colour = _COLOURS[k]
            axes.plot(
                steps,
                np.log10(values[:end]),
                color=colour,
                linestyle=_DASHES[k],
                linewidth=1.8,
                label=name,
            )
            if len(bad):
                axes.plot(
                    end, np.log10(values[end - 1]), "X", color=colour, markersize=12, clip_on=False
                )
                axes.annotate(
                    f"not a number from step {end + 1} on",
                    (end, np.log10(values[end - 1])),
                    xytext=(60, -4),
                    textcoords="offset points",
                    va="center",
                    color=colour,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 3},
                    arrowprops={"arrowstyle": "-", "color": colour, "shrinkB": 6},
                )
                said.append(f"{name} is not a finite number from step {end + 1} on")
            else:
                said.append(f"{name} goes from {values[0]:.3g} to {values[-1]:.3g}")
        if baseline is not None:
            axes.axhline(
                np.log10(baseline), color=GREEN, linestyle=":", linewidth=2, label="constant guess"
            )
            said.append(f"a constant guess has {baseline:.3g}")
        _powers_of_ten(axes)
        axes.set(xlabel="training step", ylabel="loss (logarithmic)", title=title)
        figure.legend(loc="outside lower center", ncols=3, frameon=False)
        return finish(figure, f"{title}. Loss against the training step: {'; '.join(said)}.")
