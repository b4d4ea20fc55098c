"""Praise or blame in phrases with a negation: what counts of words see, and what an LSTM sees.

Each phrase names a good thing and a bad one and denies one of them (`course.tasks.negation`).  Counts of
words are blind to which; counts of pairs are not; a network that reads word by word need not be told
what to count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np

from course import memory, sequences, tasks
from course.shapes import Array

Phrases: TypeAlias = tuple[tasks.Words, tasks.Words]

WORDS = len(tasks.NEGATION_WORDS)
LEARN, TEST, UNITS, STEPS, SEEDS = 2000, 5000, 16, 300, (0, 1, 2)

PROTOCOL = {
    "task": f"praise or blame; phrases of up to 8 words out of {WORDS}; guessing gives 0.5",
    "counts": f"words, or pairs of neighbours; a linear map fitted to {LEARN} phrases by least squares",
    "LSTM": f"{UNITS} units, forget bias 1, one-hot words, the last state read by a softmax",
    "training": "Adam, learning rate 0.01, gradient clipped at norm 1, batches of 32",
    "right": f"share of right answers on {TEST} new phrases (LSTM: {memory.TEST_SIZE})",
    "steps": "of training, until more than 0.99 are right",
    "seeds": "0, 1, 2: phrases, weights and batches",
}


def rows() -> Iterator[dict[str, object]]:
    """One row a reader and seed."""
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        learn, test = tasks.negation(rng, LEARN), tasks.negation(rng, TEST)
        for name, features in (("bag of words", _bag), ("bag of pairs", _bag_of_pairs)):
            yield {
                "reads by": name,
                "seed": seed,
                "right": _linear(features, learn, test),
                "steps": None,
            }
    task = memory.classification(_one_hot, symbols=2)
    for seed in SEEDS:
        run = memory.learn(memory.long_short(forget_bias=1.0), task, UNITS, 1e-2, STEPS, seed)
        yield {"reads by": "LSTM", "seed": seed, "right": run.score, "steps": run.steps}


def _one_hot(rng: np.random.Generator, N: int) -> tuple[Array, tasks.Words]:
    x, target = tasks.negation(rng, N)
    return np.eye(WORDS)[x], target


def _bag(x: tasks.Words) -> Array:
    return sequences.bag_of_words(x, WORDS)


def _bag_of_pairs(x: tasks.Words) -> Array:
    return sequences.bag_of_words(x[:, :-1] * WORDS + x[:, 1:], WORDS * WORDS)


def _linear(features: Callable[[tasks.Words], Array], learn: Phrases, test: Phrases) -> float:
    """Fitted to one set of phrases by least squares; the share of right answers on another."""

    def rows(x: tasks.Words) -> Array:
        return np.column_stack([features(x), np.ones(len(x))])  # the last column is for a bias

    weights, *_ = np.linalg.lstsq(rows(learn[0]), np.eye(2)[learn[1]], rcond=None)
    return float(np.mean((rows(test[0]) @ weights).argmax(axis=1) == test[1]))
