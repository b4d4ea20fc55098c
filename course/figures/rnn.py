"""Pictures of the vanilla recurrent network: its shape, its states, its loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from course.figures import BLUE, CYCLE, GREEN, GREY, INK, ORANGE, Figure, canvas, finish, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_IN_WORDS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
_LINE: dict[str, Any] = {
    "arrowstyle": "-|>",
    "mutation_scale": 14,
    "linewidth": 2,
    "shrinkA": 0,
    "shrinkB": 0,
}


def unrolled_network(T: int = 3) -> Figure:
    """The network folded, with its loop, and the same network unrolled over T steps.

    One colour for each weight matrix: where a colour comes back, the same numbers come back.

    Args:
        T: number of steps to draw, 2 to 6.

    Raises:
        ValueError: T is not in that range.
    """
    if T not in _IN_WORDS:
        raise ValueError(f"unrolled_network got T = {T}; it draws 2 to 6 steps.")
    title = f"One cell, {_IN_WORDS[T]} copies, the same weights"
    caption = f"unrolled over {_IN_WORDS[T]} steps"
    first = 3.5  # where h_0 stands; the folded network stands at 0
    step = 1.75
    right = first + step * T + 0.6
    left, bottom, top = -0.9, -2.15, 1.8
    with style():
        figure = canvas(0.92 * (right - left), 0.92 * (top - bottom) + 0.45)
        axes = figure.add_subplot()
        axes.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
        axes.set_axis_off()
        axes.set_title(title)

        _cell(axes, 0, "t")
        _loop(axes)
        axes.text(1.3, 0, "$W_{hh}$", color=ORANGE, ha="center", va="center", size=14)
        axes.text(0, -1.95, "folded", color=GREY, ha="center", va="center")

        _arrow(axes, (1.9, 0), (2.8, 0), GREY)
        axes.text(2.35, 0.2, "unroll", color=GREY, ha="center")

        _node(axes, first, 0, "$h_0$")
        for t in range(1, T + 1):
            at = first + step * t
            _cell(axes, at, str(t))
            _arrow(axes, (at - step + 0.4, 0), (at - 0.4, 0), ORANGE)
            axes.text(at - step / 2, 0.2, "$W_{hh}$", color=ORANGE, ha="center", size=14)
        middle = first + step * (T + 1) / 2
        axes.text(middle, -1.95, caption, color=GREY, ha="center", va="center")
        return finish(
            figure,
            f"{title}. Left, the folded network: input x_t goes "
            "through W_xh into state h_t, the state goes through W_hh back into itself, and "
            f"through W_hy to output y_t. Right, the network {caption}: from h_0 "
            f"the state goes through W_hh from each step to the next, up to h_{T}. Each h_t also "
            "gets x_t through W_xh and gives y_t through W_hy. Each matrix has one colour, and "
            "every step uses the same three.",
        )


def _cell(axes: Axes, at: float, index: str) -> None:
    """One copy: x below, h in the middle, y on top, and the two upright arrows."""
    _node(axes, at, -1.3, f"$x_{index}$", face="#EAEAEA")
    _node(axes, at, 0, f"$h_{index}$")
    _node(axes, at, 1.3, f"$y_{index}$", face="#EAEAEA")
    _arrow(axes, (at, -0.90), (at, -0.40), BLUE)
    _arrow(axes, (at, 0.40), (at, 0.90), GREEN)
    axes.text(at - 0.08, -0.66, "$W_{xh}$", color=BLUE, ha="right", va="center", size=14)
    axes.text(at - 0.08, 0.66, "$W_{hy}$", color=GREEN, ha="right", va="center", size=14)


def _node(axes: Axes, x: float, y: float, name: str, face: str = "#FFF1DC") -> None:
    from matplotlib.patches import Circle

    axes.add_patch(Circle((x, y), 0.34, facecolor=face, edgecolor=INK, linewidth=1.2))
    axes.text(x, y, name, ha="center", va="center_baseline", size=15)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    from matplotlib.patches import FancyArrowPatch

    axes.add_patch(FancyArrowPatch(start, end, color=colour, **_LINE))


def _loop(axes: Axes) -> None:
    """From h back into h, on its right."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    curve = [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]
    path = Path([(0.31, 0.24), (1.2, 0.85), (1.2, -0.85), (0.33, -0.26)], curve)
    axes.add_patch(FancyArrowPatch(path=path, color=ORANGE, fill=False, **_LINE))


def hidden_state_heatmap(h: ArrayLike, title: str | None = None) -> Figure:
    """h_t of one sequence: a row for each unit, a column for each step, white at zero.

    Args:
        h: the states of one sequence, (T, H).
        title: the message; without one, the share of values that tanh has saturated.

    Raises:
        ValueError: `h` is not two-dimensional.
    """
    h = np.asarray(h)
    if h.ndim != 2 or h.size == 0:
        raise ValueError(
            f"hidden_state_heatmap got shape {h.shape}; it draws one sequence, (T, H). "
            "From a batch, pass h[0]."
        )
    T, H = h.shape
    saturated = float(np.mean(np.abs(h) > 0.95))
    title = title or f"{saturated:.0%} of the states are saturated (beyond ±0.95)"
    largest = float(np.max(np.abs(h)))
    limit = max(1.0, largest)  # tanh's own range, so that two pictures can be compared
    with style():
        figure = canvas(6.6, min(6.0, 1.9 + 0.12 * max(H, 8)))
        axes = figure.add_subplot()
        image = axes.imshow(
            h.T,
            cmap="PuOr",
            vmin=-limit,
            vmax=limit,
            aspect="auto",
            interpolation="nearest",
            extent=(0.5, T + 0.5, H + 0.5, 0.5),
        )
        _whole_ticks(axes)
        axes.set(xlabel="step t", ylabel="hidden unit", title=title)
        bar = figure.colorbar(image, ax=axes, ticks=[-limit, 0, limit])
        bar.set_label("state $h_t$")
        bar.outline.set_visible(False)
        busiest = int(np.argmax(np.abs(np.diff(h, axis=0)).sum(axis=0))) + 1
        return finish(
            figure,
            f"{title}. Heat map of {H} hidden units over {T} steps. Values lie between "
            f"{h.min():.2f} and {h.max():.2f}; their mean size is {np.mean(np.abs(h)):.2f}. "
            f"Unit {busiest} changes most from step to step.",
        )


def _whole_ticks(axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))


def loss_curve(
    losses: ArrayLike, baselines: Mapping[str, float] | None = None, title: str | None = None
) -> Figure:
    """log10 of the loss against the step, and the simple guesses it has to beat.

    A linear axis carries the logarithm: it costs a fraction of a logarithmic axis.

    Args:
        losses: one positive loss a step, (steps,).
        baselines: losses to compare with, by name.
        title: the message; without one, how far the loss fell.

    Raises:
        ValueError: there is no loss, or a loss or baseline is not a number above zero.
    """
    losses = np.asarray(losses, dtype=float)
    baselines = dict(baselines or {})
    values = np.append(losses, list(baselines.values()))
    if losses.ndim != 1 or losses.size == 0 or not np.all(np.isfinite(values) & (values > 0)):
        raise ValueError("loss_curve draws logarithms: it needs a list of losses above zero.")
    # Single batches are noisy: what the message says, it says of a mean over the last few.
    window = max(1, losses.size // 50)
    smooth = np.convolve(losses, np.full(window, 1 / window), mode="valid")
    final = float(smooth[-1])
    if baselines:
        best = min(baselines, key=lambda name: baselines[name])
        ratio = baselines[best] / final
        verdict = (
            f"{_round(ratio)} times smaller" if ratio > 1 else f"{_round(1 / ratio)} times larger"
        )
        title = title or f'The loss ends {verdict} than "{best}"'
    title = title or f"The loss falls from {losses[0]:.2g} to {final:.2g}"
    with style():
        figure = canvas(6.6, 4.2)
        axes = figure.add_subplot()
        steps = np.arange(1, losses.size + 1)
        axes.plot(steps, np.log10(losses), color=BLUE, alpha=0.3, linewidth=0.8)
        axes.plot(steps[window - 1 :], np.log10(smooth), color=BLUE, linewidth=2, label="network")
        dashes = ("--", ":", "-.")
        for k, (name, loss) in enumerate(baselines.items()):
            colour = CYCLE[1 + k % (len(CYCLE) - 1)]
            line: dict[str, Any] = {"color": colour, "linestyle": dashes[k % 3], "linewidth": 2}
            axes.axhline(np.log10(loss), label=name, **line)
        _label_with_losses(axes)
        axes.set(xlabel="training step", ylabel="loss (logarithmic)", title=title)
        if baselines:
            figure.legend(loc="outside lower center", ncols=2, frameon=False)
        rows = "".join(f' The guess "{name}" has {loss:.3g}.' for name, loss in baselines.items())
        return finish(
            figure,
            f"{title}. Over {losses.size} training steps the loss goes from {losses[0]:.3g} to "
            f"{final:.3g} (mean of the last {window}).{rows}",
        )


def _round(ratio: float) -> str:
    return f"{ratio:.2g}" if ratio < 10 else f"{ratio:.0f}"


def _label_with_losses(axes: Axes) -> None:
    """Label a linear axis of logarithms with the losses themselves: 1, 2, 5, 10 and so on."""
    low, high = axes.get_ylim()
    powers = range(int(np.floor(low)), int(np.ceil(high)) + 1)
    digits = (1,) if high - low >= 2 else (1, 2, 5)
    ticks = [np.log10(digit) + power for power in powers for digit in digits]
    ticks = [tick for tick in ticks if low <= tick <= high]
    if len(ticks) < 2:  # hardly a change: any values will do
        ticks = list(np.linspace(low, high, 4))
    axes.set_yticks(ticks, [f"{10**tick:.3g}" for tick in ticks])
