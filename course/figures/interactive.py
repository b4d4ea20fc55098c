"""Figures with a slider: plain SVG and a page of JavaScript, no library and no network.

    norms = {"tanh": [[...], [...]], "ReLU": [[...], [...]]}     # a row for each position
    slider(["Gradients vanish", "Gradients stay"], [0.5, 1.0], "spectral radius of W_hh",
           norms, "distance k (steps)", "norm of dL/dh", log_y=True)

Everything is computed beforehand: for every position of the slider, a title with the message and
one curve by each name. They are drawn into one SVG, a group for each position, and that SVG is
the source of an ordinary `<img>` whose alt text says the same. Where scripts run (JupyterLab,
nbconvert's pages), the picture's `onload` puts the SVG itself and a slider in its place; it needs
no ids, so copies of a figure do not clash. Where they do not run, and where a page is stripped of
them, as a graded notebook and the feedback on it are, the picture stays as it starts.
"""

from __future__ import annotations

import html
import importlib.resources
import textwrap
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.figures import CYCLE, GREY, INK

WIDTH = 634  # CSS pixels, as wide as the other figures
_PLOT_HEIGHT = 270
_RIGHT = 24
_FINE = 10  # curves are drawn in tenths of a pixel, which is more than anyone sees
_DASHES = ((), (8, 4), (2, 4), (10, 4, 2, 4))  # beside colour, a second way to tell curves apart
_SCRIPT = "".join(
    line.strip() + "\n"
    for line in importlib.resources.files("course.figures")
    .joinpath("interactive.js")
    .read_text(encoding="utf-8")
    .splitlines()
    if not line.strip().startswith("//")
)
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

_Points = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Interactive:
    """An SVG with a group for each position of a slider, and the sentence of the one it starts at."""

    svg: str
    alt: str
    height: int

    def _repr_html_(self) -> str:
        # Between double quotes; what could end them, or open a tag, is percent-encoded.
        source = urllib.parse.quote(self.svg, safe=" !$'()*+,-./:;=?@[]_~|")
        return (
            f'<img alt="{html.escape(self.alt)}" width="{WIDTH}" height="{self.height}" '
            f'style="max-width:100%;height:auto" src="data:image/svg+xml;charset=utf-8,{source}" '
            f'onload="{html.escape(_SCRIPT)}">'
        )

    def __repr__(self) -> str:
        return self.alt

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(self.alt)

    def save(self, path: str | Path) -> None:
        """Write the SVG, which shows the position it starts at wherever it is opened."""
        Path(path).write_text(self.svg, encoding="utf-8")


def slider(
    titles: Sequence[str],
    values: Sequence[float | str],
    label: str,
    curves: Mapping[str, ArrayLike],
    x_label: str,
    y_label: str,
    *,
    x: ArrayLike | None = None,
    start: int = 0,
    log_y: bool = False,
    y_limits: tuple[float, float] | None = None,
) -> Interactive:
    """Line plots that a slider leads through; axes stay put, so that positions can be compared.

    Args:
        titles: the message of each position, (P,).
        values: what the slider stands at, (P,); numbers are shown with three digits.
        label: what the values are, with their unit.
        curves: by name, what to draw: (P, K), a row for each position. What is not finite, or not
            above zero on a logarithmic axis, leaves a gap. Four curves at most.
        x_label, y_label: of the axes, with their units.
        x: where the curves' points lie, (K,); without it 0, 1, ..., K - 1.
        start: the position that is shown first, and the only one where no script runs.
        log_y: draw the logarithm; the axis is labelled with powers of ten.
        y_limits: the range of y; without it that of all curves. What is outside is cut off.

    Returns:
        A figure that Jupyter shows; its text twin tells where each curve begins and ends.

    Raises:
        ValueError: numbers of titles, values and rows differ, or there is nothing to draw.
    """
    P = len(values)
    drawn = {name: _drawn(rows, log_y) for name, rows in curves.items()}
    if not 1 <= len(drawn) <= len(CYCLE):
        raise ValueError(f"slider got {len(drawn)} curves; it draws 1 to {len(CYCLE)}.")
    K = next(iter(drawn.values())).shape[1]
    at = np.arange(K, dtype=float) if x is None else np.asarray(x, dtype=float)
    if len(titles) != P or not 0 <= start < P:
        raise ValueError(
            f"slider got {len(titles)} titles for {P} values, and starts at {start}. "
            "Every value needs a title, and the start is the index of one of them."
        )
    for name, rows in drawn.items():
        if rows.shape != (P, len(at)):
            raise ValueError(
                f"slider got the curve {name!r} of shape {rows.shape}; it must be (P, K) = "
                f"({P}, {len(at)}): a row for each position, a column for each x."
            )
    shown = [v if isinstance(v, str) else f"{v:.3g}" for v in values]
    alts = [
        f"{title}. {label}: {value}. " + _ends(drawn, position, at, x_label, y_label)
        for position, (title, value) in enumerate(zip(titles, shown, strict=True))
    ]
    axes = _Axes(drawn, at, log_y, y_limits, title_lines=max(len(_wrap(t)) for t in titles))
    groups = [
        f"<g data-value='{_escape(value)}' data-title='{_escape(title)}' data-alt='{_escape(alt)}' "
        f"display='{'inline' if position == start else 'none'}'>"
        f"{_title(title)}{axes.paths([rows[position] for rows in drawn.values()])}</g>"
        for position, (value, title, alt) in enumerate(zip(shown, titles, alts, strict=True))
    ]
    legend, height = _legend(list(drawn), axes.bottom + 62)
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' width='{WIDTH}' "
        f"height='{height}' role='img' aria-label='{_escape(alts[start])}' "
        f"data-label='{_escape(label)}' data-start='{start}' fill='{INK}' font-size='15' "
        "font-family='system-ui, DejaVu Sans, Arial, sans-serif'>"
        f"<rect width='{WIDTH}' height='{height}' fill='#fff'/>"
        f"{axes.frame(x_label, y_label)}{legend}{''.join(groups)}</svg>"
    )
    return Interactive(svg, f"{alts[start]} One of {P} positions of a slider.", height)


def _drawn(rows: ArrayLike, log_y: bool) -> _Points:
    """Numbers, and nan for what cannot be drawn."""
    y = np.atleast_2d(np.asarray(rows, dtype=float))
    return np.where(np.isfinite(y) & (y > 0 if log_y else True), y, np.nan)


class _Axes:
    """From data to pixels, and the ticks between them."""

    def __init__(
        self,
        curves: Mapping[str, _Points],
        x: _Points,
        log_y: bool,
        y_limits: tuple[float, float] | None,
        title_lines: int,
    ) -> None:
        from matplotlib.ticker import MaxNLocator

        self.x, self.log_y = x, log_y
        y = self._scale(np.concatenate([rows.ravel() for rows in curves.values()]))
        y = y[np.isfinite(y)]
        if y.size == 0 or not np.all(np.isfinite(x)):
            raise ValueError("slider got nothing to draw: it needs finite numbers.")
        low, high = (y.min(), y.max()) if y_limits is None else self._scale(np.array(y_limits))
        if y_limits is None:
            room = 0.04 * (high - low) or 0.5
            low, high = low - room, high + room
        self.low, self.high = float(low), float(high)
        self.first, self.last = float(x.min()), float(x.max())
        if self.first == self.last:
            self.first, self.last = self.first - 0.5, self.last + 0.5
        steps = [1, 2, 5, 10]
        self.x_ticks = _within(MaxNLocator(8, steps=steps), self.first, self.last)
        ticks = MaxNLocator(8, steps=[1, 2, 3, 5, 10] if log_y else steps, integer=log_y)
        self.y_ticks = _within(ticks, self.low, self.high)
        self.y_words = [self._tick(tick) for tick in self.y_ticks]
        self.left = round(44 + 8.5 * max(map(len, self.y_words), default=0))
        self.top = 22 + 24 * title_lines
        self.right, self.bottom = WIDTH - _RIGHT, self.top + _PLOT_HEIGHT

    def _scale(self, y: _Points) -> _Points:
        return np.log10(y) if self.log_y else y

    def _tick(self, tick: float) -> str:
        if self.log_y:
            return "10" + f"{tick:.0f}".translate(_SUPERSCRIPTS)
        return f"{tick:.4g}".replace("-", "−")

    def _across(self, x: _Points) -> _Points:
        return (x - self.first) / (self.last - self.first) * (self.right - self.left)

    def _down(self, y: _Points) -> _Points:
        return (self.high - y) / (self.high - self.low) * _PLOT_HEIGHT

    def frame(self, x_label: str, y_label: str) -> str:
        """Both axes with ticks and labels."""
        left, right, top, bottom = self.left, self.right, self.top, self.bottom
        parts = [f"<path fill='none' stroke='{GREY}' d='M{left} {top}V{bottom}H{right}"]
        across = self._across(np.array(self.x_ticks)) + left
        down = self._down(np.array(self.y_ticks)) + top
        parts += [f"M{i:.1f} {bottom}v5" for i in across]
        parts += [f"M{left} {j:.1f}h-5" for j in down]
        parts.append("'/>")
        for i, tick in zip(across, self.x_ticks, strict=True):
            words = f"{tick:.4g}".replace("-", "−")
            parts.append(_text(words, i, bottom + 21, "text-anchor='middle'"))
        for j, words in zip(down, self.y_words, strict=True):
            parts.append(_text(words, left - 9, j + 5, "text-anchor='end'"))
        middle = (top + bottom) / 2
        turned = f"text-anchor='middle' transform='rotate(-90 18 {middle:.1f})'"
        parts.append(_text(y_label, 18, middle, turned))
        parts.append(_text(x_label, (left + right) / 2, bottom + 44, "text-anchor='middle'"))
        return "".join(parts)

    def paths(self, rows: Sequence[_Points]) -> str:
        """The curves of one position. The inner SVG cuts off what lies outside the axes."""
        width = self.right - self.left
        lines = [
            f"<path d='{self._path(row)}' {_line(number, _FINE)}/>"
            for number, row in enumerate(rows)
        ]
        return (
            f"<svg x='{self.left}' y='{self.top}' width='{width}' height='{_PLOT_HEIGHT}' "
            f"viewBox='0 0 {width * _FINE} {_PLOT_HEIGHT * _FINE}' overflow='hidden'>"
            f"{''.join(lines)}</svg>"
        )

    def _path(self, row: _Points) -> str:
        """Whole numbers, each point as seen from the one before: half the length of a plain list."""
        # Far outside is as good as outside, and shorter.
        down = np.clip(self._down(self._scale(row)), -_PLOT_HEIGHT, 2 * _PLOT_HEIGHT)
        points = np.round(_FINE * np.stack([self._across(self.x), down], axis=1))
        parts, before = [], None
        for point in points:
            if not np.isfinite(point).all():
                before = None
                continue
            i, j = (point if before is None else point - before) + 0.0  # no minus zero
            parts.append(f"{'M' if before is None else 'l'}{i:.0f} {j:.0f}")
            before = point
        return "".join(parts).replace(" -", "-")


def _within(locator: Any, low: float, high: float) -> list[float]:
    slack = 1e-9 * (high - low)
    return [float(t) for t in locator.tick_values(low, high) if low - slack <= t <= high + slack]


def _short(number: float) -> str:
    """A place in pixels, without digits that say nothing."""
    return f"{number:.1f}".removesuffix(".0")


def _line(number: int, scale: int = 1) -> str:
    dashes = " ".join(str(scale * length) for length in _DASHES[number])
    return (
        f"fill='none' stroke='{CYCLE[number]}' stroke-width='{scale * 2.5:g}' stroke-linejoin='round'"
        + (f" stroke-dasharray='{dashes}'" if dashes else "")
    )


def _legend(names: Sequence[str], top: int) -> tuple[str, int]:
    """A sample of each line with its name, in centred rows; and where the picture ends."""
    widths = [round(62 + 8.2 * len(name)) for name in names]
    rows: list[list[int]] = [[]]
    for number, width in enumerate(widths):
        if rows[-1] and sum(widths[n] for n in rows[-1]) + width > WIDTH - 20:
            rows.append([])
        rows[-1].append(number)
    parts = []
    for r, row in enumerate(rows):
        i, j = (WIDTH - sum(widths[n] for n in row)) / 2, top + 24 * r
        for number in row:
            parts.append(f"<path d='M{_short(i)} {j + 6}h34' {_line(number)}/>")
            parts.append(_text(names[number], i + 42, j + 11))
            i += widths[number]
    return "".join(parts), top + 24 * len(rows) + 6


def _title(title: str) -> str:
    bold = "font-size='18' font-weight='bold' text-anchor='middle'"
    lines = enumerate(_wrap(title))
    return "".join(_text(line, WIDTH / 2, 28 + 24 * number, bold) for number, line in lines)


def _wrap(title: str) -> list[str]:
    return textwrap.wrap(title, 58) or [""]


def _text(words: str, x: float, y: float, attributes: str = "") -> str:
    return f"<text x='{_short(x)}' y='{_short(y)}' {attributes}>{_escape(words)}</text>"


def _escape(words: str) -> str:
    return html.escape(words, quote=True)


def _ends(
    curves: Mapping[str, _Points], position: int, x: _Points, x_label: str, y_label: str
) -> str:
    """Where each curve begins and ends, in words."""
    told = []
    for name, rows in curves.items():
        finite = np.flatnonzero(np.isfinite(rows[position]))
        if not finite.size:
            told.append(f"{name} has no values")
            continue
        first, last = finite[0], finite[-1]
        told.append(
            f"{name} goes from {rows[position, first]:.2g} at {x[first]:.4g} "
            f"to {rows[position, last]:.2g} at {x[last]:.4g}"
        )
    return f"{y_label} against {x_label}: {'; '.join(told)}."
