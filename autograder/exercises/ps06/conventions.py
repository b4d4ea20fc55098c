"""ps06 `other_convention`: the same network for those who let z say what is new.

1 - sigmoid(a) = sigmoid(-a)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.contract import Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import arrays
from autograder.exercises.ps06.parts import WEIGHTS, Array, writes_into

SECTION = "Two conventions"


def other_convention(U: Array, W: Array, b: Array) -> tuple[Array, Array, Array]:
    U_r, U_z, U_g = U
    W_r, W_z, W_g = W
    b_r, b_z, b_g = b
    return np.stack([U_r, -U_z, U_g]), np.stack([W_r, -W_z, W_g]), np.stack([b_r, -b_z, b_g])


def _signs(*signs: float, of: str = "UWb") -> Callable[..., Any]:
    def answer(U: Array, W: Array, b: Array) -> Any:
        arrays = {"U": U, "W": W, "b": b}
        return tuple(
            np.stack([s * part for s, part in zip(signs, array, strict=True)])
            if name in of
            else array.copy()
            for name, array in arrays.items()
        )

    return answer


def _each(change: Callable[[Array], Array]) -> Callable[..., Any]:
    def answer(U: Array, W: Array, b: Array) -> Any:
        return tuple(np.stack([a[0], change(a[1]), a[2]]) for a in (U, W, b))

    return answer


MISTAKES = (
    Mistake(
        "nothing is changed",
        _signs(1, 1, 1),
        "These are the weights as they were. With them the other convention keeps what this one "
        "throws away.",
        SECTION,
    ),
    Mistake(
        "all signs turned",
        _signs(-1, -1, -1),
        "It looks as if all weights had changed their signs. Only one of the three has another "
        "meaning.",
        SECTION,
    ),
    Mistake(
        "r for z",
        _signs(-1, 1, 1),
        "It looks as if the signs of r were turned. The order is r, z, g.",
        SECTION,
    ),
    Mistake(
        "g for z",
        _signs(1, 1, -1),
        "It looks as if the signs of g were turned. The order is r, z, g.",
        SECTION,
    ),
    Mistake(
        "r and z",
        _signs(-1, -1, 1),
        "It looks as if the signs of both gates were turned. Only z has another meaning.",
        SECTION,
    ),
    Mistake(
        "the bias alone",
        _signs(1, -1, 1, of="b"),
        "The bias is right. The whole sum has to change its sign, and the bias is one of its three "
        "terms.",
        SECTION,
    ),
    Mistake(
        "the bias is forgotten",
        _signs(1, -1, 1, of="UW"),
        "The matrices are right. The bias belongs to the same sum.",
        SECTION,
    ),
    Mistake(
        "U is forgotten",
        _signs(1, -1, 1, of="Wb"),
        "W and b are right. The input's share belongs to the same sum.",
        SECTION,
    ),
    Mistake(
        "W is forgotten",
        _signs(1, -1, 1, of="Ub"),
        "U and b are right. The state's share belongs to the same sum.",
        SECTION,
    ),
    Mistake(
        "one minus the weights",
        _each(lambda a: 1 - a),
        "It looks as if the weights of z were replaced by 1 minus themselves. It is the gate that "
        "becomes 1 - z; what must its sum become?",
        SECTION,
    ),
    Mistake(
        "the reciprocal",
        _each(lambda a: 1 / a),
        "It looks as if the weights of z were replaced by their reciprocals. Which sum gives "
        "1 - sigmoid(a)?",
        SECTION,
    ),
    Mistake(
        "W is overwritten",
        writes_into(1, other_convention),
        "The values are right, but W has changed: W[1] *= -1 writes into the caller's array. "
        "Make a copy first.",
        SECTION,
    ),
)

OTHER_CONVENTION = Exercise(
    Function(
        "other_convention",
        WEIGHTS,
        {"U_other": "3 D H", "W_other": "3 H H", "b_other": "3 H"},
    ),
    "The same network in another book",
    points=3,
    minutes=8,
    difficulty=2,
    cases=arrays(WEIGHTS),
    reference=other_convention,
    mistakes=MISTAKES,
    hints=(
        "Call their gate z'. Their state is (1 - z') h + z' g. For the two states to be equal, "
        "what must z' be?",
        "z' = 1 - z for every input. z is a sigmoid: write 1 - sigmoid(a) as a sigmoid of something.",
        "1 - sigmoid(a) = sigmoid(-a). The sum a is x U_z + h W_z + b_z, so turn the sign of each "
        "of the three; r and g stay as they are.",
    ),
)
