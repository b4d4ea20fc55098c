"""What initial weights promise, measured."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from course import init


def test_orthogonal_keeps_lengths_up_to_its_gain() -> None:
    W = init.orthogonal(np.random.default_rng(0), 7, gain=1.5)
    assert_allclose(W @ W.T, 1.5**2 * np.eye(7), atol=1e-12)
    assert_allclose(W.T @ W, 1.5**2 * np.eye(7), atol=1e-12)
    assert_allclose(init.spectral_radius(W), 1.5)


def test_orthogonalised_is_the_nearest_orthogonal_matrix() -> None:
    rng = np.random.default_rng(0)
    A = rng.standard_normal((5, 5))
    nearest = init.orthogonalised(A)
    distance = np.linalg.norm(A - nearest)
    assert all(np.linalg.norm(A - init.orthogonal(rng, 5)) > distance for _ in range(200))
    assert_allclose(init.orthogonalised(nearest, 2.0), 2 * nearest)  # orthogonal: only scaled
    assert_allclose(init.orthogonalised(A.T), nearest.T)


def test_orthogonal_favours_no_direction_and_no_sign() -> None:
    """Evenly drawn, every entry of Q has mean 0 and mean square 1/n."""
    rng = np.random.default_rng(0)
    drawn = np.array([init.orthogonal(rng, 3) for _ in range(4000)])
    assert_allclose(drawn.mean(axis=0), 0, atol=0.04)
    assert_allclose((drawn**2).mean(axis=0), 1 / 3, atol=0.02)
    assert abs(np.mean(np.linalg.det(drawn))) < 0.06  # rotations and reflections alike


def test_identity() -> None:
    assert_allclose(init.identity(3, 1.2), [[1.2, 0, 0], [0, 1.2, 0], [0, 0, 1.2]])


def test_chrono_bias_spreads_the_time_scales() -> None:
    b_f = init.chrono_bias(np.random.default_rng(0), 10_000, T_max=50)
    scale = 1 + np.exp(b_f)  # steps for which sigmoid(b_f) keeps a trace
    assert scale.min() >= 2
    assert scale.max() <= 50
    assert_allclose(np.quantile(scale, [0.25, 0.5, 0.75]), [14, 26, 38], rtol=0.05)
    keep = 1 / (1 + np.exp(-b_f))
    assert_allclose(1 / (1 - keep), scale)
    with pytest.raises(ValueError, match="T_max = 2"):
        init.chrono_bias(np.random.default_rng(0), 4, T_max=2)


def test_spectral_radius_is_the_largest_eigenvalue_by_size() -> None:
    assert_allclose(init.spectral_radius(np.array([[0.0, 2.0], [-2.0, 0.0]])), 2)  # 2i and -2i
    assert_allclose(init.spectral_radius(np.diag([0.5, -0.9])), 0.9)
    assert init.spectral_radius(np.array([[0.0, 10.0], [0.0, 0.0]])) == 0


def test_with_spectral_radius() -> None:
    W = np.random.default_rng(0).standard_normal((6, 6))
    assert_allclose(init.spectral_radius(init.with_spectral_radius(W, 0.9)), 0.9)
    with pytest.raises(ValueError, match="all zero"):
        init.with_spectral_radius(np.array([[0.0, 10.0], [0.0, 0.0]]), 0.9)


def test_a_batch_of_matrices_is_refused() -> None:
    with pytest.raises(ValueError, match="spectral_radius got W of shape"):
        init.spectral_radius(np.ones((2, 3)))
