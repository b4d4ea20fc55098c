"""The pictures of ps01: small, with a text twin that says what they show."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.image import imread

from course.figures import Figure
from course.figures import sequences as figures

LENGTHS = np.array([2, 7, 3, 5, 4])
SONG = ["so", "la", "K2", "di", "la", "so"]
FIGURES: dict[str, Callable[[], Figure]] = {
    "kinds_of_problems": figures.kinds_of_problems,
    "one_bag": lambda: figures.one_bag(["the dog bit the man", "the man bit the dog"]),
    "window_view": lambda: figures.window_view(SONG, k=2, key=2, title="It misses the key"),
    "accuracy": lambda: figures.accuracy(
        [1, 2, 3], {"bag": [1, 1, 1], "window": [0.3, 1, 0.2]}, 0.25, "position", "It stays"
    ),
    "padded_batches": lambda: figures.padded_batches(
        {"as they come": LENGTHS, "sorted": np.sort(LENGTHS)}, size=2, title="Sorting helps"
    ),
    "one_input_per_layer": figures.one_input_per_layer,
    "one_input_per_layer, full": lambda: figures.one_input_per_layer(T=6, words=6),
    "one_layer_for_all": lambda: figures.one_layer_for_all([5, 3]),
    "layers_trained": lambda: figures.layers_trained(LENGTHS, T=7),
    "parameter_growth": lambda: figures.parameter_growth([12, 24, 36], [12, 12, 12]),
}


@pytest.fixture(scope="module", params=list(FIGURES))
def figure(request: pytest.FixtureRequest) -> Figure:
    return FIGURES[request.param]()


def test_figure_is_a_small_opaque_png_on_white(figure: Figure) -> None:
    assert len(figure.png) < 60_000
    pixels = imread(io.BytesIO(figure.png), format="png")
    assert pixels.shape[2] == 3 or pixels[..., 3].min() == 1
    assert pixels[0, 0, :3].min() == 1
    edges = (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1])
    assert all(edge[..., :3].min() == 1 for edge in edges)  # nothing is cut off
    assert len(figure.alt) > 60


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("kinds_of_problems", "unaligned: first all inputs, then the outputs"),
        ("one_bag", "bit 1, dog 1, man 1, the 2"),
        ("window_view", "word 4 from the end, outside the window"),
        ("accuracy", "window: 1: 0.30, 2: 1.00, 3: 0.20. Chance is 0.25"),
        ("padded_batches", "as they come, 25% of the steps stored are pads; sorted, 9%"),
        ("one_input_per_layer", "Zero stands in for the state before layer 4"),
        ("one_layer_for_all", "3 words, so the layer 3 times, then 2 pads"),
        ("layers_trained", "layer 1: 20.0%"),
        ("parameter_growth", "from 12 to 36; with one shared layer it stays at 12"),
    ],
)
def test_text_twin_says_what_the_picture_shows(name: str, says: str) -> None:
    assert says in FIGURES[name]().alt


def test_figures_refuse_what_they_cannot_draw() -> None:
    with pytest.raises(ValueError, match="have the same words"):
        figures.one_bag(["one two", "one three"])
    with pytest.raises(ValueError, match=r"T = 7 and 2 words; it draws 2 to 6 layers"):
        figures.one_input_per_layer(T=7, words=2)
    with pytest.raises(ValueError, match="the longest first"):
        figures.one_layer_for_all([2, 3])
