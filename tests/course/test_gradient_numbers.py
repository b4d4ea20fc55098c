"""The numbers that the worksheet on gradients tells its readers, measured again."""

from __future__ import annotations

import numpy as np
import pytest

from course import flow, init, results, tasks
from course.optim import clip_by_global_norm, sgd_step
from course.shapes import Array


def norms(W_hh: Array, activation: str, rng: np.random.Generator, N: int = 32) -> Array:
    """The norms at distances 0 to 100, for inputs of standard deviation 0.3, H = 64."""
    _, slopes = flow.simulate(0.3 * rng.standard_normal((N, 100, 64)), W_hh, activation)
    dh = rng.standard_normal((N, 64))
    dh /= np.linalg.norm(dh, axis=1, keepdims=True)
    return flow.gradient_norms(dh, slopes, W_hh)


@pytest.mark.parametrize(("activation", "radius"), [("tanh", 0.5), ("tanh", 1.0), ("linear", 1.1)])
def test_the_table_s_rows_are_what_a_run_gives(activation: str, radius: float) -> None:
    """One matrix of another seed is within a factor of 3 at distance 50."""
    (row,) = results.load("gradient_flow").where(
        activation=activation, matrix="Gaussian", radius=radius
    )["at 50"]
    rng = np.random.default_rng(99)
    W = init.with_spectral_radius(rng.standard_normal((64, 64)), radius)
    ours = np.median(norms(W, activation, rng)[:, 50])
    assert isinstance(row, float | int)
    assert row / 3 < ours < row * 3


def test_a_linear_orthogonal_network_is_exact() -> None:
    for radius in (0.5, 0.9, 1.5):
        W = init.orthogonal(np.random.default_rng(0), 64, radius)
        measured = norms(W, "linear", np.random.default_rng(1))
        np.testing.assert_allclose(measured, np.tile(radius ** np.arange(101), (32, 1)))


def test_relu_with_the_identity_keeps_and_just_above_explodes() -> None:
    kept = norms(init.identity(64), "ReLU", np.random.default_rng(0))
    grown = norms(init.identity(64, 1.1), "ReLU", np.random.default_rng(0))
    np.testing.assert_allclose(np.median(kept, axis=0)[[10, 50, 100]], [0.9, 0.7, 0.2], atol=0.05)
    np.testing.assert_allclose(np.median(grown, axis=0)[[10, 50, 100]], [2.6, 117, 6e3], rtol=0.1)


def test_a_gaussian_matrix_of_radius_1_falls_early_and_not_late() -> None:
    """By 0.02 to 0.03 powers of ten a step over the first twenty, then not at all (H = 64)."""
    early, late = [], []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        W = init.with_spectral_radius(rng.standard_normal((64, 64)), 1.0)
        sizes = flow.gradient_norms(rng.standard_normal((16, 64)), np.ones((16, 300, 64)), W)
        logs = np.log10(sizes).mean(axis=0)
        early.append((logs[20] - logs[0]) / 20)
        late.append((logs[300] - logs[200]) / 100)
    assert -0.03 < np.mean(early) < -0.02
    assert abs(np.mean(late)) < 1e-3


def test_saturation_depends_on_the_input() -> None:
    """An orthogonal matrix times 1.5 at distance 300: explodes without input, vanishes with much."""
    found = results.load("gradient_saturation").where(units=64)
    by_drive = dict(zip(found["drive"], found["at 300"], strict=True))
    assert by_drive[0] > 1e7  # type: ignore[operator]
    assert by_drive[0.3] > 100  # type: ignore[operator]
    assert by_drive[0.5] < 0.01  # type: ignore[operator]
    assert by_drive[1] < 1e-18  # type: ignore[operator]


@pytest.mark.parametrize("limit", [None, 1.0])
def test_clipping_prevents_a_disaster_and_teaches_nothing(limit: float | None) -> None:
    """Adding problem, T = 100, plain SGD, ReLU with 1.2 I: the second loss is no number, or all are."""
    from course import memory

    rng = np.random.default_rng(0)
    cell = memory.irnn(inputs=0.001)
    task = memory.regression(lambda rng, N: tasks.adding(rng, N, 100))
    parameters = memory.start(cell, rng, 2, 32, 1)
    parameters["W_hh"] = init.identity(32, 1.2)
    losses = []
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(2 if limit is None else 200):
            batch = task.draw(rng, 32)
            loss, gradients = memory.loss_and_gradients(cell, task, parameters, *batch)
            losses.append(loss)
            if limit is not None:
                gradients = clip_by_global_norm(gradients, limit)
            parameters = sgd_step(parameters, gradients, 0.01)
    if limit is None:
        assert np.isfinite(losses[0])
        assert not np.isfinite(losses[1])
    else:
        assert np.all(np.isfinite(losses))
        assert np.mean(losses[-20:]) > 0.1  # guessing 1 has 0.167
