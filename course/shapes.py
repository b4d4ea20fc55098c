"""Shapes in words: refuse a wrong shape before it turns into a wrong number.

NumPy broadcasts. A batch of 3 with a state of 3 units, or a `(N, T)` target against an
`(N, T, 1)` output, gives numbers instead of an error. The chapters therefore say once, in
letters, what every argument must look like: N batch, T time, D input, H hidden, M output. A
number before a letter is a multiple: "D4H" is (D, 4H), the weights of four gates side by side.
"""

from __future__ import annotations

import functools
import re
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.floating[Any]]


def check_shapes(caller: str, **arrays: tuple[Array | float, str]) -> None:
    """Same letter, same size: `check_shapes("f", x=(x, "ND"), h=(h, "NH"))`.

    Args:
        caller: the function whose arguments these are; it opens the message.
        arrays: for each argument, the array and one letter an axis, with a number before it for
            a multiple. The first argument that uses a letter decides its size. The number 0, a
            bias that is left out, has no shape to check.

    Raises:
        ValueError: a sentence that names the argument, its shape and the shape it must have.
    """
    sizes: dict[str, int] = {}
    for name, (array, letters) in arrays.items():
        if isinstance(array, int | float) and array == 0:
            continue
        shape = np.shape(array)
        axes = _axes(letters)
        fits = len(shape) == len(axes)
        if fits:
            # One pass binds new letters and compares known ones, as in "HH" for a square matrix.
            fresh = dict(sizes)
            for (times, letter), size in zip(axes, shape, strict=True):
                fits = fits and times * fresh.setdefault(letter, size // times) == size
        if not fits:
            raise ValueError(_sentence(caller, name, shape, axes, sizes))
        sizes = fresh


def step_rows(x: Array) -> Array:
    """All steps' inputs under one another, step by step: (N, T, D) gives (T N, D)."""
    N, T, D = x.shape
    return x.swapaxes(0, 1).reshape(T * N, D)


def float_type(*arrays: Array | None) -> np.dtype[Any]:
    """The float type that holds all of these; None stands for an array that is left out."""
    # float16 is the smallest float: it turns whole numbers into floats and changes no float type.
    return np.result_type(*(array for array in arrays if array is not None), np.float16)


@functools.cache
def _axes(letters: str) -> tuple[tuple[int, str], ...]:
    """What each axis is a multiple of: "D4H" gives (1, "D"), (4, "H")."""
    return tuple((int(times or 1), letter) for times, letter in re.findall(r"(\d*)(\D)", letters))


def _sentence(
    caller: str,
    name: str,
    shape: tuple[int, ...],
    axes: tuple[tuple[int, str], ...],
    sizes: dict[str, int],
) -> str:
    words = [letter if times == 1 else f"{times}{letter}" for times, letter in axes]
    numbers = [
        times * sizes[letter] if letter in sizes else word
        for (times, letter), word in zip(axes, words, strict=True)
    ]
    in_letters, in_numbers = _tuple(words), _tuple(numbers)
    wanted = in_letters if in_letters == in_numbers else f"{in_letters} = {in_numbers}"
    flipped = shape[::-1]
    is_flipped = len(shape) == len(axes) > 1 and all(
        number in (word, size) for number, word, size in zip(numbers, words, flipped, strict=True)
    )
    question = " Did you transpose it?" if is_flipped and flipped != shape else ""
    return f"{caller} got {name} of shape {shape}; {name} must be {wanted}.{question}"


def _tuple(items: Any) -> str:
    parts = [str(item) for item in items]
    return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"
