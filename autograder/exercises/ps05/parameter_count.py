"""ps05 `lstm_parameter_count`: how many numbers an LSTM learns.

4 (D H + H H + H)
"""

from __future__ import annotations

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import draw_sizes
from course import lstm

SECTION = "Why four times"


def two_sizes(rng: np.random.Generator) -> list[Case]:
    """Five layers, described by D and H."""
    drawn = [draw_sizes(rng, "DH") for _ in range(5)]
    return [Case({name: np.array(size) for name, size in sizes.items()}) for sizes in drawn]


MISTAKES = (
    Mistake(
        "one gate",
        lambda D, H: D * H + H * H + H,
        "This is the count of a vanilla layer. How many such layers are there in an LSTM?",
        SECTION,
    ),
    Mistake(
        "three gates",
        lambda D, H: 3 * (D * H + H * H + H),
        "It looks as if three layers were counted, the gates. The candidate is made by weights, "
        "too.",
        SECTION,
    ),
    Mistake(
        "no biases",
        lambda D, H: 4 * (D * H + H * H),
        "All eight matrices are there. It looks as if the biases were missing.",
        SECTION,
    ),
    Mistake(
        "one bias for all",
        lambda D, H: 4 * (D * H + H * H) + H,
        "All eight matrices are there, and one bias. Each of the four layers has its own.",
        SECTION,
    ),
    Mistake(
        "two biases",
        lambda D, H: 4 * (D * H + H * H + 2 * H),
        "Your count is too large by 4 H. torch keeps two biases a gate, which it adds up; "
        "here there is one.",
        SECTION,
    ),
    Mistake(
        "W is left out",
        lambda D, H: 4 * (D * H + H),
        "It looks as if the recurrent matrices were missing.",
        SECTION,
    ),
    Mistake(
        "the cell is counted",
        lambda D, H: 4 * (D * H + H * H + H) + H,
        "Your count is too large by H. Is the cell in it? It is computed, not learned.",
        SECTION,
    ),
    Mistake(
        "W is 4 H by 4 H",
        lambda D, H: 4 * D * H + 16 * H * H + 4 * H,
        "It looks as if W had 4 H rows. It reads the state, which has H numbers, and writes four "
        "sums.",
        SECTION,
    ),
    Mistake(
        "an output layer",
        lambda D, H: 4 * (D * H + H * H + H) + H * D + D,
        "It looks as if an output layer were counted, too. Here it is the LSTM alone.",
        SECTION,
    ),
    Mistake(
        "the matrices of one gate",
        lambda D, H: 4 * D * H + H * H + 4 * H,
        "It looks as if U were counted four times, but W once.",
        SECTION,
    ),
)

LSTM_PARAMETER_COUNT = Exercise(
    Function("lstm_parameter_count", {"D": "int", "H": "int"}, {"count": "int"}),
    "How many numbers are learned",
    points=1,
    minutes=4,
    difficulty=1,
    cases=two_sizes,
    reference=lstm.lstm_parameter_count,
    mistakes=MISTAKES,
    hints=(
        "Count one of the four layers first: which two matrices and which bias does f need?",
        "U^f is (D, H), W^f is (H, H) and b^f is (H,).",
        "The other three are of the same sizes.",
    ),
)
