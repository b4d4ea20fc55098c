"""What ps04's exercises promise beyond what every exercise does (see `test_exercises.py`)."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.exercises import find_exercise
from autograder.exercises.ps04 import WORKSHEET
from autograder.exercises.ps04.clip_norm import clip_by_global_norm
from autograder.exercises.ps04.clip_value import clip_by_value
from autograder.exercises.ps04.singular_or_eigen import ANSWERS
from autograder.judge import Kind, judge
from course import flow, init, optim
from course.rnn import rnn_backward, rnn_forward


def test_the_worksheet_adds_up() -> None:
    assert sum(e.points for e in WORKSHEET.exercises) == 40
    assert WORKSHEET.points == 50
    assert WORKSHEET.notebook == "ps04_gradients"


def test_clipping_here_is_the_package_s() -> None:
    """The package clips gradients by name, the exercises ask for arrays: one rule all the same."""
    rng = np.random.default_rng(0)
    g = {"dW_xh": rng.standard_normal((3, 4)), "dW_hh": rng.standard_normal((4, 4))}
    g["db_h"] = rng.standard_normal(4)
    for limit in (0.5, 2.0, 100.0):
        clipped = optim.clip_by_global_norm(g, limit)
        for name, ours in zip(g, clip_by_global_norm(*g.values(), limit), strict=True):
            np.testing.assert_allclose(ours, clipped[name], rtol=1e-14)
        by_value = optim.clip_by_value(g, limit)
        np.testing.assert_array_equal(clip_by_value(g["dW_xh"], limit), by_value["dW_xh"])


# Each sentence of `singular_or_eigen` is true or has a counter-example.


def largest(J: np.ndarray, k: int) -> float:
    return float(np.linalg.norm(np.linalg.matrix_power(J, k), 2))


def test_a_singular_value_below_1_bounds_every_step() -> None:
    assert ANSWERS["singular_below_1_vanishes"] == "True"
    rng = np.random.default_rng(0)
    W = rng.standard_normal((8, 8))
    W *= 0.9 / np.linalg.norm(W, 2)
    _, slopes = flow.simulate(rng.standard_normal((4, 50, 8)), W)
    norms = flow.gradient_norms(rng.standard_normal((4, 8)), slopes, W)
    assert np.all(norms <= norms[:, :1] * 0.9 ** np.arange(51))


def test_a_singular_value_above_1_need_not_explode() -> None:
    assert ANSWERS["singular_above_1_explodes"] == "False"
    W = np.array([[0.0, 10.0], [0.0, 0.0]])
    assert largest(W, 1) == 10
    assert largest(W, 2) == 0


def test_a_radius_below_1_vanishes_in_the_end_and_may_grow_first() -> None:
    assert ANSWERS["linear_radius_below_1_vanishes"] == "True"
    assert ANSWERS["linear_radius_below_1_never_grows"] == "False"
    W = np.array([[0.9, 5.0], [0.0, 0.9]])
    sizes = [largest(W, k) for k in range(300)]
    assert max(sizes) == pytest.approx(19.38, abs=0.01)
    assert int(np.argmax(sizes)) in (9, 10)
    assert sizes[-1] < 1e-9


def test_a_radius_below_1_can_explode_with_tanh() -> None:
    """One unit saturated, the other open at 0: a network that really stays there."""
    assert ANSWERS["tanh_radius_below_1_vanishes"] == "False"
    W = np.array([[1.5, -2.0], [1.1, -1.4]])
    assert init.spectral_radius(W) == pytest.approx(0.316, abs=1e-3)
    x, h0 = np.zeros((1, 30, 1)), np.array([[0.0, 1.0]])
    h = rnn_forward(x, h0, np.zeros((1, 2)), W, np.array([-1.1, 30.0]))
    size = np.linalg.norm(flow.jacobian_product(h, W)[0], 2)
    assert size == pytest.approx(2.4e5, rel=0.02)
    assert largest(np.diag([1.0, 0.0]) @ W, 30) == pytest.approx(3.2e5, rel=0.02)  # with columns


def test_a_radius_of_5_can_vanish_with_tanh() -> None:
    assert ANSWERS["tanh_radius_above_1_explodes"] == "False"
    W = 5 * np.eye(2)
    h = rnn_forward(np.zeros((1, 30, 1)), np.ones((1, 2)), np.zeros((1, 2)), W, np.zeros(2))
    assert np.linalg.norm(flow.jacobian_product(h, W)[0], 2) == pytest.approx(5.9e-92, rel=0.1)


def test_the_determinant_decides_nothing() -> None:
    assert ANSWERS["determinant_decides"] == "False"
    W = np.diag([2.0, 0.1])
    assert np.linalg.det(W) == pytest.approx(0.2)
    assert largest(W, 50) > 1e15


def test_the_weight_s_gradient_need_not_vanish() -> None:
    assert ANSWERS["weight_gradient_vanishes_too"] == "False"
    rng = np.random.default_rng(0)
    N, T, H = 8, 100, 32
    W = init.with_spectral_radius(rng.standard_normal((H, H)), 1.0)
    x, h0, eye = 0.3 * rng.standard_normal((N, T, H)), np.zeros((N, H)), np.eye(H)
    h = rnn_forward(x, h0, eye, W, np.zeros(H))
    dh = np.zeros((N, T, H))
    dh[:, -1] = rng.standard_normal((N, H)) / N
    shares = np.linalg.norm(flow.per_distance(dh, x, h0, h, eye, W), axis=(1, 2))
    whole = np.linalg.norm(rnn_backward(dh, x, h0, h, eye, W).dW_hh)
    assert shares[90] < 1e-5 * shares[0]
    assert whole > 0.5 * shares[0]


# The law of `counter_example`


@pytest.mark.parametrize(
    "W",
    [
        [[0.5, 4.0], [0.0, 0.5]],  # a singular value above 4
        [[4.0, 0.0], [0.0, 0.5]],
        [[np.nan, 0.0], [0.0, 0.0]],
        [[0.5, 4.0]],
        0.5,
    ],
)
def test_a_wrong_matrix_is_refused_and_nothing_breaks(W: object) -> None:
    exercise = find_exercise("counter_example")
    cases = exercise.draw("a secret")
    verdict = judge(exercise, cases, [exercise.drive(lambda rho, sigma: W, c) for c in cases])
    assert verdict.kind == Kind.WRONG
    assert verdict.message
