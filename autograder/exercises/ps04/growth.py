"""ps04 `growth_rate`: how fast a gradient falls or grows, measured and predicted.

(log10 norms[K] - log10 norms[start]) / (K - start)        log10 max |eigenvalue|
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import LARGE, MODERATE
from course import flow

Array: TypeAlias = np.ndarray
Rates: TypeAlias = tuple[Any, Any]

RATE = {"norms": "K", "W_hh": "H H", "start": "int"}
SECTION = "How fast"


def windows(rng: np.random.Generator) -> list[Case]:
    """Norms that fall or grow unevenly; matrices with real and with complex eigenvalues."""

    def case(about: str, K: int, W_hh: Array, step: float) -> Case:
        logs = np.cumsum(step + 0.5 * rng.standard_normal(K))
        start = int(rng.integers(2, K - 3))
        return Case({"norms": 10**logs, "W_hh": W_hh, "start": np.array(start)}, about)

    turn = rng.uniform(0.3, 1.2)  # an angle: the eigenvalues are complex
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return [
        case("norms that fall", 9, MODERATE * rng.standard_normal((4, 4)), -0.4),
        case("norms that grow", 12, LARGE * rng.standard_normal((6, 6)), 0.7),
        case("complex eigenvalues", 8, rng.uniform(0.5, 0.9) * rotation, -0.2),
        case("a negative eigenvalue", 10, np.diag([0.3, -rng.uniform(1.1, 1.5), 0.7]), 0.1),
        case("one unit", 7, rng.uniform(0.5, 2.0, size=(1, 1)), 0.2),
    ]


def _measured(norms: Array, start: int) -> Any:
    return np.log10(norms[-1] / norms[start]) / (len(norms) - 1 - start)


def _predicted(W_hh: Array) -> Any:
    return np.log10(np.abs(np.linalg.eigvals(W_hh)).max())


def _with_measured(measure: Callable[[Array, int], Any]) -> Callable[[Array, Array, int], Rates]:
    return lambda norms, W_hh, start: (measure(norms, start), _predicted(W_hh))


def _with_predicted(predict: Callable[[Array], Any]) -> Callable[[Array, Array, int], Rates]:
    return lambda norms, W_hh, start: (_measured(norms, start), predict(W_hh))


def _fitted(norms: Array, start: int) -> Any:
    return np.polyfit(np.arange(len(norms) - start), np.log10(norms[start:]), 1)[0]


def _real_part(W_hh: Array) -> Any:
    return np.log10(np.abs(np.linalg.eigvals(W_hh).real).max())


def _signed(W_hh: Array) -> Any:
    return np.log10(np.abs(np.linalg.eigvals(W_hh).real.max()))


def _by_determinant(W_hh: Array) -> Any:
    return np.log10(np.abs(np.linalg.det(W_hh))) / len(W_hh)


MISTAKES = (
    Mistake(
        "natural logarithms",
        lambda norms, W_hh, start: (
            _measured(norms, start) * np.log(10),
            _predicted(W_hh) * np.log(10),
        ),
        "Both rates are too large by the factor 2.303: these are natural logarithms, "
        "and powers of ten are asked for.",
        SECTION,
    ),
    Mistake(
        "the largest singular value",
        _with_predicted(lambda W_hh: np.log10(np.linalg.norm(W_hh, 2))),
        "measured is right. For predicted it looks as if you took the largest singular value. "
        "It bounds a single step; the long run belongs to the eigenvalues.",
        SECTION,
    ),
    Mistake(
        "the real part of the eigenvalues",
        _with_predicted(_real_part),
        "measured is right. For predicted it looks as if only the real parts of the eigenvalues "
        "counted. A rotation by 90 degrees has none, and still keeps every length.",
        SECTION,
    ),
    Mistake(
        "eigenvalues with their sign",
        _with_predicted(_signed),
        "measured is right. For predicted it looks as if you took the largest real part, sign "
        "included. An eigenvalue of -2 doubles a length as well as one of 2.",
        SECTION,
    ),
    Mistake(
        "the determinant",
        _with_predicted(_by_determinant),
        "measured is right. For predicted it looks as if you took the determinant, so the mean over "
        "all eigenvalues. In the long run the largest wins.",
        SECTION,
    ),
    Mistake(
        "the radius without its logarithm",
        _with_predicted(lambda W_hh: 10 ** _predicted(W_hh)),
        "measured is right. predicted is the spectral radius itself; "
        "to be compared with a slope it needs its logarithm.",
        SECTION,
    ),
    Mistake(
        "from the first norm on",
        _with_measured(lambda norms, start: _measured(norms, 0)),
        "predicted is right. It looks as if measured began at distance 0 and not at start.",
        SECTION,
    ),
    Mistake(
        "divided by the number of norms",
        _with_measured(
            lambda norms, start: np.log10(norms[-1] / norms[start]) / (len(norms) - start)
        ),
        "predicted is right. measured is too small in size: from distance 2 to distance 5 there are four "
        "norms. How many steps?",
        SECTION,
    ),
    Mistake(
        "divided by all distances",
        _with_measured(lambda norms, start: np.log10(norms[-1] / norms[start]) / (len(norms) - 1)),
        "predicted is right. It looks as if measured were divided by all steps, "
        "those before start included.",
        SECTION,
    ),
    Mistake(
        "not divided",
        _with_measured(lambda norms, start: np.log10(norms[-1] / norms[start])),
        "predicted is right. measured is the change over the whole window; a rate is per step.",
        SECTION,
    ),
    Mistake(
        "no logarithm in measured",
        _with_measured(lambda norms, start: (norms[-1] - norms[start]) / (len(norms) - 1 - start)),
        "predicted is right. It looks as if measured were a difference of the norms themselves. "
        "A norm is multiplied at each step: its logarithm is what changes evenly.",
        SECTION,
    ),
    Mistake(
        "the mean factor",
        _with_measured(
            lambda norms, start: np.log10(np.mean(norms[start + 1 :] / norms[start:-1]))
        ),
        "predicted is right. It looks as if measured were the logarithm of the mean factor. The mean "
        "of 4 and 1/4 is above 2, and yet the two together change nothing.",
        SECTION,
    ),
    Mistake(
        "a fitted line",
        _with_measured(_fitted),
        "predicted is right. It looks as if you fitted a line to all norms of the window. That is "
        "sound too; the formula here takes the first and the last alone.",
        SECTION,
    ),
    Mistake(
        "turned round",
        _with_measured(lambda norms, start: -_measured(norms, start)),
        "predicted is right. measured has the wrong sign: when norms fall, the rate is negative.",
        SECTION,
    ),
    Mistake(
        "the two in another order",
        lambda norms, W_hh, start: (_predicted(W_hh), _measured(norms, start)),
        "The two numbers have changed places: measured comes first.",
        SECTION,
    ),
)

GROWTH_RATE = Exercise(
    Function("growth_rate", RATE, {"measured": "", "predicted": ""}),
    "Powers of ten a step",
    points=4,
    minutes=10,
    difficulty=2,
    cases=windows,
    reference=flow.growth_rate,
    mistakes=MISTAKES,
    hints=(
        "A norm that is multiplied by the same factor at each step is a straight line in its "
        "logarithm. You need the slope of that line, twice: once from the norms, once from W_hh.",
        "measured: the difference of two logarithms, those at the last distance and at start, "
        "divided by the number of steps between them.",
        "The last distance is len(norms) - 1. For predicted: np.linalg.eigvals gives the "
        "eigenvalues, and some may be complex; np.abs makes sizes of them.",
        "predicted = np.log10(np.max(np.abs(np.linalg.eigvals(W_hh)))).",
    ),
)
