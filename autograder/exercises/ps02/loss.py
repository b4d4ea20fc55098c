"""ps02 `sequence_loss`: a loss at every step.

L_t = 1/(2N) sum_n sum_m (y_t - target_t)^2
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from autograder.contract import Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import arrays
from course import rnn

Array: TypeAlias = np.ndarray

LOSS = {"y": "N T M", "target": "N T M"}


Losses: TypeAlias = tuple[Array, Any, Any]


def _losses(per_step: Array) -> Losses:
    return per_step, per_step.sum(), per_step[-1]


def _right_losses(y: Array, target: Array) -> Losses:
    return _losses(((y - target) ** 2).sum(axis=(0, 2)) / (2 * len(y)))


def _overwrites_y(y: Array, target: Array) -> Losses:
    y -= target
    return _losses((y**2).sum(axis=(0, 2)) / (2 * len(y)))


def _total_is_a_mean(y: Array, target: Array) -> Losses:
    per_step, total, last = _right_losses(y, target)
    return per_step, total / len(per_step), last


def _last_is_the_first(y: Array, target: Array) -> Losses:
    per_step, total, _ = _right_losses(y, target)
    return per_step, total, per_step[0]


def _running_sum(y: Array, target: Array) -> Losses:
    per_step, total, last = _right_losses(y, target)
    return np.cumsum(per_step), total, last


def _another_order(y: Array, target: Array) -> tuple[Any, Array, Any]:
    per_step, total, last = _right_losses(y, target)
    return total, per_step, last


def _per_example(y: Array, target: Array) -> Losses:
    _, total, last = _right_losses(y, target)
    return ((y - target) ** 2).sum(axis=(1, 2)) / (2 * len(y)), total, last


MISTAKES = (
    Mistake(
        "the total first",
        _another_order,
        "The total comes first in what you return. The order is: the loss of each step, their sum, "
        "the last one.",
        "Loss along the sequence",
    ),
    Mistake(
        "the last before the total",
        lambda y, target: tuple(_right_losses(y, target)[i] for i in (0, 2, 1)),
        "The second and the third of what you return have changed places.",
        "Loss along the sequence",
    ),
    Mistake(
        "the half is missing",
        lambda y, target: _losses(((y - target) ** 2).sum(axis=(0, 2)) / len(y)),
        "All your numbers are twice as large. The half is there so that it cancels "
        "when the square is differentiated.",
        "Loss along the sequence",
    ),
    Mistake(
        "a sum over the batch",
        lambda y, target: _losses(((y - target) ** 2).sum(axis=(0, 2)) / 2),
        "It looks as if the batch were summed and not averaged: "
        "a batch that holds everything twice should not have twice the loss.",
        "Loss along the sequence",
    ),
    Mistake(
        "neither the half nor the mean",
        lambda y, target: _losses(((y - target) ** 2).sum(axis=(0, 2))),
        "These look like plain sums of squares. The factor in front of the sum is missing.",
        "Loss along the sequence",
    ),
    Mistake(
        "a mean over the outputs",
        lambda y, target: _losses(((y - target) ** 2).mean(axis=(0, 2)) / 2),
        "Your numbers are too small by the factor M: it looks as if the M outputs were averaged. "
        "The batch is averaged, the outputs are summed.",
        "Loss along the sequence",
    ),
    Mistake(
        "the usual mean square",
        lambda y, target: _losses(((y - target) ** 2).mean(axis=(0, 2))),
        "This looks like a mean over batch and outputs, without the half. "
        "Many libraries define it so; the formula here differs in both.",
        "Loss along the sequence",
    ),
    Mistake(
        "the error is not squared",
        lambda y, target: _losses(np.abs(y - target).sum(axis=(0, 2)) / (2 * len(y))),
        "It looks as if the absolute error were summed. The formula has a square.",
        "Loss along the sequence",
    ),
    Mistake(
        "the square of the sum",
        lambda y, target: _losses((y - target).sum(axis=(0, 2)) ** 2 / (2 * len(y))),
        "It looks as if the errors were summed first and squared then, "
        "so that errors of opposite sign cancel.",
        "Loss along the sequence",
    ),
    Mistake(
        "the total is a mean over time",
        _total_is_a_mean,
        "per_step and last are right. The total is too small by the factor T: "
        "it is the sum of the steps' losses.",
        "Loss along the sequence",
    ),
    Mistake(
        "last is the first",
        _last_is_the_first,
        "per_step and total are right. It looks as if last were the loss of the first step.",
        "Loss along the sequence",
    ),
    Mistake(
        "per_step is a running sum",
        _running_sum,
        "total and last are right. Your per_step grows from step to step and ends at the total: "
        "it looks like a running sum.",
        "Loss along the sequence",
    ),
    Mistake(
        "one loss per example",
        _per_example,
        "It looks as if per_step had one loss for each example. "
        "Which axes have to go, so that only time is left?",
        "Loss along the sequence",
    ),
    Mistake(
        "y is overwritten",
        _overwrites_y,
        "The losses are right, but y -= target writes into the caller's array.",
        "Loss along the sequence",
    ),
)

SEQUENCE_LOSS = Exercise(
    Function("sequence_loss", LOSS, {"per_step": "T", "total": "", "last": ""}),
    "A loss at every step",
    points=4,
    minutes=10,
    difficulty=2,
    cases=arrays(LOSS),
    reference=rnn.sequence_loss,
    mistakes=MISTAKES,
    hints=(
        "The error y - target has the shape (N, T, M), and per_step has the shape (T,). "
        "Which axes have to go?",
        "Square first, then sum: np.sum takes a tuple of axes, such as axis=(0, 2).",
        "Divide by 2N. N is the size of the batch, y.shape[0]; there is no division by M or T.",
        "total is the sum of per_step, and last is its last entry. "
        "Return the three in the order per_step, total, last.",
    ),
)
