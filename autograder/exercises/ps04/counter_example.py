"""ps04 `counter_example`: a matrix with a given spectral radius and a given largest singular value.

Any matrix will do that has both, so a law judges it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from course.init import spectral_radius

Array: TypeAlias = np.ndarray

ASKED = {"rho": "", "sigma": ""}
SECTION = "Singular value or eigenvalue"

#: Eigenvalues that coincide are known to half the digits only: sqrt(1e-16) times the matrix.
TOLERANCE = 1e-6


def pairs(rng: np.random.Generator) -> list[Case]:
    """A radius below 1 and a singular value above 1, and one case with the radius 0."""
    drawn = [
        (about, rng.uniform(0.2, 0.95), rng.uniform(low, 2 * low))
        for about, low in (
            ("a singular value somewhat larger", 1.2),
            ("a singular value much larger", 5.0),
            ("a singular value ten times larger and more", 12.0),
        )
    ]
    drawn.append(("a radius of 0", 0.0, rng.uniform(2.0, 10.0)))
    return [
        Case({"rho": np.array(rho), "sigma": np.array(sigma)}, about) for about, rho, sigma in drawn
    ]


def _law(inputs: Mapping[str, Array], W: Array) -> str | None:
    rho, sigma = float(inputs["rho"]), float(inputs["sigma"])
    radius = spectral_radius(W)
    largest = float(np.linalg.norm(W, 2))

    def is_near(a: float, b: float) -> bool:
        return abs(a - b) <= TOLERANCE * sigma

    if is_near(radius, rho) and is_near(largest, sigma):
        return None
    if is_near(radius, rho):
        size = "large" if largest > sigma else "small"
        return f"The spectral radius is rho, but the largest singular value is too {size}."
    if is_near(largest, sigma):
        size = "large" if radius > rho else "small"
        return f"The largest singular value is sigma, but the spectral radius is too {size}."
    return "Neither is the spectral radius rho nor the largest singular value sigma."


def counter_example(rho: float, sigma: float) -> Array:
    """[[rho, s], [0, 0]] with rho^2 + s^2 = sigma^2: one row alone, and its length is sigma."""
    W = np.zeros((2, 2))
    W[0] = rho, np.sqrt(sigma**2 - rho**2)
    return W


MISTAKES = (
    Mistake(
        "both on the diagonal",
        lambda rho, sigma: np.diag([rho, sigma]),
        "With a diagonal matrix the eigenvalues stand on the diagonal, and so, up to their sign, do "
        "the singular values: the two cannot differ. What can you put off the diagonal?",
        SECTION,
    ),
    Mistake(
        "sigma is put in the corner",
        lambda rho, sigma: np.array([[rho, sigma], [0, rho]]),
        "The eigenvalues are as they should be. But a corner of sigma and rho "
        "beside it make a row longer than sigma, and no row is longer than the largest singular value.",
        SECTION,
    ),
    Mistake(
        "sigma in the corner, zeros below",
        lambda rho, sigma: np.array([[rho, sigma], [0, 0]]),
        "The eigenvalues are as they should be. With a row of zeros the largest singular value is the "
        "length of the other row: which length has yours?",
        SECTION,
    ),
    Mistake(
        "rho times the unit matrix",
        lambda rho, sigma: rho * np.eye(2),
        "It looks as if sigma were not used: with rho alone every length is multiplied by rho. "
        "Put something off the diagonal; a triangle keeps its eigenvalues.",
        SECTION,
    ),
    Mistake(
        "sigma and rho on the other diagonal",
        lambda rho, sigma: np.array([[0, sigma], [rho, 0]]),
        "The singular values are right. But the square of [[0, a], [b, 0]] is a b I: "
        "so how large are its eigenvalues?",
        SECTION,
    ),
    Mistake(
        "nilpotent",
        lambda rho, sigma: np.array([[0, sigma], [0, 0]]),
        "The largest singular value is right, and both eigenvalues are 0. That serves for rho = 0; "
        "where do the eigenvalues of a triangular matrix stand?",
        SECTION,
    ),
    Mistake(
        "squares for lengths",
        lambda rho, sigma: np.array([[rho, sigma**2 - rho**2], [0, 0]]),
        "You seem to have taken sigma^2 - rho^2 for the corner. Its square should be that.",
        SECTION,
    ),
    Mistake(
        "a difference for a length",
        lambda rho, sigma: np.array([[rho, sigma - rho], [0, 0]]),
        "It looks as if you had taken sigma - rho for the corner. The length of a row "
        "is the root of a sum of squares.",
        SECTION,
    ),
)

COUNTER_EXAMPLE = Exercise(
    Function("counter_example", ASKED, {"W": "2 2"}),
    "A radius and a singular value of your choice",
    points=3,
    minutes=12,
    difficulty=3,
    cases=pairs,
    reference=counter_example,
    mistakes=MISTAKES,
    laws={"W": _law},
    hints=(
        "The eigenvalues of a triangular matrix stand on its diagonal. What stands beside the "
        "diagonal leaves them alone, and changes the singular values.",
        "Two unknowns are enough: [[rho, s], [0, d]] with |d| <= rho. Which d makes the singular "
        "values easy?",
        "With d = 0 the second row is zero, and the only singular value that is not 0 is the length "
        "of the first row.",
        "rho^2 + s^2 = sigma^2. Solve it for s.",
    ),
)
