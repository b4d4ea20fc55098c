"""The gradient checker passes right gradients and describes wrong ones."""

from __future__ import annotations

import numpy as np
import pytest

from course.gradcheck import check_gradients, numerical_gradient, relative_error
from course.shapes import Array


def bowl(x: Array, w: Array) -> float:
    return float(np.sum(w * x**2))


X: Array = np.array([[1.0, -2.0], [0.5, 3.0]])
W: Array = np.array([[2.0, 1.0], [-1.0, 0.5]])
GRADIENTS: dict[str, Array] = {"x": 2 * W * X, "w": X**2}


def test_numerical_gradient_of_a_known_function() -> None:
    got = numerical_gradient(lambda x: np.sum(np.sin(x)), X)
    assert relative_error(got, np.cos(X)) < 1e-9


@pytest.mark.parametrize("dtype", [np.float32, np.float64, int])
def test_numerical_gradient_leaves_x_alone_and_works_in_float64(dtype: type) -> None:
    x: Array = np.array([[1, 2], [3, 4]], dtype=dtype)
    got = numerical_gradient(lambda x: np.sum(x**3), x)
    np.testing.assert_array_equal(x, [[1, 2], [3, 4]])
    assert x.dtype == dtype
    assert got.dtype == np.float64
    assert relative_error(got, 3.0 * x**2) < 1e-9


def test_x_is_left_alone_even_if_f_fails_half_way() -> None:
    x = np.array([1.0, -1.0])

    def f(x: Array) -> float:
        if x[1] != -1:
            raise RuntimeError
        return float(x.sum())

    with pytest.raises(RuntimeError):
        numerical_gradient(f, x)
    np.testing.assert_array_equal(x, [1, -1])


def test_numerical_gradient_by_a_single_number() -> None:
    assert numerical_gradient(lambda x: x**2, np.array(3.0)) == pytest.approx(6)


def test_relative_error_is_the_worst_element_on_the_scale_of_the_array() -> None:
    assert relative_error(np.array([1.0, 0.1]), np.array([2.0, 0.0])) == 0.5
    assert relative_error(np.zeros(3), np.zeros(3)) == 0
    assert relative_error(np.ones(3), np.zeros(3)) == np.inf
    assert np.isnan(relative_error(np.array([np.nan]), np.ones(1)))
    with pytest.raises(ValueError, match=r"shapes \(3,\) and \(1, 3\)"):
        relative_error(np.ones(3), np.ones((1, 3)))


def test_right_gradients_pass_with_their_errors() -> None:
    errors = check_gradients(bowl, {"x": X, "w": W}, GRADIENTS)
    assert set(errors) == {"x", "w"}
    assert max(errors.values()) < 1e-9


def test_right_gradients_pass_when_the_arrays_are_float32() -> None:
    arrays = {"x": X.astype(np.float32), "w": W.astype(np.float32)}
    check_gradients(bowl, arrays, GRADIENTS)


def test_a_gradient_that_is_truly_zero_passes() -> None:
    def f(x: Array) -> float:
        return float(1e3 * np.exp(x - x).sum())

    check_gradients(f, {"x": X}, {"x": np.zeros_like(X)})


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (-GRADIENTS["x"], r"by x is wrong: at x\[0, 0\] it is -4, central differences give 4 "),
        (GRADIENTS["x"] + [[0, 0], [0.01, 0]], r"at x\[1, 0\] it is -0.99, .* give -1 \(relative"),
        (GRADIENTS["x"][:1], r"by x has shape \(1, 2\); it must have the shape of x, \(2, 2\)"),
        (np.full((2, 2), np.nan), r"at x\[0, 0\] it is nan"),
    ],
    ids=["sign", "one element", "shape", "nan"],
)
def test_a_wrong_gradient_is_described_in_a_sentence(wrong: Array, sentence: str) -> None:
    with pytest.raises(AssertionError, match=sentence):
        check_gradients(bowl, {"x": X, "w": W}, GRADIENTS | {"x": wrong})
