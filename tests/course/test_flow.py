"""Jacobians and norms agree with torch, with differences and with the backward pass itself."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from course import flow
from course.rnn import rnn_backward, rnn_forward, rnn_step
from course.shapes import Array

N, T, D, H = 3, 6, 2, 4

Network = tuple[Array, Array, Array, Array, Array, Array, Array]


@pytest.fixture(params=[0, 1])
def network(request: pytest.FixtureRequest) -> Network:
    """dh, x, h0, h, W_xh, W_hh, b_h, all random."""
    rng = np.random.default_rng(request.param)
    x, h0 = rng.standard_normal((N, T, D)), rng.standard_normal((N, H))
    W_xh, W_hh = rng.standard_normal((D, H)), rng.standard_normal((H, H))
    b_h, dh = rng.standard_normal(H), rng.standard_normal((N, T, H))
    return dh, x, h0, rnn_forward(x, h0, W_xh, W_hh, b_h), W_xh, W_hh, b_h


def test_step_jacobian_is_the_derivative_of_a_step(network: Network) -> None:
    _, x, h0, h, W_xh, W_hh, b_h = network
    got = flow.step_jacobian(h[:, 0], W_hh)
    for j in range(H):
        nudge = np.zeros((N, H))
        nudge[:, j] = 1e-6
        up = rnn_step(x[:, 0], h0 + nudge, W_xh, W_hh, b_h)
        down = rnn_step(x[:, 0], h0 - nudge, W_xh, W_hh, b_h)
        assert_allclose(got[:, :, j], (up - down) / 2e-6, atol=1e-9)


def test_step_jacobian_agrees_with_torch(network: Network) -> None:
    torch = pytest.importorskip("torch")
    _, x, h0, h, W_xh, W_hh, b_h = network
    tensors = [torch.from_numpy(a) for a in (x[0, 0], W_xh, W_hh, b_h)]

    def step(state):  # type: ignore[no-untyped-def]
        return torch.tanh(tensors[0] @ tensors[1] + state @ tensors[2] + tensors[3])

    wanted = torch.autograd.functional.jacobian(step, torch.from_numpy(h0[0])).numpy()
    got = flow.step_jacobian(h[:, 0], W_hh)[0]
    assert np.max(np.abs(got - wanted)) <= 1e-12 * np.max(np.abs(wanted))


def test_jacobian_product_carries_the_gradient_to_h0(network: Network) -> None:
    dh, x, h0, h, W_xh, W_hh, _ = network
    dh[:, :-1] = 0
    whole = flow.jacobian_product(h, W_hh)
    by_backward = rnn_backward(dh, x, h0, h, W_xh, W_hh).dh0
    assert_allclose(np.einsum("ni,nij->nj", dh[:, -1], whole), by_backward, rtol=1e-12)


def test_gradient_norms_are_those_of_jacobian_products(network: Network) -> None:
    dh, _, _, h, _, W_hh, _ = network
    norms = flow.gradient_norms(dh[:, -1], 1 - h**2, W_hh)
    assert norms.shape == (N, T + 1)
    assert_allclose(norms[:, 0], np.linalg.norm(dh[:, -1], axis=1))
    for k in range(1, T + 1):
        product = flow.jacobian_product(h[:, T - k :], W_hh)
        wanted = np.linalg.norm(np.einsum("ni,nij->nj", dh[:, -1], product), axis=1)
        assert_allclose(norms[:, k], wanted, rtol=1e-12)


def test_a_linear_orthogonal_network_scales_by_rho_to_the_k() -> None:
    rng = np.random.default_rng(0)
    Q, _ = np.linalg.qr(rng.standard_normal((H, H)))
    norms = flow.gradient_norms(rng.standard_normal((N, H)), np.ones((N, T, H)), 1.5 * Q)
    assert_allclose(norms / norms[:, :1], np.tile(1.5 ** np.arange(T + 1), (N, 1)))
    assert_allclose(flow.growth_rate(norms[0], 1.5 * Q, start=2), [np.log10(1.5)] * 2)


def test_norms_by_distance_follows_every_state_of_any_cell() -> None:
    """A cell with two states: c_t = f_t c_{t-1}, h_t = c_t W."""
    rng = np.random.default_rng(0)
    f, W = rng.uniform(size=(T, N, H)), rng.standard_normal((H, H))

    def one_step_back(t: int, dh: Array, dc: Array) -> tuple[Array, Array]:
        return np.zeros_like(dh), f[t] * (dc + dh @ W.T)

    dh, dc = rng.standard_normal((2, N, H))
    norms_h, norms_c = flow.norms_by_distance(one_step_back, (dh, dc), T)
    assert_allclose(norms_h[:, 1:], 0)
    assert_allclose(norms_c[:, 0], np.linalg.norm(dc, axis=1))
    wanted = f.prod(axis=0) * (dc + dh @ W.T)
    assert_allclose(norms_c[:, T], np.linalg.norm(wanted, axis=1))


def test_contributions_by_distance_add_up_to_the_whole(network: Network) -> None:
    dh, x, h0, h, W_xh, W_hh, _ = network
    shares = flow.per_distance(dh, x, h0, h, W_xh, W_hh)
    whole = rnn_backward(dh, x, h0, h, W_xh, W_hh).dW_hh
    assert shares.shape == (T, H, H)
    assert np.max(np.abs(shares.sum(axis=0) - whole)) <= 1e-12 * np.max(np.abs(whole))


def test_a_contribution_is_what_one_loss_sends_to_one_step(network: Network) -> None:
    """Distance k, written out: from the loss of step t, over k Jacobians, to the use at t - k."""
    dh, x, h0, h, W_xh, W_hh, _ = network
    shares = flow.per_distance(dh, x, h0, h, W_xh, W_hh)
    states = np.concatenate([h0[:, None], h], axis=1)
    for k in range(T):
        wanted = np.zeros((H, H))
        for n in range(N):
            for t in range(k, T):
                row = dh[n, t]
                for s in range(t, t - k, -1):
                    row = row @ flow.step_jacobian(h[n : n + 1, s], W_hh)[0]
                row = row * (1 - h[n, t - k] ** 2)
                wanted += np.outer(states[n, t - k], row)
        assert_allclose(shares[k], wanted, rtol=1e-10, atol=1e-12)


def test_a_loss_at_the_last_step_alone_gives_each_step_its_own_distance(network: Network) -> None:
    """Then distance k belongs to step T - k, so truncation cuts whole steps off."""
    dh, x, h0, h, W_xh, W_hh, _ = network
    dh[:, :-1] = 0
    shares = flow.per_distance(dh, x, h0, h, W_xh, W_hh)
    late = rnn_backward(dh[:, 2:], x[:, 2:], h[:, 1], h[:, 2:], W_xh, W_hh).dW_hh
    assert_allclose(shares[: T - 2].sum(axis=0), late, rtol=1e-10)


def test_simulate_is_the_vanilla_network_with_another_activation(network: Network) -> None:
    _, x, _, _, W_xh, W_hh, b_h = network
    h, slopes = flow.simulate(x @ W_xh + b_h, W_hh)
    assert_allclose(h, rnn_forward(x, np.zeros((N, H)), W_xh, W_hh, b_h))
    assert_allclose(slopes, 1 - h**2)
    h, slopes = flow.simulate(x @ W_xh + b_h, W_hh, "ReLU")
    assert h.min() == 0
    assert_allclose(slopes, h > 0)
    h, slopes = flow.simulate(x @ W_xh + b_h, W_hh, "linear")
    assert_allclose(h[:, 1], (x[:, 0] @ W_xh + b_h) @ W_hh + x[:, 1] @ W_xh + b_h)
    assert_allclose(slopes, 1)
    with pytest.raises(ValueError, match="not 'sinus'"):
        flow.simulate(x @ W_xh, W_hh, "sinus")


def test_activation_slopes_are_derivatives() -> None:
    a = np.random.default_rng(0).standard_normal((3, 4)) * 3
    got = flow.activation_slopes(a)

    def difference(f):  # type: ignore[no-untyped-def]
        return (f(a + 1e-6) - f(a - 1e-6)) / 2e-6

    assert_allclose(got.tanh, difference(np.tanh), atol=1e-9)
    assert_allclose(got.sigmoid, difference(lambda z: 1 / (1 + np.exp(-z))), atol=1e-9)
    assert_allclose(got.relu, difference(lambda z: np.maximum(z, 0)), atol=1e-9)
    at_zero = [float(slope[0]) for slope in flow.activation_slopes(np.zeros(1))]
    assert at_zero == [1, 0.25, 0]


def test_the_carry_of_a_gated_skip_is_its_derivative() -> None:
    rng = np.random.default_rng(0)
    a0, f, g = (
        rng.standard_normal((N, H)),
        rng.uniform(size=(N, T, H)),
        rng.standard_normal((N, T, H)),
    )
    a, carry = flow.gated_skip(a0, f, g)
    assert_allclose(a[:, 0], a0 * f[:, 0] + g[:, 0])
    assert_allclose(flow.gated_skip(a0 + 1, f, g).a[:, -1] - a[:, -1], carry)
    ones = flow.gated_skip(a0, np.ones_like(f), g)
    assert_allclose(ones.a[:, -1], a0 + g.sum(axis=1))
    assert_allclose(ones.carry, 1)


def test_growth_rate_takes_the_largest_eigenvalue_by_its_size() -> None:
    rotation = 0.5 * np.array([[0.0, 1.0], [-1.0, 0.0]])
    measured, predicted = flow.growth_rate(np.array([8.0, 1.0, 0.5, 0.25]), rotation, start=1)
    assert_allclose([measured, predicted], [np.log10(0.5)] * 2)


def test_float32_stays_float32(network: Network) -> None:
    dh, x, h0, h, W_xh, W_hh, _ = (a.astype(np.float32) for a in network)
    assert flow.step_jacobian(h[:, 0], W_hh).dtype == np.float32
    assert flow.jacobian_product(h, W_hh).dtype == np.float32
    assert flow.gradient_norms(dh[:, -1], 1 - h**2, W_hh).dtype == np.float32
    assert flow.per_distance(dh, x, h0, h, W_xh, W_hh).dtype == np.float32


def test_a_wrong_shape_is_refused_in_words(network: Network) -> None:
    dh, x, h0, h, W_xh, W_hh, _ = network
    with pytest.raises(ValueError, match=r"step_jacobian got h of shape \(3, 6, 4\)"):
        flow.step_jacobian(h, W_hh)
    with pytest.raises(ValueError, match="gradient_norms got dh_last"):
        flow.gradient_norms(dh, h, W_hh)
    with pytest.raises(ValueError, match="per_distance got dh"):
        flow.per_distance(dh[:, -1], x, h0, h, W_xh, W_hh)
