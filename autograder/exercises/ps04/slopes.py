"""ps04 `activation_slopes`: the derivatives of tanh, sigmoid and ReLU.

1 - tanh(a)^2        sigma(a) (1 - sigma(a))        1 where a > 0
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import draw_cases
from course import flow
from course.activations import sigmoid

Array: TypeAlias = np.ndarray
Three: TypeAlias = tuple[Array, Array, Array]

SUMS = {"a": "N H"}
SECTION = "The slope of the activation"


def sums(rng: np.random.Generator) -> Sequence[Case]:
    """Sums of all sizes, and among them exact zeros, where ReLU has its kink."""
    cases = draw_cases(rng, SUMS)
    kink = rng.standard_normal((3, 4))
    kink[1, 2] = kink[2, 0] = 0.0
    return [*cases, Case({"a": kink}, "zeros among them")]


def _three(a: Array) -> Three:
    s = sigmoid(a)
    return 1 - np.tanh(a) ** 2, s * (1 - s), (a > 0).astype(float)


def _overwrites_a(a: Array) -> Three:
    slopes = _three(a)
    np.maximum(a, 0, out=a)
    return slopes


MISTAKES = (
    Mistake(
        "tanh: 1 - a squared",
        lambda a: (1 - a**2, *_three(a)[1:]),
        "sigmoid and relu are right. For tanh it looks as if you took 1 - a^2. "
        "The short form 1 - h^2 is meant for the result h = tanh(a).",
        SECTION,
    ),
    Mistake(
        "short forms of a",
        lambda a: (1 - a**2, a * (1 - a), _three(a)[2]),
        "relu is right. For the others it looks as if you took 1 - a^2 and a (1 - a). "
        "The short forms are meant for the results, tanh(a) and sigma(a).",
        SECTION,
    ),
    Mistake(
        "tanh: no square",
        lambda a: (1 - np.tanh(a), *_three(a)[1:]),
        "sigmoid and relu are right. For tanh a square is missing.",
        SECTION,
    ),
    Mistake(
        "sigmoid: a (1 - a)",
        lambda a: (_three(a)[0], a * (1 - a), _three(a)[2]),
        "tanh and relu are right. For the sigmoid it looks as if you took a (1 - a). "
        "The short form s (1 - s) is meant for the result s = sigma(a).",
        SECTION,
    ),
    Mistake(
        "sigmoid: as tanh",
        lambda a: (_three(a)[0], 1 - sigmoid(a) ** 2, _three(a)[2]),
        "tanh and relu are right. For the sigmoid it looks as if you took 1 - s^2, which is tanh's "
        "form. Where the sigmoid is flat, at s = 0, yours is 1.",
        SECTION,
    ),
    Mistake(
        "sigmoid: its value",
        lambda a: (_three(a)[0], sigmoid(a), _three(a)[2]),
        "tanh and relu are right. What you return for the sigmoid is its value, not its slope.",
        SECTION,
    ),
    Mistake(
        "relu: its value",
        lambda a: (*_three(a)[:2], np.maximum(a, 0)),
        "tanh and sigmoid are right. What you return for ReLU is its value, not its slope.",
        SECTION,
    ),
    Mistake(
        "relu: the sign",
        lambda a: (*_three(a)[:2], np.sign(a)),
        "tanh and sigmoid are right. For ReLU it looks as if you took the sign: "
        "on the left it is flat and does not fall.",
        SECTION,
    ),
    Mistake(
        "relu: 1 at the kink",
        lambda a: (*_three(a)[:2], (a >= 0).astype(float)),
        "All is right but for sums of exactly 0, where ReLU has a kink. "
        "The worksheet says which value to take there.",
        SECTION,
    ),
    Mistake(
        "the values",
        lambda a: (np.tanh(a), sigmoid(a), np.maximum(a, 0)),
        "These are the three activations themselves. Their slopes are asked for.",
        SECTION,
    ),
    Mistake(
        "sigmoid first",
        lambda a: (_three(a)[1], _three(a)[0], _three(a)[2]),
        "tanh and the sigmoid have changed places. The order is tanh, sigmoid, ReLU.",
        SECTION,
    ),
    Mistake(
        "a is overwritten",
        _overwrites_a,
        "The slopes are right, but a is not what it was before the call.",
        SECTION,
    ),
)

ACTIVATION_SLOPES = Exercise(
    Function("activation_slopes", SUMS, {"tanh": "N H", "sigmoid": "N H", "relu": "N H"}),
    "Three slopes",
    points=3,
    minutes=8,
    difficulty=1,
    cases=sums,
    reference=flow.activation_slopes,
    mistakes=MISTAKES,
    hints=(
        "Two of the slopes have a short form in the activation's own result. "
        "Compute the result first.",
        "With h = tanh(a) the slope is 1 - h^2. With s = 1 / (1 + exp(-a)) it is s (1 - s).",
        "ReLU has the slope 1 where a > 0 and 0 elsewhere. A comparison gives True and False; "
        "turn it into numbers with .astype(float).",
    ),
)
