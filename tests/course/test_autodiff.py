"""The scalar tape agrees with calculus, with torch and with backpropagation through time."""

from __future__ import annotations

import numpy as np
import pytest

from course import rnn
from course.autodiff import Scalar, Tape, accumulate


def test_deltas_of_two_ways_are_added() -> None:
    """f = x (x + 3) at x = 2: 5 directly, and 2 through the sum."""
    tape = Tape()
    x, three = tape.number(2.0), tape.number(3.0)
    f = x * (x + three)
    gradients = tape.gradients()
    assert f.value == 10
    assert gradients[x.index] == 7
    assert gradients[f.index] == 1


def test_a_number_times_itself_is_used_twice() -> None:
    tape = Tape()
    w = tape.number(3.0)
    w * w * w
    assert tape.gradients()[w.index] == 27


def test_a_number_that_is_not_used_has_the_derivative_zero() -> None:
    tape = Tape()
    idle, w = tape.number(1.0), tape.number(2.0)
    w + w
    assert tape.gradients()[idle.index] == 0


def test_accumulate_takes_lists_and_arrays_and_leaves_them_alone() -> None:
    made, used, slope = [2, 2, 3, 3], [0, 1, 0, 2], [1.0, 1.0, 5.0, 2.0]
    wanted = [7, 2, 2, 1]
    np.testing.assert_array_equal(accumulate(4, made, used, slope), wanted)
    arrays = [np.array(a) for a in (made, used, slope)]
    np.testing.assert_array_equal(accumulate(4, *arrays), wanted)  # type: ignore[arg-type]
    assert (made, used, slope) == ([2, 2, 3, 3], [0, 1, 0, 2], [1.0, 1.0, 5.0, 2.0])


def test_every_operation_agrees_with_torch() -> None:
    torch = pytest.importorskip("torch")
    values = np.random.default_rng(0).uniform(0.5, 2, size=3)

    def f(a, b, c):  # type: ignore[no-untyped-def]
        d = (a * b - c).tanh() + b
        return (d * d + a.exp()).log() * c - a * d

    tape = Tape()
    numbers = [tape.number(value) for value in values]
    result = f(*numbers)
    gradients = tape.gradients()
    tensors = [torch.tensor(value, requires_grad=True) for value in values]
    wanted = f(*tensors)
    wanted.backward()
    assert result.value == pytest.approx(wanted.item(), rel=1e-12)
    for number, tensor in zip(numbers, tensors, strict=True):
        assert gradients[number.index] == pytest.approx(tensor.grad.item(), rel=1e-12)


def test_unrolled_on_the_tape_a_network_has_the_gradients_of_rnn_backward() -> None:
    """One unit, four steps, a loss on every state: h_t itself."""
    rng = np.random.default_rng(0)
    x, (w_x, w_h, b, h0) = rng.standard_normal(4), rng.standard_normal(4)
    tape = Tape()
    W_xh, W_hh, b_h, start = (tape.number(v) for v in (w_x, w_h, b, h0))
    h, loss = start, tape.number(0.0)
    states: list[Scalar] = []
    for x_t in x:
        h = (tape.number(x_t) * W_xh + h * W_hh + b_h).tanh()
        states.append(h)
        loss = loss + h
    got = tape.gradients()
    wanted = rnn.rnn_backward(
        np.ones((1, 4, 1)),
        x[None, :, None],
        np.array([[h0]]),
        np.array([s.value for s in states])[None, :, None],
        np.array([[w_x]]),
        np.array([[w_h]]),
    )
    for number, gradient in (
        (W_xh, wanted.dW_xh),
        (W_hh, wanted.dW_hh),
        (b_h, wanted.db_h),
        (start, wanted.dh0),
    ):
        assert got[number.index] == pytest.approx(gradient.item(), rel=1e-12)
