"""ps04 `clip_by_global_norm`: the direction stays, the length is bounded.

g min(1, limit / ||g||), with one norm over all arrays
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from autograder.contract import Arrays, Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import draw_arrays, draw_sizes

Array: TypeAlias = np.ndarray
Three: TypeAlias = tuple[Array, ...]

GRADIENTS = {"dW_xh": "D H", "dW_hh": "H H", "db_h": "H"}
CLIP = {**GRADIENTS, "limit": ""}
SECTION = "Clipping"


def gradients(rng: np.random.Generator) -> Sequence[Case]:
    """Gradients longer than the limit and shorter; once each array alone is shorter."""

    def case(about: str, scale: float, ratio: float) -> Case:
        arrays: Arrays = draw_arrays(rng, GRADIENTS, draw_sizes(rng, "DH"), scale)
        return Case({**arrays, "limit": np.array(ratio * _norm(*arrays.values()))}, about)

    return [
        case("longer than the limit", 1.0, rng.uniform(0.2, 0.4)),
        case("much longer than the limit", 30.0, rng.uniform(0.01, 0.05)),
        case("shorter than the limit", 0.3, rng.uniform(1.5, 3.0)),
        case("each array within the limit, but not all together", 1.0, 0.97),
        case("far shorter than the limit", 1e-3, rng.uniform(500, 900)),
    ]


def _norm(*arrays: Array) -> float:
    return float(np.sqrt(sum(np.sum(g**2) for g in arrays)))


def clip_by_global_norm(dW_xh: Array, dW_hh: Array, db_h: Array, limit: float) -> Three:
    """One factor for all: limit / ||g||, if that is below 1."""
    norm = np.sqrt(np.sum(dW_xh**2) + np.sum(dW_hh**2) + np.sum(db_h**2))
    scale = limit / max(norm, limit)
    return dW_xh * scale, dW_hh * scale, db_h * scale


Scale: TypeAlias = Callable[[Three, Any], Any]


def _scaled(scale: Scale) -> Callable[..., Three]:
    """All arrays times one factor that depends on all of them."""

    def clip(dW_xh: Array, dW_hh: Array, db_h: Array, limit: float) -> Three:
        arrays = (dW_xh, dW_hh, db_h)
        return tuple(g * scale(arrays, limit) for g in arrays)

    return clip


def _each(clip: Callable[[Array, float], Array]) -> Callable[..., Three]:
    """Each array by itself."""
    return lambda dW_xh, dW_hh, db_h, limit: tuple(clip(g, limit) for g in (dW_xh, dW_hh, db_h))


def _shrink(limit: float, norm: float) -> float:
    return limit / max(norm, limit)


def _spectral(g: Array) -> Any:
    return np.linalg.norm(g, 2)


def _but_the_bias(dW_xh: Array, dW_hh: Array, db_h: Array, limit: float) -> Three:
    return (*clip_by_global_norm(dW_xh, dW_hh, db_h, limit)[:2], db_h)


def _overwrites(dW_xh: Array, dW_hh: Array, db_h: Array, limit: float) -> Three:
    scale = _shrink(limit, _norm(dW_xh, dW_hh, db_h))
    for g in (dW_xh, dW_hh, db_h):
        g *= scale
    return dW_xh, dW_hh, db_h


MISTAKES = (
    Mistake(
        "a norm for each array",
        _each(lambda g, limit: g * _shrink(limit, _norm(g))),
        "It looks as if each array were clipped by its own norm. Then the arrays shrink by different "
        "factors, and the direction of the whole is lost. There is one norm over all.",
        SECTION,
    ),
    Mistake(
        "each array scaled to the limit",
        _each(lambda g, limit: g * limit / _norm(g)),
        "It looks as if each array were divided by its own norm. Then the arrays change by different "
        "factors, and short ones grow. There is one norm over all, and one factor, at most 1.",
        SECTION,
    ),
    Mistake(
        "always scaled to the limit",
        _scaled(lambda arrays, limit: limit / _norm(*arrays)),
        "Long gradients come out right, and short ones are made longer. "
        "A gradient within the limit should stay as it is.",
        SECTION,
    ),
    Mistake(
        "divided by its norm",
        _scaled(lambda arrays, limit: 1 / _norm(*arrays)),
        "Every gradient comes out with the norm 1, long or short, whatever the limit. "
        "That is the division by the magnitude which the worksheet warns of.",
        SECTION,
    ),
    Mistake(
        "divided by its norm when too long",
        _scaled(lambda arrays, limit: 1 / _norm(*arrays) if _norm(*arrays) > limit else 1.0),
        "A gradient beyond the limit comes out with the norm 1, not with the norm limit: "
        "it jumps when it crosses the limit.",
        SECTION,
    ),
    Mistake(
        "clipped by value",
        _each(lambda g, limit: np.clip(g, -limit, limit)),
        "It looks as if each number were clipped by itself. "
        "Here all are multiplied by one factor, so that the direction stays.",
        SECTION,
    ),
    Mistake(
        "no root",
        _scaled(lambda arrays, limit: _shrink(limit, _norm(*arrays) ** 2)),
        "It looks as if the sum of squares were taken for the norm: a root is missing.",
        SECTION,
    ),
    Mistake(
        "the norms are added",
        _scaled(lambda arrays, limit: _shrink(limit, sum(_norm(g) for g in arrays))),
        "It looks as if the three norms were added up. "
        "Their squares add up, as in the theorem of Pythagoras.",
        SECTION,
    ),
    Mistake(
        "the largest norm",
        _scaled(lambda arrays, limit: _shrink(limit, max(_norm(g) for g in arrays))),
        "It looks as if only the longest of the three arrays counted for the norm.",
        SECTION,
    ),
    Mistake(
        "the largest singular value for a norm",
        _scaled(lambda arrays, limit: _shrink(limit, _norm(*(_spectral(g) for g in arrays)))),
        "It looks as if each matrix counted with its largest singular value. "
        "Its length, as one long row of numbers, is the root of the sum of all squares.",
        SECTION,
    ),
    Mistake(
        "a mean of squares",
        _scaled(
            lambda arrays, limit: _shrink(
                limit, _norm(*arrays) / np.sqrt(sum(g.size for g in arrays))
            )
        ),
        "It looks as if the squares were averaged. The norm is the root of their sum.",
        SECTION,
    ),
    Mistake(
        "zero beyond the limit",
        _scaled(lambda arrays, limit: float(_norm(*arrays) <= limit)),
        "A gradient beyond the limit has become zero, so the network would not learn from it at all. "
        "Shorten it.",
        SECTION,
    ),
    Mistake(
        "the bias is left out of the norm",
        _scaled(lambda arrays, limit: _shrink(limit, _norm(*arrays[:2]))),
        "It looks as if db_h did not count for the norm. The norm is that of all numbers together.",
        SECTION,
    ),
    Mistake(
        "the bias is not scaled",
        _but_the_bias,
        "dW_xh and dW_hh are right. db_h comes out as it went in; "
        "if one array is not scaled with the others, the direction turns.",
        SECTION,
    ),
    Mistake(
        "the gradients are overwritten",
        _overwrites,
        "The values are right, but they are written into the arrays that you were given, "
        "as g *= scale does.",
        SECTION,
    ),
)

CLIP_BY_GLOBAL_NORM = Exercise(
    Function("clip_by_global_norm", CLIP, GRADIENTS),
    "Clip the whole gradient",
    points=4,
    minutes=10,
    difficulty=2,
    cases=gradients,
    reference=clip_by_global_norm,
    mistakes=MISTAKES,
    hints=(
        "Think of all numbers of all three arrays as one long row. What is its length?",
        "The squared norm is the sum of all squares of all three arrays. One factor then serves all.",
        "The factor is limit / norm where norm is larger than limit, and 1 elsewhere. "
        "A gradient of zero must not divide by zero.",
        "scale = limit / max(norm, limit) does both. Return each array times scale.",
    ),
)
