"""ps01 `wasted_share`: how much of what is stored is pads.

1 - (real steps) / (steps stored)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.ps01.words import Array, word_case
from course import padding

SECTION = "Pads and masks"


def waste_cases(rng: np.random.Generator) -> list[Case]:
    """Batches that come out even, with a rest, with a rest of one; a single batch."""

    def lengths(L: int) -> Array:
        drawn = rng.permutation(np.arange(2, 2 + 2 * L))[:L]
        drawn[0], drawn[-1] = 1, 2 * L + 5  # not sorted backwards, and the rest has the longest
        return drawn

    return [
        word_case("batches of equal size", lengths=lengths(9), size=3),
        word_case("a last batch with a single sequence", lengths=lengths(7), size=2),
        word_case("a last batch with fewer", lengths=lengths(8), size=5),
        word_case("fewer sequences than a batch holds", lengths=lengths(4), size=6),
    ]


def _batches(lengths: Array, size: int) -> list[Array]:
    return [lengths[start : start + size] for start in range(0, len(lengths), size)]


def _stored(lengths: Array, size: int) -> Any:
    return sum(len(batch) * batch.max() for batch in _batches(lengths, size))


def _mean_of_shares(lengths: Array, size: int) -> Any:
    return np.mean([1 - batch.mean() / batch.max() for batch in _batches(lengths, size)])


def _whole_batches_only(lengths: Array, size: int) -> Any:
    whole = lengths[: len(lengths) // size * size] if len(lengths) >= size else lengths
    return 1 - whole.sum() / _stored(whole, size)


def _sorts_in_place(lengths: Array, size: int) -> Any:
    lengths.sort()
    return 1 - lengths.sum() / _stored(lengths, size)


MISTAKES = (
    Mistake(
        "all padded to the longest of all",
        lambda lengths, size: 1 - lengths.sum() / (len(lengths) * lengths.max()),
        "It looks as if every batch were padded to the longest sequence of all. "
        "Each batch goes by its own longest one.",
        SECTION,
    ),
    Mistake(
        "the share that is used",
        lambda lengths, size: lengths.sum() / _stored(lengths, size),
        "This is the share of real steps. The wasted share is the rest.",
        SECTION,
    ),
    Mistake(
        "pads by real steps",
        lambda lengths, size: _stored(lengths, size) / lengths.sum() - 1,
        "You seem to divide the pads by the real steps. A share is taken of all that is stored.",
        SECTION,
    ),
    Mistake(
        "the number of pads",
        lambda lengths, size: _stored(lengths, size) - lengths.sum(),
        "This is the number of pads. Divide it by the number of steps stored.",
        SECTION,
    ),
    Mistake(
        "a mean of the batches' shares",
        _mean_of_shares,
        "It looks as if each batch's share were averaged. A large batch has more pads than a small "
        "one: add up first, then divide once.",
        SECTION,
    ),
    Mistake(
        "the last batch is full",
        lambda lengths, size: (
            1 - lengths.sum() / (size * sum(b.max() for b in _batches(lengths, size)))
        ),
        "It looks as if the last batch had as many rows as the others. It has as many as are left.",
        SECTION,
    ),
    Mistake(
        "the rest is left out",
        _whole_batches_only,
        "It looks as if the sequences that fill no whole batch were left out.",
        SECTION,
    ),
    Mistake(
        "sorted first",
        lambda lengths, size: 1 - lengths.sum() / _stored(np.sort(lengths), size),
        "It looks as if the lengths were sorted first. That saves a lot, but here the batches are "
        "cut in the order that is given.",
        SECTION,
    ),
    Mistake(
        "the lengths are sorted in place",
        _sorts_in_place,
        "lengths.sort() sorts the caller's own array, and the batches are wanted in the given order.",
        SECTION,
    ),
)

WASTED_SHARE = Exercise(
    Function("wasted_share", {"lengths": "int L", "size": "int"}, {"share": ""}),
    "What pads cost",
    points=3,
    minutes=10,
    difficulty=2,
    cases=waste_cases,
    reference=padding.wasted_share,
    mistakes=MISTAKES,
    hints=(
        "Lengths 1, 4, 2 in batches of two: draw the two arrays, and shade the pads. "
        "How many of the steps stored are pads?",
        "A batch stores (its number of sequences) times (its longest sequence) steps. "
        "The real steps are the sum of all lengths.",
        "range(0, len(lengths), size) gives the first place of each batch, "
        "and lengths[start : start + size] the batch; a slice may run past the end.",
        "Add up len(batch) * batch.max() over all batches. The answer is 1 - lengths.sum() / stored.",
    ),
)
