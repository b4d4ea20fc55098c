"""ps01 `fixed_window`: the last k words, one-hot, each in its slot.

features[n, k - j] = one-hot of x[n, T - j],  j = 1 .. k
"""

from __future__ import annotations

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.ps01.words import Array, draw_words, word_case
from course import sequences

SECTION = "A window on the last words"


def window_cases(rng: np.random.Generator) -> list[Case]:
    """Sentences longer than the window, shorter, and of a single word."""

    def sentences(N: int, T: int, V: int) -> Array:
        x = draw_words(rng, N, T, V)
        # The ends can be told apart, and the first word from what may fill an empty slot: 0 and V - 1.
        x[0, 0], x[0, -1] = 1 + rng.permutation(V - 2)[:2]
        return x

    return [
        word_case("a sentence longer than the window", x=sentences(4, 8, 6), k=3, V=6),
        word_case("a window of two words", x=sentences(3, 7, 5), k=2, V=5),
        word_case("a sentence shorter than the window", x=sentences(2, 4, 5), k=6, V=5),
        word_case("a sentence of just that length", x=sentences(6, 3, 4), k=3, V=4),
        word_case("one sentence of one word", x=rng.integers(1, 4, size=(1, 1)), k=3, V=5),
    ]


def _window(x: Array, k: int, V: int) -> Array:
    seen = min(k, x.shape[1])
    empty = np.zeros((len(x), k - seen, V))
    return np.concatenate([empty, np.eye(V)[x[:, x.shape[1] - seen :]]], axis=1)


def _first_words(x: Array, k: int, V: int) -> Array:
    return _window(x[:, :k], k, V)


def _empty_slots_last(x: Array, k: int, V: int) -> Array:
    seen = min(k, x.shape[1])
    return np.roll(_window(x, k, V), seen - k, axis=1)


def _word_0_where_none_is(x: Array, k: int, V: int) -> Array:
    missing = np.zeros((len(x), max(k - x.shape[1], 0)), dtype=x.dtype)
    return _window(np.concatenate([missing, x], axis=1), k, V)


def _around_the_corner(x: Array, k: int, V: int) -> Array:
    return np.eye(V)[np.stack([x[:, -1 - j % x.shape[1]] for j in reversed(range(k))], axis=1)]


def _first_word_repeated(x: Array, k: int, V: int) -> Array:
    missing = max(k - x.shape[1], 0)
    return _window(np.concatenate([np.repeat(x[:, :1], missing, axis=1), x], axis=1), k, V)


def _last_of_the_vocabulary(x: Array, k: int, V: int) -> Array:
    missing = np.full((len(x), max(k - x.shape[1], 0)), V - 1)
    return _window(np.concatenate([missing, x], axis=1), k, V)


MISTAKES = (
    Mistake(
        "the first k words",
        _first_words,
        "It looks as if the window stood at the beginning. It shows the last k words.",
        SECTION,
    ),
    Mistake(
        "the last word in the first slot",
        lambda x, k, V: _window(x, k, V)[:, ::-1].copy(),
        "The right words, in reverse: the last word stands in your first slot. "
        "Slots are in the order of the sentence.",
        SECTION,
    ),
    Mistake(
        "the last word is left out",
        lambda x, k, V: _window(x[:, :-1], k, V),
        "It looks as if your window ended one word too early: the last word is not in it.",
        SECTION,
    ),
    Mistake(
        "empty slots come last",
        _empty_slots_last,
        "Long sentences are right. In a short one your empty slots are at the end; the last word "
        "should be in the last slot, whatever the length.",
        SECTION,
    ),
    Mistake(
        "no empty slots",
        lambda x, k, V: np.eye(V)[x[:, -k:]],
        "Long sentences are right. A short one has fewer than k slots with you: the empty ones are "
        "missing. A network needs as many inputs every time.",
        SECTION,
    ),
    Mistake(
        "word 0 where there is no word",
        _word_0_where_none_is,
        "Long sentences are right. In a short one your empty slots hold a 1 for word 0, "
        "which is a word like any other. No word means zeros only.",
        SECTION,
    ),
    Mistake(
        "the last of the vocabulary where there is no word",
        _last_of_the_vocabulary,
        "Long sentences are right. In a short one your empty slots hold a 1 for the last word of the "
        "vocabulary. Did you put -1 for no word? np.eye(V)[-1] is the last row. No word means zeros "
        "only.",
        SECTION,
    ),
    Mistake(
        "True and False",
        lambda x, k, V: _window(x, k, V) == 1,
        "The features are right, written as True and False. A network multiplies with them: make "
        "them numbers, (...).astype(float).",
        SECTION,
    ),
    Mistake(
        "a short sentence is read again",
        _around_the_corner,
        "Long sentences are right. In a short one the empty slots hold words from its end: "
        "it looks as if an index had run below zero.",
        SECTION,
    ),
    Mistake(
        "the first word fills the gap",
        _first_word_repeated,
        "Long sentences are right. In a short one the first word fills the empty slots. "
        "No word means zeros only.",
        SECTION,
    ),
    Mistake(
        "counts within the window",
        lambda x, k, V: _window(x, k, V).sum(axis=1),
        "These are counts, (N, V): a bag of the last k words. Keep a slot for each.",
        SECTION,
    ),
    Mistake(
        "slots and words exchanged",
        lambda x, k, V: _window(x, k, V).swapaxes(1, 2),
        "The last two axes have changed places: first comes the slot, then the word.",
        SECTION,
    ),
    Mistake(
        "the slots in one row",
        lambda x, k, V: _window(x, k, V).reshape(len(x), k * V),
        "The features are right, laid out in one row for each sentence. Here the slots keep an axis "
        "of their own.",
        SECTION,
    ),
    Mistake(
        "words are counted from 1",
        lambda x, k, V: np.roll(_window(x, k, V), -1, axis=2),
        "Every 1 stands one column too far to the left. Words are numbered from 0.",
        SECTION,
    ),
    Mistake(
        "all words",
        lambda x, k, V: np.eye(V)[x],
        "It looks as if every word had a slot. The window has k slots, whatever the length.",
        SECTION,
    ),
)

FIXED_WINDOW = Exercise(
    Function("fixed_window", {"x": "int N T", "k": "int", "V": "int"}, {"features": "N k V"}),
    "The last k words",
    points=5,
    minutes=15,
    difficulty=2,
    cases=window_cases,
    reference=sequences.fixed_window,
    mistakes=MISTAKES,
    hints=(
        "Do it by hand for the sentence [2, 0] with k = 3 and V = 4: three rows of four numbers. "
        "Which row is all zeros?",
        "Begin with zeros, (N, k, V), and write the ones. Slot k - 1 belongs to the last word, slot "
        "k - 2 to the one before.",
        "How many words does the window really show? The smaller one of k and T. Go that many steps "
        "back from the end, and no further.",
        "for j in range(1, min(k, T) + 1): word j from the end is x[n, T - j], and its slot is k - j.",
    ),
)
