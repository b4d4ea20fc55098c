"""Truncated backpropagation: the forward pass does not notice the windows, the gradient does."""

from __future__ import annotations

import numpy as np
import pytest

from course import flow, rnn
from course.shapes import Array

N, T, D, H = 3, 7, 2, 4

Drawn = tuple[Array, Array, Array, Array, Array, Array]


@pytest.fixture
def drawn() -> Drawn:
    """dh, x, h0, W_xh, W_hh, b_h."""
    rng = np.random.default_rng(0)
    shapes = ((N, T, H), (N, T, D), (N, H), (D, H), (H, H), (H,))
    dh, x, h0, W_xh, W_hh, b_h = (rng.standard_normal(shape) for shape in shapes)
    return dh, x, h0, W_xh, W_hh, b_h


def worst(got: Array, wanted: Array) -> float:
    return float(np.max(np.abs(got - wanted)) / np.max(np.abs(wanted)))


@pytest.mark.parametrize("window", [1, 2, 3, 7, 9])
def test_the_states_are_those_of_one_long_reading(drawn: Drawn, window: int) -> None:
    _, *network = drawn
    got = rnn.truncated_bptt(*drawn, window).h
    assert worst(got, rnn.rnn_forward(*network)) <= 1e-12


@pytest.mark.parametrize("window", [7, 100])
def test_one_window_cuts_nothing(drawn: Drawn, window: int) -> None:
    dh, x, h0, W_xh, W_hh, b_h = drawn
    h = rnn.rnn_forward(x, h0, W_xh, W_hh, b_h)
    whole = rnn.rnn_backward(dh, x, h0, h, W_xh, W_hh)
    got = rnn.truncated_bptt(*drawn, window)
    for name in ("dW_xh", "dW_hh", "db_h"):
        assert worst(getattr(got, name), getattr(whole, name)) <= 1e-12


def test_windows_of_one_step_leave_the_distance_zero_alone(drawn: Drawn) -> None:
    dh, x, h0, W_xh, W_hh, b_h = drawn
    h = rnn.rnn_forward(x, h0, W_xh, W_hh, b_h)
    nearest = flow.per_distance(dh, x, h0, h, W_xh, W_hh)[0]
    assert worst(rnn.truncated_bptt(*drawn, 1).dW_hh, nearest) <= 1e-12


def test_agrees_with_torch_s_detach(drawn: Drawn) -> None:
    torch = pytest.importorskip("torch")
    window = 3
    dh, x, h0, *weights = (torch.from_numpy(a) for a in drawn)
    W_xh, W_hh, b_h = (w.requires_grad_() for w in weights)
    h, loss = h0, torch.zeros(())
    for t in range(T):
        if t % window == 0:
            h = h.detach()
        h = torch.tanh(x[:, t] @ W_xh + h @ W_hh + b_h)
        loss = loss + (dh[:, t] * h).sum()
    loss.backward()
    got = rnn.truncated_bptt(*drawn, window)
    for mine, theirs in ((got.dW_xh, W_xh), (got.dW_hh, W_hh), (got.db_h, b_h)):
        assert worst(mine, theirs.grad.numpy()) <= 1e-12
