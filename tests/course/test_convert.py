"""Weights go to torch and back, and both sides compute the same."""

from __future__ import annotations

import itertools
from typing import Any, get_args

import numpy as np
import pytest

from course import convert, gru, lstm, rnn
from course.shapes import Array

N, T, D, H = 5, 4, 2, 3
SIDES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


def draw(*shape: int) -> Array:
    return np.random.default_rng(sum(shape)).standard_normal(shape)


X, H0, C0 = draw(N, T, D), draw(N, H), draw(H, N).T


def weights(gates: int) -> tuple[Array, Array, Array]:
    return draw(D, gates * H), draw(H, gates * H), draw(gates * H)


def run(kind: str, state: dict[str, Array], *start: Array) -> Array:
    """The states that torch's layer computes with these weights."""
    torch = pytest.importorskip("torch")
    layer = getattr(torch.nn, kind)(D, H, batch_first=True, dtype=torch.float64)
    convert.fill(layer, state)
    first = tuple(torch.tensor(array)[None] for array in start)
    with torch.no_grad():
        states, _ = layer(torch.from_numpy(X), first if len(first) > 1 else first[0])
    result: Array = states.numpy()
    return result


def two_random_biases(gates: int) -> dict[str, Array]:
    """A layer as torch makes it: both biases in use."""
    shapes = {
        "weight_ih_l0": (gates * H, D),
        "weight_hh_l0": (gates * H, H),
        "bias_ih_l0": (gates * H,),
        "bias_hh_l0": (gates * H, 1),
    }
    return {name: draw(*shape).reshape(shape[:2]) for name, shape in shapes.items()} | {
        "bias_hh_l0": draw(gates * H, 1)[:, 0]
    }


def assert_same(got: Array, expected: Array) -> None:
    assert got.shape == expected.shape
    assert np.abs(got - expected).max() <= 1e-12 * np.abs(expected).max()


# The same states


def test_the_vanilla_network_agrees_both_ways() -> None:
    W_xh, W_hh, b_h = weights(1)
    ours = rnn.rnn_forward(X, H0, W_xh, W_hh, b_h)
    assert_same(run("RNN", convert.rnn_to_torch(W_xh, W_hh, b_h), H0), ours)
    state = two_random_biases(1)
    assert_same(rnn.rnn_forward(X, H0, *convert.rnn_from_torch(state)), run("RNN", state, H0))


def test_the_lstm_agrees_both_ways() -> None:
    U, W, b = weights(4)
    ours = lstm.lstm_forward(X, H0, C0, U, W, b).h
    assert_same(run("LSTM", convert.lstm_to_torch(U, W, b), H0, C0), ours)
    state = two_random_biases(4)
    ours = lstm.lstm_forward(X, H0, C0, *convert.lstm_from_torch(state)).h
    assert_same(ours, run("LSTM", state, H0, C0))


@pytest.mark.parametrize("update", get_args(gru.Update))
def test_the_gru_agrees_both_ways_whatever_z_means(update: Any) -> None:
    U, W, b = weights(3)
    b_s = draw(H)
    ours = gru.gru_forward(X, H0, U, W, b, b_s, update=update).h
    assert_same(run("GRU", convert.gru_to_torch(U, W, b, b_s, update=update), H0), ours)
    state = two_random_biases(3)
    ours = gru.gru_forward(X, H0, *convert.gru_from_torch(state, update=update), update=update).h
    assert_same(ours, run("GRU", state, H0))


def test_a_reset_before_the_product_has_no_layer_in_torch() -> None:
    with pytest.raises(ValueError, match=r'got reset="before"; torch.nn.GRU resets after'):
        convert.gru_to_torch(*weights(3), reset="before")


def test_an_update_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="'forget'; it must be 'keep' or 'write'"):
        convert.gru_to_torch(*weights(3), update="forget")


def test_without_biases_is_with_zeros() -> None:
    for to_torch, gates in ((convert.lstm_to_torch, 4), (convert.gru_to_torch, 3)):
        U, W, b = weights(gates)
        bare, zeros = to_torch(U, W), to_torch(U, W, 0 * b)  # type: ignore[operator]
        for name in SIDES:
            np.testing.assert_array_equal(bare[name], zeros[name])
    state = two_random_biases(4)
    del state["bias_ih_l0"], state["bias_hh_l0"]  # as of a layer with bias=False
    assert not convert.lstm_from_torch(state).b.any()


# There and back


def test_there_and_back_is_where_one_was() -> None:
    for there, back, gates in (
        (convert.rnn_to_torch, convert.rnn_from_torch, 1),
        (convert.lstm_to_torch, convert.lstm_from_torch, 4),
    ):
        for before, after in zip(weights(gates), back(there(*weights(gates))), strict=True):
            np.testing.assert_array_equal(before, after)
    before = (*weights(3), draw(H))
    for update in get_args(gru.Update):
        state = convert.gru_to_torch(*before, update=update)
        for one, other in zip(before, convert.gru_from_torch(state, update=update), strict=True):
            np.testing.assert_array_equal(one, other)


def test_conversion_leaves_its_arguments_alone() -> None:
    state = two_random_biases(3)
    kept = {name: array.copy() for name, array in state.items()}
    convert.gru_from_torch(state)
    convert.lstm_from_torch(two_random_biases(4))
    for name, array in state.items():
        np.testing.assert_array_equal(array, kept[name])


def test_float32_stays_float32() -> None:
    U, W, b = (array.astype(np.float32) for array in weights(4))
    state = convert.lstm_to_torch(U, W, b)
    assert {array.dtype for array in (*state.values(), *convert.lstm_from_torch(state))} == {
        np.dtype(np.float32)
    }


# Orders


def test_orders_are_those_of_the_chapters() -> None:
    assert convert.LSTM_ORDERS["course"] == lstm.GATES
    assert convert.GRU_ORDERS["course"] == gru.GATES


def test_reorder_moves_gates_by_name() -> None:
    stacked = np.array([[1, 1, 2, 2, 3, 3, 4, 4]])
    orders = convert.LSTM_ORDERS
    moved = convert.reorder(stacked, orders["course"], orders["torch"])
    np.testing.assert_array_equal(moved, [[2, 2, 1, 1, 4, 4, 3, 3]])
    for one, other in itertools.product(orders.values(), repeat=2):
        there = convert.reorder(stacked, one, other)
        np.testing.assert_array_equal(convert.reorder(there, other, one), stacked)


def test_reorder_refuses_gates_that_differ() -> None:
    with pytest.raises(ValueError, match="cannot turn the gates"):
        convert.reorder(np.zeros(6), ("r", "z", "g"), ("r", "z", "n"))
