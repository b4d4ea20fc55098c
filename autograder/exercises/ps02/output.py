"""ps02 `rnn_output`: an output at every step.

y_t = h_t W_hy + b_y
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from autograder.contract import Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import arrays
from course import rnn

Array: TypeAlias = np.ndarray

OUTPUT = {"h": "N T H", "W_hy": "H M", "b_y": "M"}


def _clears_h(h: Array, W_hy: Array, b_y: Array) -> Array:
    y = h @ W_hy + b_y
    h *= 0
    return y


def _running(h: Array, W_hy: Array, b_y: Array) -> Array:
    return np.cumsum(h @ W_hy, axis=1) + b_y


def _softmax(a: Array) -> Array:
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


MISTAKES = (
    Mistake(
        "the bias is left out",
        lambda h, W_hy, b_y: h @ W_hy,
        "It looks as if b_y were missing: a state of zeros should give b_y, and yours gives zeros.",
        "Reading out",
    ),
    Mistake(
        "tanh on the output",
        lambda h, W_hy, b_y: np.tanh(h @ W_hy + b_y),
        "It looks as if the output went through tanh. The states did already; the output is a plain "
        "weighted sum and may be larger than 1.",
        "Reading out",
    ),
    Mistake(
        "softmax on the output",
        lambda h, W_hy, b_y: _softmax(h @ W_hy + b_y),
        "Your outputs add up to 1, so it looks as if they went through a softmax. "
        "Here the output is a plain weighted sum.",
        "Reading out",
    ),
    Mistake(
        "a second tanh on the state",
        lambda h, W_hy, b_y: np.tanh(h) @ W_hy + b_y,
        "It looks as if h went through tanh once more. It is a state already.",
        "Reading out",
    ),
    Mistake(
        "the last step only",
        lambda h, W_hy, b_y: h[:, -1] @ W_hy + b_y,
        "These are the outputs of the last step alone. Here every step has one.",
        "Reading out",
    ),
    Mistake(
        "summed over time",
        lambda h, W_hy, b_y: (h @ W_hy + b_y).sum(axis=1),
        "The outputs of all steps were added up. Each step keeps its own.",
        "Reading out",
    ),
    Mistake(
        "a running sum over time",
        _running,
        "The first step is right. It looks as if the later ones added up what came before; "
        "the memory is in h, and the output has none of its own.",
        "Reading out",
    ),
    Mistake(
        "time first",
        lambda h, W_hy, b_y: (h @ W_hy + b_y).swapaxes(0, 1),
        "The values are right, with time as the first axis and the batch as the second.",
        "Reading out",
    ),
    Mistake(
        "batch and time in one axis",
        lambda h, W_hy, b_y: h.reshape(-1, h.shape[2]) @ W_hy + b_y,
        "The values are right, but batch and time are still one axis. "
        "After such a product, give the two axes back, or let @ take the last axis by itself.",
        "Reading out",
    ),
    Mistake(
        "W_hy is transposed",
        lambda h, W_hy, b_y: h @ W_hy.T + b_y,
        "It looks as if W_hy were transposed. Write the shapes under the factors: "
        "the inner sizes have to agree.",
        "Reading out",
    ),
    Mistake(
        "h is overwritten",
        _clears_h,
        "The output is right, but h is not what it was before the call.",
        "Reading out",
    ),
)

RNN_OUTPUT = Exercise(
    Function("rnn_output", OUTPUT, {"y": "N T M"}),
    "An output at every step",
    points=3,
    minutes=5,
    difficulty=1,
    cases=arrays(OUTPUT),
    reference=rnn.rnn_output,
    mistakes=MISTAKES,
    hints=(
        "Nothing recurs here: the output of a step depends on the state of that step alone.",
        "You need no loop. When @ meets an array of three axes, it multiplies along the last one "
        "and leaves the others alone.",
        "h @ W_hy has the shape (N, T, M). One thing is still to be added.",
    ),
)
