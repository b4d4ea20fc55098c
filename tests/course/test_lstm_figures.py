"""The LSTM's figures are small PNGs with text twins that say what they show."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from course.figures import Figure
from course.figures.lstm import gates_over_time, lstm_backward_arrows, lstm_cell, ways_to_the_weight

T, MARKS = 12, (1, 5, 9)
AT_MARK = np.isin(np.arange(1, T + 1), MARKS)
TARGET = np.repeat([0.5, -0.2, 0.9], 4)


def gates(**changed: object) -> Figure:
    arguments: dict[str, object] = {
        "f": np.where(AT_MARK, 0.1, 0.9),
        "i": np.where(AT_MARK, 0.8, 0.0),
        "C": -2 * TARGET,
        "target": TARGET,
        "marks": MARKS,
    }
    return gates_over_time(**(arguments | changed))  # type: ignore[arg-type]


FIGURES: dict[str, Callable[[], Figure]] = {
    "cell": lstm_cell,
    "cell, carry": lambda: lstm_cell("carry"),
    "cell, W_g": lambda: lstm_cell("W_g"),
    "backward": lstm_backward_arrows,
    "ways": ways_to_the_weight,
    "gates": gates,
    "gates, no marks": lambda: gates(marks=()),
    "gates, a cell that does not move": lambda: gates(C=np.ones(T)),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_a_small_png_with_a_text_twin(name: str) -> None:
    figure = FIGURES[name]()
    assert figure.png.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(figure.png) < 60_000
    assert len(figure.alt) > 100
    assert "$" not in figure.alt
    assert figure.width <= 900


def test_text_twins_name_what_is_lit() -> None:
    for word in ("C_{t-1}", "f_t", "i_t", "o_t", "g_t", "tanh"):
        assert word in lstm_cell().alt
        assert word in lstm_backward_arrows().alt
    assert "Lit" not in lstm_cell().alt
    assert "product with f_t, to C_{t-1}" in lstm_cell("carry").alt
    assert "through its tanh to the weights" in lstm_cell("W_g").alt
    assert "total" in ways_to_the_weight().alt


def test_a_way_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="lights 'carry' or 'W_g'"):
        lstm_cell("W_f")


def test_gates_are_compared_at_marks_and_elsewhere() -> None:
    alt = gates().alt
    assert alt.startswith("At a mark f drops to 0.10, elsewhere it is 0.90.")
    assert "Gate i is 0.80 on average at marked steps and 0.00 elsewhere." in alt
    assert "remembered is -1.00" in alt
    assert gates(title="It remembers").alt.startswith("It remembers. ")
