"""What the modules of ps05 share: how the worksheet hands weights over, and the cell in that form.

The four gates stand in the first axis, so that `U_f, U_i, U_o, U_g = U` gives each its name and one
product serves all: `x @ U` is (4, N, H).  `course.lstm` keeps them side by side in the last axis.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from course.activations import sigmoid

Array: TypeAlias = np.ndarray
Four: TypeAlias = tuple[Array, Array, Array, Array]

#: f, i, o, g in the first axis, the order of the worksheet and of `course.lstm`.
WEIGHTS = {"U": "4 D H", "W": "4 H H", "b": "4 H"}


def gates_of(x: Array, h: Array, U: Array, W: Array, b: Array) -> Four:
    """f, i, o = sigmoid and g = tanh of x U + h W + b."""
    f, i, o, g = x @ U + h @ W + b[:, None]  # (4, N, H)
    return sigmoid(f), sigmoid(i), sigmoid(o), np.tanh(g)


def cell_of(f: Array, i: Array, o: Array, g: Array, C: Array) -> tuple[Array, Array]:
    """The new h and C."""
    C_next = f * C + i * g
    return o * np.tanh(C_next), C_next


def writes_into(position: int, answer: Callable[..., Any]) -> Callable[..., Any]:
    """A right answer that leaves its (first) result in the argument of that position."""

    def wrong(*arguments: Array) -> Any:
        result = answer(*arguments)
        arguments[position][...] = result[0] if isinstance(result, tuple) else result
        return result

    return wrong
