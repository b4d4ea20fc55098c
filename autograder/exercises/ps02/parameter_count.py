"""ps02 `rnn_parameter_count`: how many numbers are learned.

D H + H H + H + H M + M
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import draw_sizes
from course import rnn

Array: TypeAlias = np.ndarray


def three_sizes(rng: np.random.Generator) -> list[Case]:
    """Five networks, described by D, H and M."""
    drawn = [draw_sizes(rng, "DHM") for _ in range(5)]
    return [Case({name: np.array(size) for name, size in sizes.items()}) for sizes in drawn]


MISTAKES = (
    Mistake(
        "2 H for H H",
        lambda D, H, M: D * H + 2 * H + H + H * M + M,
        "It looks as if W_hh had 2 H numbers. It is a square, with H rows and H columns.",
        "Shapes and counts",
    ),
    Mistake(
        "no biases",
        lambda D, H, M: D * H + H * H + H * M,
        "All three matrices are there. It looks as if both biases were missing.",
        "Shapes and counts",
    ),
    Mistake(
        "b_h is missing",
        lambda D, H, M: D * H + H * H + H * M + M,
        "It looks as if one bias were missing, the one inside tanh.",
        "Shapes and counts",
    ),
    Mistake(
        "b_y is missing",
        lambda D, H, M: D * H + H * H + H + H * M,
        "It looks as if one bias were missing, the one of the output.",
        "Shapes and counts",
    ),
    Mistake(
        "W_hh is missing",
        lambda D, H, M: D * H + H + H * M + M,
        "It looks as if one matrix were missing. What you counted is a network without a loop.",
        "Shapes and counts",
    ),
    Mistake(
        "no output layer",
        lambda D, H, M: D * H + H * H + H,
        "It looks as if you had stopped at the state. The output has a matrix and a bias too.",
        "Shapes and counts",
    ),
    Mistake(
        "H too many",
        lambda D, H, M: D * H + H * H + 2 * H + H * M + M,
        "Your count is too large by H. Is there a second hidden bias, as torch has it, "
        "or did you count the state? The state is computed, not learned.",
        "Shapes and counts",
    ),
    Mistake(
        "W_hh as a row",
        lambda D, H, M: D * H + H + H + H * M + M,
        "It looks as if W_hh had H numbers, one for each unit. "
        "Every unit reads every unit of the state before.",
        "Shapes and counts",
    ),
    Mistake(
        "rows and columns added",
        lambda D, H, M: (D + H) + (H + H) + H + (H + M) + M,
        "It looks as if the rows and the columns of each matrix were added up. "
        "How many numbers stand in a table of 3 rows and 4 columns?",
        "Shapes and counts",
    ),
    Mistake(
        "the biases have the sizes of what is read",
        lambda D, H, M: D * H + H * H + D + H * M + H,
        "The matrices are right. It looks as if the biases had the size of what comes in; "
        "a bias is added to what comes out.",
        "Shapes and counts",
    ),
)

RNN_PARAMETER_COUNT = Exercise(
    Function("rnn_parameter_count", {"D": "int", "H": "int", "M": "int"}, {"count": "int"}),
    "How many numbers are learned",
    points=2,
    minutes=5,
    difficulty=1,
    cases=three_sizes,
    reference=rnn.rnn_parameter_count,
    mistakes=MISTAKES,
    hints=(
        "Go through the table of shapes: which of these arrays are learned, "
        "and which are computed from the input?",
        "There are three matrices and two biases. A matrix of r rows and c columns has r c numbers.",
        "The matrices have D H, H H and H M numbers. Add the two biases. T is in none of them.",
    ),
)
