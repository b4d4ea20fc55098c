"""The GRU agrees with torch, with central differences, with itself, and across its conventions."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.gradcheck import check_gradients
from course.gru import (
    GATES,
    RESETS,
    UPDATES,
    GRUStates,
    gru_backward,
    gru_forward,
    gru_parameter_count,
    gru_step,
    gru_step_backward,
    other_update,
    split,
    stack,
)
from course.shapes import Array

N, T, D, H = 5, 4, 2, 3  # pairwise different: a wrong axis cannot pass unseen

SIZES = st.lists(st.integers(1, 9), min_size=4, max_size=4, unique=True)
few_examples = settings(max_examples=15, deadline=None, derandomize=True, database=None)
CONVENTIONS = [
    {"update": update, "reset": reset} for update, reset in itertools.product(UPDATES, RESETS)
]
every_convention = pytest.mark.parametrize(
    "options", CONVENTIONS, ids=["-".join(options.values()) for options in CONVENTIONS]
)
Options = dict[str, Any]


def draw(
    seed: int = 0, n: int = N, t: int = T, d: int = D, h: int = H, dtype: Any = float
) -> dict[str, Array]:
    """Inputs, weights, biases and upstream gradients, none of them zero."""
    rng = np.random.default_rng(seed)
    shapes = {
        "x": (n, t, d), "h0": (n, h), "U": (d, 3 * h), "W": (h, 3 * h), "b": (3 * h,),
        "b_s": (h,), "dh": (n, t, h),
    }  # fmt: skip
    return {name: rng.standard_normal(shape).astype(dtype) for name, shape in shapes.items()}


def assert_close(got: Array, expected: Array, tolerance: float = 1e-12) -> None:
    """max|a - b| <= tolerance max|b|, on equal shapes."""
    assert got.shape == expected.shape
    assert np.max(np.abs(got - expected)) <= tolerance * np.max(np.abs(expected))


def biases(a: dict[str, Array], options: Options) -> dict[str, Array]:
    """The biases that a convention has."""
    return {name: a[name] for name in ("b", "b_s") if name == "b" or options["reset"] == "after"}


def forward(a: dict[str, Array], options: Options) -> GRUStates:
    return gru_forward(a["x"], a["h0"], a["U"], a["W"], **biases(a, options), **options)


def backward(a: dict[str, Array], options: Options) -> dict[str, Array]:
    states = forward(a, options)
    g = gru_backward(a["dh"], a["x"], a["h0"], states, a["U"], a["W"], **options)
    return g._asdict()


# Against torch


@few_examples
@given(sizes=SIZES, seed=st.integers(0, 2**32 - 1))
def test_states_and_every_gradient_agree_with_torch(sizes: list[int], seed: int) -> None:
    torch = pytest.importorskip("torch")
    n, t, d, h = sizes
    a = draw(seed, n, t, d, h)
    net = torch.nn.GRU(d, h, batch_first=True, dtype=torch.float64)
    with torch.no_grad():  # torch keeps its matrices transposed, and two biases for each gate
        net.weight_ih_l0.copy_(torch.from_numpy(a["U"].T))
        net.weight_hh_l0.copy_(torch.from_numpy(a["W"].T))
        net.bias_ih_l0.copy_(torch.from_numpy(a["b"]))
        net.bias_hh_l0.zero_()
        net.bias_hh_l0[2 * h :] = torch.from_numpy(a["b_s"])
    x = torch.from_numpy(a["x"]).requires_grad_()
    h0 = torch.from_numpy(a["h0"])[None].requires_grad_()
    theirs, _ = net(x, h0)
    (theirs * torch.from_numpy(a["dh"])).sum().backward()

    g = backward(a, CONVENTIONS[0])
    assert_close(forward(a, CONVENTIONS[0]).h, theirs.detach().numpy())
    assert_close(g["dx"], x.grad.numpy())
    assert_close(g["dh0"], h0.grad.numpy()[0])
    assert_close(g["dU"], net.weight_ih_l0.grad.numpy().T)
    assert_close(g["dW"], net.weight_hh_l0.grad.numpy().T)
    assert_close(g["db"], net.bias_ih_l0.grad.numpy())
    assert_close(g["db_s"], net.bias_hh_l0.grad.numpy()[2 * h :])


# Against central differences


@every_convention
def test_step_backward_agrees_with_central_differences(options: Options) -> None:
    a = draw()
    x, h, dh_next = a["x"][:, 0], a["h0"], a["dh"][:, 0]
    weights = {"U": a["U"], "W": a["W"], **biases(a, options)}
    step = gru_step(x, h, **weights, **options)
    g = gru_step_backward(dh_next, x, h, step, a["U"], a["W"], **options)._asdict()
    inputs = {"x": x, "h": h, **weights}
    check_gradients(
        lambda **p: np.sum(dh_next * gru_step(**p, **options).h),
        inputs,
        {name: g[f"d{name}"] for name in inputs},
        tolerance=1e-8,
    )


@every_convention
@pytest.mark.parametrize("steps_with_loss", [slice(None), slice(-1, None)], ids=["all", "last"])
def test_backward_agrees_with_central_differences(options: Options, steps_with_loss: slice) -> None:
    a = draw()
    dh = np.zeros_like(a["dh"])
    dh[:, steps_with_loss] = a["dh"][:, steps_with_loss]
    g = backward(a | {"dh": dh}, options)
    inputs = {name: a[name] for name in ("x", "h0", "U", "W")} | biases(a, options)
    check_gradients(
        lambda **p: np.sum(dh * gru_forward(**p, **options).h),
        inputs,
        {name: g[f"d{name}"] for name in inputs},
        tolerance=1e-8,
    )


# The conventions


def test_a_step_with_one_unit_is_what_pencil_and_paper_give() -> None:
    def one(*values: float) -> Array:
        return np.array([values])

    x, h, U, W, b = one(1.0), one(0.5), one(0.2, 0.4, 0.6), one(0.1, 0.3, 0.5), one(0, -1, 0.1)[0]
    r, z = 1 / (1 + np.exp(-0.25)), 1 / (1 + np.exp(0.45))
    g = np.tanh(0.6 + r * 0.25 + 0.1)
    step = gru_step(x, h, U, W, b)
    assert step.gates[0] == pytest.approx([r, z, g])
    assert step.h == pytest.approx(0.5 * z + (1 - z) * g)
    assert gru_step(x, h, U, W, b, update="write").h == pytest.approx(0.5 * (1 - z) + z * g)


@pytest.mark.parametrize("reset", RESETS)
def test_the_two_updates_are_one_network_with_the_signs_of_z_turned(reset: Any) -> None:
    a = draw()
    other = {name: other_update(a[name]) for name in ("U", "W", "b")}
    keep = forward(a, {"update": "keep", "reset": reset})
    write = forward(a | other, {"update": "write", "reset": reset})
    assert_close(write.h, keep.h, 1e-14)
    assert_close(split(write.gates).z, 1 - split(keep.gates).z, 1e-14)
    for name in other:
        np.testing.assert_array_equal(other_update(other[name]), a[name])


def test_the_two_resets_are_two_networks_that_agree_where_r_is_the_same_for_all_units() -> None:
    a = draw() | {"b_s": np.zeros(H)}
    after, before = (forward(a, {"update": "keep", "reset": reset}) for reset in RESETS)
    assert np.max(np.abs(after.h - before.h)) > 0.1

    for name in ("U", "W", "b"):  # one column for all units of r: a number may change places with W
        a[name] = stack(np.repeat(a[name][..., :1], H, axis=-1), *split(a[name])[1:])
    after, before = (forward(a, {"update": "keep", "reset": reset}) for reset in RESETS)
    assert_close(after.h, before.h, 1e-14)


def test_a_z_of_one_keeps_the_state_as_it_is() -> None:
    a = draw()
    a["b"] = stack(*split(a["b"])._replace(z=np.full(H, 1000.0)))
    states = forward(a, CONVENTIONS[0])
    np.testing.assert_array_equal(states.h, np.repeat(a["h0"][:, None], T, axis=1))


# Against itself


@every_convention
def test_forward_is_the_step_repeated(options: Options) -> None:
    a = draw()
    states, h = forward(a, options), a["h0"]
    for t in range(T):
        step = gru_step(a["x"][:, t], h, a["U"], a["W"], **biases(a, options), **options)
        for got, expected in zip(states, step, strict=True):
            assert_close(got[:, t], expected, 1e-14)
        h = step.h


@every_convention
def test_backward_is_the_step_backward_repeated(options: Options) -> None:
    a = draw()
    states, g = forward(a, options), backward(a, options)
    dU, dW = np.zeros_like(a["U"]), np.zeros_like(a["W"])
    dh_later: Array = np.zeros((N, H))
    for t in reversed(range(T)):
        before = states.h[:, t - 1] if t else a["h0"]
        step = gru_step(a["x"][:, t], before, a["U"], a["W"], **biases(a, options), **options)
        back = gru_step_backward(
            a["dh"][:, t] + dh_later, a["x"][:, t], before, step, a["U"], a["W"], **options
        )
        dU, dW, dh_later = dU + back.dU, dW + back.dW, back.dh
    assert_close(g["dU"], dU, 1e-13)
    assert_close(g["dW"], dW, 1e-13)
    assert_close(g["dh0"], dh_later, 1e-13)


@every_convention
def test_two_halves_with_carried_state_equal_one_whole(options: Options) -> None:
    a = draw()
    first = forward(a | {"x": a["x"][:, :2]}, options)
    second = forward(a | {"x": a["x"][:, 2:], "h0": first.h[:, -1]}, options)
    assert_close(np.concatenate([first.h, second.h], axis=1), forward(a, options).h, 1e-14)


def test_permuting_the_batch_permutes_states_and_leaves_weight_gradients_alone() -> None:
    a, options = draw(), CONVENTIONS[0]
    order = [3, 0, 4, 1, 2]
    b = a | {name: a[name][order] for name in ("x", "h0", "dh")}
    assert_close(forward(b, options).h, forward(a, options).h[order], 1e-14)
    g, k = backward(a, options), backward(b, options)
    assert_close(k["dx"], g["dx"][order], 1e-14)
    assert_close(k["dW"], g["dW"], 1e-13)


@every_convention
def test_without_biases_it_is_as_with_zeros(options: Options) -> None:
    a = draw() | {"b": np.zeros(3 * H), "b_s": np.zeros(H)}
    bare = gru_forward(a["x"], a["h0"], a["U"], a["W"], **options)
    for got, expected in zip(bare, forward(a, options), strict=True):
        np.testing.assert_array_equal(got, expected)
    step = gru_step(a["x"][:, 0], a["h0"], a["U"], a["W"], **options)
    assert_close(step.h, bare.h[:, 0], 1e-14)


@every_convention
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_preserved(dtype: Any, options: Options) -> None:
    a = draw(dtype=dtype)
    x, weights = a["x"][:, 0], (a["U"], a["W"])
    step = gru_step(x, a["h0"], *weights, **biases(a, options), **options)
    results = [
        *step,
        *gru_step_backward(a["dh"][:, 0], x, a["h0"], step, *weights, **options),
        *forward(a, options),
        *backward(a, options).values(),
    ]
    assert {result.dtype for result in results} == {np.dtype(dtype)}


def test_whole_numbers_become_floats() -> None:
    one = np.ones((1, 1), dtype=int)
    three = np.ones((1, 3), dtype=int)
    states = gru_forward(one[None], one, three, three, three[0])
    sigmoid_of_3 = 1 / (1 + np.exp(-3))
    g = np.tanh(2 + sigmoid_of_3)
    assert states.h == pytest.approx(sigmoid_of_3 + (1 - sigmoid_of_3) * g)
    assert gru_step(one, one, three, three, three[0]).h == pytest.approx(states.h[:, 0])


@every_convention
def test_inputs_are_not_changed_and_a_second_call_gives_the_same(options: Options) -> None:
    a = draw()
    before = {name: array.copy() for name, array in a.items()}

    def run() -> list[Array]:
        x, h = a["x"][:, 0], a["h0"]
        step = gru_step(x, h, a["U"], a["W"], **biases(a, options), **options)
        back = gru_step_backward(a["dh"][:, 0], x, h, step, a["U"], a["W"], **options)
        return [*step, *back, *forward(a, options), *backward(a, options).values()]

    for one, other in zip(run(), run(), strict=True):
        np.testing.assert_array_equal(one, other)
    for name, array in a.items():
        np.testing.assert_array_equal(array, before[name])


def test_inputs_need_not_be_contiguous() -> None:
    a = draw()
    b = {name: np.asfortranarray(array) for name, array in a.items()}
    assert_close(forward(b, CONVENTIONS[0]).h, forward(a, CONVENTIONS[0]).h, 1e-14)
    g, k = backward(a, CONVENTIONS[0]), backward(b, CONVENTIONS[0])
    for name in g:
        assert_close(k[name], g[name], 1e-13)


def test_split_and_stack_undo_each_other_and_name_the_gates_in_order() -> None:
    stacked = draw()["U"]
    parts = split(stacked)
    assert parts._fields == GATES == ("r", "z", "g")
    np.testing.assert_array_equal(stack(*parts), stacked)
    assert np.shares_memory(parts.z, stacked)


def test_parameter_count_is_the_number_of_numbers() -> None:
    a = draw()
    assert gru_parameter_count(D, H) == sum(a[name].size for name in ("U", "W", "b"))


# Refusals


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"h0": (1, H)}, r"gru_forward got h0 of shape \(1, 3\); h0 must be \(N, H\) = \(5, H\)\."),
        ({"U": (D, 3 * H + 1)}, r"got U of shape \(2, 10\); U must be \(D, 3H\) = \(2, 9\)\.$"),
        ({"W": (H, H)}, r"gru_forward got W of shape \(3, 3\); W must be \(H, 3H\) = \(3, 9\)\.$"),
        ({"b": (3 * H + 3,)}, r"b must be \(3H,\) = \(9,\)\.$"),
        ({"b_s": (3 * H,)}, r"got b_s of shape \(9,\); b_s must be \(H,\) = \(3,\)\."),
    ],
)
def test_forward_refuses_a_wrong_shape_in_a_sentence(
    wrong: dict[str, tuple[int, ...]], sentence: str
) -> None:
    a = draw() | {name: np.ones(shape) for name, shape in wrong.items()}
    with pytest.raises(ValueError, match=sentence):
        forward(a, CONVENTIONS[0])


def test_backward_refuses_a_gradient_of_another_shape() -> None:
    a = draw()
    a["dh"] = a["dh"][:, -1:]
    with pytest.raises(ValueError, match=r"gru_backward got dh of shape \(5, 1, 3\)"):
        backward(a, CONVENTIONS[0])


def test_an_unknown_convention_is_refused_in_a_sentence() -> None:
    a = draw()
    with pytest.raises(ValueError, match=r"got update='torch'; it must be 'keep' or 'write'\."):
        forward(a, {"update": "torch", "reset": "after"})
    with pytest.raises(ValueError, match=r"got reset='never'; it must be 'after' or 'before'\."):
        gru_step(a["x"][:, 0], a["h0"], a["U"], a["W"], reset="never")  # type: ignore[arg-type]


def test_a_bias_inside_the_reset_needs_a_reset_after_the_product() -> None:
    a = draw()
    with pytest.raises(ValueError, match=r"Add it to b\."):
        gru_forward(a["x"], a["h0"], a["U"], a["W"], a["b"], a["b_s"], reset="before")
