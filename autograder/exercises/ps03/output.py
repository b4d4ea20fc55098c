"""ps03 `rnn_output_backward`: the linear reading of the states, backwards.

dh_t = dy_t W_hy^T,   dW_hy = sum_t h_t^T dy_t,   db_y = sum_t dy_t
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from autograder.contract import Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import arrays
from course import rnn

Array: TypeAlias = np.ndarray
Gradients: TypeAlias = tuple[Array, ...]

SECTION = "Back from the outputs"

OUTPUT_BACK = {"dy": "N T M", "h": "N T H", "W_hy": "H M"}


def _then(change: Callable[..., Gradients]) -> Callable[..., Gradients]:
    """Right, but for what `change(gradients, arguments...)` does."""

    def backward(dy: Array, h: Array, W_hy: Array) -> Gradients:
        return change(tuple(rnn.rnn_output_backward(dy, h, W_hy)), dy, h, W_hy)

    return backward


def _in_place(dy: Array, h: Array, W_hy: Array) -> Gradients:
    result = rnn.rnn_output_backward(dy, h, W_hy)
    dy[...] = dy / len(dy)
    return result


MISTAKES = (
    Mistake(
        "overwritten at every step",
        _then(lambda g, dy, h, W_hy: (g[0], h[:, 0].T @ dy[:, 0], dy[:, 0].sum(axis=0))),
        "dh is right. dW_hy and db_y hold the first step alone: it looks as if your loop ran back "
        "through time and replaced them at each turn.",
        SECTION,
    ),
    Mistake(
        "the last step alone",
        _then(lambda g, dy, h, W_hy: (g[0], h[:, -1].T @ dy[:, -1], dy[:, -1].sum(axis=0))),
        "dh is right. dW_hy and db_y hold the last step alone. "
        "The same weights made the outputs of all steps.",
        SECTION,
    ),
    Mistake(
        "the bias gradient is averaged",
        _then(lambda g, dy, *_: (*g[:2], dy.mean(axis=(0, 1)))),
        "All but db_y is right, and that is averaged. The bias went into every output of every "
        "example; their deltas add up.",
        SECTION,
    ),
    Mistake(
        "the bias gradient is averaged over the batch",
        _then(lambda g, dy, *_: (*g[:2], g[2] / len(dy))),
        "All but db_y is right, and that is averaged over the batch. "
        "If the loss is a mean, its 1/N is in dy already.",
        SECTION,
    ),
    Mistake(
        "everything is averaged",
        _then(lambda g, dy, *_: (g[0], *(d / dy[..., 0].size for d in g[1:]))),
        "dh is right. It looks as if the gradients of the weights were divided by N T. They are sums; "
        "if the loss is a mean, that is in dy already.",
        SECTION,
    ),
    Mistake(
        "reshaped, not transposed",
        _then(
            lambda g, dy, h, W_hy: (
                g[0],
                h.reshape(h.shape[2], -1) @ dy.reshape(-1, dy.shape[2]),
                g[2],
            )
        ),
        "All but dW_hy is right. It looks as if h were reshaped to (H, N T). That keeps the order in "
        "which the numbers lie in memory, so rows are mixed up: reshape to (N T, H), then transpose.",
        SECTION,
    ),
    Mistake(
        "everything is averaged over the batch",
        _then(lambda g, dy, *_: (g[0], g[1] / len(dy), g[2] / len(dy))),
        "dh is right. It looks as if the gradients of the weights were averaged over the batch. "
        "If the loss is a mean, its 1/N is in dy already.",
        SECTION,
    ),
    Mistake(
        "averaged over time",
        _then(lambda g, dy, *_: (g[0], g[1] / dy.shape[1], g[2] / dy.shape[1])),
        "dh is right. It looks as if the gradients of the weights were averaged over time. "
        "A weight that is used at T steps gets T deltas, and they add up.",
        SECTION,
    ),
    Mistake(
        "the bias gradient keeps its batch",
        _then(lambda g, dy, *_: (*g[:2], dy.sum(axis=1))),
        "All but db_y is right. It is summed over time; all examples had the same bias, too.",
        SECTION,
    ),
    Mistake(
        "the bias gradient keeps its steps",
        _then(lambda g, dy, *_: (*g[:2], dy.sum(axis=0))),
        "All but db_y is right. It is summed over the batch; all steps had the same bias, too.",
        SECTION,
    ),
    Mistake(
        "through a tanh",
        _then(lambda g, dy, h, W_hy: (g[0] * (1 - h**2), *g[1:])),
        "All but dh is right. It looks as if the slope of tanh were in it. The output reads h_t, "
        "which came out of tanh; the way through tanh is part of the step.",
        SECTION,
    ),
    Mistake(
        "dW_hy is transposed",
        _then(lambda g, *_: (g[0], g[1].T, g[2])),
        "All but dW_hy is right, and that is transposed. A gradient has the shape of what it is "
        "the gradient of.",
        SECTION,
    ),
    Mistake(
        "dy is overwritten",
        _in_place,
        "The values are right, but dy has been changed. Whoever called you may need it again.",
        SECTION,
    ),
)

RNN_OUTPUT_BACKWARD = Exercise(
    Function(
        "rnn_output_backward",
        OUTPUT_BACK,
        {"dh": "N T H", "dW_hy": "H M", "db_y": "M"},
    ),
    "The outputs, backwards",
    points=3,
    minutes=8,
    difficulty=1,
    cases=arrays(OUTPUT_BACK),
    reference=rnn.rnn_output_backward,
    mistakes=MISTAKES,
    hints=(
        "There is no tanh here and no recurrence: what would you do for one step of one example?",
        "dh has the shape of h, (N, T, H), and comes from dy, (N, T, M): "
        "@ works on the last axis for all examples and steps at once.",
        "One W_hy made the outputs of all examples and all steps. So dW_hy is a sum over both: "
        "add up h[:, t].T @ dy[:, t] in a loop, "
        "or turn both arrays into tables with N T rows, by reshape(-1, H) and reshape(-1, M).",
        "db_y is dy, summed over its first two axes: axis=(0, 1).",
    ),
)
