"""ps04 `step_jacobian`: how one state depends on the state before.

dh_t/dh_{t-1} = diag(1 - h_t^2) W_hh^T
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

STEP = {"h_t": "N H", "W_hh": "H H"}
SECTION = "One step back"


def states(rng: np.random.Generator) -> Sequence[Case]:
    """Random weights, and states as tanh leaves them: between -1 and 1."""
    return [
        Case({**case.inputs, "h_t": np.tanh(case.inputs["h_t"])}, case.about)
        for case in draw_cases(rng, STEP)
    ]


def _right(h_t: Array, W_hh: Array) -> Array:
    return (1 - h_t**2)[:, :, None] * W_hh.T


def _overwrites_h(h_t: Array, W_hh: Array) -> Array:
    h_t[...] = 1 - h_t**2
    return h_t[:, :, None] * W_hh.T


MISTAKES = (
    Mistake(
        "W_hh is not transposed",
        lambda h_t, W_hh: (1 - h_t**2)[:, :, None] * W_hh,
        "It looks as if W_hh stood there as it is. Entry [i, j] asks how h_t[i] depends on "
        "h_{t-1}[j]: which entry of W_hh leads from unit j to unit i?",
        SECTION,
    ),
    Mistake(
        "the slope on the wrong axis",
        lambda h_t, W_hh: (1 - h_t**2)[:, None, :] * W_hh.T,
        "It looks as if column j were multiplied by the slope of unit j. The tanh belongs to the "
        "unit that is reached, i, and that counts the rows.",
        SECTION,
    ),
    Mistake(
        "the whole is transposed",
        lambda h_t, W_hh: (1 - h_t**2)[:, None, :] * W_hh,
        "These are the right numbers with rows and columns exchanged: "
        "yours holds the derivative of h_t[j] by h_{t-1}[i].",
        SECTION,
    ),
    Mistake(
        "the slope is left out",
        lambda h_t, W_hh: np.repeat(W_hh.T[None], len(h_t), axis=0),
        "It looks as if h_t played no part: this is the Jacobian of a network without tanh.",
        SECTION,
    ),
    Mistake(
        "1 - h for the slope",
        lambda h_t, W_hh: (1 - h_t)[:, :, None] * W_hh.T,
        "It looks as if the slope were taken as 1 - h. At h = -1 tanh is flat; yours is 2 there.",
        SECTION,
    ),
    Mistake(
        "h squared for the slope",
        lambda h_t, W_hh: (h_t**2)[:, :, None] * W_hh.T,
        "It looks as if the slope were taken as h^2. At h = 0 tanh is steepest; yours is flat there.",
        SECTION,
    ),
    Mistake(
        "the slope at tanh(h)",
        lambda h_t, W_hh: (1 - np.tanh(h_t) ** 2)[:, :, None] * W_hh.T,
        "It looks as if tanh were applied to h_t again. It is a result of tanh already; "
        "the slope can be read off it as it is.",
        SECTION,
    ),
    Mistake(
        "the slope twice",
        lambda h_t, W_hh: ((1 - h_t**2) ** 2)[:, :, None] * W_hh.T,
        "It looks as if the slope came in twice. There is one tanh in a step.",
        SECTION,
    ),
    Mistake(
        "only the diagonal",
        lambda h_t, W_hh: np.eye(len(W_hh)) * _right(h_t, W_hh),
        "The diagonal is right and the rest is zero. Every unit listens to every other: "
        "the slopes are a diagonal matrix, their product with W_hh^T is not.",
        SECTION,
    ),
    Mistake(
        "averaged over the batch",
        lambda h_t, W_hh: np.repeat(_right(h_t, W_hh).mean(0)[None], len(h_t), axis=0),
        "All examples got one and the same Jacobian, an average. "
        "Each has states of its own, so it has slopes of its own.",
        SECTION,
    ),
    Mistake(
        "the batch comes last",
        lambda h_t, W_hh: np.moveaxis(_right(h_t, W_hh), 0, -1),
        "The values are right, with the batch as the last axis instead of the first.",
        SECTION,
    ),
    Mistake(
        "h_t is overwritten",
        _overwrites_h,
        "The values are right, but the slopes are written into h_t itself. "
        "The next step back still needs the states.",
        SECTION,
    ),
)

STEP_JACOBIAN = Exercise(
    Function("step_jacobian", STEP, {"J": "N H H"}),
    "The Jacobian of one step",
    points=4,
    minutes=12,
    difficulty=2,
    cases=states,
    reference=flow.step_jacobian,
    mistakes=MISTAKES,
    hints=(
        "Write h_t[i] as tanh of a sum and differentiate by one number, h_{t-1}[j]. "
        "One term of the sum is left.",
        "The term is h_{t-1}[j] W_hh[j, i]. With the slope of tanh in front, the entry is "
        "(1 - h_t[i]^2) W_hh[j, i].",
        "W_hh[j, i] is the entry [i, j] of W_hh.T. The slope changes with n and i and is the same "
        "for every j, so give it a third axis of length 1: (1 - h_t**2)[:, :, None].",
        "The shapes (N, H, 1) and (H, H) are broadcast to (N, H, H): slopes * W_hh.T.",
    ),
)
