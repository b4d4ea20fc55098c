"""The LSTM agrees with torch, with central differences and with itself."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.activations import sigmoid, sigmoid_slope, tanh_slope
from course.convert import fill, lstm_to_torch
from course.gradcheck import check_gradients
from course.lstm import (
    GATES,
    LSTMStates,
    cell,
    cell_backward,
    lstm_backward,
    lstm_forward,
    lstm_parameter_count,
    lstm_step,
    lstm_step_backward,
    split,
    squash,
    squash_backward,
    stack,
)
from course.shapes import Array

N, T, D, H = 5, 4, 2, 3  # pairwise different: a wrong axis cannot pass unseen

SIZES = st.lists(st.integers(1, 9), min_size=4, max_size=4, unique=True)
few_examples = settings(max_examples=15, deadline=None, derandomize=True, database=None)


def draw(
    seed: int = 0, n: int = N, t: int = T, d: int = D, h: int = H, dtype: Any = float
) -> dict[str, Array]:
    """Inputs, weights, biases and upstream gradients, none of them zero."""
    rng = np.random.default_rng(seed)
    shapes = {
        "x": (n, t, d), "h0": (n, h), "c0": (n, h), "U": (d, 4 * h), "W": (h, 4 * h),
        "b": (4 * h,), "dh": (n, t, h), "dc": (n, h),
    }  # fmt: skip
    return {name: rng.standard_normal(shape).astype(dtype) for name, shape in shapes.items()}


def forward(a: dict[str, Array]) -> LSTMStates:
    return lstm_forward(a["x"], a["h0"], a["c0"], a["U"], a["W"], a["b"])


def backward(a: dict[str, Array], dc: Array | None) -> dict[str, Array]:
    states = forward(a)
    g = lstm_backward(a["dh"], dc, a["x"], a["h0"], a["c0"], states, a["U"], a["W"])
    return {name[1:]: gradient for name, gradient in g._asdict().items()}


def assert_close(got: Array, expected: Array, tolerance: float = 1e-12) -> None:
    """max|a - b| <= tolerance * max|b|, shapes equal."""
    assert got.shape == expected.shape
    assert np.abs(got - expected).max() <= tolerance * np.abs(expected).max()


# The activations


def test_sigmoid_is_one_over_one_plus_exp() -> None:
    a = np.linspace(-30, 30, 121)
    np.testing.assert_allclose(sigmoid(a), 1 / (1 + np.exp(-a)), rtol=0, atol=3e-16)
    assert sigmoid(np.array(0.0)) == 0.5


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid_of_any_number_is_one_without_a_warning(dtype: Any) -> None:
    largest = np.finfo(dtype).max
    a = np.array([-np.inf, -largest, -800, 0, 800, largest, np.inf], dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        s = sigmoid(a)
    np.testing.assert_array_equal(s, [0, 0, 0, 0.5, 1, 1, 1])
    assert s.dtype == dtype


def test_sigmoid_leaves_its_argument_alone_or_writes_into_it() -> None:
    a = np.array([-1.0, 0.0, 2.0])
    expected = sigmoid(a)
    np.testing.assert_array_equal(a, [-1, 0, 2])
    assert sigmoid(a, out=a) is a
    np.testing.assert_array_equal(a, expected)


def test_slopes_agree_with_central_differences() -> None:
    a = np.linspace(-3, 3, 7)
    step = 1e-5
    for function, slope in ((sigmoid, sigmoid_slope), (np.tanh, tanh_slope)):
        numerical = (function(a + step) - function(a - step)) / (2 * step)
        np.testing.assert_allclose(slope(function(a)), numerical, atol=1e-9)


# Against torch


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@given(sizes=SIZES, seed=st.integers(0, 1000), on_last_c=st.booleans())
@few_examples
def test_states_and_every_gradient_agree_with_torch(
    dtype: str, sizes: list[int], seed: int, on_last_c: bool
) -> None:
    torch = pytest.importorskip("torch")
    n, t, d, h = sizes
    a = draw(seed, n, t, d, h, dtype)
    tolerance = 1e-12 if dtype == "float64" else 1e-4
    dc = a["dc"] if on_last_c else None

    layer = fill(
        torch.nn.LSTM(d, h, batch_first=True, dtype=getattr(torch, dtype)),
        lstm_to_torch(a["U"], a["W"], a["b"]),
    )
    x = torch.from_numpy(a["x"]).requires_grad_()
    h0, c0 = (torch.from_numpy(a[name]).requires_grad_() for name in ("h0", "c0"))
    theirs, (_, c_last) = layer(x, (h0[None], c0[None]))
    loss = (theirs * torch.from_numpy(a["dh"])).sum()
    if on_last_c:
        loss = loss + (c_last[0] * torch.from_numpy(a["dc"])).sum()
    loss.backward()

    states, gradients = forward(a), backward(a, dc)
    assert_close(states.h, theirs.detach().numpy(), tolerance)
    assert_close(states.c[:, -1], c_last[0].detach().numpy(), tolerance)
    for name, tensor in (("x", x), ("h0", h0), ("c0", c0)):
        assert_close(gradients[name], tensor.grad.numpy(), tolerance)
    ours = lstm_to_torch(gradients["U"], gradients["W"], gradients["b"])
    for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0"):
        assert_close(ours[name], getattr(layer, name).grad.numpy(), tolerance)


def test_every_piece_of_a_step_agrees_with_autograd() -> None:
    torch = pytest.importorskip("torch")
    a = draw()
    a |= {name: torch.from_numpy(array).requires_grad_() for name, array in a.items()}
    x = a["x"][:, 0]
    sums = dict(
        zip(GATES, torch.split(x @ a["U"] + a["h0"] @ a["W"] + a["b"], H, dim=1), strict=True)
    )
    gates = {k: torch.tanh(v) if k == "g" else torch.sigmoid(v) for k, v in sums.items()}
    c_next = gates["f"] * a["c0"] + gates["i"] * gates["g"]
    h_next = gates["o"] * torch.tanh(c_next)
    for tensor in (*sums.values(), *gates.values(), c_next, h_next):
        tensor.retain_grad()
    ((h_next * a["dh"][:, 0]).sum() + (c_next * a["dc"]).sum()).backward()

    p = draw()
    step = lstm_step(p["x"][:, 0], p["h0"], p["c0"], p["U"], p["W"], p["b"])
    dgates, dc = cell_backward(p["dh"][:, 0], p["dc"], p["c0"], step.c, step.gates)
    for gate, tensor in gates.items():
        assert_close(getattr(split(step.gates), gate), tensor.detach().numpy())
        assert_close(getattr(split(dgates), gate), tensor.grad.numpy())
    assert_close(dc, a["c0"].grad.numpy())
    da = squash_backward(dgates, step.gates)
    for gate, tensor in sums.items():
        assert_close(getattr(split(da), gate), tensor.grad.numpy())


# Against central differences


@pytest.mark.parametrize("sizes", [(N, T, D, H), (1, 1, D, H), (3, 5, 6, 2)])
@pytest.mark.parametrize("last_step_only", [False, True])
def test_backward_agrees_with_central_differences(
    sizes: tuple[int, int, int, int], last_step_only: bool
) -> None:
    a = draw(1, *sizes)
    if last_step_only:
        a["dh"][:, :-1] = 0
    arguments = {name: a[name] for name in ("x", "h0", "c0", "U", "W", "b")}

    def loss(**arguments: Array) -> float:
        states = lstm_forward(**arguments)
        return float(np.sum(a["dh"] * states.h) + np.sum(a["dc"] * states.c[:, -1]))

    check_gradients(loss, arguments, backward(a, a["dc"]), tolerance=1e-7)


# Against itself


def test_a_step_with_one_unit_is_what_pencil_and_paper_give() -> None:
    one = np.ones((1, 1))
    U, W, b = np.array([[1.0, 0.5, 2.0, 0.1]]), np.array([[0.0, 1.0, -1.0, 0.4]]), np.zeros(4)
    step = lstm_step(one, 0.5 * one, 2 * one, U, W, b)
    f, i, o, g = 1 / (1 + np.exp(-1)), 1 / (1 + np.exp(-1)), 1 / (1 + np.exp(-1.5)), np.tanh(0.3)
    assert step.c == pytest.approx(2 * f + i * g)
    assert step.h == pytest.approx(o * np.tanh(2 * f + i * g))


def test_the_order_of_the_gates_is_declared_once() -> None:
    stacked = np.arange(24.0).reshape(2, 12)
    assert GATES == ("f", "i", "o", "g")
    assert split(stacked)._fields == GATES
    np.testing.assert_array_equal(split(stacked).o, stacked[:, 6:9])
    np.testing.assert_array_equal(stack(**split(stacked)._asdict()), stacked)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[1:])
def test_gates_in_another_order_give_another_answer(order: tuple[int, ...]) -> None:
    """What a check must see, and cannot if all weights are one constant."""
    a = draw()
    permuted = {name: stack(*(split(a[name])[at] for at in order)) for name in ("U", "W", "b")}
    assert np.abs(forward(a | permuted).h - forward(a).h).max() > 1e-2


def test_forward_is_the_step_repeated() -> None:
    a = draw()
    states, h, c = forward(a), a["h0"], a["c0"]
    for t in range(T):
        h, c, gates = lstm_step(a["x"][:, t], h, c, a["U"], a["W"], a["b"])
        assert_close(states.h[:, t], h, 1e-14)
        assert_close(states.c[:, t], c, 1e-14)
        assert_close(states.gates[:, t], gates, 1e-14)


def test_backward_is_the_step_backward_repeated() -> None:
    a = draw()
    states, g = forward(a), backward(a, a["dc"])
    dU, dW, db = np.zeros((D, 4 * H)), np.zeros((H, 4 * H)), np.zeros(4 * H)
    dh, dc = np.zeros((N, H)), a["dc"]
    for t in reversed(range(T)):
        h, c = (states.h[:, t - 1], states.c[:, t - 1]) if t else (a["h0"], a["c0"])
        x = a["x"][:, t]
        step = lstm_step(x, h, c, a["U"], a["W"], a["b"])
        back = lstm_step_backward(dh + a["dh"][:, t], dc, x, h, c, step, a["U"], a["W"])
        dh, dc = back.dh, back.dc
        dU, dW, db = dU + back.dU, dW + back.dW, db + back.db
        assert_close(g["x"][:, t], back.dx, 1e-13)
    for got, expected in zip(
        (g["h0"], g["c0"], g["U"], g["W"], g["b"]), (dh, dc, dU, dW, db), strict=True
    ):
        assert_close(got, expected, 1e-13)


def test_without_biases_is_with_biases_of_zero() -> None:
    a = draw()
    zeros = a | {"b": np.zeros(4 * H)}
    bare = lstm_forward(a["x"], a["h0"], a["c0"], a["U"], a["W"])
    step = lstm_step(a["x"][:, 0], a["h0"], a["c0"], a["U"], a["W"])
    for one, other in zip(bare, forward(zeros), strict=True):
        np.testing.assert_array_equal(one, other)
    assert_close(step.h, bare.h[:, 0], 1e-14)


def test_two_halves_with_carried_states_equal_one_whole() -> None:
    a = draw()
    weights = a["U"], a["W"], a["b"]
    first = lstm_forward(a["x"][:, :2], a["h0"], a["c0"], *weights)
    second = lstm_forward(a["x"][:, 2:], first.h[:, -1], first.c[:, -1], *weights)
    whole = forward(a)
    assert_close(np.concatenate([first.h, second.h], axis=1), whole.h, 1e-15)
    assert_close(np.concatenate([first.c, second.c], axis=1), whole.c, 1e-15)


def test_permuting_the_batch_permutes_states_and_leaves_weight_gradients_alone() -> None:
    a, order = draw(), [3, 0, 4, 1, 2]
    b = a | {name: a[name][order] for name in ("x", "h0", "c0", "dh", "dc")}
    assert_close(forward(b).h, forward(a).h[order], 1e-14)
    g, k = backward(a, a["dc"]), backward(b, b["dc"])
    assert_close(k["x"], g["x"][order], 1e-14)
    assert_close(k["W"], g["W"], 1e-13)


def test_an_open_forget_gate_carries_the_gradient_unchanged() -> None:
    """With f = 1 and the way through h cut, dc_0 = dc_T whatever T is."""
    a = draw(t=50)
    f_bias = stack(np.full(H, 100.0), *(np.zeros(H) for _ in range(3)))
    a |= {"b": f_bias, "W": np.zeros((H, 4 * H)), "U": 0.01 * a["U"], "dh": np.zeros((N, 50, H))}
    np.testing.assert_array_equal(backward(a, a["dc"])["c0"], a["dc"])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_preserved(dtype: Any) -> None:
    a = draw(dtype=dtype)
    step = lstm_step(a["x"][:, 0], a["h0"], a["c0"], a["U"], a["W"], a["b"])
    results = [
        *forward(a), *step, *backward(a, a["dc"]).values(), *backward(a, None).values(),
        *lstm_step_backward(a["dh"][:, 0], a["dc"], a["x"][:, 0], a["h0"], a["c0"], step, a["U"], a["W"]),
    ]  # fmt: skip
    assert {result.dtype for result in results} == {np.dtype(dtype)}


def test_whole_numbers_become_floats() -> None:
    one = np.ones((1, 1), dtype=int)
    weights = np.ones((1, 4), dtype=int)
    states = lstm_forward(one[None], one, one, weights, weights, weights[0])
    gate = sigmoid(np.array(3.0))
    assert states.c == pytest.approx(gate + gate * np.tanh(3))
    step = lstm_step(one, one, one, weights, weights, weights[0])
    np.testing.assert_allclose(step.h, states.h[:, 0], rtol=1e-15)


def test_inputs_are_not_changed_and_a_second_call_gives_the_same() -> None:
    a = draw()
    before = {name: array.copy() for name, array in a.items()}
    states = forward(a)
    kept = [array.copy() for array in states]

    def run() -> list[Array]:
        g = lstm_backward(a["dh"], a["dc"], a["x"], a["h0"], a["c0"], states, a["U"], a["W"])
        return [*forward(a), *g]

    for one, other in zip(run(), run(), strict=True):
        np.testing.assert_array_equal(one, other)
    for array, old in zip([*states, *a.values()], [*kept, *before.values()], strict=True):
        np.testing.assert_array_equal(array, old)


def test_inputs_need_not_be_contiguous() -> None:
    a = draw()
    b = {name: np.asfortranarray(array) for name, array in a.items()}
    assert_close(forward(b).h, forward(a).h, 1e-14)
    g, k = backward(a, a["dc"]), backward(b, b["dc"])
    for name in g:
        assert_close(k[name], g[name], 1e-13)


def test_parameter_count_is_the_number_of_numbers() -> None:
    a = draw()
    assert lstm_parameter_count(D, H) == sum(a[name].size for name in ("U", "W", "b"))


def test_squash_makes_sigmoids_of_three_and_a_tanh_of_the_last() -> None:
    a = draw()["b"]
    f, i, o, g = split(a.copy())
    gates = split(squash(a))
    assert_close(gates.f, sigmoid(f))
    assert_close(gates.i, sigmoid(i))
    assert_close(gates.o, sigmoid(o))
    assert_close(gates.g, np.tanh(g))


def test_a_cell_counts_when_both_gates_are_open() -> None:
    """f and i are independent of each other: the cell is no moving average."""
    h, c = np.zeros((1, 1)), np.zeros((1, 1))
    gates = stack(*(np.full((1, 1), value) for value in (1.0, 1.0, 1.0, 0.5)))
    for _ in range(10):
        h, c = cell(gates, c)
    assert c == pytest.approx(5)
    assert h == pytest.approx(np.tanh(5))


# Refusals


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"h0": (1, H)}, r"lstm_forward got h0 of shape \(1, 3\); h0 must be \(N, H\) = \(5, H\)\."),
        ({"c0": (H, N)}, r"got c0 of shape \(3, 5\); .* Did you transpose it\?"),
        ({"U": (D, 4 * H - 1)}, r"got U of shape \(2, 11\); U must be \(D, 4H\) = \(2, 12\)\.$"),
        ({"U": (D + 1, 4 * H)}, r"lstm_forward got U of shape \(3, 12\); U must be \(D, 4H\) = \(2, 12\)\.$"),
        ({"U": (4 * H, D)}, r"U must be \(D, 4H\) = \(2, 12\)\. Did you transpose it\?"),
        ({"W": (H + 1, 4 * H)}, r"got W of shape \(4, 12\); W must be \(H, 4H\) = \(3, 12\)\.$"),
        ({"b": (1, 4 * H)}, r"got b of shape \(1, 12\)"),
    ],
)  # fmt: skip
def test_forward_refuses_a_wrong_shape_in_a_sentence(
    wrong: dict[str, tuple[int, ...]], sentence: str
) -> None:
    a = draw() | {name: np.ones(shape) for name, shape in wrong.items()}
    with pytest.raises(ValueError, match=sentence):
        forward(a)


def test_step_refuses_a_state_that_would_broadcast() -> None:
    a = draw()
    with pytest.raises(ValueError, match=r"lstm_step got c of shape \(1, 3\)"):
        lstm_step(a["x"][:, 0], a["h0"], a["c0"][:1], a["U"], a["W"])


def test_backward_refuses_a_gradient_of_another_shape() -> None:
    a = draw()
    for name, wrong in (("dh", a["dh"][:, -1:]), ("dc", a["dc"][:1])):
        b = a | {name: wrong}
        with pytest.raises(ValueError, match=f"lstm_backward got {name}"):
            backward(b, b["dc"])
