"""What the GRU's exercises share: the weights as the worksheet hands them over, and the cell in that form.

As in ps05 the gates stand in the first axis, so that `U_r, U_z, U_g = U` gives each its name.
`course.gru` keeps them side by side in the last axis.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from course.activations import sigmoid

Array: TypeAlias = np.ndarray

#: r, z, g in the first axis, the order of the worksheet and of `course.gru`.
WEIGHTS = {"U": "3 D H", "W": "3 H H", "b": "3 H"}


def gru_step(x: Array, h: Array, U: Array, W: Array, b: Array) -> tuple[Array, Array, Array, Array]:
    a_r, a_z, a_g = x @ U + b[:, None]  # (3, N, H)
    W_r, W_z, W_g = W
    r = sigmoid(a_r + h @ W_r)
    z = sigmoid(a_z + h @ W_z)
    g = np.tanh(a_g + r * (h @ W_g))
    return z * h + (1 - z) * g, r, z, g


def writes_into(position: int, answer: Callable[..., Any]) -> Callable[..., Any]:
    """A right answer that leaves something in the argument of that position."""

    def wrong(*arguments: Array) -> Any:
        result = answer(*arguments)
        arguments[position][...] *= 0.5
        return result

    return wrong
