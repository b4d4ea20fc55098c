"""Shapes in words: refuse a wrong shape before it turns into a wrong number.

NumPy broadcasts. A batch of 3 with a state of 3 units, or a `(N, T)` target against an
`(N, T, 1)` output, gives numbers instead of an error. The chapters therefore say once, in
letters, what every argument must look like: N batch, T time, D input, H hidden, M output.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.floating[Any]]


def check_shapes(caller: str, **arrays: tuple[Array, str]) -> None:
    """Same letter, same size: `check_shapes("f", x=(x, "ND"), h=(h, "NH"))`.

    Args:
        caller: the function whose arguments these are; it opens the message.
        arrays: for each argument, the array and one letter an axis. The first argument that
            uses a letter decides its size.

    Raises:
        ValueError: a sentence that names the argument, its shape and the shape it must have.
    """
    sizes: dict[str, int] = {}
    for name, (array, letters) in arrays.items():
        shape = array.shape
        fits = len(shape) == len(letters)
        if fits:
            # One pass binds new letters and compares known ones, as in "HH" for a square matrix.
            fresh = dict(sizes)
            for letter, size in zip(letters, shape, strict=True):
                fits = fits and fresh.setdefault(letter, size) == size
        if not fits:
            raise ValueError(_sentence(caller, name, shape, letters, sizes))
        sizes = fresh


def _sentence(
    caller: str, name: str, shape: tuple[int, ...], letters: str, sizes: dict[str, int]
) -> str:
    in_letters = _tuple(letters)
    in_numbers = _tuple(sizes.get(letter, letter) for letter in letters)
    wanted = in_letters if in_letters == in_numbers else f"{in_letters} = {in_numbers}"
    flipped = shape[::-1]
    is_flipped = len(shape) == len(letters) > 1 and all(
        sizes.get(letter, size) == size for letter, size in zip(letters, flipped, strict=True)
    )
    question = " Did you transpose it?" if is_flipped and flipped != shape else ""
    return f"{caller} got {name} of shape {shape}; {name} must be {wanted}.{question}"


def _tuple(items: Any) -> str:
    parts = [str(item) for item in items]
    return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"
