"""ps01 `masked_mean_loss`: the mean over real steps alone.

L = sum(loss * mask) / sum(mask)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.ps01.words import Array, word_case
from course import padding

SECTION = "A loss that skips the pads"


def loss_cases(rng: np.random.Generator) -> list[Case]:
    """Batches with pads that hold zeros, or anything; losses of zero at real steps; no pads."""

    def batch(about: str, lengths: list[int], T: int, in_pads: float) -> Case:
        mask = 1.0 * (np.arange(T) < np.array(lengths)[:, None])
        loss = rng.uniform(0.1, 2.0, size=mask.shape)
        loss = np.where(mask == 1, loss, in_pads * loss)
        return word_case(about, loss=loss, mask=mask)

    perfect = batch("a real step without a loss", [4, 2], T=4, in_pads=1.0)
    perfect.inputs["loss"][[0, 1], [1, 0]] = 0.0
    return [
        batch("pads without a loss", [2, 5, 1], T=5, in_pads=0.0),
        batch("pads with losses of their own", [4, 1, 6, 3], T=6, in_pads=1.0),
        batch("pads with huge losses", [3, 1], T=4, in_pads=1e4),
        perfect,
        batch("no pads", [4, 4, 4, 4, 4], T=4, in_pads=0.0),
        batch("one sequence of one step", [1], T=1, in_pads=0.0),
    ]


def _mean(loss: Array, mask: Array) -> Any:
    return np.sum(loss * mask) / np.sum(mask)


def _overwrites_the_loss(loss: Array, mask: Array) -> Any:
    loss *= mask
    return np.sum(loss) / np.sum(mask)


def _mean_of_means(loss: Array, mask: Array) -> Any:
    return np.mean(np.sum(loss * mask, axis=1) / np.sum(mask, axis=1))


MISTAKES = (
    Mistake(
        "the mask is ignored",
        lambda loss, mask: np.mean(loss),
        "It looks as if all steps were averaged, pads too. Change the loss at a pad: "
        "your answer should not move.",
        SECTION,
    ),
    Mistake(
        "pads are counted",
        lambda loss, mask: np.mean(loss * mask),
        "What you add up is right. But you seem to divide by all N T steps: "
        "add more pads, and your loss gets smaller.",
        SECTION,
    ),
    Mistake(
        "pads are added",
        lambda loss, mask: np.sum(loss) / np.sum(mask),
        "You divide by the right number. What is divided seems to have the losses of the pads in it.",
        SECTION,
    ),
    Mistake(
        "a sum",
        lambda loss, mask: np.sum(loss * mask),
        "This is the sum over the real steps. Divide it by their number.",
        SECTION,
    ),
    Mistake(
        "divided by the batch",
        lambda loss, mask: np.sum(loss * mask) / len(loss),
        "You seem to divide by the number of sequences. The mean is over real steps.",
        SECTION,
    ),
    Mistake(
        "a mean of means",
        _mean_of_means,
        "It looks as if each sequence were averaged first and then the sequences. "
        "So a step in a short one counts more than a step in a long one; here all count alike.",
        SECTION,
    ),
    Mistake(
        "the mean of the pads",
        lambda loss, mask: np.sum(loss * (1 - mask)) / max(np.sum(1 - mask), 1),
        "It looks as if the pads were averaged, and the real steps left out. The mask is 1 for what "
        "is real.",
        SECTION,
    ),
    Mistake(
        "a loss of zero is taken for a pad",
        lambda loss, mask: np.sum(loss * mask) / np.count_nonzero(loss * mask),
        "You add up the right losses. But you seem to count those that are not zero: a real step "
        "whose answer is perfect has the loss 0 and counts as well.",
        SECTION,
    ),
    Mistake(
        "the mask as an index",
        lambda loss, mask: np.mean(loss[mask]),
        "The mask holds the numbers 1.0 and 0.0, which are no places in an array. "
        "A comparison, mask == 1, can pick.",
        SECTION,
    ),
    Mistake(
        "the mask as numbers of rows",
        lambda loss, mask: np.mean(loss[mask.astype(int)]),
        "With whole numbers in the brackets NumPy takes row 0 and row 1 of the losses, again and "
        "again. Only True and False pick entries: mask == 1.",
        SECTION,
    ),
    Mistake(
        "one loss for each sequence",
        lambda loss, mask: np.sum(loss * mask, axis=1) / np.sum(mask, axis=1),
        "There is one mean for each sequence. Wanted is a single number, over all real steps.",
        SECTION,
    ),
    Mistake(
        "the loss is overwritten",
        _overwrites_the_loss,
        "The mean is right, but `loss *= mask` writes into the caller's array.",
        SECTION,
    ),
)

MASKED_MEAN_LOSS = Exercise(
    Function("masked_mean_loss", {"loss": "N T", "mask": "N T"}, {"mean": ""}),
    "A mean that knows the pads",
    points=4,
    minutes=8,
    difficulty=1,
    cases=loss_cases,
    reference=padding.masked_mean_loss,
    mistakes=MISTAKES,
    hints=(
        "A mean is a sum divided by a number of things. Here both the sum and the number leave out "
        "the pads.",
        "loss * mask is zero at every pad. What does mask.sum() count?",
        "Divide the sum of loss * mask by the sum of mask.",
    ),
)
