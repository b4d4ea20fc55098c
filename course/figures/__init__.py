"""Figures: a picture and its text twin, drawn by functions, one file per chapter.

A figure function takes plain arrays and returns a `Figure`. It draws with matplotlib's objects,
never with `pyplot`, so no state is left behind and nothing is shown twice. Figures know no
chapter: they can be imported while a chapter is still yours to write.
"""

from __future__ import annotations

import base64
import html
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import matplotlib.figure

# Okabe and Ito's colours: told apart with every common kind of colour vision.
BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
CYCLE = (BLUE, ORANGE, GREEN, PURPLE)
INK = "#222222"
GREY = "#767676"

_MARGIN = 0.1  # inches that a title keeps clear, both sides together
_DPI = 144  # one and a half pixels for each CSS pixel: sharp, and still a small file
_STYLE: dict[Any, Any] = {
    "font.size": 12,
    "axes.titlesize": 14,
    "axes.titleweight": "bold",
    "axes.labelsize": 12,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "mathtext.fontset": "cm",
}


@dataclass(frozen=True, repr=False)
class Figure:
    """A PNG and the sentence that says the same; Jupyter shows one, a screen reader the other.

    JupyterLab and nbconvert ignore an `alt` entry in a picture's metadata, so the picture is
    shown as HTML. Where there is no HTML, the sentence is printed.
    """

    png: bytes
    alt: str

    @property
    def width(self) -> int:
        """Width on the page in CSS pixels, read from the PNG's header."""
        return round(int.from_bytes(self.png[16:20], "big") * 96 / _DPI)

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.png).decode("ascii")
        alt = html.escape(self.alt, quote=True)
        return f'<img alt="{alt}" width="{self.width}" src="data:image/png;base64,{data}">'

    def __repr__(self) -> str:
        return self.alt

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(self.alt)

    def save(self, path: str | Path) -> None:
        """Write the PNG."""
        Path(path).write_bytes(self.png)


def canvas(width: float, height: float) -> matplotlib.figure.Figure:
    """An empty matplotlib figure of that many inches, on white so that it also reads on dark."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    figure = Canvas(figsize=(width, height), dpi=_DPI, facecolor="white")
    figure.set_layout_engine("constrained", w_pad=0.1, h_pad=0.1)
    FigureCanvasAgg(figure)
    return figure


def style() -> Any:
    """A context in which axes, fonts and spines look like the rest of the course."""
    import matplotlib

    return matplotlib.rc_context(_STYLE)


def finish(figure: matplotlib.figure.Figure, alt: str) -> Figure:
    """Turn a drawing into bytes. The same drawing gives the same bytes: no date, no version."""
    from PIL import Image  # matplotlib's own way to write a PNG

    # No tight bounding box, which would draw everything twice.
    figure.canvas.draw()
    if _shrink_titles(figure):
        figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())[:, :, :3]  # type: ignore[attr-defined]
    # A palette makes the file three times smaller; nobody can tell 256 colours from all.
    picture = Image.fromarray(np.ascontiguousarray(pixels)).quantize(256, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    picture.save(buffer, format="png", optimize=True)
    return Figure(buffer.getvalue(), alt)


def _shrink_titles(figure: matplotlib.figure.Figure) -> bool:
    """Smaller letters for a title that would be cut at the picture's edge; whether there was one."""
    found = False
    for title in (*(axes.title for axes in figure.axes), *figure.texts):
        box = title.get_window_extent()
        middle = (box.x0 + box.x1) / 2
        room = 2 * min(middle, figure.bbox.width - middle) - figure.dpi * _MARGIN
        if box.width > room > 0:
            title.set_fontsize(title.get_fontsize() * room / box.width)
            found = True
    return found
