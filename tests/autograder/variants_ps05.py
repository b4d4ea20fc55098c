"""ps05: right answers, written differently from the reference and from each other.

The check must accept every one of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from course import lstm
from course.derivation import Symbols

Array = np.ndarray


def logistic(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


def side_by_side(gates_first: Array) -> Array:
    """(4, ..., H) as the package has it, (..., 4H)."""
    return lstm.stack(*gates_first)


def gates_first(stacked: Array) -> Array:
    return np.stack(lstm.split(stacked))


# Gates


def gates_one_by_one(x: Array, h: Array, U: Array, W: Array, b: Array) -> Any:
    U_f, U_i, U_o, U_g = U
    W_f, W_i, W_o, W_g = W
    b_f, b_i, b_o, b_g = b
    f = logistic(x @ U_f + h @ W_f + b_f)
    i = logistic(x @ U_i + h @ W_i + b_i)
    o = logistic(x @ U_o + h @ W_o + b_o)
    g = np.tanh(x @ U_g + h @ W_g + b_g)
    return f, i, o, g


def gates_einsum(x: Array, h: Array, U: Array, W: Array, b: Array) -> Any:
    a = np.einsum("nd,kdh->knh", x, U) + np.einsum("ni,kij->knj", h, W) + b[:, None, :]
    a[:3] = 0.5 * (1 + np.tanh(a[:3] / 2))
    a[3] = np.tanh(a[3])
    return tuple(a)


def gates_by_the_package(x: Array, h: Array, U: Array, W: Array, b: Array) -> Any:
    a = x @ side_by_side(U) + h @ side_by_side(W) + side_by_side(b)
    return list(lstm.split(lstm.squash(a)))


def gates_as_a_dict(x: Array, h: Array, U: Array, W: Array, b: Array) -> Any:
    found = {}
    for k, name in enumerate("fiog"):
        rows = [U[k].T @ x[n] + W[k].T @ h[n] + b[k] for n in range(len(x))]
        e = np.exp(-np.array(rows) * (2 if name == "g" else 1))
        found[name] = (1 - e) / (1 + e) if name == "g" else 1 / (1 + e)
    return found


# Steps


def step_by_the_package(x: Array, h: Array, C: Array, U: Array, W: Array, b: Array) -> Any:
    step = lstm.lstm_step(x, h, C, side_by_side(U), side_by_side(W), side_by_side(b))
    return step.h, step.c


def step_one_by_one(x: Array, h: Array, C: Array, U: Array, W: Array, b: Array) -> Any:
    f, i, o, g = gates_one_by_one(x, h, U, W, b)
    C = f * C + i * g
    h = o * np.tanh(C)
    return [h, C]


def step_number_by_number(x: Array, h: Array, C: Array, U: Array, W: Array, b: Array) -> Any:
    f, i, o, g = gates_einsum(x, h, U, W, b)
    new_h, new_C = np.zeros_like(C), np.zeros_like(C)
    for n, k in np.ndindex(*C.shape):
        new_C[n, k] = f[n, k] * C[n, k] + i[n, k] * g[n, k]
        new_h[n, k] = o[n, k] * np.tanh(new_C[n, k])
    return {"h_next": new_h, "C_next": new_C}


# Sequences


def forward_by_the_package(x: Array, h0: Array, C0: Array, U: Array, W: Array, b: Array) -> Any:
    states = lstm.lstm_forward(x, h0, C0, side_by_side(U), side_by_side(W), side_by_side(b))
    return states.h, states.c


def forward_filled(x: Array, h0: Array, C0: Array, U: Array, W: Array, b: Array) -> Any:
    N, T, _ = x.shape
    h, C = np.zeros((2, N, T + 1, h0.shape[1]))
    h[:, 0], C[:, 0] = h0, C0
    for t in range(T):
        h[:, t + 1], C[:, t + 1] = step_one_by_one(x[:, t], h[:, t], C[:, t], U, W, b)
    return h[:, 1:], C[:, 1:]


def forward_time_first(x: Array, h0: Array, C0: Array, U: Array, W: Array, b: Array) -> Any:
    pairs = [(h0, C0)]
    for x_t in x.swapaxes(0, 1):
        pairs.append(tuple(step_one_by_one(x_t, *pairs[-1], U, W, b)))
    h, C = np.array(pairs[1:]).transpose(1, 2, 0, 3)
    return h, C


def forward_example_by_example(x: Array, h0: Array, C0: Array, U: Array, W: Array, b: Array) -> Any:
    found = [
        forward_filled(x[n : n + 1], h0[n : n + 1], C0[n : n + 1], U, W, b) for n in range(len(x))
    ]
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))


# Counts


def count_by_arrays(D: int, H: int) -> Any:
    return sum(np.zeros(shape).size for shape in ((4, D, H), (4, H, H), (4, H)))


def count_as_numpy(D: int, H: int) -> Any:
    return np.int64(4) * H * (D + H + 1)


def count_added_up(D: int, H: int) -> int:
    total = 0
    for _ in "fiog":
        total += D * H
        total += H * H + H
    return total


# Arrows


def do_by_exponentials(dh: Array, o: Array, C: Array) -> Array:
    e = np.exp(-2 * C)
    return dh * (1 - e) / (1 + e)


def do_number_by_number(dh: Array, o: Array, C: Array) -> Any:
    return [[dh[n, k] * np.tanh(C[n, k]) for k in range(C.shape[1])] for n in range(len(C))]


def do_from_the_state(dh: Array, o: Array, C: Array) -> Array:
    h = o * np.tanh(C)
    return dh * h / o


def dC_by_the_package(dh: Array, dC_later: Array, o: Array, C: Array) -> Array:
    ones = np.ones_like(C)
    gates = lstm.stack(f=ones, i=ones, o=o, g=ones)
    return lstm.cell_backward(dh, dC_later, ones, C, gates)[1]  # f = 1: the old cell's is dC


def dC_added_up(dh: Array, dC_later: Array, o: Array, C: Array) -> Array:
    dC = dC_later.copy()
    dC += dh * o / np.cosh(C) ** 2
    return dC


def dC_from_the_state(dh: Array, dC_later: Array, o: Array, C: Array) -> Array:
    h = o * np.tanh(C)
    return dC_later + dh * (o - h * h / o)


def dgates_as_a_dict(dC: Array, C_before: Array, f: Array, i: Array, g: Array) -> Any:
    return {"df": C_before * dC, "di": g * dC, "dg": i * dC}


def dgates_stacked(dC: Array, C_before: Array, f: Array, i: Array, g: Array) -> Any:
    return tuple(dC * np.stack([C_before, g, i]))


def dgates_by_the_package(dC: Array, C_before: Array, f: Array, i: Array, g: Array) -> Any:
    gates = lstm.stack(f=f, i=i, o=0 * f, g=g)
    d = lstm.split(lstm.cell_backward(0 * dC, dC, C_before, dC, gates)[0])
    return [d.f, d.i, d.g]


def da_multiplied_out(
    df: Array, di: Array, do: Array, dg: Array, f: Array, i: Array, o: Array, g: Array
) -> Any:
    return df * (f - f**2), di * (i - i**2), do * (o - o**2), dg - dg * g**2


def da_by_the_package(
    df: Array, di: Array, do: Array, dg: Array, f: Array, i: Array, o: Array, g: Array
) -> Any:
    return lstm.split(lstm.squash_backward(lstm.stack(df, di, do, dg), lstm.stack(f, i, o, g)))


def da_from_the_sums(
    df: Array, di: Array, do: Array, dg: Array, f: Array, i: Array, o: Array, g: Array
) -> Any:
    """By way of functions of the gates that need no gate: 1 - 4 (s - 1/2)^2 = 4 s (1 - s)."""
    gates = [d * (1 - 4 * (s - 0.5) ** 2) / 4 for d, s in ((df, f), (di, i), (do, o))]
    return [*gates, dg * (1 - g) * (1 + g)]


def immediate_in_one_breath(
    dh: Array,
    dC_later: Array,
    h_before: Array,
    C_before: Array,
    f: Array,
    i: Array,
    o: Array,
    g: Array,
) -> Any:
    dC = dC_later + dh * o / np.cosh(f * C_before + i * g) ** 2
    da_g = dC * i * (1 - g * g)
    return dC, dC * i, da_g, np.einsum("ni,nj->ij", h_before, da_g)


def immediate_example_by_example(
    dh: Array,
    dC_later: Array,
    h_before: Array,
    C_before: Array,
    f: Array,
    i: Array,
    o: Array,
    g: Array,
) -> Any:
    dC = dC_from_the_state(dh, dC_later, o, f * C_before + i * g)
    dg = dC * i
    da_g = dg - dg * g**2
    dW_g = sum(np.outer(h_before[n], da_g[n]) for n in range(len(dh)))
    return {"dC": dC, "dg": dg, "da_g": da_g, "dW_g": dW_g}


def immediate_by_the_package(
    dh: Array,
    dC_later: Array,
    h_before: Array,
    C_before: Array,
    f: Array,
    i: Array,
    o: Array,
    g: Array,
) -> Any:
    gates = lstm.stack(f, i, o, g)
    _, C = lstm.cell(gates, C_before)
    dgates, dC_before = lstm.cell_backward(dh, dC_later, C_before, C, gates)
    dg = lstm.split(dgates).g.copy()
    da_g = lstm.split(lstm.squash_backward(dgates, gates)).g
    return dC_before / f, dg, da_g, h_before.T @ da_g


# The formula: see the exercise's own tests for more


def formula_multiplied_out(s: Symbols) -> Any:
    total = 0
    for t in s.steps:
        through_C = s.dh_dC[t] * s.dC_dWg[t] + s.dh_dC[t] * s.dC_dC[t] * s.DC_DWg[t - 1]
        total = total + s.dJ_dh[t] * through_C + s.dJ_dh[t] * s.dh_dh[t] * s.Dh_DWg[t - 1]
    return total


def formula_in_reverse(s: Symbols) -> Any:
    return sum(s.DJ_DC[t] * s.dC_dWg[t] for t in s.steps)


def formula_by_the_gates(s: Symbols) -> Any:
    """The other reading: h_{t-1} is followed through C_t and through o_t, each by itself."""
    return sum(
        s.dJ_dh[t]
        @ (
            s.dh_dC[t] @ (s.dC_dWg[t] + s.dC_dC[t] @ s.DC_DWg[t - 1] + s.dC_dh[t] @ s.Dh_DWg[t - 1])
            + s.dh_do[t] @ s.do_dh[t] @ s.Dh_DWg[t - 1]
        )
        for t in s.steps
    )


def output_formula_multiplied_out(s: Symbols) -> Any:
    total = 0
    for t in s.steps:
        total = total + s.dJ_dh[t] * s.dh_do[t] * s.do_dWo[t]
        total = total + s.dJ_dh[t] * s.dh_dC[t] * s.dC_dC[t] * s.DC_DWo[t - 1]
        total = total + s.dJ_dh[t] * s.dh_dh[t] * s.Dh_DWo[t - 1]
    return total


def output_formula_in_reverse(s: Symbols) -> Any:
    return sum(s.DJ_Do[t] * s.do_dWo[t] for t in s.steps)


def output_formula_by_the_gates(s: Symbols) -> Any:
    terms = []
    for t in s.steps:
        by_o = s.dh_do[t] * (s.do_dWo[t] + s.do_dh[t] * s.Dh_DWo[t - 1])
        by_C = s.dh_dC[t] * (s.dC_dC[t] * s.DC_DWo[t - 1] + s.dC_dh[t] * s.Dh_DWo[t - 1])
        terms.append(s.dJ_dh[t] * (by_o + by_C))
    return sum(terms)


# All the way back


def backward_by_the_package(
    dh: Array,
    dC_last: Array,
    x: Array,
    h0: Array,
    C0: Array,
    h: Array,
    C: Array,
    U: Array,
    W: Array,
    b: Array,
) -> Any:
    weights = side_by_side(U), side_by_side(W), side_by_side(b)
    states = lstm.lstm_forward(x, h0, C0, *weights)
    g = lstm.lstm_backward(dh, dC_last, x, h0, C0, states, *weights[:2])
    return g.dx, g.dh0, g.dc0, gates_first(g.dU), gates_first(g.dW), gates_first(g.db)


def backward_gate_by_gate(
    dh: Array,
    dC_last: Array,
    x: Array,
    h0: Array,
    C0: Array,
    h: Array,
    C: Array,
    U: Array,
    W: Array,
    b: Array,
) -> Any:
    dx, dU, dW, db = np.zeros_like(x), np.zeros_like(U), np.zeros_like(W), np.zeros_like(b)
    dh_t, dC_t = dh[:, -1].copy(), dC_last.copy()
    for t in range(x.shape[1] - 1, -1, -1):
        h_before = h0 if t == 0 else h[:, t - 1]
        C_before = C0 if t == 0 else C[:, t - 1]
        f, i, o, g = gates_one_by_one(x[:, t], h_before, U, W, b)
        dC_t += dh_t * o / np.cosh(C[:, t]) ** 2
        sums = (
            dC_t * C_before * f * (1 - f),
            dC_t * g * i * (1 - i),
            dh_t * np.tanh(C[:, t]) * o * (1 - o),
            dC_t * i * (1 - g * g),
        )
        dh_t = dh[:, t - 1].copy() if t else np.zeros_like(h0)
        for k, da in enumerate(sums):
            dx[:, t] += da @ U[k].T
            dh_t += da @ W[k].T
            dU[k] += x[:, t].T @ da
            dW[k] += h_before.T @ da
            db[k] += da.sum(0)
        dC_t *= f
    return {"dx": dx, "dh0": dh_t, "dC0": dC_t, "dU": dU, "dW": dW, "db": db}


def backward_sums_at_the_end(
    dh: Array,
    dC_last: Array,
    x: Array,
    h0: Array,
    C0: Array,
    h: Array,
    C: Array,
    U: Array,
    W: Array,
    b: Array,
) -> Any:
    N, T, _ = x.shape
    all_h = np.concatenate([h0[:, None], h], axis=1)
    all_C = np.concatenate([C0[:, None], C], axis=1)
    da = np.zeros((4, N, T, h0.shape[1]))
    from_h, from_C = 0.0, dC_last
    for t in reversed(range(T)):
        f, i, o, g = gates_einsum(x[:, t], all_h[:, t], U, W, b)
        s = dh[:, t] + from_h
        u = from_C + s * o * (1 - np.tanh(all_C[:, t + 1]) ** 2)
        da[0, :, t] = u * all_C[:, t] * f * (1 - f)
        da[1, :, t] = u * g * i * (1 - i)
        da[2, :, t] = s * np.tanh(all_C[:, t + 1]) * o * (1 - o)
        da[3, :, t] = u * i * (1 - g**2)
        from_h = np.einsum("knj,kij->ni", da[:, :, t], W)
        from_C = u * f
    return (
        np.einsum("kntj,kdj->ntd", da, U),
        from_h,
        from_C,
        np.einsum("ntd,kntj->kdj", x, da),
        np.einsum("nti,kntj->kij", all_h[:, :-1], da),
        da.sum(axis=(1, 2)),
    )


VARIANTS: dict[str, tuple[Any, ...]] = {
    "lstm_gates": (gates_one_by_one, gates_einsum, gates_by_the_package, gates_as_a_dict),
    "lstm_step": (step_by_the_package, step_one_by_one, step_number_by_number),
    "lstm_forward": (
        forward_by_the_package,
        forward_filled,
        forward_time_first,
        forward_example_by_example,
    ),
    "lstm_parameter_count": (count_by_arrays, count_as_numpy, count_added_up),
    "immediate_do": (do_by_exponentials, do_number_by_number, do_from_the_state),
    "immediate_dC": (dC_by_the_package, dC_added_up, dC_from_the_state),
    "immediate_dgates": (dgates_as_a_dict, dgates_stacked, dgates_by_the_package),
    "immediate_da": (da_multiplied_out, da_by_the_package, da_from_the_sums),
    "lstm_immediate": (
        immediate_in_one_breath,
        immediate_example_by_example,
        immediate_by_the_package,
    ),
    "dJ_dWg": (formula_multiplied_out, formula_in_reverse, formula_by_the_gates),
    "dJ_dWo": (
        output_formula_multiplied_out,
        output_formula_in_reverse,
        output_formula_by_the_gates,
    ),
    "lstm_backward": (backward_by_the_package, backward_gate_by_gate, backward_sums_at_the_end),
}
