"""The vanilla network agrees with torch, with central differences and with itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.gradcheck import check_gradients
from course.rnn import (
    VanillaRNN,
    loss_and_gradients,
    rnn_backward,
    rnn_forward,
    rnn_output,
    rnn_output_backward,
    rnn_parameter_count,
    rnn_step,
    rnn_step_backward,
    sequence_loss,
    sequence_loss_backward,
    stacked_weights,
)
from course.shapes import Array, check_shapes

N, T, D, H, M = 5, 4, 2, 3, 6  # pairwise different: a wrong axis cannot pass unseen

SIZES = st.lists(st.integers(1, 9), min_size=5, max_size=5, unique=True)
few_examples = settings(max_examples=15, deadline=None, derandomize=True, database=None)


def draw(
    seed: int = 0, n: int = N, t: int = T, d: int = D, h: int = H, m: int = M, dtype: Any = float
) -> dict[str, Array]:
    """Inputs, weights, biases and upstream gradients, none of them zero."""
    rng = np.random.default_rng(seed)
    shapes = {
        "x": (n, t, d), "h0": (n, h), "W_xh": (d, h), "W_hh": (h, h), "b_h": (h,),
        "W_hy": (h, m), "b_y": (m,), "dh": (n, t, h), "dy": (n, t, m), "target": (n, t, m),
    }  # fmt: skip
    return {name: rng.standard_normal(shape).astype(dtype) for name, shape in shapes.items()}


def assert_close(got: Array, expected: Array, tolerance: float = 1e-12) -> None:
    """max|a - b| <= tolerance max|b|, on equal shapes."""
    assert got.shape == expected.shape
    assert np.max(np.abs(got - expected)) <= tolerance * np.max(np.abs(expected))


def forward(a: dict[str, Array]) -> Array:
    return rnn_forward(a["x"], a["h0"], a["W_xh"], a["W_hh"], a["b_h"])


# Against torch


@few_examples
@given(sizes=SIZES, seed=st.integers(0, 2**32 - 1))
def test_forward_and_every_gradient_agree_with_torch(sizes: list[int], seed: int) -> None:
    torch = pytest.importorskip("torch")
    n, t, d, h, m = sizes
    a = draw(seed, n, t, d, h, m)
    net = torch.nn.RNN(d, h, batch_first=True, dtype=torch.float64)
    out = torch.nn.Linear(h, m, dtype=torch.float64)
    with torch.no_grad():  # torch keeps its matrices transposed, and two biases instead of one
        net.weight_ih_l0.copy_(torch.from_numpy(a["W_xh"].T))
        net.weight_hh_l0.copy_(torch.from_numpy(a["W_hh"].T))
        net.bias_ih_l0.copy_(torch.from_numpy(a["b_h"]))
        net.bias_hh_l0.zero_()
        out.weight.copy_(torch.from_numpy(a["W_hy"].T))
        out.bias.copy_(torch.from_numpy(a["b_y"]))
    x = torch.from_numpy(a["x"]).requires_grad_()
    h0 = torch.from_numpy(a["h0"])[None].requires_grad_()
    torch_h, _ = net(x, h0)
    torch_y = out(torch_h)
    # Both the states and the outputs enter the loss, so every step has an upstream gradient.
    (torch_h * torch.from_numpy(a["dh"])).sum().backward(retain_graph=True)
    (torch_y * torch.from_numpy(a["dy"])).sum().backward()

    states = forward(a)
    y = rnn_output(states, a["W_hy"], a["b_y"])
    dh, dW_hy, db_y = rnn_output_backward(a["dy"], states, a["W_hy"])
    g = rnn_backward(a["dh"] + dh, a["x"], a["h0"], states, a["W_xh"], a["W_hh"])

    assert_close(states, torch_h.detach().numpy())
    assert_close(y, torch_y.detach().numpy())
    assert_close(g.dx, x.grad.numpy())
    assert_close(g.dh0, h0.grad.numpy()[0])
    assert_close(g.dW_xh, net.weight_ih_l0.grad.numpy().T)
    assert_close(g.dW_hh, net.weight_hh_l0.grad.numpy().T)
    assert_close(g.db_h, net.bias_ih_l0.grad.numpy())
    assert_close(dW_hy, out.weight.grad.numpy().T)
    assert_close(db_y, out.bias.grad.numpy())


# Against central differences


def test_step_backward_agrees_with_central_differences() -> None:
    a = draw()
    x, h, dh_next = a["x"][:, 0], a["h0"], a["dh"][:, 0]
    g = rnn_step_backward(
        dh_next, x, h, rnn_step(x, h, a["W_xh"], a["W_hh"], a["b_h"]), a["W_xh"], a["W_hh"]
    )
    check_gradients(
        lambda **p: np.sum(dh_next * rnn_step(**p)),
        {"x": x, "h": h, "W_xh": a["W_xh"], "W_hh": a["W_hh"], "b_h": a["b_h"]},
        {"x": g.dx, "h": g.dh, "W_xh": g.dW_xh, "W_hh": g.dW_hh, "b_h": g.db_h},
        tolerance=1e-8,
    )


@pytest.mark.parametrize("steps_with_loss", [slice(None), slice(-1, None)], ids=["all", "last"])
def test_backward_agrees_with_central_differences(steps_with_loss: slice) -> None:
    a = draw()
    dh = np.zeros_like(a["dh"])
    dh[:, steps_with_loss] = a["dh"][:, steps_with_loss]
    g = rnn_backward(dh, a["x"], a["h0"], forward(a), a["W_xh"], a["W_hh"])
    check_gradients(
        lambda **p: np.sum(dh * rnn_forward(**p)),
        {name: a[name] for name in ("x", "h0", "W_xh", "W_hh", "b_h")},
        {"x": g.dx, "h0": g.dh0, "W_xh": g.dW_xh, "W_hh": g.dW_hh, "b_h": g.db_h},
        tolerance=1e-8,
    )


def test_loss_gradients_agree_with_central_differences() -> None:
    a = draw()
    parameters = {name: a[name] for name in ("W_xh", "W_hh", "b_h", "W_hy", "b_y")}
    loss, gradients = loss_and_gradients(parameters, a["x"], a["target"])
    assert set(gradients) == set(parameters)
    check_gradients(
        lambda **p: loss_and_gradients(p, a["x"], a["target"])[0], parameters, gradients, 1e-7
    )

    y = rnn_output(
        rnn_forward(a["x"], np.zeros((N, H)), a["W_xh"], a["W_hh"], a["b_h"]), a["W_hy"], a["b_y"]
    )
    assert loss == sequence_loss(y, a["target"]).total
    dy = sequence_loss_backward(y, a["target"])
    check_gradients(lambda y: sequence_loss(y, a["target"]).total, {"y": y}, {"y": dy}, 1e-8)


# Against itself


def test_a_step_with_one_unit_is_what_pencil_and_paper_give() -> None:
    x, h, W_xh, W_hh = (np.array([[value]]) for value in (0.5, -0.4, 2.0, 0.5))
    assert rnn_step(x, h, W_xh, W_hh, np.array([0.1])) == pytest.approx(np.tanh(0.9))


def test_forward_is_the_step_repeated() -> None:
    a = draw()
    states, h = forward(a), a["h0"]
    for t in range(T):
        h = rnn_step(a["x"][:, t], h, a["W_xh"], a["W_hh"], a["b_h"])
        assert_close(states[:, t], h, 1e-14)


def test_backward_is_the_step_backward_repeated() -> None:
    a = draw()
    h = forward(a)
    g = rnn_backward(a["dh"], a["x"], a["h0"], h, a["W_xh"], a["W_hh"])
    dW_hh: Array = np.zeros((H, H))
    dh_later: Array = np.zeros((N, H))
    for t in reversed(range(T)):
        before = h[:, t - 1] if t else a["h0"]
        step = rnn_step_backward(
            a["dh"][:, t] + dh_later, a["x"][:, t], before, h[:, t], a["W_xh"], a["W_hh"]
        )
        dW_hh, dh_later = dW_hh + step.dW_hh, step.dh
    assert_close(g.dW_hh, dW_hh, 1e-14)
    assert_close(g.dh0, dh_later, 1e-14)


def test_two_halves_with_carried_state_equal_one_whole() -> None:
    a = draw()
    weights = a["W_xh"], a["W_hh"], a["b_h"]
    first = rnn_forward(a["x"][:, :2], a["h0"], *weights)
    second = rnn_forward(a["x"][:, 2:], first[:, -1], *weights)
    assert_close(np.concatenate([first, second], axis=1), forward(a), 1e-15)


def test_permuting_the_batch_permutes_states_and_leaves_weight_gradients_alone() -> None:
    a = draw()
    order = [3, 0, 4, 1, 2]
    b = a | {name: a[name][order] for name in ("x", "h0", "dh")}
    assert_close(forward(b), forward(a)[order], 1e-14)
    g, k = (
        rnn_backward(p["dh"], p["x"], p["h0"], forward(p), p["W_xh"], p["W_hh"]) for p in (a, b)
    )
    assert_close(k.dx, g.dx[order], 1e-14)
    assert_close(k.dW_hh, g.dW_hh, 1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_preserved(dtype: Any) -> None:
    a = draw(dtype=dtype)
    h = forward(a)
    y = rnn_output(h, a["W_hy"], a["b_y"])
    step = rnn_step(a["x"][:, 0], a["h0"], a["W_xh"], a["W_hh"], a["b_h"])
    results = [
        h, y, step,
        *rnn_backward(a["dh"], a["x"], a["h0"], h, a["W_xh"], a["W_hh"]),
        *rnn_step_backward(a["dh"][:, 0], a["x"][:, 0], a["h0"], step, a["W_xh"], a["W_hh"]),
        *rnn_output_backward(a["dy"], h, a["W_hy"]),
        sequence_loss(y, a["target"]).per_step,
        sequence_loss_backward(y, a["target"]),
        stacked_weights(a["W_xh"], a["W_hh"]),
    ]  # fmt: skip
    assert {result.dtype for result in results} == {np.dtype(dtype)}


def test_whole_numbers_become_floats() -> None:
    one = np.ones((1, 1), dtype=int)
    h = rnn_forward(one[None], one, one, one, one[0])
    assert h == pytest.approx(np.tanh(3))


def test_inputs_are_not_changed_and_a_second_call_gives_the_same() -> None:
    a = draw()
    before = {name: array.copy() for name, array in a.items()}

    def run() -> list[Array]:
        h = forward(a)
        y = rnn_output(h, a["W_hy"], a["b_y"])
        g = rnn_backward(a["dh"], a["x"], a["h0"], h, a["W_xh"], a["W_hh"])
        return [h, y, *g, *rnn_output_backward(a["dy"], h, a["W_hy"])]

    for one, other in zip(run(), run(), strict=True):
        np.testing.assert_array_equal(one, other)
    for name, array in a.items():
        np.testing.assert_array_equal(array, before[name])


def test_inputs_need_not_be_contiguous() -> None:
    a = draw()
    b = {name: np.asfortranarray(array) for name, array in a.items()}
    assert_close(forward(b), forward(a), 1e-14)
    g, k = (
        rnn_backward(p["dh"], p["x"], p["h0"], forward(p), p["W_xh"], p["W_hh"]) for p in (a, b)
    )
    for one, other in zip(g, k, strict=True):
        assert_close(other, one, 1e-13)


# The output, the loss, the sizes


def test_output_serves_one_step_and_all_steps_alike() -> None:
    a = draw()
    h = forward(a)
    y = rnn_output(h, a["W_hy"], a["b_y"])
    assert_close(rnn_output(h[:, 1], a["W_hy"], a["b_y"]), y[:, 1], 1e-14)
    dh, dW_hy, db_y = rnn_output_backward(a["dy"], h, a["W_hy"])
    steps = [rnn_output_backward(a["dy"][:, t], h[:, t], a["W_hy"]) for t in range(T)]
    assert_close(np.stack([step[0] for step in steps], axis=1), dh, 1e-14)
    assert_close(np.sum([step[1] for step in steps], axis=0), dW_hy, 1e-13)
    assert_close(np.sum([step[2] for step in steps], axis=0), db_y, 1e-13)


def test_sequence_loss_is_half_the_squared_error_per_example_summed_over_steps() -> None:
    y = np.zeros((2, 3, 2))
    target = np.array([[[1, 1], [0, 2], [3, 0]], [[0, 0], [2, 2], [1, 0]]], dtype=float)
    loss = sequence_loss(y, target)
    np.testing.assert_array_equal(loss.per_step, [0.5, 3.0, 2.5])
    assert loss.total == 6.0
    assert loss.last == 2.5


def test_stacked_weights_with_columns_give_the_same_step() -> None:
    a = draw()
    x, h = a["x"][0, 0], a["h0"][0]
    W = stacked_weights(a["W_xh"], a["W_hh"])
    assert W.shape == (H, H + D)
    columns = np.tanh(W @ np.concatenate([h, x]) + a["b_h"])
    assert_close(columns, rnn_step(x[None], h[None], a["W_xh"], a["W_hh"], a["b_h"])[0], 1e-14)


def test_parameter_count_is_the_number_of_numbers() -> None:
    parameters = VanillaRNN(D, H, M, np.random.default_rng(0)).parameters
    assert rnn_parameter_count(D, H, M) == sum(p.size for p in parameters.values())


# The class


def test_stateful_class_equals_the_sequence_functions() -> None:
    a = draw()
    model = VanillaRNN(D, H, M, np.random.default_rng(0))
    h = rnn_forward(a["x"], np.zeros((N, H)), model.W_xh, model.W_hh, model.b_h)
    y = rnn_output(h, model.W_hy, model.b_y)
    for _ in range(2):  # the second time, only if reset forgets the first
        for t in range(T):
            assert_close(model.forward(a["x"][:, t]), y[:, t], 1e-14)
            assert_close(model.hidden_state, h[:, t], 1e-14)
        model.reset()


def test_class_takes_a_batch_of_any_size_after_reset_and_no_other_before() -> None:
    model = VanillaRNN(D, H, M, np.random.default_rng(0))
    assert model.hidden_state.shape == (1, H)
    for batch in (1, H, 7):
        assert model.forward(np.ones((batch, D))).shape == (batch, M)
        assert model.hidden_state.shape == (batch, H)
        model.reset()
    model.forward(np.ones((4, D)))
    with pytest.raises(ValueError, match=r"got 3 examples.* remembers 4 .*Call reset\(\)"):
        model.forward(np.ones((3, D)))


def test_class_leaves_its_input_alone() -> None:
    model, x = VanillaRNN(D, H, M, np.random.default_rng(0)), np.ones((N, D))
    model.forward(x)
    state = model.hidden_state
    kept = state.copy()
    model.forward(x)
    np.testing.assert_array_equal(x, 1)
    np.testing.assert_array_equal(state, kept)


def test_initial_weights_have_the_scale_of_their_fan_in() -> None:
    model = VanillaRNN(100, 400, 50, np.random.default_rng(0))
    assert model.W_xh.std() == pytest.approx(1 / 10, rel=0.02)
    assert model.W_hh.std() == pytest.approx(1 / 20, rel=0.02)
    assert model.W_hy.std() == pytest.approx(1 / 20, rel=0.02)
    assert not model.b_h.any()
    assert not model.b_y.any()


# Refusals


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (
            {"x": (T, N, D)},
            r"rnn_forward got h0 of shape \(5, 3\); h0 must be \(N, H\) = \(4, H\)\.",
        ),
        ({"x": (N, D)}, r"rnn_forward got x of shape \(5, 2\); x must be \(N, T, D\)\."),
        ({"h0": (1, H)}, r"got h0 of shape \(1, 3\); h0 must be \(N, H\) = \(5, H\)\."),
        ({"h0": (H, N)}, r"got h0 of shape \(3, 5\); .* Did you transpose it\?"),
        ({"W_xh": (H, D)}, r"W_xh must be \(D, H\) = \(2, 3\)\. Did you transpose it\?"),
        ({"W_hh": (H, H + 1)}, r"W_hh must be \(H, H\) = \(3, 3\)\.$"),
        ({"b_h": (1, H)}, r"b_h must be \(H,\) = \(3,\)\.$"),
    ],
)
def test_forward_refuses_a_wrong_shape_in_a_sentence(
    wrong: dict[str, tuple[int, ...]], sentence: str
) -> None:
    a = draw() | {name: np.ones(shape) for name, shape in wrong.items()}
    with pytest.raises(ValueError, match=sentence):
        forward(a)


def test_step_refuses_a_state_that_would_broadcast() -> None:
    a = draw()
    with pytest.raises(ValueError, match=r"rnn_step got h of shape \(1, 3\)"):
        rnn_step(a["x"][:, 0], a["h0"][:1], a["W_xh"], a["W_hh"], a["b_h"])


def test_loss_refuses_a_target_that_would_broadcast() -> None:
    with pytest.raises(ValueError, match=r"sequence_loss got target of shape \(5, 4\)"):
        sequence_loss(np.ones((5, 4, 1)), np.ones((5, 4)))


def test_backward_refuses_a_gradient_of_another_shape() -> None:
    a = draw()
    with pytest.raises(ValueError, match=r"rnn_backward got dh of shape \(5, 1, 3\)"):
        rnn_backward(a["dh"][:, -1:], a["x"], a["h0"], forward(a), a["W_xh"], a["W_hh"])


def test_a_letter_keeps_its_first_size() -> None:
    check_shapes("f", a=(np.ones((2, 3)), "NH"), b=(np.ones((3, 2)), "HN"))
    with pytest.raises(ValueError, match=r"f got c of shape \(4,\); c must be \(N,\) = \(2,\)\."):
        check_shapes("f", a=(np.ones((2, 3)), "NH"), c=(np.ones(4), "N"))


# Without biases


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_biases_may_be_left_out(dtype: type) -> None:
    rng = np.random.default_rng(5)
    N, T, D, H, M = 3, 5, 2, 4, 6
    x, h0, W_xh, W_hh, W_hy = (
        rng.standard_normal(shape).astype(dtype)
        for shape in ((N, T, D), (N, H), (D, H), (H, H), (H, M))
    )
    zeros = np.zeros(H, dtype)
    h = rnn_forward(x, h0, W_xh, W_hh)
    y = rnn_output(h, W_hy)
    assert h.dtype == y.dtype == dtype
    np.testing.assert_array_equal(h, rnn_forward(x, h0, W_xh, W_hh, zeros))
    np.testing.assert_array_equal(y, rnn_output(h, W_hy, np.zeros(M, dtype)))
    np.testing.assert_allclose(h[:, 0], rnn_step(x[:, 0], h0, W_xh, W_hh), rtol=1e-6)
