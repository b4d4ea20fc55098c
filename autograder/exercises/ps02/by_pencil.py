"""ps02 `hand_step`: two steps of a network with one unit, by pencil."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from autograder.contract import Value
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import a_value

Array: TypeAlias = np.ndarray

#: The numbers of the worksheet's hand-checkable example.
PENCIL = {"x_1": 1.0, "x_2": 2.0, "h_0": 0.2, "W_xh": 0.5, "W_hh": -0.8, "b_h": 0.1}


def pencil(
    first: Callable[[], float], second: Callable[[float, float], float], f: Any = math.tanh
) -> dict[str, float]:
    """Two steps: `first()` is a_1, `second(a_1, h_1)` is a_2, `f` the activation."""
    a_1 = first()
    h_1 = f(a_1)
    a_2 = second(a_1, h_1)
    return {"a_1": a_1, "h_1": h_1, "a_2": a_2, "h_2": f(a_2)}


_x_1, _x_2, _h_0, _w, _u, _b = PENCIL.values()

MISTAKES = (
    Mistake(
        "the previous state is left out",
        pencil(lambda: _x_1 * _w + _b, lambda a, h: _x_2 * _w + _b),
        "Your sums have the input and the bias, but nothing of the state before: "
        "h_0 is not zero, and it has a weight of its own.",
        "By pencil",
    ),
    Mistake(
        "both steps start from h_0",
        pencil(lambda: _x_1 * _w + _h_0 * _u + _b, lambda a, h: _x_2 * _w + _h_0 * _u + _b),
        "The first step is right. The second one starts from h_0 again; "
        "which state does the network hold by then?",
        "By pencil",
    ),
    Mistake(
        "a_1 is carried instead of h_1",
        pencil(lambda: _x_1 * _w + _h_0 * _u + _b, lambda a, h: _x_2 * _w + a * _u + _b),
        "The first step is right. The second one seems to take a_1, the sum before tanh, "
        "where it needs the state.",
        "By pencil",
    ),
    Mistake(
        "the bias is left out",
        pencil(lambda: _x_1 * _w + _h_0 * _u, lambda a, h: _x_2 * _w + h * _u),
        "Both sums lack the same constant. What does the equation add that depends neither on the "
        "input nor on the state?",
        "By pencil",
    ),
    Mistake(
        "no tanh",
        pencil(
            lambda: _x_1 * _w + _h_0 * _u + _b, lambda a, h: _x_2 * _w + h * _u + _b, lambda a: a
        ),
        "Your h equals your a. The state is what tanh makes of the sum.",
        "By pencil",
    ),
    Mistake(
        "the two weights are exchanged",
        pencil(lambda: _x_1 * _u + _h_0 * _w + _b, lambda a, h: _x_2 * _u + h * _w + _b),
        "It looks as if the input met the state's weight and the state the input's. "
        "The index says it: W_xh leads from x to h.",
        "By pencil",
    ),
    Mistake(
        "x_1 is used twice",
        pencil(lambda: _x_1 * _w + _h_0 * _u + _b, lambda a, h: _x_1 * _w + h * _u + _b),
        "The first step is right. The second one seems to read the first input again.",
        "By pencil",
    ),
)


def _reference_pencil() -> dict[str, float]:
    w, u, b = PENCIL["W_xh"], PENCIL["W_hh"], PENCIL["b_h"]
    a_1 = PENCIL["x_1"] * w + PENCIL["h_0"] * u + b
    a_2 = PENCIL["x_2"] * w + np.tanh(a_1) * u + b
    return {"a_1": a_1, "h_1": np.tanh(a_1), "a_2": a_2, "h_2": np.tanh(a_2)}


HAND_STEP = Exercise(
    Value("hand_step", {"a_1": "", "h_1": "", "a_2": "", "h_2": ""}),
    "Two steps by pencil",
    points=2,
    minutes=8,
    difficulty=1,
    cases=a_value,
    reference=_reference_pencil(),
    mistakes=MISTAKES,
    hints=(
        "With one unit and one input, every matrix is a single number. Write the equation of the "
        "sum a_t with those numbers in place of the letters.",
        "Three terms make a_1: the input times its weight, the state before times its weight, and "
        "the bias. The state before the first step is h_0, and it is not zero.",
        "h_1 = tanh(a_1). For the second step, h_1 takes the place that h_0 had; "
        "the weights and the bias stay.",
        "a_1 = x_1 W_xh + h_0 W_hh + b_h = 0.44. Go on from there, with three decimals.",
    ),
    rtol=0.0,
    atol=1e-3,
)
