"""Synthetic tasks: sequences with a known answer, drawn fresh from a seeded generator.

Each task returns `(x, target)`, batch first. Beside it stand the simple guesses that a network
has to beat before its loss means anything.
"""

from __future__ import annotations

import numpy as np

from course.shapes import Array


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
