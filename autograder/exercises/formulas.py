"""Cases of exercises that ask for a formula: small random networks that run for a few steps.

Most misreadings of a derivation agree with the right one over one or two steps, so there are longer
runs; the initial state is not zero and every step has a loss, for the same reason.  More than 4 steps
would show nothing else, and a right answer written out arrow by arrow would grow beyond what is read.
No two sizes are equal, so that a matrix in the wrong place does not fit, or shows.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from autograder.contract import Case
from autograder.derivations.networks import NETWORKS
from autograder.exercises.drawing import draw_arrays

#: The steps of each case, how many inputs and units there are, and what is said of it.
_CASES = (
    (4, 2, 3, "4 steps"),
    (3, 4, 2, "3 steps"),
    (4, 3, 2, "4 steps again"),
    (4, 3, 5, "4 steps and more units"),
    (1, 2, 3, "1 step"),
)
_OUTPUTS = 6


def networks(name: str) -> Callable[[np.random.Generator], list[Case]]:
    """Cases of a network, "lstm" or "rnn", as an `Exercise` wants them."""
    return functools.partial(draw_networks, name=name)


def draw_networks(rng: np.random.Generator, name: str) -> list[Case]:
    """The answer is given T alone; the numbers are what its formula is evaluated with."""
    specs = NETWORKS[name][1]
    return [
        Case(
            {"T": np.array(T), **draw_arrays(rng, specs, {"T": T, "D": D, "H": H, "M": _OUTPUTS})},
            about,
        )
        for T, D, H, about in _CASES
    ]
