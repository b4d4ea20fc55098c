"""ps03 `per_distance`: dL/dW_hh, taken apart by how far a loss had to travel.

C_k = sum_t h_{t-k-1}^T da_{t-k},  where da_{t-k} comes from the loss of step t alone;  sum_k C_k = dL/dW_hh
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from autograder.contract import Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.ps03.sequence import BACKWARD, sequences
from course import flow, rnn

Array: TypeAlias = np.ndarray

SECTION = "How far back?"


def _shares(
    slope: Callable[[Array], Array] = lambda h: 1 - h**2,
    carry: Callable[[Array, Array], Array] = lambda da, W_hh: da @ W_hh.T,
    before: Callable[[Array, Array], Array] = lambda h0, h: np.concatenate(
        [h0[:, None], h[:, :-1]], axis=1
    ),
    index: Callable[[int, int, int], int] = lambda t, s, T: t - s,
    only_last: bool = False,
    first_slope: bool = True,
) -> Callable[..., Array]:
    """Loss by loss and step by step: `index(t, s, T)` is where the way from loss t to step s is counted."""

    def per_distance(dh: Array, x: Array, h0: Array, h: Array, W_xh: Array, W_hh: Array) -> Array:
        T, H = h.shape[1:]
        shares = np.zeros((T, H, H))
        states, slopes = before(h0, h), slope(h)
        for t in range(T - 1 if only_last else 0, T):
            later = dh[:, t]
            for s in range(t, -1, -1):
                da = later * slopes[:, s] if first_slope or s < t else later
                shares[index(t, s, T)] += states[:, s].T @ da
                later = carry(da, W_hh)
        return shares

    return per_distance


_right = _shares()


def _reversed(*arguments: Array) -> Array:
    return _right(*arguments)[::-1]


def _up_to(*arguments: Array) -> Array:
    return np.cumsum(_right(*arguments), axis=0)


def _in_place(*arguments: Array) -> Array:
    result = _right(*arguments)
    dh, h = arguments[0], arguments[3]
    dh[...] = dh * (1 - h**2)
    return result


def _averaged(*arguments: Array) -> Array:
    shares = _right(*arguments)
    T = len(shares)
    return shares / np.arange(T, 0, -1)[:, None, None]


def _one_short(*arguments: Array) -> Array:
    shares = _right(*arguments)
    return np.concatenate([0 * shares[:1], shares[:-1]])


def _all_at_zero(*arguments: Array) -> Array:
    shares = 0 * _right(*arguments)
    shares[0] = rnn.rnn_backward(*arguments).dW_hh
    return shares


def _mean_over_the_batch(*arguments: Array) -> Array:
    return _right(*arguments) / len(arguments[0])


MISTAKES = (
    Mistake(
        "by the step of the weight",
        _shares(index=lambda t, s, T: s),
        "Your shares add up to dL/dW_hh. But entry k seems to belong to step k + 1 of the sequence: "
        "all losses that reach it are in it, from near and from far.",
        SECTION,
    ),
    Mistake(
        "by the step of the weight, from the end",
        _shares(index=lambda t, s, T: T - 1 - s),
        "Your shares add up to dL/dW_hh. But entry k seems to belong to one step, k before the "
        "last, and to hold all losses that reach it. How far did each of them travel?",
        SECTION,
    ),
    Mistake(
        "by the step of the loss",
        _shares(index=lambda t, s, T: t),
        "Your shares add up to dL/dW_hh. But entry k seems to hold all that the loss of step k + 1 "
        "sends back, to near and far steps alike.",
        SECTION,
    ),
    Mistake(
        "the last loss alone",
        _shares(only_last=True),
        "It looks as if only the loss of the last step were followed. Every step may have one, and "
        "each travels its own way back.",
        SECTION,
    ),
    Mistake(
        "in reverse order",
        _reversed,
        "The shares are right, in reverse order: entry 0 should be the distance 0.",
        SECTION,
    ),
    Mistake(
        "all up to that distance",
        _up_to,
        "Entry k holds everything up to the distance k. It looks as if a sum were carried on, "
        "or one array were added to and stored each time.",
        SECTION,
    ),
    Mistake(
        "averaged",
        _averaged,
        "It looks as if each distance were averaged over the losses that travel it. "
        "The shares have to add up to dL/dW_hh.",
        SECTION,
    ),
    Mistake(
        "one step too far",
        _one_short,
        "Entry 0 is empty, and the farthest share is missing. A step's own loss meets the weight "
        "at that very step: there the distance is 0.",
        SECTION,
    ),
    Mistake(
        "everything at distance 0",
        _all_at_zero,
        "All of dL/dW_hh is in entry 0.",
        SECTION,
    ),
    Mistake(
        "the slope of tanh is missing",
        _shares(slope=np.ones_like),
        "It looks as if the slope of tanh were missing, at every step.",
        SECTION,
    ),
    Mistake(
        "no slope at the start",
        _shares(first_slope=False),
        "It looks as if the slope of tanh were missing where a way back begins. "
        "Even at distance 0 there is one tanh between the state and the weight.",
        SECTION,
    ),
    Mistake(
        "W_hh is not transposed",
        _shares(carry=lambda da, W_hh: da @ W_hh),
        "The distance 0 is right, others are not. It looks as if W_hh were not transposed.",
        SECTION,
    ),
    Mistake(
        "each share is transposed",
        lambda *arguments: _right(*arguments).transpose(0, 2, 1),
        "Every share is transposed. It is square, so no shape tells you. "
        "Entry [i, j] belongs to the way from old unit i to new unit j.",
        SECTION,
    ),
    Mistake(
        "W_hh is left out",
        _shares(carry=lambda da, W_hh: da),
        "The distance 0 is right, others are not. It looks as if da were handed to the step before "
        "as it is: its way leads through W_hh.",
        SECTION,
    ),
    Mistake(
        "averaged over the batch",
        _mean_over_the_batch,
        "It looks as if the shares were averaged over the batch. If the loss is a mean, its 1/N is "
        "in dh already.",
        SECTION,
    ),
    Mistake(
        "the last state for h0",
        _shares(before=lambda h0, h: np.roll(h, 1, axis=1)),
        "It looks as if the first step had read the last state: "
        "in Python the index -1 is the last one, and np.roll brings it to the front.",
        SECTION,
    ),
    Mistake(
        "with the states after the steps",
        _shares(before=lambda h0, h: h),
        "It looks as if the delta of a step met the state after it. "
        "Which state did that step multiply by W_hh?",
        SECTION,
    ),
    Mistake(
        "h0 is forgotten",
        _shares(before=lambda h0, h: np.concatenate([0 * h0[:, None], h[:, :-1]], axis=1)),
        "It looks as if the sequence had begun from zeros. It began from h0.",
        SECTION,
    ),
    Mistake(
        "dh is overwritten",
        _in_place,
        "The values are right, but dh has been changed. Make a new array.",
        SECTION,
    ),
)

PER_DISTANCE = Exercise(
    Function("per_distance", BACKWARD, {"shares": "T H H"}),
    "The gradient by distance",
    points=5,
    minutes=20,
    difficulty=3,
    cases=sequences,
    reference=flow.per_distance,
    mistakes=MISTAKES,
    hints=(
        "Follow a single loss first, that of step t. On its way back it meets W_hh at step t, then at "
        "step t - 1, and so on. At which distance is each?",
        "shares = np.zeros((T, H, H)). For every t: begin with dh[:, t] and nothing else; go back "
        "step by step as in rnn_backward; add what you find at step s to shares[t - s].",
        "At step s: da = back * (1 - h[:, s]**2); the share is (state before step s).T @ da; "
        "then back = da @ W_hh.T for step s - 1.",
        "The state before step s is h[:, s - 1], and h0 for s = 0. "
        "In the end compare shares.sum(axis=0) with dW_hh of rnn_backward.",
    ),
)
