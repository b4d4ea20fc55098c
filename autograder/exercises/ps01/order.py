"""ps01 `order_blind`: the same words in another order, for which a bag is blind."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.ps01.words import Array, word_case

SECTION = "Same words, another order"


def order_cases(rng: np.random.Generator) -> list[Case]:
    """Sentences on which one or the other simple rearrangement gives back what it was given."""
    a, b, c, d, e = np.sort(rng.choice(20, size=5, replace=False))
    sentences = {
        "any sentence": [e, c, d, b],
        "reads the same backwards": [b, e, d, e, b],
        "in alphabetical order": [a, b, d, e],
        "begins twice and ends alike": [c, c, d, b, c],
        "ends twice": [e, b, a, a],
        "two words in turn": [d, a, d, a],
    }
    return [word_case(about, words=words) for about, words in sentences.items()]


def same_words_another_order(inputs: Mapping[str, Array], other: Array) -> str | None:
    """The law: equal counts, and not word for word the same."""
    given = inputs["words"]
    if not np.array_equal(np.sort(other), np.sort(given)):
        return "Your sentence has other words, or has them another number of times."
    if np.array_equal(other, given):
        return "This is the sentence that was given, word for word."
    return None


def _exchanged(words: Array, i: int, j: int) -> Array:
    other = words.copy()
    other[[i, j]] = other[[j, i]]
    return other


def _halves(words: Array) -> Array:
    middle = len(words) // 2
    return np.concatenate([words[middle:], words[:middle]])


def _shuffled_in_place(words: Array) -> Array:
    words[:] = np.roll(words, 1)
    return words


def _first_word_twice(words: Array) -> Array:
    other = words.copy()
    other[-1] = other[0]
    return np.roll(other, 1) if np.array_equal(other, words) else other


def order_blind(words: Array) -> Array:
    """The last word comes to the front: that changes every sentence that has two different words."""
    return np.roll(words, 1)


MISTAKES = (
    Mistake(
        "the same sentence again",
        lambda words: words.copy(),
        "Nothing has moved. The bag is the same, but so is the order.",
        SECTION,
    ),
    Mistake(
        "read backwards",
        lambda words: words[::-1].copy(),
        "Backwards is another order for most sentences. Some read the same from both ends, as "
        "“never say never” does.",
        SECTION,
    ),
    Mistake(
        "sorted",
        lambda words: np.sort(words),
        "Sorting keeps the counts, and changes the order unless the words came sorted: "
        "then nothing moves.",
        SECTION,
    ),
    Mistake(
        "the first two exchanged",
        lambda words: _exchanged(words, 0, 1),
        "Exchanging the first two words does nothing where these are one word twice, "
        "as in “never never again”.",
        SECTION,
    ),
    Mistake(
        "the last two exchanged",
        lambda words: _exchanged(words, -2, -1),
        "Exchanging the last two words does nothing where these are one word twice.",
        SECTION,
    ),
    Mistake(
        "first and last exchanged",
        lambda words: _exchanged(words, 0, -1),
        "Exchanging the first and the last word does nothing where a sentence begins and ends alike.",
        SECTION,
    ),
    Mistake(
        "the two halves exchanged",
        _halves,
        "Exchanging the halves does nothing where the second half repeats the first: "
        "try the words 1, 2, 1, 2.",
        SECTION,
    ),
    Mistake(
        "another sentence",
        lambda words: words + 1,
        "These are other words, so the bag differs too. Move the words that there are.",
        SECTION,
    ),
    Mistake(
        "each word once",
        lambda words: np.unique(words),
        "It looks as if each word were kept once, as in a set. A bag counts how often each word comes.",
        SECTION,
    ),
    Mistake(
        "the words are overwritten",
        _shuffled_in_place,
        "The order is right, but it is written into the caller's own array. Make a new one.",
        SECTION,
    ),
)

ORDER_BLIND = Exercise(
    Function("order_blind", {"words": "int T"}, {"other": "int T"}),
    "The same bag, another sentence",
    points=3,
    minutes=10,
    difficulty=2,
    cases=order_cases,
    reference=order_blind,
    mistakes=MISTAKES,
    laws={"other": same_words_another_order},
    hints=(
        "Which rearrangement changes 1, 2, 1? And 1, 1, 2? And 1, 2, 1, 2? One rule has to serve for "
        "all three.",
        "Think of the words as standing in a circle. When does the circle look the same after one "
        "step of turning?",
        "Only if every word equals its neighbour, and so all are equal. That was excluded.",
        "Put the last word in front of all others: np.concatenate([words[-1:], words[:-1]]).",
    ),
)
