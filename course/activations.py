"""The two squashing functions of gated cells, and their slopes read off their own results.

    sigmoid(a) = 1 / (1 + exp(-a)) = (1 + tanh(a/2)) / 2        sigmoid' = s (1 - s)
    tanh                                                        tanh'    = 1 - y^2

The middle form has no exponential that could overflow, so it needs no case distinction: every
finite argument, and every infinite one, gives a number and no warning. It is exact to a rounding
of 1; far below zero, where sigmoid is smaller than that, it is 0.
"""

from __future__ import annotations

import numpy as np

from course.shapes import Array


def sigmoid(a: Array, out: Array | None = None) -> Array:
    """(1 + tanh(a/2)) / 2, between 0 and 1.

    Args:
        a: numbers, of any shape.
        out: where to put the result; `a` itself will do. A new array without it.

    Returns:
        The same shape and, for floats, the same type.
    """
    s = np.multiply(a, 0.5, out=out)
    s = np.tanh(s, out=out)
    s += 1
    s *= 0.5
    return s


def sigmoid_slope(s: Array) -> Array:
    """ds/da = s (1 - s), from s = sigmoid(a): at most 1/4."""
    return s * (1 - s)


def tanh_slope(y: Array) -> Array:
    """dy/da = 1 - y^2, from y = tanh(a): at most 1."""
    return 1 - y * y
