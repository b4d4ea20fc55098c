"""ps02 `rnn_step`: one step of the recurrence.

h_next = tanh(x W_xh + h W_hh + b_h)
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from autograder.contract import Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import arrays
from course import rnn
from course.activations import sigmoid

Array: TypeAlias = np.ndarray

STEP = {"x": "N D", "h": "N H", "W_xh": "D H", "W_hh": "H H", "b_h": "H"}


def _overwrites_h(x: Array, h: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    h[...] = np.tanh(x @ W_xh + h @ W_hh + b_h)
    return h


MISTAKES = (
    Mistake(
        "the previous state is left out",
        lambda x, h, W_xh, W_hh, b_h: np.tanh(x @ W_xh + b_h),
        "It looks as if h played no part. Call your function with two different states: "
        "the answers should differ.",
        "One step",
    ),
    Mistake(
        "the input is left out",
        lambda x, h, W_xh, W_hh, b_h: np.tanh(h @ W_hh + b_h),
        "It looks as if x played no part. Call your function with two different inputs: "
        "the answers should differ.",
        "One step",
    ),
    Mistake(
        "the bias is left out",
        lambda x, h, W_xh, W_hh, b_h: np.tanh(x @ W_xh + h @ W_hh),
        "It looks as if the bias were missing: with x and h zero, your answer is zero, "
        "and it should not be.",
        "One step",
    ),
    Mistake(
        "no tanh",
        lambda x, h, W_xh, W_hh, b_h: x @ W_xh + h @ W_hh + b_h,
        "The sum inside is right, and it comes back as it is. Large inputs show what is missing: "
        "a state cannot leave the range from -1 to 1.",
        "One step",
    ),
    Mistake(
        "tanh twice",
        lambda x, h, W_xh, W_hh, b_h: np.tanh(np.tanh(x @ W_xh + h @ W_hh + b_h)),
        "It looks as if tanh were applied twice: your states never pass tanh(1), about 0.76.",
        "One step",
    ),
    Mistake(
        "tanh of each part",
        lambda x, h, W_xh, W_hh, b_h: np.tanh(x @ W_xh) + np.tanh(h @ W_hh + b_h),
        "It looks as if the input's part and the state's part each had a tanh of their own. "
        "Their sum can reach 2. First add, then squash.",
        "One step",
    ),
    Mistake(
        "the bias comes after tanh",
        lambda x, h, W_xh, W_hh, b_h: np.tanh(x @ W_xh + h @ W_hh) + b_h,
        "It looks as if the bias were added to the state. It belongs to the sum inside tanh; "
        "check your closing parenthesis.",
        "One step",
    ),
    Mistake(
        "W_hh is transposed",
        lambda x, h, W_xh, W_hh, b_h: np.tanh(x @ W_xh + h @ W_hh.T + b_h),
        "It looks as if W_hh were transposed. It is square, so NumPy cannot notice. "
        "With row vectors the state stands on the left of the matrix as it is.",
        "One step",
    ),
    Mistake(
        "a product instead of a sum",
        lambda x, h, W_xh, W_hh, b_h: np.tanh((x @ W_xh) * (h @ W_hh) + b_h),
        "It looks as if the two products were multiplied with each other. "
        "Then a state of zero would silence every input.",
        "One step",
    ),
    Mistake(
        "a tanh for each product",
        lambda x, h, W_xh, W_hh, b_h: np.tanh(x @ W_xh) + np.tanh(h @ W_hh) + b_h,
        "It looks as if each product went through a tanh of its own. There is one tanh, "
        "and everything is added up inside it.",
        "One step",
    ),
    Mistake(
        "relu instead of tanh",
        lambda x, h, W_xh, W_hh, b_h: np.maximum(x @ W_xh + h @ W_hh + b_h, 0.0),
        "It looks as if negative sums became zero and the others stayed. "
        "The states of this network can be negative, and none is larger than 1.",
        "One step",
    ),
    Mistake(
        "sigmoid instead of tanh",
        lambda x, h, W_xh, W_hh, b_h: sigmoid(x @ W_xh + h @ W_hh + b_h),
        "It looks as if the sum went through a sigmoid: your states lie between 0 and 1. "
        "The states of this network can be negative.",
        "One step",
    ),
    Mistake(
        "h is overwritten",
        _overwrites_h,
        "The values are right, but they are written into h itself, as h[:] = ... or h += ... do. "
        "Whoever called you still needs the old state.",
        "One step",
    ),
)

RNN_STEP = Exercise(
    Function("rnn_step", STEP, {"h_next": "N H"}),
    "One step of the recurrence",
    points=4,
    minutes=10,
    difficulty=1,
    cases=arrays(STEP),
    reference=rnn.rnn_step,
    mistakes=MISTAKES,
    hints=(
        "Write the shape under each letter of the equation. Which products fit?",
        "The batch needs no loop: x has a row for each example, and x @ W_xh multiplies all the "
        "rows at once.",
        "Both products have the shape (N, H), so they can be added. b_h has the shape (H,), and "
        "NumPy adds it to every row.",
        "Only when all three are added up does np.tanh come, once, over the whole sum: "
        "np.tanh(x @ ... + h @ ... + ...).",
    ),
)
