"""ps04 `gradient_norms`: how much of a gradient is left, k steps back.

dL/dh_{t-1} = (dL/dh_t * slope_t) W_hh^T
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import draw_cases
from course import flow

Array: TypeAlias = np.ndarray

NORMS = {"dh_T": "N H", "slopes": "N T H", "W_hh": "H H"}
SECTION = "How much is left"


def gradients(rng: np.random.Generator) -> Sequence[Case]:
    """Random gradients and weights; slopes as tanh has them, between 0 and 1."""
    return [
        Case({**case.inputs, "slopes": 1 - np.tanh(case.inputs["slopes"]) ** 2}, case.about)
        for case in draw_cases(rng, NORMS)
    ]


def _length(dh: Array) -> Array:
    return np.sqrt((dh**2).sum(axis=1))


def _walk(
    dh_T: Array,
    slopes: Array,
    back: Callable[[Array, int], Array],
    length: Callable[[Array], Array] = _length,
) -> Array:
    dh, norms = dh_T, [length(dh_T)]
    for t in reversed(range(slopes.shape[1])):
        dh = back(dh, t)
        norms.append(length(dh))
    return np.stack(norms, axis=1)


def _right(dh_T: Array, slopes: Array, W_hh: Array) -> Array:
    return _walk(dh_T, slopes, lambda dh, t: (dh * slopes[:, t]) @ W_hh.T)


def _from_dh_T_alone(dh_T: Array, slopes: Array, W_hh: Array) -> Array:
    return _walk(dh_T, slopes, lambda _, t: (dh_T * slopes[:, t]) @ W_hh.T)


def _of_length_one(dh_T: Array, slopes: Array, W_hh: Array) -> Array:
    def back(dh: Array, t: int) -> Array:
        return (dh / _length(dh)[:, None] * slopes[:, t]) @ W_hh.T

    return _walk(dh_T, slopes, back)


def _over_the_batch(dh_T: Array, slopes: Array, W_hh: Array) -> Array:
    return np.sqrt((_right(dh_T, slopes, W_hh) ** 2).sum(axis=0))


def _overwrites_dh(dh_T: Array, slopes: Array, W_hh: Array) -> Array:
    norms = _right(dh_T, slopes, W_hh)
    for t in reversed(range(slopes.shape[1])):
        dh_T[...] = (dh_T * slopes[:, t]) @ W_hh.T
    return norms


MISTAKES = (
    Mistake(
        "W_hh is not transposed",
        lambda dh_T, slopes, W_hh: _walk(dh_T, slopes, lambda dh, t: (dh * slopes[:, t]) @ W_hh),
        "It looks as if W_hh stood there as it is. That is the way forward; "
        "a gradient goes back through the same weights, from the columns to the rows.",
        SECTION,
    ),
    Mistake(
        "the slope after the product",
        lambda dh_T, slopes, W_hh: _walk(dh_T, slopes, lambda dh, t: (dh @ W_hh.T) * slopes[:, t]),
        "It looks as if you multiplied by W_hh first and by the slopes after. From h_t back to "
        "h_{t-1} the gradient meets the tanh of step t before the matrix.",
        SECTION,
    ),
    Mistake(
        "the slopes are left out",
        lambda dh_T, slopes, W_hh: _walk(dh_T, slopes, lambda dh, t: dh @ W_hh.T),
        "It looks as if the slopes played no part: these are the norms of a linear network.",
        SECTION,
    ),
    Mistake(
        "the steps in the order of time",
        lambda dh_T, slopes, W_hh: _walk(
            dh_T, slopes[:, ::-1], lambda dh, t: (dh * slopes[:, ::-1][:, t]) @ W_hh.T
        ),
        "It looks as if the slopes were used in the order of time. "
        "The gradient starts at h_T and meets the last step first.",
        SECTION,
    ),
    Mistake(
        "the slopes of the step before",
        lambda dh_T, slopes, W_hh: _walk(
            dh_T, slopes, lambda dh, t: (dh * slopes[:, t - 1]) @ W_hh.T
        ),
        "It looks as if step t used the slopes of step t - 1. From h_t to h_{t-1} the gradient goes "
        "through the tanh that made h_t.",
        SECTION,
    ),
    Mistake(
        "every step from dh_T",
        _from_dh_T_alone,
        "The first step back is right. It looks as if every later one started from dh_T again: "
        "it should take up what the step before has left.",
        SECTION,
    ),
    Mistake(
        "the distances in reverse",
        lambda dh_T, slopes, W_hh: _right(dh_T, slopes, W_hh)[:, ::-1],
        "The numbers are right, in the order of time. Column k should belong to distance k, "
        "so the loss's own step comes first.",
        SECTION,
    ),
    Mistake(
        "no root",
        lambda dh_T, slopes, W_hh: _right(dh_T, slopes, W_hh) ** 2,
        "These are the squares of the norms: a root is missing.",
        SECTION,
    ),
    Mistake(
        "sums of sizes",
        lambda dh_T, slopes, W_hh: _walk(
            dh_T, slopes, lambda dh, t: (dh * slopes[:, t]) @ W_hh.T, lambda dh: np.abs(dh).sum(1)
        ),
        "It looks as if absolute values were added up. The norm here is the length of the row: "
        "the root of the sum of squares.",
        SECTION,
    ),
    Mistake(
        "a mean of squares",
        lambda dh_T, slopes, W_hh: _right(dh_T, slopes, W_hh) / np.sqrt(len(W_hh)),
        "All your norms are too small by the root of H. Did you average the squares?",
        SECTION,
    ),
    Mistake(
        "cut to length 1 on the way",
        _of_length_one,
        "It looks as if the gradient were divided by its length at every step. "
        "Then each norm shows the last step alone and nothing can vanish.",
        SECTION,
    ),
    Mistake(
        "states taken for slopes",
        lambda dh_T, slopes, W_hh: _walk(
            dh_T, slopes, lambda dh, t: (dh * (1 - slopes[:, t] ** 2)) @ W_hh.T
        ),
        "It looks as if you computed 1 - slopes^2. The slopes are slopes already; "
        "whoever calls has done that.",
        SECTION,
    ),
    Mistake(
        "without distance 0",
        lambda dh_T, slopes, W_hh: _right(dh_T, slopes, W_hh)[:, 1:],
        "It looks as if the first column were missing: distance 0 is the norm of dh_T itself.",
        SECTION,
    ),
    Mistake(
        "without h_0",
        lambda dh_T, slopes, W_hh: _right(dh_T, slopes, W_hh)[:, :-1],
        "It looks as if the last column were missing. After T steps back the gradient is at h_0, "
        "and its norm belongs there too: T steps have T + 1 places to stand.",
        SECTION,
    ),
    Mistake(
        "one norm for the batch",
        _over_the_batch,
        "It looks as if a norm were taken over all examples together. Each example has its own.",
        SECTION,
    ),
    Mistake(
        "dh_T is overwritten",
        _overwrites_dh,
        "The norms are right, but dh_T is not what it was before the call.",
        SECTION,
    ),
)

GRADIENT_NORMS = Exercise(
    Function("gradient_norms", NORMS, {"norms": "N T+1"}),
    "The norm of the gradient by distance",
    points=5,
    minutes=15,
    difficulty=2,
    cases=gradients,
    reference=flow.gradient_norms,
    mistakes=MISTAKES,
    hints=(
        "You need no Jacobian. A row times diag(slope) is the row times the slope, "
        "number by number.",
        "One step back, for the whole batch: multiply by the slopes of that step, then by W_hh.T. "
        "Which step comes first?",
        "Keep a list. It starts with the norms of dh_T; after each step back append the norms of "
        "the new gradient. np.linalg.norm(dh, axis=1) gives one number for each row.",
        "for t in reversed(range(T)): dh = (dh * slopes[:, t]) @ W_hh.T. In the end put the list "
        "together with np.stack(..., axis=1).",
    ),
)
