"""ps04 `jacobian_product`: how the last state depends on the first.

dh_T/dh_0 = J_T J_{T-1} ... J_1
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import draw_cases
from course import flow

Array: TypeAlias = np.ndarray

PRODUCT = {"h": "N T H", "W_hh": "H H"}
SECTION = "Many steps back"


def sequences(rng: np.random.Generator) -> Sequence[Case]:
    """Random weights, and states as tanh leaves them: between -1 and 1."""
    return [
        Case({**case.inputs, "h": np.tanh(case.inputs["h"])}, case.about)
        for case in draw_cases(rng, PRODUCT)
    ]


def _jacobians(h: Array, W_hh: Array) -> Array:
    return (1 - h**2)[..., None] * W_hh.T  # (N, T, H, H)


def _chain(J: Array) -> Array:
    """... J[:, 2] J[:, 1] J[:, 0], and I for none."""
    product = np.tile(np.eye(J.shape[-1]), (len(J), 1, 1))
    for t in range(J.shape[1]):
        product = J[:, t] @ product
    return product


def _power_of_the_last(h: Array, W_hh: Array) -> Array:
    T = h.shape[1]
    return _chain(np.repeat(_jacobians(h, W_hh)[:, -1:], T, axis=1))


def _without_slopes(h: Array, W_hh: Array) -> Array:
    return np.repeat(np.linalg.matrix_power(W_hh.T, h.shape[1])[None], len(h), axis=0)


def _overwrites_h(h: Array, W_hh: Array) -> Array:
    product = _chain(_jacobians(h, W_hh))
    h **= 2
    return product


MISTAKES = (
    Mistake(
        "the order is reversed",
        lambda h, W_hh: _chain(_jacobians(h, W_hh)[:, ::-1]),
        "It looks as if the factors stood in the order of time, J_1 first. Matrices do not commute: "
        "a row gradient comes from the left and meets the latest step first.",
        SECTION,
    ),
    Mistake(
        "multiplied entry by entry",
        lambda h, W_hh: _jacobians(h, W_hh).prod(axis=1),
        "It looks as if the Jacobians were multiplied entry by entry, as * does. "
        "From each unit every path through all units in between counts: that is @.",
        SECTION,
    ),
    Mistake(
        "added up",
        lambda h, W_hh: _jacobians(h, W_hh).sum(axis=1),
        "It looks as if the Jacobians were added up. The steps follow one another, "
        "and the chain rule multiplies.",
        SECTION,
    ),
    Mistake(
        "the first step is left out",
        lambda h, W_hh: _chain(_jacobians(h, W_hh)[:, 1:]),
        "It looks as if J_1 were missing: this is the derivative by h_1. "
        "Every one of the T states in h has a Jacobian.",
        SECTION,
    ),
    Mistake(
        "the last step is left out",
        lambda h, W_hh: _chain(_jacobians(h, W_hh)[:, :-1]),
        "It looks as if J_T were missing: this is the derivative of h_{T-1}.",
        SECTION,
    ),
    Mistake(
        "the last step alone",
        lambda h, W_hh: _jacobians(h, W_hh)[:, -1],
        "This is J_T alone: how h_T depends on h_{T-1}. Is each new Jacobian put in the place of the "
        "product instead of multiplied into it?",
        SECTION,
    ),
    Mistake(
        "a power of the last Jacobian",
        _power_of_the_last,
        "It looks as if one Jacobian, that of the last step, were used T times. "
        "W_hh is the same at every step; the slopes are not.",
        SECTION,
    ),
    Mistake(
        "a power of W_hh",
        _without_slopes,
        "This is W_hh transposed to the power T. It would be right without tanh: "
        "the slopes are missing.",
        SECTION,
    ),
    Mistake(
        "W_hh is not transposed",
        lambda h, W_hh: _chain((1 - h**2)[..., None] * W_hh),
        "It looks as if each factor had W_hh as it is. Test your factors with step_jacobian.",
        SECTION,
    ),
    Mistake(
        "the slope on the wrong axis",
        lambda h, W_hh: _chain((1 - h**2)[:, :, None, :] * W_hh.T),
        "It looks as if in each factor the slopes multiplied the columns. "
        "Test your factors with step_jacobian.",
        SECTION,
    ),
    Mistake(
        "the whole is transposed",
        lambda h, W_hh: _chain(_jacobians(h, W_hh)).swapaxes(1, 2),
        "These are the right numbers with rows and columns exchanged.",
        SECTION,
    ),
    Mistake(
        "every product",
        lambda h, W_hh: np.stack(
            [_chain(_jacobians(h, W_hh)[:, : t + 1]) for t in range(h.shape[1])], axis=1
        ),
        "It looks as if you kept the product after every step. Only the last one is asked for.",
        SECTION,
    ),
    Mistake(
        "h is overwritten",
        _overwrites_h,
        "The values are right, but h is not what it was before the call.",
        SECTION,
    ),
)

JACOBIAN_PRODUCT = Exercise(
    Function("jacobian_product", PRODUCT, {"dh_T_dh_0": "N H H"}),
    "The Jacobian of many steps",
    points=4,
    minutes=12,
    difficulty=2,
    cases=sequences,
    reference=flow.jacobian_product,
    mistakes=MISTAKES,
    hints=(
        "With T = 1 the answer is the Jacobian of one step. Which state does that one use?",
        "Go through the steps in time, and multiply each new Jacobian on the left of what you have.",
        "h[:, t] is (N, H), just what step_jacobian takes. @ multiplies stacks of matrices, "
        "(N, H, H) @ (N, H, H), example by example.",
        "Start with product = step_jacobian(h[:, 0], W_hh); then, for the other steps, "
        "product = step_jacobian(h[:, t], W_hh) @ product.",
    ),
)
