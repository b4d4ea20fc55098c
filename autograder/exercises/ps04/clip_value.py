"""ps04 `clip_by_value`: no number of a gradient above a limit.

min(max(g, -limit), limit)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import draw_cases

Array: TypeAlias = np.ndarray

CLIP = {"g": "D H", "limit": ""}
SECTION = "Clipping"


def gradients(rng: np.random.Generator) -> Sequence[Case]:
    """Gradients with some numbers beyond the limit, and one without any."""
    cases = draw_cases(rng, {"g": "D H"})
    limits = [float(np.quantile(np.abs(case.inputs["g"]), rng.uniform(0.3, 0.7))) for case in cases]
    drawn = [
        Case({**case.inputs, "limit": np.array(limit)}, case.about)
        for case, limit in zip(cases, limits, strict=True)
    ]
    within = rng.standard_normal((3, 5))
    limit = np.array(1.5 * np.max(np.abs(within)))
    return [*drawn, Case({"g": within, "limit": limit}, "all within the limit")]


def clip_by_value(g: Array, limit: float) -> Array:
    """Each number by itself: at most `limit`, at least `-limit`."""
    return g.clip(-limit, limit)


def _overwrites_g(g: Array, limit: float) -> Array:
    return np.clip(g, -limit, limit, out=g)


MISTAKES = (
    Mistake(
        "from above only",
        lambda g, limit: np.minimum(g, limit),
        "Large positive numbers are clipped, large negative ones are not.",
        SECTION,
    ),
    Mistake(
        "from below only",
        lambda g, limit: np.maximum(g, -limit),
        "Large negative numbers are clipped, large positive ones are not.",
        SECTION,
    ),
    Mistake(
        "the sign is lost",
        lambda g, limit: np.minimum(np.abs(g), limit),
        "The sizes are right, but negative numbers have become positive.",
        SECTION,
    ),
    Mistake(
        "the sign is lost beyond the limit",
        lambda g, limit: np.where(np.abs(g) > limit, limit, g),
        "Numbers within the limit are right, and so are large positive ones. "
        "Large negative ones have become positive.",
        SECTION,
    ),
    Mistake(
        "all at the limit",
        lambda g, limit: np.sign(g) * limit,
        "Every number has been put at the limit. Those within it should stay as they are.",
        SECTION,
    ),
    Mistake(
        "zero beyond the limit",
        lambda g, limit: np.where(np.abs(g) <= limit, g, 0.0),
        "Numbers beyond the limit have become zero. They should be put at the limit, with their sign.",
        SECTION,
    ),
    Mistake(
        "scaled by the largest",
        lambda g, limit: g * min(1.0, limit / np.max(np.abs(g))),
        "It looks as if all numbers were scaled alike until the largest fits. That keeps the "
        "direction; here each number is clipped by itself.",
        SECTION,
    ),
    Mistake(
        "between 0 and the limit",
        lambda g, limit: np.clip(g, 0, limit),
        "Negative numbers have become zero. The lower bound is the limit with a minus sign.",
        SECTION,
    ),
    Mistake(
        "clipped by the norm",
        lambda g, limit: g * min(1.0, limit / np.linalg.norm(g)),
        "It looks as if the whole was scaled to the norm of the limit. That is the next exercise; "
        "here each number is clipped by itself.",
        SECTION,
    ),
    Mistake(
        "g is overwritten",
        _overwrites_g,
        "The result is right, but it is written into g itself.",
        SECTION,
    ),
)

CLIP_BY_VALUE = Exercise(
    Function("clip_by_value", CLIP, {"clipped": "D H"}),
    "Clip each number",
    points=2,
    minutes=4,
    difficulty=1,
    cases=gradients,
    reference=clip_by_value,
    mistakes=MISTAKES,
    hints=(
        "There are two bounds, limit and -limit. NumPy has a function that keeps numbers between two.",
        "np.clip(array, lowest, highest) makes a new array.",
        "The lowest is -limit and the highest is limit.",
    ),
)
