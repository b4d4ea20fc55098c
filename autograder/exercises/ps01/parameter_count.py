"""ps01 `count_parameters`: weights of their own for every step, or the same for all.

T (H + D + 1) H  against  (H + D + 1) H
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import draw_sizes
from course import sequences

SECTION = "One layer for each word"


def layer_cases(rng: np.random.Generator) -> list[Case]:
    """Five networks, described by T, D and H; one has a single layer."""
    drawn = [draw_sizes(rng, "TDH", largest=12) for _ in range(4)]
    drawn.append({"T": 1, **draw_sizes(rng, "DH")})
    return [
        Case({name: np.array(size) for name, size in sizes.items()}, about)
        for sizes, about in zip(
            drawn,
            ("some sizes", "other sizes", "other sizes again", "and again", "a single layer"),
            strict=True,
        )
    ]


def _layers(layer: Callable[[int, int], int]) -> Callable[[int, int, int], tuple[int, int]]:
    """T layers of that size each, and one."""
    return lambda T, D, H: (T * layer(D, H), layer(D, H))


MISTAKES = (
    Mistake(
        "no bias",
        _layers(lambda D, H: (H + D) * H),
        "The matrices are all there. It looks as if the biases were missing.",
        SECTION,
    ),
    Mistake(
        "the state is not read",
        _layers(lambda D, H: D * H + H),
        "It looks as if a layer read its word only. It reads the state of the layer below too.",
        SECTION,
    ),
    Mistake(
        "the word is not read",
        _layers(lambda D, H: H * H + H),
        "It looks as if a layer read the state only. It reads a word of its own too.",
        SECTION,
    ),
    Mistake(
        "a layer that writes what it reads",
        _layers(lambda D, H: (H + D) ** 2 + H + D),
        "It looks as if a layer gave H + D numbers. It reads H + D and gives H.",
        SECTION,
    ),
    Mistake(
        "one bias for all layers",
        lambda T, D, H: (T * (H + D) * H + H, (H + D) * H + H),
        "With shared weights you are right. If each layer has its own weights, "
        "it has a bias of its own as well.",
        SECTION,
    ),
    Mistake(
        "a first layer without a state",
        lambda T, D, H: (D * H + H + (T - 1) * ((H + D) * H + H), (H + D) * H + H),
        "It looks as if the first layer read no state. One can build it so. Here zeros stand in for "
        "the missing state, and all layers are alike.",
        SECTION,
    ),
    Mistake(
        "the shared one first",
        lambda T, D, H: ((H + D) * H + H, T * ((H + D) * H + H)),
        "The two counts have changed places.",
        SECTION,
    ),
    Mistake(
        "sharing does not help",
        lambda T, D, H: (T * ((H + D) * H + H), T * ((H + D) * H + H)),
        "Shared weights are counted once, however often they are used.",
        SECTION,
    ),
    Mistake(
        "one bias a layer",
        _layers(lambda D, H: (H + D) * H + 1),
        "It looks as if a layer had a single bias. It has one for each of its H numbers.",
        SECTION,
    ),
)

COUNT_PARAMETERS = Exercise(
    Function(
        "count_parameters",
        {"T": "int", "D": "int", "H": "int"},
        {"per_step": "int", "shared": "int"},
    ),
    "Weights of their own, or shared ones",
    points=3,
    minutes=8,
    difficulty=1,
    cases=layer_cases,
    reference=sequences.count_parameters,
    mistakes=MISTAKES,
    hints=(
        "Count one layer first. How many numbers does it read, and how many does it give?",
        "It reads H + D numbers, side by side, and gives H. A matrix has an entry for each pair; "
        "then there is a bias for each number given.",
        "A layer has (H + D) H + H parameters. How many layers have their own, in either network?",
    ),
)
