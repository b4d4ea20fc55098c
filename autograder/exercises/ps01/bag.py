"""ps01 `bag_of_words`: how often each word occurs.

counts[n, v] = number of t with x[n, t] = v
"""

from __future__ import annotations

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.ps01.words import Array, draw_words, word_case
from course import sequences

SECTION = "A bag of words"


def bag_cases(rng: np.random.Generator) -> list[Case]:
    """Sentences that repeat words and lack others; one sentence of a single word."""
    crowded = draw_words(rng, N=4, T=7, V=3)
    crowded[0] = rng.integers(3)  # one word, seven times
    sparse = draw_words(rng, N=2, T=4, V=9)
    sparse[1, :2] = sparse[1, 2]
    return [
        word_case("a word that comes again", x=crowded, V=3),
        word_case("words that never come", x=sparse, V=9),
        word_case("other sizes", x=draw_words(rng, N=5, T=6, V=4), V=4),
        word_case("one sentence of one word", x=rng.integers(1, 5, size=(1, 1)), V=5),
    ]


def _loop(x: Array, V: int) -> Array:
    counts = np.zeros((len(x), V))
    for n, sentence in enumerate(x):
        for word in sentence:
            counts[n, word] += 1
    return counts


def _once(x: Array, V: int) -> Array:
    counts = np.zeros((len(x), V))
    for n, sentence in enumerate(x):
        counts[n, sentence] += 1
    return counts


def _adds_the_number(x: Array, V: int) -> Array:
    return _loop(x, V) * np.arange(V)


def _starts_at_one(x: Array, V: int) -> Array:
    return np.roll(_loop(x, V), -1, axis=1)


def _columns_from_one(x: Array, V: int) -> Array:
    return np.array([[np.sum(sentence == v) for v in range(1, V + 1)] for sentence in x])


def _without_the_last(x: Array, V: int) -> Array:
    counts = np.zeros((len(x), V))
    for n in range(len(x)):
        for t in range(x.shape[1] - 1):
            counts[n, x[n, t]] += 1
    return counts


def _last_word_only(x: Array, V: int) -> Array:
    return np.eye(V)[x[:, -1]]


MISTAKES = (
    Mistake(
        "a word counts only once",
        _once,
        "Your entries are 0 and 1, however often a word comes. `counts[n, x[n]] += 1` writes to each "
        "place once, even if x[n] names it three times: look for the words one by one.",
        SECTION,
    ),
    Mistake(
        "one bag for the whole batch",
        lambda x, V: _loop(x, V).sum(axis=0),
        "All sentences are in one bag. Each sentence has a row of counts of its own.",
        SECTION,
    ),
    Mistake(
        "added up over the sentences",
        lambda x, V: np.eye(V)[x].sum(axis=0),
        "Your rows are the places in a sentence, (T, V): it looks as if one added up along the wrong "
        "axis. Each sentence has a row, in which all its words are counted.",
        SECTION,
    ),
    Mistake(
        "every row is the bag of the batch",
        lambda x, V: np.repeat(_loop(x, V).sum(axis=0)[None], len(x), axis=0),
        "Your rows are all the same, and each counts the words of all sentences. "
        "Where do your counts start anew?",
        SECTION,
    ),
    Mistake(
        "shares instead of counts",
        lambda x, V: _loop(x, V) / x.shape[1],
        "Your rows add up to 1: it looks as if the counts were divided by the length. "
        "That is often useful; here the counts themselves are wanted.",
        SECTION,
    ),
    Mistake(
        "a column for each word",
        lambda x, V: _loop(x, V).T,
        "The counts are right, with the vocabulary as rows. Each sentence is a row.",
        SECTION,
    ),
    Mistake(
        "one-hot at every step",
        lambda x, V: np.eye(V)[x],
        "These are one-hot vectors, one for each word, (N, T, V). They still know where each word "
        "stood; a bag has forgotten it. Which axis has to go?",
        SECTION,
    ),
    Mistake(
        "the number of a word is added",
        _adds_the_number,
        "It looks as if each word added its own number instead of 1, so that word 0 counts nothing.",
        SECTION,
    ),
    Mistake(
        "words are counted from 1",
        _starts_at_one,
        "Every count stands one column too far to the left. Words are numbered from 0, as columns are.",
        SECTION,
    ),
    Mistake(
        "columns for the words 1 to V",
        _columns_from_one,
        "Your columns seem to stand for the words 1 to V, so word 0 is not counted and the last "
        "column is empty. Words are numbered from 0 to V - 1.",
        SECTION,
    ),
    Mistake(
        "columns up to the largest word only",
        lambda x, V: np.array([np.bincount(sentence) for sentence in x]),
        "It looks as if each row ended at the largest word of its sentence, as np.bincount does by "
        "itself. Every row has V columns, also for words that do not come.",
        SECTION,
    ),
    Mistake(
        "the last word is left out",
        _without_the_last,
        "It looks as if the last word of each sentence were missing. "
        "The number of words is x.shape[1]; where does your loop end?",
        SECTION,
    ),
    Mistake(
        "only the last word is left",
        _last_word_only,
        "Each row has a single 1, for the last word. It looks as if each word overwrote the one before.",
        SECTION,
    ),
)

BAG_OF_WORDS = Exercise(
    Function("bag_of_words", {"x": "int N T", "V": "int"}, {"counts": "N V"}),
    "Count the words",
    points=4,
    minutes=10,
    difficulty=1,
    cases=bag_cases,
    reference=sequences.bag_of_words,
    mistakes=MISTAKES,
    hints=(
        "Do one sentence by hand. With V = 4, what is the row of counts of the sentence [2, 0, 2]?",
        "Begin with zeros, (N, V). Every word adds 1 to one entry: in the row of its sentence, in the "
        "column of its number.",
        "Two loops do it: over the sentences n, and over the words of x[n].",
        "counts[n, word] += 1, inside both loops.",
    ),
)
