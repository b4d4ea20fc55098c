"""The pictures of backpropagation say in words what they show."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.image import imread

from course.figures import Figure
from course.figures.backprop import (
    errors_by_eps,
    gradient_paths,
    loss_curves,
    shares_by_distance,
    two_ways_back,
)

SHARES = 0.5 ** np.arange(20)[:, None, None] * np.ones((20, 3, 3))
CURVES = {"short": np.linspace(1.4, 1.2, 60), "long": np.linspace(1.4, 0.1, 60)}
ERRORS = {"fine": [1e-2, 1e-4, 1e-6], "coarse": [1e-2, 1e-3, 1e-1]}
FIGURES: dict[str, Callable[[], Figure]] = {
    "two_ways_back": two_ways_back,
    "errors_by_eps": lambda: errors_by_eps([0.1, 0.01, 0.001], ERRORS, "Smaller is not better"),
    "gradient_paths": gradient_paths,
    "gradient_paths, shortest": lambda: gradient_paths(2),
    "gradient_paths, longest": lambda: gradient_paths(6),
    "gradient_paths, cut": lambda: gradient_paths(6, window=2),
    "shares_by_distance": lambda: shares_by_distance(SHARES),
    "shares_by_distance, one": lambda: shares_by_distance(SHARES[:1]),
    "loss_curves": lambda: loss_curves(CURVES, 1.386, "Long is better"),
}


@pytest.fixture(scope="module", params=list(FIGURES))
def figure(request: pytest.FixtureRequest) -> Figure:
    return FIGURES[request.param]()


def test_a_figure_is_small_and_nothing_is_cut_off(figure: Figure) -> None:
    assert len(figure.png) < 60_000
    pixels = imread(io.BytesIO(figure.png), format="png")[..., :3]
    for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
        assert edge.min() == 1
    assert pixels.std() > 0.02


def test_a_figure_has_a_text_twin(figure: Figure) -> None:
    assert len(figure.alt) > 60
    assert figure.alt.endswith(".")


def test_two_ways_back_tells_the_sum() -> None:
    assert "delta_x = 5 + 2 = 7" in two_ways_back().alt


def test_errors_by_eps_tells_what_is_best() -> None:
    said = FIGURES["errors_by_eps"]().alt
    assert "fine is best at eps = 1e-03, with an error of 1e-06" in said
    assert "coarse is best at eps = 1e-02, with an error of 1e-03" in said


def test_gradient_paths_tells_where_the_way_back_is_cut() -> None:
    assert "down to h_0" in gradient_paths(4).alt
    assert gradient_paths(4, window=4).alt == gradient_paths(4).alt
    assert "between steps 2 and 3 and 4 and 5" in gradient_paths(6, window=2).alt


def test_shares_are_told_in_per_cent_and_add_up() -> None:
    said = shares_by_distance(SHARES).alt
    assert said.startswith("94% of the gradient comes from distances 0 to 3.")
    numbers = [float(n) for n in re.findall(r": (-?[\d.]+)[,.]", said.partition("distance:")[2])]
    assert sum(numbers) == pytest.approx(100, abs=0.2)
    assert "13+" in said


def test_a_share_against_the_rest_is_negative() -> None:
    shares = np.stack([2 * np.eye(2), -np.eye(2)])
    assert "0: 200.0, 1: -100.0" in shares_by_distance(shares).alt


def test_a_share_that_rounds_to_nothing_has_no_sign() -> None:
    shares = np.stack([np.eye(2), -1e-5 * np.eye(2)])
    assert shares_by_distance(shares).alt.endswith("0: 100.0, 1: 0.0.")


def test_loss_curves_tell_where_they_end() -> None:
    said = loss_curves(CURVES, 1.386, "Long is better").alt
    assert "chance is 1.39" in said
    assert re.search(r"short ends at 1\.2", said)


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (lambda: errors_by_eps([0.1], {"a": [0.0]}, ""), "an error above 0"),
        (lambda: errors_by_eps([0.1], {"a": [0.1, 0.2]}, ""), "for each eps"),
        (lambda: gradient_paths(7), "draws 2 to 6 steps"),
        (lambda: gradient_paths(4, window=5), "window of 1 to T"),
        (lambda: shares_by_distance(np.ones((3, 3))), "draws shares"),
        (lambda: shares_by_distance(np.zeros((2, 3, 3))), "not zero"),
        (lambda: loss_curves({}, 1.0, ""), "at least one curve"),
        (lambda: loss_curves({"a": [1.0]}, 1.0, ""), "at least 10 steps"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(draw: Callable[[], Figure], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        draw()
