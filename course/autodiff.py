"""Reverse-mode differentiation of plain numbers: a tape, and one walk back along it.

Every operation is written down as it happens: an *arrow* from each number that it used to the
number that it made, with the derivative of the one by the other. The walk goes along the arrows
from the last number back to the first, and carries delta_i = dL/d(number i):

    delta_used += delta_made * d made / d used

It adds, because a number that is used twice reaches the result on two ways:

    f(x) = g(x, h(x))        df/dx = dg/dx + dg/dh dh/dx

Sources: S. Linnainmaa, "Taylor expansion of the accumulated rounding error", BIT 16 (1976),
146-160; the history is told by A. Griewank, "Who invented the reverse mode of differentiation?",
Documenta Mathematica, extra volume ISMP (2012), 389-400.
"""

import math
from collections.abc import Sequence

import numpy as np

from course.shapes import Array


def accumulate(
    count: int, made: Sequence[int], used: Sequence[int], slope: Sequence[float]
) -> Array:
    """delta[used] += delta[made] * slope for every arrow, the latest first; at the end delta = 1.

    Args:
        count: how many numbers there are. They are numbered from 0 in the order in which they
            were made; the last one is the result.
        made, used, slope: for each arrow the number it ends at, the number it starts from, and
            the derivative of the first by the second. In the order of the operations.

    Returns:
        The derivative of the result by every number, (count,).
    """
    delta = np.zeros(count)
    delta[-1] = 1.0
    for arrow in reversed(range(len(slope))):
        delta[used[arrow]] += delta[made[arrow]] * slope[arrow]
    return delta


class Tape:
    """What was computed, in order: how many numbers, and the arrows between them."""

    def __init__(self) -> None:
        self.count = 0
        self.made: list[int] = []
        self.used: list[int] = []
        self.slope: list[float] = []

    def number(self, value: float) -> "Scalar":
        """A number to compute with, and to derive by."""
        return Scalar(self, value)

    def gradients(self) -> Array:
        """The derivative of the latest number by every number, by its `index`."""
        return accumulate(self.count, self.made, self.used, self.slope)


class Scalar:
    """A number on a tape. Each operation says what it makes, and how that depends on what it used."""

    def __init__(self, tape: Tape, value: float, *arrows: tuple["Scalar", float]) -> None:
        self.tape, self.value, self.index = tape, value, tape.count
        tape.count += 1
        for used, slope in arrows:
            tape.made.append(self.index)
            tape.used.append(used.index)
            tape.slope.append(slope)

    def __add__(self, other: "Scalar") -> "Scalar":
        return Scalar(self.tape, self.value + other.value, (self, 1.0), (other, 1.0))

    def __sub__(self, other: "Scalar") -> "Scalar":
        return Scalar(self.tape, self.value - other.value, (self, 1.0), (other, -1.0))

    def __mul__(self, other: "Scalar") -> "Scalar":
        return Scalar(self.tape, self.value * other.value, (self, other.value), (other, self.value))

    def tanh(self) -> "Scalar":
        h = math.tanh(self.value)
        return Scalar(self.tape, h, (self, 1 - h * h))

    def exp(self) -> "Scalar":
        e = math.exp(self.value)
        return Scalar(self.tape, e, (self, e))

    def log(self) -> "Scalar":
        return Scalar(self.tape, math.log(self.value), (self, 1 / self.value))
