"""Synthetic tasks: sequences with a known answer, drawn fresh from a seeded generator.

Each task returns `(x, target)`, batch first. Beside it stand the simple guesses that a network
has to beat before its loss means anything.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from course.shapes import Array

Words: TypeAlias = NDArray[np.integer[Any]]


def running_mean(rng: np.random.Generator, N: int, T: int) -> tuple[Array, Array]:
    """target_t = (x_1 + ... + x_t) / t, with x_t uniform on [-1, 1].

    The network must add up what it has seen and must also know how many steps that was: the
    weight of a new value is 1/t, so no fixed blend of old and new is right at every step.

    Args:
        rng: source of randomness.
        N: number of sequences.
        T: their length.

    Returns:
        `x` (N, T, 1) and `target` (N, T, 1).
    """
    x = rng.uniform(-1, 1, size=(N, T, 1))
    return x, np.cumsum(x, axis=1) / np.arange(1, T + 1)[:, None]


def guess_zero(x: Array) -> Array:
    """y_t = 0, the mean of every target: the guess that looks at nothing. (N, T, 1)."""
    return np.zeros_like(x)


def guess_last(x: Array) -> Array:
    """y_t = x_t: the guess that remembers nothing. (N, T, 1)."""
    return x.copy()


def guess_blend(x: Array, keep: float) -> Array:
    """y_t = keep y_{t-1} + (1 - keep) x_t: one linear unit that cannot count. (N, T, 1)."""
    y = x.copy()  # y_1 = x_1 is already right
    for t in range(1, x.shape[1]):
        y[:, t] = keep * y[:, t - 1] + (1 - keep) * x[:, t]
    return y


def key_at_a_distance(
    rng: np.random.Generator, N: int, T: int, distance: int, keys: int = 4, fillers: int = 6
) -> tuple[Words, Words]:
    """target = the key, which is the word at that distance from the end; all others are fillers.

    The keys are the words 0 to keys - 1, the fillers those above. Who can look at the last k words
    sees the key if k >= distance, and else nothing that depends on it.

    Args:
        rng: source of randomness.
        N, T: number of sequences and their length.
        distance: where the key stands, counted from the end: 1 is the last word, T the first.
        keys, fillers: how many words there are of each kind, all equally likely.

    Returns:
        `x` (N, T) and `target` (N,), whole numbers.

    Raises:
        ValueError: the distance is not from 1 to T.
    """
    if not 1 <= distance <= T:
        raise ValueError(f"key_at_a_distance got distance {distance}; it must be from 1 to {T}.")
    x = rng.integers(keys, keys + fillers, size=(N, T))
    target = rng.integers(keys, size=N)
    x[:, T - distance] = target
    return x, target


_PRAISE = ("good", "clever", "warm", "bright")
_BLAME = ("bad", "dull", "cold", "grim")
_OPENINGS = ("", "the film was", "this tune is", "they say it is", "honestly")
# {0} is what the phrase says, {1} what it denies.
_DENIALS = ("not {1} but {0}", "{0} not {1}", "never {1} always {0}")

#: The words of the task `negation`, by number. Number 0 is no word: it fills up short phrases.
NEGATION_WORDS = (
    "",
    *sorted({*" ".join(_OPENINGS + _DENIALS).split(), *_PRAISE, *_BLAME} - {"{0}", "{1}"}),
)


# All there are, with their targets.
_NEGATION_PHRASES = [
    (f"{opening} {denial.format(said, denied)}".split(), is_praise)
    for opening in _OPENINGS
    for denial in _DENIALS
    for praise in _PRAISE
    for blame in _BLAME
    for said, denied, is_praise in ((praise, blame, 1), (blame, praise, 0))
]


def negation(rng: np.random.Generator, N: int, T: int = 8) -> tuple[Words, Words]:
    """target = 1 for praise and 0 for blame, in phrases such as "not dull but clever".

    Each phrase names a good thing and a bad one and denies one of them. Exchange the two, and the
    same words in another order mean the opposite; both are equally likely, so counts say nothing.
    Which word follows "not" or "never" says it all.

    Args:
        rng: source of randomness.
        N: number of phrases.
        T: length to fill up to with number 0, at least 8.

    Returns:
        `x` (N, T), numbers of `NEGATION_WORDS`, and `target` (N,), whole numbers.

    Raises:
        ValueError: the longest phrase does not fit into T.
    """
    if T < 8:
        raise ValueError(f"negation got T = {T}; its longest phrases have 8 words.")
    number = {word: i for i, word in enumerate(NEGATION_WORDS)}
    drawn = rng.integers(len(_NEGATION_PHRASES), size=N)
    x = np.zeros((N, T), dtype=np.intp)
    for n, i in enumerate(drawn):
        phrase = _NEGATION_PHRASES[i][0]
        x[n, : len(phrase)] = [number[word] for word in phrase]
    target = np.array([_NEGATION_PHRASES[i][1] for i in drawn])
    return x, target


def adding(rng: np.random.Generator, N: int, T: int) -> tuple[Array, Array]:
    """target = the sum of the two numbers that are marked, one in each half of the sequence.

    Channel 0 holds numbers uniform on [0, 1], channel 1 a mark of 1 at two steps and 0 elsewhere.
    Who always says 1, the mean, has a mean squared error of 1/6: the variance of such a sum.

    Args:
        rng: source of randomness.
        N: number of sequences.
        T: their length, at least 2.

    Returns:
        `x` (N, T, 2) and `target` (N, 1).

    Raises:
        ValueError: there is no room for two marks.

    Source: S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9 (1997),
    1735-1780, section 5.4; with one mark in each half, Q. Le, N. Jaitly, G. Hinton (arXiv:1504.00941).
    """
    if T < 2:
        raise ValueError(f"adding got T = {T}; two marks need at least 2 steps.")
    numbers = rng.uniform(size=(N, T))
    marks = np.zeros((N, T))
    every = np.arange(N)
    marks[every, rng.integers(T // 2, size=N)] = 1
    marks[every, rng.integers(T // 2, T, size=N)] = 1
    target: Array = (numbers * marks).sum(axis=1, keepdims=True)
    return np.stack([numbers, marks], axis=2), target


def recall(
    rng: np.random.Generator, N: int, T: int, symbols: int = 8, distract: bool = False
) -> tuple[Array, Words]:
    """target = the first symbol of a sequence; what follows is blank, or distracts.

    Symbols are one-hot: a row of zeros with a single 1. The blank is one symbol more, the last, and is
    never asked for. Guessing scores 1/symbols.

    Args:
        rng: source of randomness.
        N: number of sequences.
        T: their length: the first symbol lies T - 1 steps back when the answer is due.
        symbols: how many there are, all equally likely.
        distract: fill up with random symbols instead of blanks.

    Returns:
        `x` (N, T, symbols + 1), and `target` (N,), whole numbers.
    """
    shown = rng.integers(symbols, size=(N, T))
    if not distract:
        shown[:, 1:] = symbols
    return np.eye(symbols + 1)[shown], shown[:, 0]
