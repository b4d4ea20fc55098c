"""ps03 `softmax_xent_backward`: back through softmax and cross-entropy.

dL/dz = (p - y) / K  at the K places that are scored, 0 elsewhere
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from autograder.contract import Arrays, Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import draw_sizes
from course import softmax as chapter

Array: TypeAlias = np.ndarray

SECTION = "Scores, probabilities, blame"

SCORES = {"logits": "N T V", "target": "int N T", "mask": "int N T"}


def scores(rng: np.random.Generator) -> list[Case]:
    """Ordinary scores, scores far from zero on either side, and a single place."""
    wide = np.array([2000.0, -2000.0])
    drawn = []
    for about in ("unequal sizes", "other sizes", "scores around 2000 and around -2000"):
        case = _scores(rng, draw_sizes(rng, "NTV"))
        if "2000" in about:
            N, T = case["target"].shape
            case["logits"] += wide[(np.arange(N)[:, None] + np.arange(T)) % 2][:, :, None]
        drawn.append(Case(case, about))
    one = _scores(rng, {"N": 1, "T": 1, "V": 3})
    one["mask"][...] = 1
    return [*drawn, Case(one, "one example of one step")]


def _scores(rng: np.random.Generator, sizes: dict[str, int]) -> Arrays:
    N, T, V = (sizes[letter] for letter in "NTV")
    mask = rng.integers(2, size=(N, T))
    if N * T > 1:  # at least one place is scored, in another example one is not
        mask[0, 0], mask[-1, -1] = 1, 0
        mask[0, 1] = 1
    return {
        "logits": 1.5 * rng.standard_normal((N, T, V)),
        "target": rng.integers(V, size=(N, T)),
        "mask": mask,
    }


def softmax_xent_backward(logits: Array, target: Array, mask: Array) -> Array:
    """What `course.softmax` does where a mask is given; here its single edits are tried."""
    p = chapter.softmax(logits)
    y = np.eye(logits.shape[2])[target]
    error: Array = (p - y) * mask[:, :, None] / mask.sum()
    return error


def _p(logits: Array) -> Array:
    return chapter.softmax(logits)


def _y(logits: Array, target: Array) -> Array:
    return np.eye(logits.shape[-1])[target]


def _shared(error: Array, mask: Array) -> Array:
    return error * mask[:, :, None] / mask.sum()


def _of(error: Callable[[Array, Array], Array]) -> Callable[..., Array]:
    """Masked and averaged as it should be, whatever `error(p, y)` makes of the two."""

    def backward(logits: Array, target: Array, mask: Array) -> Array:
        return _shared(error(_p(logits), _y(logits, target)), mask)

    return backward


def _with(p: Callable[[Array], Array]) -> Callable[..., Array]:
    """p - y with other probabilities."""

    def backward(logits: Array, target: Array, mask: Array) -> Array:
        return _shared(p(logits) - _y(logits, target), mask)

    return backward


def _divided(by: Callable[[Array, Array], float]) -> Callable[..., Array]:
    """p - y, masked, divided by something else."""

    def backward(logits: Array, target: Array, mask: Array) -> Array:
        error = _p(logits) - _y(logits, target)
        return error * mask[:, :, None] / by(mask, logits)

    return backward


def _naive(logits: Array) -> Array:
    e = np.exp(logits)
    p: Array = e / e.sum(axis=-1, keepdims=True)
    return p


def _one_shift_for_all(logits: Array) -> Array:
    return _naive(logits - logits.max())


def _over_time(logits: Array) -> Array:
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p: Array = e / e.sum(axis=1, keepdims=True)
    return p


def _over_everything(logits: Array) -> Array:
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p: Array = e / e.sum()
    return p


def _mean_of_means(logits: Array, target: Array, mask: Array) -> Array:
    error = (_p(logits) - _y(logits, target)) * mask[:, :, None]
    return error / np.maximum(mask.sum(axis=1), 1)[:, None, None] / len(mask)


def _no_mask(logits: Array, target: Array, mask: Array) -> Array:
    return (_p(logits) - _y(logits, target)) / mask.size


def _not_masked_but_divided(logits: Array, target: Array, mask: Array) -> Array:
    return (_p(logits) - _y(logits, target)) / mask.sum()


def _mask_hides_the_target_alone(logits: Array, target: Array, mask: Array) -> Array:
    return (_p(logits) - _y(logits, target) * mask[:, :, None]) / mask.sum()


def _scores_masked(logits: Array, target: Array, mask: Array) -> Array:
    return (_p(logits * mask[:, :, None]) - _y(logits, target)) / mask.sum()


def _in_place(logits: Array, target: Array, mask: Array) -> Array:
    result = chapter.softmax_xent_backward(logits, target, mask)
    logits -= logits.max(axis=-1, keepdims=True)
    return result


def _through_the_jacobian(p: Array, y: Array) -> Array:
    error = p - y
    return p * (error - (p * error).sum(axis=-1, keepdims=True))


MISTAKES = (
    Mistake(
        "exp overflows",
        _with(_naive),
        "Ordinary scores are right, large ones give NaN: exp(2000) is infinite, and exp(-2000) is "
        "zero. The same number may be taken off all scores of a place; p does not change.",
        SECTION,
    ),
    Mistake(
        "one shift for all places",
        _with(_one_shift_for_all),
        "It looks as if the largest score of the whole array were taken off everywhere. "
        "Where all scores are far below it, every exp is zero. Each place has a maximum of its own.",
        SECTION,
    ),
    Mistake(
        "y - p",
        _of(lambda p, y: y - p),
        "Everything has the wrong sign. Where the target's probability is too small, a larger score "
        "makes the loss smaller: its gradient is negative.",
        SECTION,
    ),
    Mistake(
        "the target is left out",
        _of(lambda p, y: p),
        "It looks as if p came back as it is. At every place the gradient must add up to zero, "
        "because a shift of all scores changes nothing.",
        SECTION,
    ),
    Mistake(
        "the target alone",
        _of(lambda p, y: p * y - y),
        "Only the target's score has a gradient, and that is right. The other scores are in the "
        "sum below the line: raise one of them, and the target's probability falls.",
        SECTION,
    ),
    Mistake(
        "a slope too many",
        _of(lambda p, y: (p - y) * p * (1 - p)),
        "It looks as if p - y were multiplied by p (1 - p). "
        "p - y is the gradient by the scores already: the slope has cancelled.",
        SECTION,
    ),
    Mistake(
        "softmax's Jacobian twice",
        _of(_through_the_jacobian),
        "It looks as if p - y were sent through softmax once more. It is the gradient by the scores "
        "already, not by the probabilities.",
        SECTION,
    ),
    Mistake(
        "softmax over time",
        _with(_over_time),
        "It looks as if probabilities were made over the steps: axis 1. "
        "At every place the V probabilities must add up to 1.",
        SECTION,
    ),
    Mistake(
        "one sum for all places",
        _with(_over_everything),
        "It looks as if exp were divided by the sum over the whole array. "
        "At every place the V probabilities must add up to 1.",
        SECTION,
    ),
    Mistake(
        "the gradient by the probabilities",
        _of(lambda p, y: -y / p),
        "This is the gradient by the probabilities, -1 / p at the target. "
        "Asked for is the one by the scores.",
        SECTION,
    ),
    Mistake(
        "no mask",
        _no_mask,
        "It looks as if the mask played no part. Where it is 0 there is no loss, "
        "so nothing comes back; and the mean is over the others.",
        SECTION,
    ),
    Mistake(
        "the mask only counts",
        _not_masked_but_divided,
        "It looks as if the mask were used to count the places, and not to silence any. "
        "Where it is 0 nothing must come back.",
        SECTION,
    ),
    Mistake(
        "the mask hides the target alone",
        _mask_hides_the_target_alone,
        "The places that are scored are right. At the others p has come back, as if the mask "
        "were applied to y and not to p.",
        SECTION,
    ),
    Mistake(
        "the scores are masked",
        _scores_masked,
        "The places that are scored are right. It looks as if the mask had been applied to the "
        "scores: scores of zero are not silence, they say that all words are equally likely.",
        SECTION,
    ),
    Mistake(
        "divided by all places",
        _divided(lambda mask, logits: mask.size),
        "It looks as if the mean were taken over all N T places. "
        "The loss is a mean over those where the mask is 1.",
        SECTION,
    ),
    Mistake(
        "divided by the batch",
        _divided(lambda mask, logits: len(mask)),
        "It looks as if you divided by N. The loss is a mean over all places where the mask is 1.",
        SECTION,
    ),
    Mistake(
        "a mean of each example",
        _mean_of_means,
        "It looks as if each example had a mean of its own. Then a place in a short one counts for "
        "more; here all places with mask 1 count alike.",
        SECTION,
    ),
    Mistake(
        "not divided",
        _divided(lambda mask, logits: 1.0),
        "It looks as if nothing were divided. The loss is a mean, so each place has a share of it.",
        SECTION,
    ),
    Mistake(
        "divided by every score",
        _divided(lambda mask, logits: mask.sum() * logits.shape[-1]),
        "Your gradient is too small by the number of words, as if the mean had been taken over all "
        "scores: `np.mean` does that. There is one loss a place, not one a score.",
        SECTION,
    ),
    Mistake(
        "the scores are overwritten",
        _in_place,
        "The values are right, but logits has been changed, as `logits -= ...` does.",
        SECTION,
    ),
)

SOFTMAX_XENT_BACKWARD = Exercise(
    Function("softmax_xent_backward", SCORES, {"dlogits": "N T V"}),
    "Softmax and cross-entropy, backwards",
    points=4,
    minutes=12,
    difficulty=2,
    cases=scores,
    reference=softmax_xent_backward,
    mistakes=MISTAKES,
    hints=(
        "Three pieces: the probabilities p, the targets y as zeros with a single 1, "
        "and the share that each place has in the mean.",
        "Take the largest score of each place off before exp: "
        "logits - logits.max(axis=-1, keepdims=True).",
        "np.eye(V) has the one-hot vectors as its rows; np.eye(V)[target] picks one for each place, "
        "(N, T, V).",
        "Multiply by mask[:, :, None], which is 0 where nothing is scored, and divide by mask.sum().",
    ),
)
