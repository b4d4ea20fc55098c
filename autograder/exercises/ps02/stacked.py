"""ps02 `stacked_weights`: one matrix for two, in the column form that many lectures use.

a_t = W [h_{t-1}; x_t] + b_h in columns, W = [W_hh^T, W_xh^T]
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from autograder.contract import Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import arrays
from course import rnn

Array: TypeAlias = np.ndarray

STACKED = {"W_xh": "D H", "W_hh": "H H"}


MISTAKES = (
    Mistake(
        "the input is on top",
        lambda W_xh, W_hh: np.concatenate([W_xh.T, W_hh.T], axis=1),
        "It looks as if the columns were for [x; h], with the input on top. "
        "In this form's column the previous state comes first.",
        "Two matrices or one",
    ),
    Mistake(
        "not transposed",
        lambda W_xh, W_hh: np.concatenate([W_hh, W_xh], axis=0),
        "You stacked the two matrices of the row form, state first. That is right for [h, x] as a "
        "row on the left; this form's W stands on the left of a column.",
        "Two matrices or one",
    ),
    Mistake(
        "not transposed, the input on top",
        lambda W_xh, W_hh: np.concatenate([W_xh, W_hh], axis=0),
        "You stacked the two matrices of the row form, and the input came first. "
        "Two things differ between the forms: the order, and rows against columns.",
        "Two matrices or one",
    ),
    Mistake(
        "W_hh is not transposed",
        lambda W_xh, W_hh: np.concatenate([W_hh, W_xh.T], axis=1),
        "The columns that belong to x are right, those of h are not. W_hh is square: "
        "it fits either way round, and only one is right.",
        "Two matrices or one",
    ),
    Mistake(
        "reshape instead of transpose, for both",
        lambda W_xh, W_hh: np.concatenate([W_hh, W_xh.reshape(W_xh.shape[::-1])], axis=1),
        "The shape fits, but it looks as if reshape had made it fit. It deals the same numbers out "
        "in rows of another length; it does not exchange rows and columns.",
        "Two matrices or one",
    ),
    Mistake(
        "reshape instead of transpose, for W_xh",
        lambda W_xh, W_hh: np.concatenate([W_hh.T, W_xh.reshape(W_xh.shape[::-1])], axis=1),
        "The columns that belong to h are right. Those of x look as if they came from reshape, "
        "which does not exchange rows and columns.",
        "Two matrices or one",
    ),
    Mistake(
        "the stack is reshaped",
        lambda W_xh, W_hh: np.concatenate([W_hh, W_xh]).reshape(len(W_hh), -1),
        "It looks as if the two matrices were stacked and then reshaped. The shape fits and the "
        "numbers stand elsewhere: reshape does not exchange rows and columns.",
        "Two matrices or one",
    ),
    Mistake(
        "columns in reverse",
        lambda W_xh, W_hh: np.concatenate([W_xh, W_hh])[::-1].T,
        "It looks as if the order were reversed within the blocks too. "
        "The blocks change places; the rows inside each one stay in order.",
        "Two matrices or one",
    ),
)

STACKED_WEIGHTS = Exercise(
    Function("stacked_weights", STACKED, {"W": "H H+D"}),
    "One matrix for two",
    points=3,
    minutes=10,
    difficulty=2,
    cases=arrays(STACKED),
    reference=rnn.stacked_weights,
    mistakes=MISTAKES,
    hints=(
        "Take one example and write its equation twice: once with rows, as in this worksheet, and "
        "once with columns. Transposing a product exchanges its factors and transposes each.",
        "Read W [h; x] block by block. The first H columns of W meet h, the last D columns meet x.",
        "(h W_hh)^T = W_hh^T h^T, so the block that meets h is W_hh^T. And the one that meets x?",
        "Put the two blocks side by side: np.concatenate([..., ...], axis=1), with .T for a "
        "transpose.",
    ),
)
