"""Laws for outputs that have no single right value: the weights that a class starts with.

Each law gives one sentence, without numbers, for each way to go wrong.  Two answers that break a law
in the same way get the same sentence, so they can be recognised as the same mistake.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from autograder.exercise import Law

#: Weights pass with a size from 0.45 to 2 times 1/sqrt(rows).  In matrices drawn with `sizes_for_scale`
#: below, what people use lies well inside: 1/sqrt(rows) itself (1), Glorot's sqrt(2/(rows + columns))
#: (1 to 1.33), He's sqrt(2/rows) (1.41), an orthogonal matrix (1), and torch's uniform numbers within
#: 1/sqrt(H) (0.58 to 1.63).  What is wrong lies well outside: no scale (more than 7), 1/rows (below
#: 0.14), and a scale by the wrong side of an oblong matrix (2.8) or by D where H is meant (0.35).
SMALLEST, LARGEST = 0.45, 2.0

#: The mean of independent numbers around 0 is at most a few hundredths of their size here; that of
#: numbers of one sign is most of it.
LOPSIDED = 0.5


def sizes_for_scale(rng: np.random.Generator) -> tuple[int, int, int]:
    """D, H, M of a network whose scale can be judged: H from 56 to 72, D eight times, M an eighth.

    The smallest matrix then has 56 x 7 = 392 numbers, so its size is known to 3.6 % (one standard
    deviation): a right scale is at least five deviations away from either bound.
    """
    M = int(rng.integers(7, 10))
    return 64 * M, 8 * M, M


def weights_law(name: str) -> Law:
    """A weight matrix must be random, with mean 0 and a standard deviation near 1/sqrt(rows)."""

    def law(inputs: Mapping[str, np.ndarray], weights: np.ndarray) -> str | None:
        size = float(np.sqrt(np.mean(weights**2)))
        ratio = size * np.sqrt(len(weights))
        if _has_equal_columns(weights):
            return (
                f"{name} starts with equal columns, so two units are copies of each other, "
                "get equal gradients and stay copies for ever."
            )
        if ratio > LARGEST:
            return (
                f"{name} starts far too large: a unit sums over all rows, "
                "so the standard deviation should be about 1/sqrt(rows)."
            )
        if ratio < SMALLEST:
            return (
                f"{name} starts far too small: the standard deviation should be about "
                "1/sqrt(rows), so that a unit's sum is about as large as one of its inputs."
            )
        if abs(float(np.mean(weights))) > LOPSIDED * size:
            return (
                f"{name} starts lopsided: nearly all its numbers have one sign. Centre them on 0."
            )
        return None

    return law


def _has_equal_columns(matrix: np.ndarray) -> bool:
    # The first row settles it for random numbers, and fast.
    columns = matrix.shape[1]
    if len(np.unique(matrix[0])) == columns:
        return False
    return np.unique(matrix, axis=1).shape[1] < columns


def zeros_law(name: str) -> Law:
    """A bias must start at zero."""

    def law(inputs: Mapping[str, np.ndarray], bias: np.ndarray) -> str | None:
        return f"{name} should start as zeros." if np.any(bias) else None

    return law
