"""The pictures of gradients: their messages and their text twins."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from course.figures import Figure
from course.figures import gradients as figures

A = np.linspace(-3, 3, 61)
G = np.array([[3.0, 0.5], [-2.0, -2.0], [0.1, 0.2]])
FIGURES: dict[str, Callable[[], Figure]] = {
    "gradient_path": figures.gradient_path,
    "gradient_path, longest": lambda: figures.gradient_path(4),
    "norms_by_distance": lambda: figures.norms_by_distance(
        {f"radius {rho}": rho ** np.arange(50) for rho in (0.5, 0.9, 1.0, 1.1, 1.5)}, "They part"
    ),
    "norms_by_distance, a gap": lambda: figures.norms_by_distance(
        {"a network with a long name": [1.0, 0.0, np.inf, 0.5]}, "A gap"
    ),
    "matrix_powers": lambda: figures.matrix_powers([[0.9, 5], [0, 0.9]]),
    "matrix_powers, nilpotent": lambda: figures.matrix_powers([[0, 10], [0, 0]], steps=5),
    "three_slopes": lambda: figures.three_slopes(A, 1 - np.tanh(A) ** 2, 0.2 + 0 * A, A > 0),
    "clipping": lambda: figures.clipping(
        G, np.clip(G, -1, 1), G / np.maximum(1, np.linalg.norm(G, axis=1, keepdims=True)), 1.0
    ),
    "training_runs": lambda: figures.training_runs(
        {"bad": [1.0, 10.0, np.nan], "good": [1.0, 0.5, 0.2]}, baseline=0.1, title="One of two"
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_a_small_png_with_a_text_twin(name: str) -> None:
    figure = FIGURES[name]()
    assert figure.png.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(figure.png) < 60_000
    assert len(figure.alt) > 40
    assert figure.width <= 820


def test_text_twins_say_what_the_pictures_show() -> None:
    assert "dL/dh_T J_T J_T-1 J_T-2" in figures.gradient_path(3).alt
    assert "radius 0.5: 1 at 0, 6e-08 at 24, 1.8e-15 at 49" in FIGURES["norms_by_distance"]().alt
    powers = FIGURES["matrix_powers"]().alt
    assert powers.startswith("Spectral radius 0.9, and yet 19.4 at power 9")
    assert "no power is larger than 1" in figures.matrix_powers(0.5 * np.eye(2)).alt
    assert FIGURES["clipping"]().alt.startswith(
        "By value turns a gradient by up to 17°, by norm by 0°"
    )
    runs = FIGURES["training_runs"]().alt
    assert "bad is not a finite number from step 3 on" in runs
    assert "good goes from 1 to 0.2" in runs


def test_what_cannot_be_drawn_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="draws 2 to 4"):
        figures.gradient_path(5)
    with pytest.raises(ValueError, match="draws 1 to 5"):
        figures.norms_by_distance({}, "Nothing")
    with pytest.raises(ValueError, match="no numbers above zero"):
        figures.norms_by_distance({"silent": [0.0, 0.0]}, "Nothing")
    with pytest.raises(ValueError, match="a square matrix"):
        figures.matrix_powers([[1.0, 2.0]])
