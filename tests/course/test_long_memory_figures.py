"""Pictures of long memories say in words what they show."""

from __future__ import annotations

import pytest

from course.figures import Figure
from course.figures.long_memory import steps_by_change, steps_needed, time_scales, two_ways

RUNS = {"RNN": {"10": [300, None], "20": [None, None]}, "LSTM": {"10": [100, 150], "20": [200, 50]}}


def is_png(figure: Figure) -> bool:
    return figure.png.startswith(b"\x89PNG") and 300 < figure.width < 700


def test_two_ways_are_told() -> None:
    figure = two_ways()
    assert is_png(figure)
    assert "multiplied by f_t" in figure.alt


def test_steps_needed_tells_every_run_and_those_that_never_got_there() -> None:
    figure = steps_needed(RUNS, 500, "length T", "The LSTM is sooner there")
    assert is_png(figure)
    assert figure.alt.startswith("The LSTM is sooner there.")
    assert "RNN: 10 300, never, 20 never, never" in figure.alt
    assert "LSTM: 10 100, 150, 20 200, 50" in figure.alt


def test_steps_by_change_has_a_row_for_each_change() -> None:
    figure = steps_by_change({"nothing": [250, 300], "no line": [None, 900]}, 1000, "A line helps")
    assert is_png(figure)
    assert "nothing: 250, 300. no line: never, 900." in figure.alt


def test_time_scales_tells_the_range_of_each_state() -> None:
    figure = time_scales({"C": [0.2, 0.9, 0.5], "h": [0.1, 0.1, -0.3]}, "C is slow")
    assert is_png(figure)
    assert "C: from 0.20 to 0.90, median 0.50. h: from -0.30 to 0.10, median 0.10." in figure.alt


def test_figures_refuse_what_they_cannot_draw() -> None:
    with pytest.raises(ValueError, match="got 0 names; it draws 1 to 4"):
        steps_needed({}, 10, "T", "")
    with pytest.raises(ValueError, match="got 5 names; it draws 1 to 4"):
        time_scales({str(k): [0.0] for k in range(5)}, "")
    with pytest.raises(ValueError, match="got no runs"):
        steps_by_change({}, 10, "")
