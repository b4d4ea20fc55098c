"""Pictures of the LSTM: its cell, the way back through it, the three ways to a weight, its gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from course.figures import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, Figure, canvas, finish, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GATE_COLOURS = {"f": BLUE, "i": ORANGE, "o": PURPLE, "g": GREEN}
_FADED = "#C9C9C9"
_FACE = {"state": "#FFF1DC", "outside": "#EAEAEA", "op": "white"}
_Point = tuple[float, float]

#: Where everything of one cell stands. Time runs to the right; the cell's line is on top.
_PLACES: dict[str, _Point] = {
    "C_before": (0.0, 3.2),
    "keep": (2.1, 3.2),
    "add": (4.3, 3.2),
    "C": (6.0, 3.2),
    "C_on": (9.9, 3.2),
    "f": (2.1, 1.6),
    "i": (3.6, 1.6),
    "let_in": (4.3, 2.4),
    "g": (5.0, 1.6),
    "o": (6.5, 1.6),
    "tanh": (7.7, 2.4),
    "show": (7.7, 1.6),
    "h": (8.9, 1.6),
    "h_on": (9.9, 1.6),
    "h_before": (0.0, 0.0),
    "x": (1.0, -1.1),
}
_NAMES = {
    "C_before": r"$C_{t-1}$",
    "C": "$C_t$",
    "f": "$f_t$",
    "i": "$i_t$",
    "g": "$g_t$",
    "o": "$o_t$",
    "h": "$h_t$",
    "h_before": r"$h_{t-1}$",
    "x": "$x_t$",
    "keep": r"$\times$",
    "let_in": r"$\times$",
    "add": "$+$",
    "show": r"$\times$",
    "tanh": "tanh",
}
_RADIUS = {"keep": 0.2, "let_in": 0.2, "add": 0.2, "show": 0.2, "tanh": 0.3}

#: The arrows that leave no gate's sums aside: (from, to).
_ARROWS = (
    ("C_before", "keep"),
    ("keep", "add"),
    ("add", "C"),
    ("C", "C_on"),
    ("f", "keep"),
    ("i", "let_in"),
    ("g", "let_in"),
    ("let_in", "add"),
    ("C", "tanh"),
    ("tanh", "show"),
    ("o", "show"),
    ("show", "h"),
    ("h", "h_on"),
)
_INTO = {"f": "x", "i": "x", "g": "x", "o": "x"}

#: What each lit way is made of, and the message of its picture.
_WAYS: dict[str, tuple[str, tuple[tuple[str, str], ...], tuple[str, ...]]] = {
    "carry": (
        "Along the cell the gradient meets one factor a step: $f_t$",
        (("C_before", "keep"), ("keep", "add"), ("add", "C"), ("C", "C_on")),
        (),
    ),
    "W_g": (
        "The way back to $W^g$: over the cell, the input gate's product and g",
        (
            ("h", "h_on"),
            ("show", "h"),
            ("tanh", "show"),
            ("C", "tanh"),
            ("C", "C_on"),
            ("add", "C"),
            ("let_in", "add"),
            ("g", "let_in"),
        ),
        ("g",),
    ),
}


def lstm_cell(way: str | None = None) -> Figure:
    """One step of the LSTM as a flow of numbers; with `way`, a way back through it is lit.

    Args:
        way: None for the way forward, "carry" for the way of the gradient along the cell, or
            "W_g" for its way to the candidate's weights.

    Raises:
        ValueError: there is no such way.
    """
    if way is not None and way not in _WAYS:
        raise ValueError(f"lstm_cell got way={way!r}; it lights {' or '.join(map(repr, _WAYS))}.")
    title, lit, into = (
        _WAYS[way] if way else ("The cell is a line that only gates can touch", (), ())
    )
    with style():
        figure, axes = _drawing((-0.6, 10.4), (-1.65, 3.95), title)
        for start, end in _ARROWS:
            if (start, end) in lit:
                _join(axes, end, start, ORANGE, width=3.2)
            else:
                _join(axes, start, end, _FADED if way else INK)
        _sums(axes, {gate: ORANGE if gate in into else _FADED for gate in "fiog"} if way else None)
        for name in _NAMES:
            _node(axes, name)
        return finish(figure, _cell_in_words(way, title))


def _cell_in_words(way: str | None, title: str) -> str:
    plain = title.replace("$", "")
    forward = (
        "x_t and h_{t-1} are the inputs of four layers: the gates f_t, i_t and o_t, by a sigmoid, "
        "and the candidate g_t, by tanh. On top the cell runs from C_{t-1} to C_t: it is multiplied "
        "with f_t, and the product of i_t and g_t is added. Below it h_t is the product of o_t "
        "and tanh of C_t. C_t and h_t go on to the next step."
    )
    lit = {
        None: "",
        "carry": " Lit, from right to left: from the next step to C_t, over the sum and the product "
        "with f_t, to C_{t-1}.",
        "W_g": " Lit, from right to left: what arrives at h_t goes over the product with o_t and tanh to "
        "C_t, where what comes from the next cell is added; then over the sum and the product "
        "with i_t to g_t, and through its tanh to the weights.",
    }
    return f"{plain}. {forward}{lit[way]}"


def lstm_backward_arrows() -> Figure:
    """The cell with every arrow turned, and beside each the factor that it multiplies with."""
    title = "The same cell, read backwards: each arrow multiplies"
    factors: tuple[tuple[str, str, str, _Point, str], ...] = (
        ("h", "o", r"$\tanh C_t$", (0.0, -0.34), PURPLE),
        ("h", "C", r"$o_t\,(1-\tanh^2 C_t)$", (1.3, 0.22), INK),
        ("C", "f", r"$C_{t-1}$", (-0.46, 0.24), BLUE),
        ("C", "i", "$g_t$", (-0.3, 0.1), ORANGE),
        ("C", "g", "$i_t$", (0.28, -0.05), GREEN),
        ("C", "C_before", "$f_t$", (0.0, 0.3), INK),
    )
    places = {
        "C_before": (0.0, 3.2),
        "C": (5.0, 3.2),
        "C_on": (8.6, 3.2),
        "f": (2.0, 1.6),
        "i": (3.5, 1.6),
        "g": (5.0, 1.6),
        "o": (6.5, 1.6),
        "h": (8.6, 1.6),
        "h_on": (9.7, 1.6),
    }
    names = {
        "C_before": r"$dC_{t-1}$",
        "C": "$dC_t$",
        "f": "$df_t$",
        "i": "$di_t$",
        "g": "$dg_t$",
        "o": "$do_t$",
        "h": "$dh_t$",
    }
    slopes = {
        "f": "$f(1-f)$",
        "i": "$i(1-i)$",
        "g": "$1-g^2$",
        "o": "$o(1-o)$",
    }
    with style():
        figure, axes = _drawing((-0.7, 10.1), (-0.75, 3.95), title)
        _arrow(axes, places["C_on"], _edge(places["C"], places["C_on"], 0.4), INK)
        axes.text(7.2, 3.42, "from later", color=GREY, ha="center", size=12)
        _arrow(axes, places["h_on"], _edge(places["h"], places["h_on"], 0.4), INK)
        for start, end, factor, shift, colour in factors:
            a, b = places[start], places[end]
            _arrow(axes, _edge(a, b, 0.4), _edge(b, a, 0.4), colour)
            at = ((a[0] + b[0]) / 2 + shift[0], (a[1] + b[1]) / 2 + shift[1])
            axes.text(*at, factor, color=colour, ha="center", va="center", size=14)
        for gate, slope in slopes.items():
            x, y = places[gate]
            colour = GATE_COLOURS[gate]
            _arrow(axes, (x, y - 0.4), (x, 0.32), colour)
            axes.text(x + 0.1, 0.76, slope, color=colour, ha="left", va="center", size=13)
            axes.text(x, 0.0, f"$da_{gate}$", color=colour, ha="center", va="center", size=16)
        axes.text(0.1, 0.0, "the four sums:", color=GREY, ha="center", va="center")
        for name, label in names.items():
            _circle(axes, places[name], 0.4, label, 13)
        axes.text(4.2, -0.55, r"each $da$ meets $h_{t-1}$ for $dW$, $x_t$ for $dU$, and the "
                  r"weights for $dh_{t-1}$ and $dx_t$", color=GREY, ha="center", va="center")  # fmt: skip
        return finish(
            figure,
            f"{title}. From dh_t an arrow to do_t multiplies with tanh C_t, and one to dC_t with "
            "o_t (1 - tanh^2 C_t). What comes from later steps arrives at dC_t too, unchanged. From "
            "dC_t arrows go to df_t with C_{t-1}, to di_t with g_t, to dg_t with i_t, and to dC_{t-1} with "
            "f_t. Below, df, di, do and dg go on to the sums da, each with its own slope: f (1 - f), "
            "i (1 - i), o (1 - o) and 1 - g^2.",
        )


def ways_to_the_weight() -> Figure:
    """How h_t depends on W^g: now, by the cell before, by the state before."""
    title = "Three ways lead from $h_t$ to $W^g$"
    J, h, C, o = (10.6, 1.2), (8.4, 1.2), (6.0, 2.5), (6.0, -0.1)
    C_before, h_before, W = (2.9, 2.5), (2.9, -0.1), (0.0, 1.2)
    with style():
        figure, axes = _drawing((-0.9, 11.3), (-1.45, 3.95), title)
        _arrow(axes, _edge(J, h, 0.4), _edge(h, J, 0.4), INK)
        _label(axes, J, h, r"$\partial J/\partial h_t$", (0, 0.3), INK)
        _arrow(axes, _edge(h, C, 0.4), _edge(C, h, 0.4), INK)
        _label(axes, h, C, r"$\partial h_t/\partial C_t$", (0.72, 0.3), INK)
        _curve(axes, C, W, 0.42, BLUE, dashed=False)
        axes.text(3.35, 3.5, r"now: $\partial C_t/\partial W^g$", color=BLUE, ha="center", size=14)
        _arrow(axes, _edge(C, C_before, 0.4), _edge(C_before, C, 0.4), ORANGE)
        _label(axes, C, C_before, r"$\partial C_t/\partial C_{t-1}$", (0, -0.32), ORANGE)
        _arrow(axes, _edge(C_before, W, 0.4), _edge(W, C_before, 0.4), ORANGE, dashed=True)
        _label(axes, C_before, W, r"$\mathrm{d}C_{t-1}/\mathrm{d}W^g$", (0.62, -0.42), ORANGE)
        _arrow(axes, _edge(C, h_before, 0.4), _edge(h_before, C, 0.4), GREEN, width=1.6)
        _arrow(axes, _edge(h, o, 0.4), _edge(o, h, 0.4), GREEN, width=1.6)
        _arrow(axes, _edge(o, h_before, 0.4), _edge(h_before, o, 0.4), GREEN, width=1.6)
        axes.text(5.6, -0.95, r"$\partial h_t/\partial h_{t-1}$: through $C_t$ and through $o_t$",
                  color=GREEN, ha="center", va="center", size=14)  # fmt: skip
        _arrow(axes, _edge(h_before, W, 0.4), _edge(W, h_before, 0.4), GREEN, dashed=True)
        _label(axes, h_before, W, r"$\mathrm{d}h_{t-1}/\mathrm{d}W^g$", (-0.35, -0.42), GREEN)
        for at, name, face in (
            (J, "$J$", "outside"),
            (h, "$h_t$", "state"),
            (C, "$C_t$", "state"),
            (o, "$o_t$", "op"),
            (C_before, r"$C_{t-1}$", "state"),
            (h_before, r"$h_{t-1}$", "state"),
            (W, "$W^g$", "outside"),
        ):
            _circle(axes, at, 0.4, name, 15, face)
        axes.text(0.0, -1.1, "dashed: total,\nall history", color=GREY, ha="center", va="center")
        return finish(
            figure,
            f"{title.replace('$', '')}. From J one arrow to h_t. From h_t to C_t, and from C_t two "
            "ways on: at once to W^g, immediate; or to C_{t-1}, and from there by a dashed arrow, total, "
            "to W^g. The third way goes from h_t to h_{t-1}, by C_t and by the output gate o_t, and from "
            "there by a dashed arrow, total, to W^g.",
        )


def gates_over_time(
    f: ArrayLike,
    i: ArrayLike,
    C: ArrayLike,
    target: ArrayLike,
    marks: Sequence[int],
    unit: int = 0,
    title: str | None = None,
) -> Figure:
    """One unit's gates and cell over a sequence, beside what the network has to remember.

    Args:
        f, i: the unit's forget and input gate, (T,).
        C: its cell, (T,). A unit may store what it remembers at any scale and with any sign, so
            the cell is drawn as the straight-line fit of the target by it.
        target: what is to be remembered at each step, (T,).
        marks: steps, counted from 1, at which something new is to be remembered.
        unit: the unit's number, for the axis.
        title: the message; without one, what the gates do at the marks.
    """
    series = [np.asarray(array, dtype=float) for array in (f, i, C, target)]
    f, i, C, target = series
    T = len(target)
    at_mark = np.isin(np.arange(1, T + 1), list(marks))
    means = {
        name: (float(gate[at_mark].mean()), float(gate[~at_mark].mean()))
        for name, gate in (("f", f), ("i", i))
        if at_mark.any() and not at_mark.all()
    }
    if title is None:
        title = "The gates, step by step"
        if means:
            title = f"At a mark f drops to {means['f'][0]:.2f}, elsewhere it is {means['f'][1]:.2f}"
    steps = np.arange(1, T + 1)
    varies = np.ptp(C) > 0 and np.ptp(target) > 0
    correlation = float(np.corrcoef(C, target)[0, 1]) if varies else 0.0
    fitted = np.polyval(np.polyfit(C, target, 1), C) if varies else C
    with style():
        figure = canvas(7.6, 5.4)
        gates, cell = figure.subplots(2, 1, sharex=True)
        for axes in (gates, cell):
            for mark in marks:
                axes.axvspan(mark - 0.5, mark + 0.5, color="#EFEFEF", linewidth=0)
        gates.step(steps, f, where="mid", color=BLUE, linewidth=2, label="forget gate f")
        gates.step(steps, i, where="mid", color=ORANGE, linewidth=2, linestyle="--",
                   label="input gate i")  # fmt: skip
        gates.set(ylim=(-0.05, 1.05), ylabel=f"gates of unit {unit}", title=title)
        cell.step(
            steps, target, where="mid", color=GREY, linewidth=4, alpha=0.5, label="to remember"
        )
        cell.step(steps, fitted, where="mid", color=GREEN, linewidth=2, label="cell C, scaled")
        cell.set(xlabel="step t (shaded: a new value is to be remembered)", ylabel="value",
                 xlim=(0.5, T + 0.5))  # fmt: skip
        handles = [h for axes in (gates, cell) for h in axes.get_legend_handles_labels()[0]]
        figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False)
        told = "".join(
            f" Gate {name} is {there:.2f} on average at marked steps and {else_:.2f} elsewhere."
            for name, (there, else_) in means.items()
        )
        listed = ", ".join(map(str, marks))
        return finish(
            figure,
            f"{title}. Two curves of gates and two of values over {T} steps; marked are {listed}.{told} "
            f"The cell's correlation with what is to be remembered is {correlation:.2f}.",
        )


# Drawing


def _drawing(x: _Point, y: _Point, title: str) -> tuple[Any, Axes]:
    figure = canvas(0.74 * (x[1] - x[0]), 0.74 * (y[1] - y[0]) + 0.45)
    axes = figure.add_subplot()
    axes.set(xlim=x, ylim=y, aspect="equal")
    axes.set_axis_off()
    axes.set_title(title)
    return figure, axes


def _radius(name: str) -> float:
    return _RADIUS.get(name, 0.0 if name.endswith("_on") else 0.36)


def _node(axes: Axes, name: str) -> None:
    face = "outside" if name == "x" else "op" if name in _RADIUS else "state"
    size = 11 if name == "tanh" else 15
    _circle(axes, _PLACES[name], _radius(name), _NAMES[name], size, face,
            GATE_COLOURS.get(name, INK))  # fmt: skip


def _circle(
    axes: Axes,
    at: _Point,
    radius: float,
    name: str,
    size: int,
    face: str = "state",
    edge: str = INK,
) -> None:
    from matplotlib.patches import Circle

    width = 1.2 if edge == INK else 2.2
    axes.add_patch(
        Circle(at, radius, facecolor=_FACE[face], edgecolor=edge, linewidth=width, zorder=3)
    )
    if "{t-1}" in name:
        size -= 2  # or it touches the edge
    axes.text(*at, name, ha="center", va="center_baseline", size=size, zorder=4)


def _join(axes: Axes, start: str, end: str, colour: str, width: float = 1.8) -> None:
    a, b = _PLACES[start], _PLACES[end]
    _arrow(axes, _edge(a, b, _radius(start)), _edge(b, a, _radius(end)), colour, width=width)


def _edge(at: _Point, towards: _Point, radius: float) -> _Point:
    """The point of a circle that looks towards another place."""
    dx, dy = towards[0] - at[0], towards[1] - at[1]
    length = float(np.hypot(dx, dy))
    return at[0] + radius * dx / length, at[1] + radius * dy / length


def _arrow(
    axes: Axes,
    start: _Point,
    end: _Point,
    colour: str,
    width: float = 2.0,
    dashed: bool = False,
) -> None:
    from matplotlib.patches import FancyArrowPatch

    axes.add_patch(
        FancyArrowPatch(start, end, color=colour, linewidth=width, arrowstyle="-|>", shrinkA=0, shrinkB=0,
                        mutation_scale=14, linestyle="--" if dashed else "-",
                        zorder=2 if width > 3 or colour != _FADED else 1)
    )  # fmt: skip


def _curve(axes: Axes, start: _Point, end: _Point, bend: float, colour: str, dashed: bool) -> None:
    from matplotlib.patches import FancyArrowPatch

    axes.add_patch(
        FancyArrowPatch(start, end, color=colour, linewidth=2, arrowstyle="-|>", shrinkA=19, shrinkB=19,
                        mutation_scale=14, linestyle="--" if dashed else "-",
                        connectionstyle=f"arc3,rad={bend}", zorder=2)
    )  # fmt: skip


def _label(axes: Axes, a: _Point, b: _Point, text: str, shift: _Point, colour: str) -> None:
    at = ((a[0] + b[0]) / 2 + shift[0], (a[1] + b[1]) / 2 + shift[1])
    axes.text(*at, text, color=colour, ha="center", va="center", size=14)


def _sums(axes: Axes, colours: Mapping[str, str] | None) -> None:
    """The line of x_t and h_{t-1}, and from it the four layers."""
    faded = colours is not None
    line = _FADED if faded else INK
    last = _PLACES["o"][0]
    axes.plot([0.36, last], [0, 0], color=line, linewidth=1.8, zorder=1)
    axes.plot([1.0, 1.0], [-0.74, 0], color=line, linewidth=1.8, zorder=1)
    for gate, colour in (colours or GATE_COLOURS).items():
        x, y = _PLACES[gate]
        if faded and colour != _FADED:
            _arrow(axes, (x, y - 0.36), (x, 0.0), colour, width=3.2)
        else:
            _arrow(axes, (x, 0.0), (x, y - 0.36), colour)
        squash = "tanh" if gate == "g" else r"$\sigma$"
        axes.text(x + 0.12, 0.8, squash, color=colour, ha="left", va="center", size=13)
        text = f"$U^{gate}, W^{gate}$"
        axes.text(x, -0.3, text, color=colour, ha="center", va="center", size=13)
