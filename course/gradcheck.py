"""Check a gradient against the definition of a derivative.

    df/dx_i  is about  (f(x + eps e_i) - f(x - eps e_i)) / (2 eps)

Always in float64. The central difference errs by about eps^2, from the bend of f, plus
(rounding of f) / eps. With eps = 1e-5 and float64 (rounding 1e-16) both are near 1e-10: a right
gradient agrees to some nine digits and a wrong one cannot hide. With float32 (rounding 1e-7)
the second term alone is 1e-2, and a check that loose lets real mistakes through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from course.shapes import Array


def numerical_gradient(f: Callable[[Array], Any], x: Array, eps: float = 1e-5) -> Array:
    """(f(x + eps e_i) - f(x - eps e_i)) / (2 eps), for every element i.

    Args:
        f: a function of one array that returns one number. It gets a float64 copy of `x`.
        x: where to differentiate, of any shape; it is not changed.
        eps: half the distance between the two points.

    Returns:
        The gradient, float64, of the shape of `x`.
    """
    point = np.array(x, dtype=np.float64)
    gradient = np.empty_like(point)
    for i in np.ndindex(point.shape):
        here = point[i]
        point[i] = here + eps
        above = float(f(point))
        point[i] = here - eps
        below = float(f(point))
        point[i] = here
        gradient[i] = (above - below) / (2 * eps)
    return gradient


def relative_error(a: Array, b: Array) -> float:
    """max|a - b| / max|b|: the worst element, on the scale of the whole array.

    Element by element, a true zero would turn rounding into an infinite error.

    Args:
        a: the array in question.
        b: the array to trust, of the same shape.

    Returns:
        The error; 0 if both are zero (or empty), infinite if only `b` is.

    Raises:
        ValueError: the shapes differ.
    """
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        raise ValueError(f"relative_error got shapes {a.shape} and {b.shape}; they must be equal.")
    worst = float(np.max(np.abs(a - b), initial=0))
    scale = float(np.max(np.abs(b), initial=0))
    if scale == 0 and worst > 0:
        return float("inf")
    return worst / scale if worst else 0.0


def check_gradients(
    f: Callable[..., Any],
    arrays: Mapping[str, Array],
    analytic: Mapping[str, Array],
    tolerance: float = 1e-6,
    eps: float = 1e-5,
) -> dict[str, float]:
    """Compare each gradient with central differences; a mistake is reported as a sentence.

    Args:
        f: called as `f(**arrays)`; it returns one number, the loss.
        arrays: its arguments by name.
        analytic: the gradients to check, by the name of the argument. An argument that is not
            named here is not checked.
        tolerance: largest relative error that passes.
        eps: as in `numerical_gradient`.

    Returns:
        The relative error of each gradient.

    Raises:
        AssertionError: a gradient has the wrong shape or wrong values. The message names the
            argument, the worst element, what came and what was expected.
    """
    # In float64 throughout: one float32 argument would make the loss itself too coarse.
    point = {name: np.array(array, dtype=np.float64) for name, array in arrays.items()}
    # A gradient that is truly zero meets only the rounding of f, divided by the step.
    noise = 100 * np.finfo(np.float64).eps * abs(float(f(**point))) / eps
    errors = {}
    for name, got in analytic.items():
        got = np.asarray(got)
        if got.shape != point[name].shape:
            raise AssertionError(
                f"The gradient by {name} has shape {got.shape}; "
                f"it must have the shape of {name}, {point[name].shape}."
            )

        def f_of_one(value: Array, name: str = name) -> Any:
            return f(**{**point, name: value})

        expected = numerical_gradient(f_of_one, point[name], eps)
        errors[name] = relative_error(got, expected)
        gap = np.abs(got - expected)
        # Written so that a nan fails.
        if not np.max(gap, initial=0) <= tolerance * np.max(np.abs(expected), initial=0) + noise:
            i = np.unravel_index(int(np.argmax(gap)), gap.shape)
            place = f"{name}[{', '.join(str(k) for k in i)}]" if i else name
            raise AssertionError(
                f"The gradient by {name} is wrong: at {place} it is {got[i]:.6g}, "
                f"central differences give {expected[i]:.6g} "
                f"(relative error {errors[name]:.1e}, allowed {tolerance:.0e})."
            )
    return errors
