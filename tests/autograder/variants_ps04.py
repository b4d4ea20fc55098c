"""ps04: right answers, written differently from the reference and from each other.

The check must accept every one of them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from course import flow

Array = np.ndarray

# One step back


def jacobian_with_diag(h_t: Array, W_hh: Array) -> Array:
    return np.array([np.diag(1 - h**2) @ W_hh.T for h in h_t])


def jacobian_number_by_number(h_t: Array, W_hh: Array) -> Array:
    N, H = h_t.shape
    J = np.zeros((N, H, H))
    for n in range(N):
        for i in range(H):
            for j in range(H):
                J[n, i, j] = (1 - h_t[n, i] * h_t[n, i]) * W_hh[j, i]
    return J


def jacobian_einsum(h_t: Array, W_hh: Array) -> Array:
    return np.einsum("ni,ji->nij", 1 - h_t**2, W_hh)


def jacobian_by_factors(h_t: Array, W_hh: Array) -> Array:
    return ((1 - h_t) * (1 + h_t))[..., np.newaxis] * W_hh.T[np.newaxis]


# Many steps back


def product_from_the_left(h: Array, W_hh: Array) -> Array:
    N, T, H = h.shape
    product = np.repeat(np.eye(H)[None], N, axis=0)
    for t in range(T - 1, -1, -1):
        product = product @ jacobian_einsum(h[:, t], W_hh)
    return product


def product_example_by_example(h: Array, W_hh: Array) -> Array:
    products = []
    for states in h:
        factors = [np.diag(1 - state**2) @ W_hh.T for state in states]
        products.append(np.linalg.multi_dot(factors[::-1]) if len(factors) > 1 else factors[0])
    return np.array(products)


def product_row_by_row(h: Array, W_hh: Array) -> Array:
    """Row i is where the gradient e_i arrives."""
    N, T, H = h.shape
    rows = np.tile(np.eye(H), (N, 1, 1))
    for t in reversed(range(T)):
        rows = (rows * (1 - h[:, t] ** 2)[:, None, :]) @ W_hh.T
    return rows


# How much is left


def norms_filled(dh_T: Array, slopes: Array, W_hh: Array) -> Array:
    N, T, _ = slopes.shape
    norms = np.empty((N, T + 1))
    dh = dh_T.copy()
    norms[:, 0] = np.sqrt(np.sum(dh**2, axis=1))
    for k in range(1, T + 1):
        dh = dh * slopes[:, T - k]
        dh = np.dot(dh, W_hh.T)
        norms[:, k] = np.sqrt(np.sum(dh**2, axis=-1))
    return norms


def norms_by_jacobians(dh_T: Array, slopes: Array, W_hh: Array) -> Array:
    rows = [dh_T[:, None, :]]
    for t in range(slopes.shape[1] - 1, -1, -1):
        rows.append(rows[-1] @ (slopes[:, t][:, :, None] * W_hh.T))
    return np.linalg.norm(np.concatenate(rows, axis=1), axis=2)


def norms_by_columns(dh_T: Array, slopes: Array, W_hh: Array) -> Any:
    columns = dh_T.T
    lengths = [[math.hypot(*column) for column in columns.T]]
    for slope in slopes.transpose(1, 0, 2)[::-1]:
        columns = W_hh @ (slope.T * columns)
        lengths.append([math.hypot(*column) for column in columns.T])
    return np.array(lengths).T


# How fast


def rate_of_logs(norms: Array, W_hh: Array, start: int) -> tuple[Any, Any]:
    logs = np.log10(norms[start:])
    radius = max(abs(eigenvalue) for eigenvalue in np.linalg.eigvals(W_hh))
    return np.mean(np.diff(logs)), math.log10(radius)


def rate_natural(norms: Array, W_hh: Array, start: int) -> tuple[Any, Any]:
    steps = norms.size - start - 1
    eigenvalues, _ = np.linalg.eig(W_hh)
    return (
        np.log(norms[-1] / norms[start]) / np.log(10) / steps,
        np.log(np.abs(eigenvalues)).max() / np.log(10),
    )


def rate_geometric_mean(norms: Array, W_hh: Array, start: int) -> tuple[Any, Any]:
    factors = norms[start + 1 :] / norms[start:-1]
    eigenvalues = np.linalg.eigvals(W_hh.T)
    size = np.sqrt(eigenvalues.real**2 + eigenvalues.imag**2)
    return np.log10(np.prod(factors ** (1 / len(factors)))), np.log10(np.sort(size)[-1])


# Singular value or eigenvalue


def example_other_diagonal(rho: float, sigma: float) -> Array:
    return np.array([[0, sigma], [rho**2 / sigma, 0]])


def example_both_on_the_diagonal(rho: float, sigma: float) -> Array:
    return np.array([[rho, sigma - rho**2 / sigma], [0, rho]])


def example_lower(rho: float, sigma: float) -> list[list[float]]:
    return [[0.0, 0.0], [math.sqrt(sigma * sigma - rho * rho), -rho]]


def example_turned(rho: float, sigma: float) -> Array:
    turn = np.array([[np.cos(0.4), np.sin(0.4)], [-np.sin(0.4), np.cos(0.4)]])
    return turn @ example_both_on_the_diagonal(rho, sigma) @ turn.T


# The slope of the activation


def slopes_by_exp(a: Array) -> tuple[Array, Array, Array]:
    e = np.exp(-a)
    h = (1 - e**2) / (1 + e**2)
    return 1 - h * h, e / (1 + e) ** 2, np.where(a > 0, 1.0, 0.0)


def slopes_by_cosh(a: Array) -> dict[str, Array]:
    return {
        "relu": np.heaviside(a, 0.0),
        "sigmoid": 1 / (4 * np.cosh(a / 2) ** 2),
        "tanh": 1 / np.cosh(a) ** 2,
    }


def slopes_by_sigmoid(a: Array) -> tuple[Array, Array, Array]:
    def sigmoid(z: Array) -> Array:
        return 1 / (1 + np.exp(-z))

    relu = np.zeros_like(a)
    relu[a > 0] = 1
    return 4 * sigmoid(2 * a) * sigmoid(-2 * a), sigmoid(a) * sigmoid(-a), relu


# Clipping


def value_by_bounds(g: Array, limit: float) -> Array:
    return np.minimum(np.maximum(g, -limit), limit)


def value_by_sign(g: Array, limit: float) -> Array:
    return np.sign(g) * np.minimum(np.abs(g), limit)


def value_by_masks(g: Array, limit: float) -> Array:
    clipped = g.copy()
    clipped[g > limit] = limit
    clipped[g < -limit] = -limit
    return clipped


def norm_if(dW_xh: Array, dW_hh: Array, db_h: Array, limit: float) -> tuple[Array, ...]:
    norm = np.linalg.norm(np.concatenate([dW_xh.ravel(), dW_hh.ravel(), db_h]))
    if norm <= limit:
        return dW_xh, dW_hh, db_h
    return dW_xh * limit / norm, dW_hh * limit / norm, db_h * limit / norm


def norm_min(dW_xh: Array, dW_hh: Array, db_h: Array, limit: float) -> list[Array]:
    gradients = [dW_xh, dW_hh, db_h]
    norm = math.sqrt(sum((g**2).sum() for g in gradients))
    return [g * min(1.0, limit / norm) for g in gradients]


def norm_of_norms(dW_xh: Array, dW_hh: Array, db_h: Array, limit: float) -> dict[str, Array]:
    gradients = {"dW_xh": dW_xh, "dW_hh": dW_hh, "db_h": db_h}
    norm = np.linalg.norm([np.linalg.norm(g) for g in gradients.values()])
    scale = limit / norm if norm > limit else 1.0
    return {name: scale * g for name, g in gradients.items()}


# A better start


def orthogonal_by_root(A: Array, gain: float) -> Array:
    """A (A^T A)^(-1/2)."""
    squares, V = np.linalg.eigh(A.T @ A)
    return gain * A @ V @ np.diag(1 / np.sqrt(squares)) @ V.T


def orthogonal_by_iteration(A: Array, gain: float) -> Array:
    """Newton's iteration: the mean of X and its inverse transpose goes to the orthogonal part."""
    X = A.copy()
    for _ in range(60):
        X = 0.5 * (X + np.linalg.inv(X).T)
    return gain * X


def orthogonal_by_outer_products(A: Array, gain: float) -> Any:
    U, S, V_T = np.linalg.svd(A)
    W = np.zeros(A.shape)
    for i in range(len(S)):
        W = W + gain * np.outer(U[:, i], V_T[i])
    return W.tolist()


# A way around


def skip_as_a_loop(a0: Array, f: Array, g: Array) -> tuple[Array, Array]:
    N, T, H = f.shape
    a, carry = np.zeros((N, T, H)), np.ones((N, H))
    last = a0
    for t in range(T):
        last = last * f[:, t] + g[:, t]
        carry = carry * f[:, t]
        a[:, t] = last
    return a, carry


def skip_unrolled(a0: Array, f: Array, g: Array) -> tuple[Array, Array]:
    """a_t = a_0 f_1 .. f_t + sum_s g_s f_{s+1} .. f_t, from sums alone."""
    T = f.shape[1]
    a = []
    for t in range(T):
        new = a0 * np.prod(f[:, : t + 1], axis=1)
        for s in range(t + 1):
            new = new + g[:, s] * np.prod(f[:, s + 1 : t + 1], axis=1)
        a.append(new)
    return np.stack(a, axis=1), np.prod(f, axis=1)


def skip_by_difference(a0: Array, f: Array, g: Array) -> dict[str, Array]:
    """The carry is what a change of a_0 by 1 changes at the end: the loop is linear in a_0."""
    a = flow.gated_skip(a0, f, g).a
    raised = flow.gated_skip(a0 + 1, f, g).a
    return {"carry": raised[:, -1] - a[:, -1], "a": a}


CHAIN = {"J_2": 0.54, "J_1": 1.125, "dL_dh_1": 1.08, "dL_dh_0": 1.215}

VARIANTS: dict[str, tuple[Any, ...]] = {
    "hand_chain": (CHAIN, {**CHAIN, "dL_dh_0": 2 * 0.54 * 1.125}),
    "step_jacobian": (
        jacobian_with_diag,
        jacobian_number_by_number,
        jacobian_einsum,
        jacobian_by_factors,
    ),
    "jacobian_product": (product_from_the_left, product_example_by_example, product_row_by_row),
    "gradient_norms": (norms_filled, norms_by_jacobians, norms_by_columns),
    "growth_rate": (rate_of_logs, rate_natural, rate_geometric_mean),
    "counter_example": (
        example_other_diagonal,
        example_both_on_the_diagonal,
        example_lower,
        example_turned,
    ),
    "activation_slopes": (slopes_by_exp, slopes_by_cosh, slopes_by_sigmoid),
    "clip_by_value": (value_by_bounds, value_by_sign, value_by_masks),
    "clip_by_global_norm": (norm_if, norm_min, norm_of_norms),
    "orthogonal_init": (
        orthogonal_by_root,
        orthogonal_by_iteration,
        orthogonal_by_outer_products,
    ),
    "gated_skip": (skip_as_a_loop, skip_unrolled, skip_by_difference),
}
