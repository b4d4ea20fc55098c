"""ps06 `timescale`: how slowly a state changes, by its lag-one autocorrelation.

rho = sum_{n, t >= 2} d_t d_{t-1} / sum_{n, t} d_t^2,   d = s - mean of the unit
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import LARGE, MODERATE, draw_arrays, draw_sizes
from autograder.exercises.ps06.parts import Array, writes_into

SECTION = "Which state is the long memory"


def slow_cases(rng: np.random.Generator) -> list[Case]:
    """Random walks around a level that is not zero, and one sequence alone."""
    cases = []
    for about, scale, sizes in (
        ("unequal sizes", MODERATE, draw_sizes(rng, "NTH")),
        ("other sizes", MODERATE, draw_sizes(rng, "NTH")),
        ("large numbers", LARGE, draw_sizes(rng, "NTH")),
        ("one sequence", MODERATE, {"N": 1} | draw_sizes(rng, "TH", 4)),
    ):
        s = draw_arrays(rng, {"s": "N T H", "level": "H"}, sizes, scale)
        cases.append(Case({"s": np.cumsum(s["s"], axis=1) + s["level"]}, about))
    return cases


def timescale(s: Array) -> Array:
    d = s - s.mean(axis=(0, 1))
    return (d[:, 1:] * d[:, :-1]).sum(axis=(0, 1)) / (d**2).sum(axis=(0, 1))


def _rho(
    d_of: Callable[[Array], Array] = lambda s: s - s.mean(axis=(0, 1)),
    ratio: Callable[..., Any] = lambda a, b, d: (a * b).sum(axis=(0, 1)) / (d**2).sum(axis=(0, 1)),
    lag: int = 1,
) -> Callable[[Array], Any]:
    def answer(s: Array) -> Any:
        d = d_of(s)
        return ratio(d[:, lag:], d[:, : d.shape[1] - lag], d)

    return answer


def _correlation(a: Array, b: Array, d: Array) -> Array:
    a, b = a - a.mean(axis=(0, 1)), b - b.mean(axis=(0, 1))
    squares = (a**2).sum(axis=(0, 1)) * (b**2).sum(axis=(0, 1))
    return np.asarray((a * b).sum(axis=(0, 1)) / np.sqrt(squares))


def _end_to_end(a: Array, b: Array, d: Array) -> Array:
    row = d.reshape(-1, d.shape[2])  # (N T, H)
    return np.asarray((row[1:] * row[:-1]).sum(axis=0) / (row**2).sum(axis=0))


MISTAKES = (
    Mistake(
        "the mean is left in",
        _rho(d_of=lambda s: s),
        "It looks as if the mean had not been subtracted. A state that trembles around 5 would then "
        "seem to stand still.",
        SECTION,
    ),
    Mistake(
        "each sequence has its own mean",
        _rho(d_of=lambda s: s - s.mean(axis=1, keepdims=True)),
        "It looks as if every sequence had a mean of its own. The unit has one, over batch and time.",
        SECTION,
    ),
    Mistake(
        "each step has its own mean",
        _rho(d_of=lambda s: s - s.mean(axis=0)),
        "It looks as if the mean were taken over the batch alone, another one at each step. "
        "The unit has one, over batch and time.",
        SECTION,
    ),
    Mistake(
        "one mean for all units",
        _rho(d_of=lambda s: s - s.mean()),
        "It looks as if one mean served all units. Each has its own level.",
        SECTION,
    ),
    Mistake(
        "no step between",
        _rho(lag=0),
        "Your answer is 1 for every unit: each step is compared with itself.",
        SECTION,
    ),
    Mistake(
        "two steps between",
        _rho(lag=2),
        "It looks as if two steps lay between the two that are compared.",
        SECTION,
    ),
    Mistake(
        "means instead of sums",
        _rho(ratio=lambda a, b, d: (a * b).mean(axis=(0, 1)) / (d**2).mean(axis=(0, 1))),
        "It looks as if both sums were means. There is one product less than there are squares, so "
        "the ratio differs by T / (T - 1), and a constant drift could pass 1.",
        SECTION,
    ),
    Mistake(
        "the correlation of two pieces",
        _rho(ratio=_correlation),
        "This looks like the correlation coefficient of all steps but the first with all but the "
        "last. It is close; the formula has one mean and one sum of squares.",
        SECTION,
    ),
    Mistake(
        "a step is missing below",
        _rho(ratio=lambda a, b, d: (a * b).sum(axis=(0, 1)) / (b**2).sum(axis=(0, 1))),
        "It looks as if the sum of squares left out the last step.",
        SECTION,
    ),
    Mistake(
        "neighbours in the batch",
        lambda s: _rho()(s.swapaxes(0, 1)) if len(s) > 1 else 0 * s[0, 0],
        "It looks as if each sequence were compared with the next one in the batch. "
        "Time is the second axis.",
        SECTION,
    ),
    Mistake(
        "the last step before the first",
        _rho(ratio=lambda a, b, d: (d * np.roll(d, 1, axis=1)).sum((0, 1)) / (d**2).sum((0, 1))),
        "It looks as if the first step were compared with the last one, as np.roll has it. "
        "The first step has none before it.",
        SECTION,
    ),
    Mistake(
        "one sequence after the other",
        _rho(ratio=_end_to_end),
        "It looks as if the sequences stood in one long row, so that the first step of each were "
        "compared with the last step of another.",
        SECTION,
    ),
    Mistake(
        "a mean over sequences",
        _rho(ratio=lambda a, b, d: ((a * b).sum(axis=1) / (d**2).sum(axis=1)).mean(axis=0)),
        "It looks as if each sequence had a ratio of its own, and these were averaged. "
        "The sums go over the batch as well.",
        SECTION,
    ),
    Mistake(
        "not divided",
        _rho(ratio=lambda a, b, d: (a * b).sum(axis=(0, 1))),
        "It looks as if the sum of products were not divided by the sum of squares.",
        SECTION,
    ),
    Mistake(
        "s is overwritten",
        writes_into(0, timescale),
        "The values are right, but s -= ... writes into the caller's array.",
        SECTION,
    ),
)

TIMESCALE = Exercise(
    Function("timescale", {"s": "N T H"}, {"rho": "H"}),
    "How slowly a state changes",
    points=5,
    minutes=12,
    difficulty=2,
    cases=slow_cases,
    reference=timescale,
    mistakes=MISTAKES,
    hints=(
        "Begin with d = s minus one mean for each unit: which two axes does the mean go over?",
        "Neighbours in time are d[:, 1:] and d[:, :-1]. Multiply them number by number.",
        "Sum the products over batch and time, axis=(0, 1), and divide by the sum of d**2 over the "
        "same axes. The result has the shape (H,).",
    ),
)
