"""ps06: right answers, written differently from the reference and from each other.

The check must accept every one of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercises.ps06.by_pencil import pencil
from course import gru

Array = np.ndarray


def _sigmoid(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


# From one cell to the next


def carry_by_loops(*arguments: Array) -> tuple[Array, Array]:
    C, o, f, i, g, W_f, W_i, W_g = arguments
    N, H = C.shape
    total = np.zeros((N, H, H))
    for n in range(N):
        for a in range(H):
            for b in range(H):
                df = f[n, a] * (1 - f[n, a]) * W_f[b, a] * C[n, a]
                di = i[n, a] * (1 - i[n, a]) * W_i[b, a] * g[n, a]
                dg = (1 - g[n, a] ** 2) * W_g[b, a] * i[n, a]
                total[n, a, b] = (df + di + dg) * o[n, b] / np.cosh(C[n, b]) ** 2
            total[n, a, a] += f[n, a]
    return f + 0, total


def carry_by_matrices(
    C: Array, o: Array, f: Array, i: Array, g: Array, W_f: Array, W_i: Array, W_g: Array
) -> Any:
    totals = []
    for n in range(len(C)):
        dh = np.diag(o[n] * (1 - np.tanh(C[n]) ** 2))
        ways = (
            np.diag(C[n] * f[n] * (1 - f[n])) @ W_f.T,
            np.diag(g[n] * i[n] * (1 - i[n])) @ W_i.T,
            np.diag(i[n] * (1 - g[n] ** 2)) @ W_g.T,
        )
        totals.append(np.diag(f[n]) + sum(ways) @ dh)
    return {"direct": f, "total": np.array(totals)}


def carry_by_einsum(
    C: Array, o: Array, f: Array, i: Array, g: Array, W_f: Array, W_i: Array, W_g: Array
) -> Any:
    rows = np.stack([C * f * (1 - f), g * i * (1 - i), i * (1 - g * g)])
    way = np.einsum("kna,kba,nb->nab", rows, np.stack([W_f, W_i, W_g]), o * (1 - np.tanh(C) ** 2))
    return f.copy(), way + np.einsum("na,ab->nab", f, np.eye(C.shape[1]))


# One step of the GRU


def step_gate_by_gate(x: Array, h: Array, U: Array, W: Array, b: Array) -> Any:
    (U_r, U_z, U_g), (W_r, W_z, W_g), (b_r, b_z, b_g) = U, W, b
    r = _sigmoid(x @ U_r + h @ W_r + b_r)
    z = _sigmoid(x @ U_z + h @ W_z + b_z)
    g = np.tanh(x @ U_g + r * (h @ W_g) + b_g)
    return (1 - z) * g + z * h, r, z, g


def step_of_the_package(x: Array, h: Array, U: Array, W: Array, b: Array) -> Any:
    def side_by_side(a: Array) -> Array:
        return np.concatenate(list(a), axis=-1)

    step = gru.gru_step(x, h, side_by_side(U), side_by_side(W), side_by_side(b))
    return [step.h, *gru.split(step.gates)]


def step_example_by_example(x: Array, h: Array, U: Array, W: Array, b: Array) -> Any:
    found: dict[str, list[Array]] = {"h_next": [], "r": [], "z": [], "g": []}
    for x_n, h_n in zip(x, h, strict=True):
        r, z = (_sigmoid(U[k].T @ x_n + W[k].T @ h_n + b[k]) for k in (0, 1))
        g = np.tanh(U[2].T @ x_n + b[2] + r * (W[2].T @ h_n))
        new = g + z * (h_n - g)
        for name, value in zip(found, (new, r, z, g), strict=True):
            found[name].append(value)
    return {name: np.array(values) for name, values in found.items()}


# Conventions


def other_by_copies(U: Array, W: Array, b: Array) -> Any:
    U, W, b = U.copy(), W.copy(), b.copy()
    for a in (U, W, b):
        a[1] *= -1
    return U, W, b


def other_by_signs(U: Array, W: Array, b: Array) -> Any:
    signs = np.array([1.0, -1.0, 1.0])
    return signs[:, None, None] * U, signs[:, None, None] * W, signs[:, None] * b


def other_by_the_package(U: Array, W: Array, b: Array) -> list[Any]:
    return [
        np.stack(gru.split(gru.other_update(np.concatenate(list(a), axis=-1)))) for a in (U, W, b)
    ]


# Back through the GRU


def backward_of_the_package(dh: Array, x: Array, h0: Array, U: Array, W: Array, b: Array) -> Any:
    U, W, b = (np.concatenate(list(a), axis=-1) for a in (U, W, b))
    states = gru.gru_forward(x, h0, U, W, b)
    g = gru.gru_backward(dh, x, h0, states, U, W)
    dU, dW, db = (np.stack(gru.split(a)) for a in (g.dU, g.dW, g.db))
    return g.dx, g.dh0, dU, dW, db


def backward_stacked(dh: Array, x: Array, h0: Array, U: Array, W: Array, b: Array) -> Any:
    T = x.shape[1]
    before, gates, h = [], [], h0
    for t in range(T):
        before.append(h)
        h, *rzg = step_gate_by_gate(x[:, t], h, U, W, b)
        gates.append(rzg)
    da = np.zeros((3, len(x), T, h0.shape[1]))  # by the sums
    ds = da.copy()  # by h W, where the reset stands between
    dh_t = np.zeros_like(h0)
    for t in range(T - 1, -1, -1):
        (r, z, g), h = gates[t], before[t]
        dh_t = dh_t + dh[:, t]
        da[1, :, t] = ds[1, :, t] = dh_t * (h - g) * z * (1 - z)
        da[2, :, t] = dh_t * (1 - z) * (1 - g * g)
        ds[2, :, t] = da[2, :, t] * r
        da[0, :, t] = ds[0, :, t] = da[2, :, t] * (h @ W[2]) * r * (1 - r)
        dh_t = dh_t * z + np.einsum("knh,kih->ni", ds[:, :, t], W)
    return {
        "dx": np.einsum("knth,kdh->ntd", da, U),
        "dh0": dh_t,
        "dU": np.einsum("ntd,knth->kdh", x, da),
        "dW": np.einsum("nti,knth->kih", np.stack(before, axis=1), ds),
        "db": da.sum(axis=(1, 2)),
    }


def backward_recursive(dh: Array, x: Array, h0: Array, U: Array, W: Array, b: Array) -> Any:
    """The first step by hand, the others by calling itself."""
    h1, r, z, g = step_gate_by_gate(x[:, 0], h0, U, W, b)
    if x.shape[1] > 1:
        dx, dh1, dU, dW, db = backward_recursive(dh[:, 1:], x[:, 1:], h1, U, W, b)
    else:
        dx, dh1 = x[:, :0], np.zeros_like(h0)
        dU, dW, db = np.zeros_like(U), np.zeros_like(W), np.zeros_like(b)
    d = dh1 + dh[:, 0]
    dag = d * (1 - z) * (1 - g**2)
    das = [dag * (h0 @ W[2]) * r * (1 - r), d * (h0 - g) * z * (1 - z), dag]
    dss = [das[0], das[1], dag * r]
    dx0 = sum(a @ U_k.T for a, U_k in zip(das, U, strict=True))
    return (
        np.concatenate([np.asarray(dx0)[:, None], dx], axis=1),
        d * z + sum(s @ W_k.T for s, W_k in zip(dss, W, strict=True)),
        dU + np.array([x[:, 0].T @ a for a in das]),
        dW + np.array([h0.T @ s for s in dss]),
        db + np.array([a.sum(0) for a in das]),
    )


# Time scales


def rho_unit_by_unit(s: Array) -> Any:
    rho = []
    for k in range(s.shape[2]):
        d = s[:, :, k] - np.mean(s[:, :, k])
        rho.append(np.sum(d[:, 1:] * d[:, :-1]) / np.sum(d * d))
    return rho


def rho_einsum(s: Array) -> Array:
    d = s - s.mean((0, 1), keepdims=True)
    return np.einsum("nth,nth->h", d[:, 1:], d[:, :-1]) / np.einsum("nth,nth->h", d, d)


def rho_by_differences(s: Array) -> Array:
    """2 d_t d_{t-1} = d_t^2 + d_{t-1}^2 - (d_t - d_{t-1})^2."""
    d = s - s.mean(axis=1).mean(axis=0)
    squares = (d**2).sum(axis=(0, 1))
    ends = (d[:, 0] ** 2 + d[:, -1] ** 2).sum(axis=0)
    return (2 * squares - ends - (np.diff(s, axis=1) ** 2).sum(axis=(0, 1))) / (2 * squares)


VARIANTS: dict[str, tuple[object, ...]] = {
    "hand_carry": (
        pencil(),
        {name: round(value, 3) for name, value in pencil().items()},
        [round(value, 4) for value in pencil().values()],
    ),
    "carry_jacobian": (carry_by_loops, carry_by_matrices, carry_by_einsum),
    "gru_step": (step_gate_by_gate, step_of_the_package, step_example_by_example),
    "other_convention": (other_by_copies, other_by_signs, other_by_the_package),
    "gru_backward": (backward_of_the_package, backward_stacked, backward_recursive),
    "timescale": (rho_unit_by_unit, rho_einsum, rho_by_differences),
}
