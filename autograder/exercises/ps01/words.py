"""Sentences for the cases of ps01: whole numbers from 0 to V - 1."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from autograder.contract import Case

Array: TypeAlias = np.ndarray


def draw_words(rng: np.random.Generator, N: int, T: int, V: int) -> Array:
    """N sentences of T words, no two alike."""
    while True:
        x = rng.integers(V, size=(N, T))
        if len(np.unique(x, axis=0)) == N:
            return x


def word_case(about: str, **inputs: Any) -> Case:
    """A case of these inputs, whole numbers among them."""
    return Case({name: np.asarray(value) for name, value in inputs.items()}, about)
