"""ps06 `gru_step`: one step of the GRU, in torch's convention.

r, z = sigmoid(x U + h W + b),  g = tanh(x U_g + r * (h W_g) + b_g),  h_next = z * h + (1 - z) * g
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.contract import Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import arrays
from autograder.exercises.ps06.parts import WEIGHTS, Array, gru_step, writes_into
from course.activations import sigmoid

SECTION = "The GRU"

STEP = {"x": "N D", "h": "N H", **WEIGHTS}


def _step(
    r_of: Callable[[Array], Array] = sigmoid,
    z_of: Callable[[Array], Array] = sigmoid,
    g_of: Callable[[Array], Array] = np.tanh,
    share: Callable[[Array, Array, Array], Array] = lambda r, h, W_g: r * (h @ W_g),
    blend: Callable[..., Array] = lambda z, h, g, r: z * h + (1 - z) * g,
    weights: Callable[[Array], Array] = lambda W: W,
    order: tuple[int, ...] = (0, 1, 2),
    bias: float = 1.0,
) -> Callable[..., Any]:
    """The right answer but for one part."""

    def answer(x: Array, h: Array, U: Array, W: Array, b: Array) -> Any:
        U, W, b = (array[list(order)] for array in (U, W, b))
        a_r, a_z, a_g = x @ U + bias * b[:, None]
        W_r, W_z, W_g = (weights(matrix) for matrix in W)
        r, z = r_of(a_r + h @ W_r), z_of(a_z + h @ W_z)
        g = g_of(a_g + share(r, h, W_g))
        return blend(z, h, g, r), r, z, g

    return answer


def _bias_inside(x: Array, h: Array, U: Array, W: Array, b: Array) -> Any:
    a_r, a_z, a_g = x @ U
    r, z = sigmoid(a_r + h @ W[0] + b[0]), sigmoid(a_z + h @ W[1] + b[1])
    g = np.tanh(a_g + r * (h @ W[2] + b[2]))
    return z * h + (1 - z) * g, r, z, g


def _reset_on_all(x: Array, h: Array, U: Array, W: Array, b: Array) -> Any:
    a_r, a_z, a_g = x @ U + b[:, None]
    r, z = sigmoid(a_r + h @ W[0]), sigmoid(a_z + h @ W[1])
    g = np.tanh(r * (a_g + h @ W[2]))
    return z * h + (1 - z) * g, r, z, g


MISTAKES = (
    Mistake(
        "z says what is new",
        _step(blend=lambda z, h, g, r: (1 - z) * h + z * g),
        "r, z and g are right; the new state has old and new the other way round. There are books "
        "that write it so. In this worksheet z says how much of the old state stays.",
        SECTION,
    ),
    Mistake(
        "reset before the product",
        _step(share=lambda r, h, W_g: (r * h) @ W_g),
        "r and z are right. It looks as if r had been multiplied with h before the product with W_g. "
        "The first papers do so; in this worksheet the reset comes after the product.",
        SECTION,
    ),
    Mistake(
        "no reset",
        _step(share=lambda r, h, W_g: h @ W_g),
        "r and z are right. It looks as if r played no part in the candidate.",
        SECTION,
    ),
    Mistake(
        "the bias is inside the reset",
        _bias_inside,
        "r and z are right. It looks as if the candidate's bias were multiplied with r as well. Torch "
        "has a second bias there; this worksheet's b belongs to the input.",
        SECTION,
    ),
    Mistake(
        "the input is reset too",
        _reset_on_all,
        "r and z are right. It looks as if the candidate's whole sum were multiplied with r. "
        "The reset acts on the state's share alone.",
        SECTION,
    ),
    Mistake(
        "r and z exchanged",
        _step(order=(1, 0, 2)),
        "r and z have changed places. The weights come in the order r, z, g.",
        SECTION,
    ),
    Mistake(
        "order z, g, r",
        _step(order=(2, 0, 1)),
        "It looks as if the weights were taken in another order than r, z, g.",
        SECTION,
    ),
    Mistake(
        "r in the place of z",
        _step(blend=lambda z, h, g, r: r * h + (1 - r) * g),
        "r, z and g are right, but the new state seems to be blended by r.",
        SECTION,
    ),
    Mistake(
        "nothing is kept",
        _step(blend=lambda z, h, g, r: (1 - z) * g),
        "r, z and g are right, but the old state itself is missing from the new one.",
        SECTION,
    ),
    Mistake(
        "the candidate comes in whole",
        _step(blend=lambda z, h, g, r: z * h + g),
        "r, z and g are right. It looks as if g came in with all its weight: "
        "what z keeps of the old, 1 - z leaves to the new.",
        SECTION,
    ),
    Mistake(
        "z for the new as well",
        _step(blend=lambda z, h, g, r: z * h + z * g),
        "r, z and g are right. It looks as if g were multiplied with z too: what z keeps of the old, "
        "1 - z takes from the new.",
        SECTION,
    ),
    Mistake(
        "a sigmoid for the candidate",
        _step(g_of=sigmoid),
        "r and z are right. It looks as if the candidate went through a sigmoid: "
        "then a state could never become negative.",
        SECTION,
    ),
    Mistake(
        "no tanh for the candidate",
        _step(g_of=lambda a: a),
        "r and z are right. It looks as if the candidate's sum were not squashed.",
        SECTION,
    ),
    Mistake(
        "tanh for the gates",
        _step(r_of=np.tanh, z_of=np.tanh),
        "It looks as if r and z went through tanh. A share lies between 0 and 1.",
        SECTION,
    ),
    Mistake(
        "the matrices are transposed",
        _step(weights=lambda W: W.T),
        "It looks as if the recurrent matrices were transposed. They are square, so NumPy cannot "
        "notice.",
        SECTION,
    ),
    Mistake(
        "no biases",
        _step(bias=0.0),
        "It looks as if the biases were missing.",
        SECTION,
    ),
    Mistake(
        "h is overwritten",
        writes_into(1, gru_step),
        "The values are right, but h has changed: h *= ... writes into the caller's array.",
        SECTION,
    ),
)

GRU_STEP = Exercise(
    Function("gru_step", STEP, {"h_next": "N H", "r": "N H", "z": "N H", "g": "N H"}),
    "One step of the GRU",
    points=5,
    minutes=12,
    difficulty=2,
    cases=arrays(STEP),
    reference=gru_step,
    mistakes=MISTAKES,
    hints=(
        "Take the four equations one after the other; each uses only what stands above it.",
        "W_r, W_z, W_g = W takes the matrices apart; U and b likewise. Or all inputs at once: "
        "a_r, a_z, a_g = x @ U + b[:, None].",
        "First r and z, each a sigmoid of a sum of three terms. Then g = tanh(x U_g + b_g + r * (h W_g)): "
        "the product with W_g first, then r, number by number.",
        "h_next = z * h + (1 - z) * g. Return h_next, r, z, g.",
    ),
)
