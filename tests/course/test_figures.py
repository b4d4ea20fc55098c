"""Every figure is a small PNG with a text twin, and leaves nothing behind."""

from __future__ import annotations

import base64
import html
import io
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

import course
from course.figures import Figure
from course.figures.rnn import hidden_state_heatmap, loss_curve, unrolled_network

ROOT = Path(course.__file__).parents[1]
STATES = np.tanh(np.random.default_rng(0).standard_normal((20, 16)))
LOSSES = np.exp(-np.linspace(0, 5, 500)) + 0.01
FIGURES: dict[str, Callable[[], Figure]] = {
    "unrolled_network": unrolled_network,
    "unrolled_network, longest": lambda: unrolled_network(6),
    "hidden_state_heatmap": lambda: hidden_state_heatmap(STATES),
    "hidden_state_heatmap, one value": lambda: hidden_state_heatmap([[0.5]]),
    "loss_curve": lambda: loss_curve(LOSSES, {"always zero": 0.6, "the last input": 2.7}),
    "loss_curve, bare": lambda: loss_curve([3, 2, 1]),
    "loss_curve, flat": lambda: loss_curve([1, 1, 1]),
}


@pytest.fixture(scope="module", params=list(FIGURES))
def figure(request: pytest.FixtureRequest) -> Figure:
    return FIGURES[request.param]()


def test_figure_is_a_small_opaque_png_on_white(figure: Figure) -> None:
    assert figure.png.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(figure.png) < 60_000
    pixels = imread(io.BytesIO(figure.png), format="png")
    assert pixels.shape[2] == 3 or pixels[..., 3].min() == 1  # no transparency, so dark pages do
    assert pixels[0, 0, :3].min() == 1
    assert pixels.std() > 0.02  # something is drawn


def ink_at_the_edge(png: bytes) -> list[str]:
    """The edges of a picture that something touches: a word is cut there, or all but."""
    pixels = imread(io.BytesIO(png), format="png")[..., :3]
    edges = {"top": pixels[0], "bottom": pixels[-1], "left": pixels[:, 0], "right": pixels[:, -1]}
    return [name for name, edge in edges.items() if edge.min() < 1]


def test_nothing_is_cut_off(figure: Figure) -> None:
    assert not ink_at_the_edge(figure.png)


def test_a_long_title_gets_smaller_letters() -> None:
    for words in (8, 12, 20):
        assert not ink_at_the_edge(loss_curve(LOSSES, title="message " * words).png)


@pytest.mark.parametrize("path", sorted(ROOT.glob("solutions/*/*.ipynb")), ids=lambda p: p.stem)
def test_no_picture_of_a_worksheet_is_cut_off(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    pictures = re.findall(
        r'alt=\\"(.*?)\\" width[^>]*data:image/png;base64,([A-Za-z0-9+/=]+)', text
    )
    assert pictures
    for alt, data in pictures:
        assert not ink_at_the_edge(base64.b64decode(data)), alt


def test_figure_has_a_text_twin_everywhere(figure: Figure) -> None:
    assert len(figure.alt) > 40
    assert repr(figure) == figure.alt
    shown = figure._repr_html_()
    match = re.fullmatch(
        r'<img alt="([^"]+)" width="\d+" src="data:image/png;base64,[A-Za-z0-9+/=]+">', shown
    )
    assert match
    assert html.unescape(match[1]) == figure.alt


def test_ipython_shows_the_picture_or_else_the_words(figure: Figure) -> None:
    formatters = pytest.importorskip("IPython.core.formatters")
    data, _ = formatters.DisplayFormatter().format(figure)
    assert data["text/plain"] == figure.alt
    assert data["text/html"] == figure._repr_html_()


def test_the_same_drawing_gives_the_same_bytes() -> None:
    assert unrolled_network(2).png == unrolled_network(2).png


def test_alt_text_is_escaped() -> None:
    shown = Figure(unrolled_network(2).png, 'a "b" <script> & c')._repr_html_()
    assert 'alt="a &quot;b&quot; &lt;script&gt; &amp; c"' in shown


def test_save_writes_the_png(tmp_path: Path) -> None:
    path = tmp_path / "network.png"
    figure = unrolled_network(2)
    figure.save(path)
    assert path.read_bytes() == figure.png


def test_text_twin_says_what_the_picture_shows() -> None:
    alt = unrolled_network(4).alt
    for word in ("four copies", "W_xh", "W_hh", "W_hy", "h_4"):
        assert word in alt
    alt = loss_curve([4.0, 2.0, 0.5], {"always zero": 2.0, "the last input": 5.0}).alt
    assert alt.startswith('The loss ends 4 times smaller than "always zero".')
    assert "from 4 to 0.5" in alt
    assert 'The guess "the last input" has 5.' in alt
    assert "larger" in loss_curve([4.0, 3.0], {"always zero": 2.0}).alt
    alt = hidden_state_heatmap([[0.99, 0.1], [0.99, -0.2]]).alt
    assert alt.startswith("50% of the states are saturated")
    assert "2 hidden units over 2 steps" in alt
    assert "Unit 2 changes most" in alt


def test_a_title_of_your_own_opens_the_text_twin() -> None:
    assert hidden_state_heatmap(STATES, title="It counts").alt.startswith("It counts. ")
    assert loss_curve(LOSSES, title="It learns").alt.startswith("It learns. ")


@pytest.mark.parametrize("T", [1, 7])
def test_unrolled_network_refuses_what_does_not_fit(T: int) -> None:
    with pytest.raises(ValueError, match="draws 2 to 6 steps"):
        unrolled_network(T)


def test_heatmap_refuses_a_batch() -> None:
    with pytest.raises(ValueError, match=r"one sequence, \(T, H\)\. From a batch, pass h\[0\]"):
        hidden_state_heatmap(STATES[None])


@pytest.mark.parametrize("losses", [[], [1.0, 0.0], [1.0, np.nan], [[1.0]]])
def test_loss_curve_refuses_what_has_no_logarithm(losses: list[float]) -> None:
    with pytest.raises(ValueError, match="losses above zero"):
        loss_curve(losses)


def test_drawing_leaves_no_pyplot_state_and_no_changed_style() -> None:
    program = (
        "import sys, matplotlib\n"
        "before = matplotlib.rcParams.copy()\n"
        "from course.figures.rnn import unrolled_network\n"
        "unrolled_network(2)\n"
        "assert matplotlib.rcParams.copy() == before\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
