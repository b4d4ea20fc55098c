"""ps03: right answers, written differently from the reference and from each other.

The check must accept every one of them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from course import rnn
from course.derivation import Symbols

Array = np.ndarray

# The walk back along a tape


def accumulate_number_by_number(count: int, made: Array, used: Array, slope: Array) -> list[float]:
    delta = [0.0] * (count - 1) + [1.0]
    for number in range(count - 1, -1, -1):
        for m, u, s in zip(made, used, slope, strict=True):
            if m == number:
                delta[u] += s * delta[m]
    return delta


def accumulate_by_recursion(count: int, made: Array, used: Array, slope: Array) -> Array:
    @functools.cache
    def delta(number: int) -> float:
        if number == count - 1:
            return 1.0
        return sum(
            delta(int(m)) * s for m, u, s in zip(made, used, slope, strict=True) if u == number
        )

    return np.array([delta(number) for number in range(count)], dtype=float)


def accumulate_linear_system(count: int, made: Array, used: Array, slope: Array) -> Array:
    """delta = e_last + S^T delta, with S[m, u] the sum of the slopes from u to m."""
    S = np.zeros((count, count))
    np.add.at(S, (made, used), slope)
    return np.linalg.solve(np.eye(count) - S.T, np.eye(count)[-1])


# The gradient check


def grad_check_put_back(
    f: Callable[[Array], float], x: Array, gradient: Array, eps: float
) -> tuple[Array, float]:
    """x itself is moved, and each number is put back as it was."""
    numerical = np.zeros_like(x)
    for i, value in np.ndenumerate(x):
        x[i] = value + eps
        up = f(x)
        x[i] = value - eps
        down = f(x)
        x[i] = value
        numerical[i] = (up - down) / 2 / eps
    return numerical, np.abs(numerical - gradient).max() / np.abs(numerical).max()


def grad_check_flat(f: Any, x: Array, gradient: Array, eps: float) -> dict[str, Any]:
    flat = np.zeros(x.size)
    for i in range(x.size):
        nudge = np.zeros(x.shape)
        nudge.flat[i] = eps
        flat[i] = 0.5 * (f(x + nudge) - f(x - nudge)) / eps
    numerical = flat.reshape(x.shape)
    worst = max(abs(a - b) for a, b in zip(flat, gradient.ravel(), strict=True))
    return {"error": worst / max(abs(flat)), "numerical": numerical}


def grad_check_row_by_row(f: Any, x: Array, gradient: Array, eps: float) -> list[Any]:
    rows = []
    for i in range(x.shape[0]):
        row = []
        for j in range(x.shape[1]):
            up, down = np.array(x), np.array(x)
            up[i, j], down[i, j] = x[i, j] + eps, x[i, j] - eps
            row.append((f(up) - f(down)) / (2 * eps))
        rows.append(row)
    n = np.array(rows)
    return [n, np.linalg.norm((gradient - n).ravel(), np.inf) / np.linalg.norm(n.ravel(), np.inf)]


# One step back


def step_back_example_by_example(
    dh_next: Array, x: Array, h: Array, h_next: Array, W_xh: Array, W_hh: Array
) -> tuple[Array, ...]:
    N = len(x)
    dx, dh = np.zeros_like(x), np.zeros_like(h)
    dW_xh, dW_hh, db_h = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(len(W_hh))
    for n in range(N):
        da = np.diag(1 - h_next[n] ** 2) @ dh_next[n]
        dx[n], dh[n] = W_xh @ da, W_hh @ da
        dW_xh += np.outer(x[n], da)
        dW_hh += np.outer(h[n], da)
        db_h += da
    return dx, dh, dW_xh, dW_hh, db_h


def step_back_einsum(
    dh_next: Array, x: Array, h: Array, h_next: Array, W_xh: Array, W_hh: Array
) -> dict[str, Array]:
    da = dh_next - dh_next * h_next * h_next
    return {
        "db_h": np.einsum("nh->h", da),
        "dW_hh": np.einsum("ni,nj->ij", h, da),
        "dW_xh": np.einsum("nd,nh->dh", x, da),
        "dh": np.einsum("nj,ij->ni", da, W_hh),
        "dx": np.einsum("nh,dh->nd", da, W_xh),
    }


def step_back_stacked(
    dh_next: Array, x: Array, h: Array, h_next: Array, W_xh: Array, W_hh: Array
) -> list[Array]:
    """Input, state and a 1 for the bias, as one row."""
    D, N = W_xh.shape[0], len(x)
    da = (1 + h_next) * (1 - h_next) * dh_next
    rows = np.concatenate([x, h, np.ones((N, 1))], axis=1)
    weights = np.concatenate([W_xh, W_hh])
    back, dW = da @ weights.T, rows.T @ da
    return [back[:, :D], back[:, D:], dW[:D], dW[D:-1], dW[-1]]


# Back from the outputs


def output_back_loops(dy: Array, h: Array, W_hy: Array) -> tuple[Array, ...]:
    dh, dW_hy, db_y = np.zeros_like(h), np.zeros_like(W_hy), np.zeros(W_hy.shape[1])
    for t in reversed(range(h.shape[1])):
        dh[:, t] = np.dot(dy[:, t], W_hy.T)
        dW_hy += np.dot(h[:, t].T, dy[:, t])
        db_y += dy[:, t].sum(0)
    return dh, dW_hy, db_y


def output_back_tensordot(dy: Array, h: Array, W_hy: Array) -> tuple[Array, ...]:
    return (
        np.tensordot(dy, W_hy, axes=(2, 1)),
        np.tensordot(h, dy, axes=((0, 1), (0, 1))),
        np.add.reduce(dy, axis=(0, 1)),
    )


def output_back_swapped(dy: Array, h: Array, W_hy: Array) -> dict[str, Array]:
    dW_hy = np.matmul(h.transpose(0, 2, 1), dy).sum(axis=0)  # (N, H, M), summed over the batch
    return {
        "dW_hy": dW_hy,
        "dh": (W_hy @ dy.swapaxes(1, 2)).swapaxes(1, 2),
        "db_y": dy.sum(1).sum(0),
    }


# Back through time


def backward_step_by_step(
    dh: Array, x: Array, h0: Array, h: Array, W_xh: Array, W_hh: Array
) -> tuple[Array, ...]:
    later = np.zeros_like(h0)
    dxs: list[Array] = []
    dW_xh, dW_hh, db_h = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(len(W_hh))
    for t in range(x.shape[1])[::-1]:
        before = h0 if t == 0 else h[:, t - 1]
        back = rnn.rnn_step_backward(dh[:, t] + later, x[:, t], before, h[:, t], W_xh, W_hh)
        dxs.insert(0, back.dx)
        later = back.dh
        dW_xh, dW_hh, db_h = dW_xh + back.dW_xh, dW_hh + back.dW_hh, db_h + back.db_h
    return np.stack(dxs, axis=1), later, dW_xh, dW_hh, db_h


def backward_deltas_first(
    dh: Array, x: Array, h0: Array, h: Array, W_xh: Array, W_hh: Array
) -> dict[str, Array]:
    T = h.shape[1]
    da = np.zeros((h.shape[0], T + 1, h.shape[2]))  # one more, which stays zero
    for t in range(T - 1, -1, -1):
        da[:, t] = (dh[:, t] + da[:, t + 1] @ W_hh.T) * (1 - h[:, t] ** 2)
    states = np.concatenate([h0[:, None, :], h], axis=1)
    return {
        "dx": da[:, :T] @ W_xh.T,
        "dh0": da[:, 0] @ W_hh.T,
        "dW_xh": np.einsum("ntd,nth->dh", x, da[:, :T]),
        "dW_hh": np.einsum("nti,ntj->ij", states[:, :T], da[:, :T]),
        "db_h": da.sum(axis=(0, 1)),
    }


def backward_loss_by_loss(
    dh: Array, x: Array, h0: Array, h: Array, W_xh: Array, W_hh: Array
) -> tuple[Array, ...]:
    """The loss of each step is sent back on its own, through products of Jacobians."""
    N, T, H = h.shape
    slopes, states = 1 - h**2, np.concatenate([h0[:, None], h], axis=1)
    dx, dh0 = np.zeros_like(x), np.zeros_like(h0)
    dW_xh, dW_hh, db_h = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(H)
    for n in range(N):
        for t in range(T):
            row = dh[n, t]
            for s in range(t, -1, -1):
                da = row * slopes[n, s]
                dx[n, s] += da @ W_xh.T
                dW_xh += np.outer(x[n, s], da)
                dW_hh += np.outer(states[n, s], da)
                db_h += da
                row = da @ W_hh.T
            dh0[n] += row
    return dx, dh0, dW_xh, dW_hh, db_h


# Softmax and cross-entropy


def softmax_back_place_by_place(logits: Array, target: Array, mask: Array) -> Array:
    d = np.zeros_like(logits)
    scored = np.argwhere(mask)
    for n, t in scored:
        z = logits[n, t] - max(logits[n, t])
        p = np.exp(z) / sum(np.exp(z))
        p[target[n, t]] -= 1
        d[n, t] = p / len(scored)
    return d


def softmax_back_by_logarithms(logits: Array, target: Array, mask: Array) -> Array:
    log_sum = np.logaddexp.reduce(logits, axis=2, keepdims=True)
    p = np.exp(logits - log_sum)
    p[np.arange(len(p))[:, None], np.arange(p.shape[1]), target] -= 1
    return np.where(mask[:, :, None] == 1, p, 0.0) / np.count_nonzero(mask)


def softmax_back_only_what_is_scored(logits: Array, target: Array, mask: Array) -> Array:
    keep = mask.astype(bool)
    z, V = logits[keep], logits.shape[-1]  # (K, V)
    e = np.exp(z - np.amax(z, axis=1)[:, None])
    d = np.zeros(logits.shape)
    d[keep] = (e / np.sum(e, axis=1)[:, None] - np.eye(V)[target[keep]]) / len(z)
    return d


# The gradient as a formula


def formula_in_reverse(s: Symbols) -> Any:
    """The total derivative of the loss, and what each step does at once."""
    total: Any = 0
    for t in reversed(s.steps):
        total = total + s.DL_Dh[t] * s.dh_dW_hh[t]
    return total


def formula_before_tanh(s: Symbols) -> Any:
    return sum(s.DL_Da[t] @ s.da_dW_hh[t] for t in range(1, s.T + 1))


def formula_multiplied_out(s: Symbols) -> Any:
    """Every way from a loss to a use of the weight, as a product of its own."""
    ways = []
    for t in s.steps:
        way = s.dL_dy[t] * s.dy_dh[t]
        for use in range(t, 0, -1):
            ways.append(way * s.dh_da[use] * s.da_dW_hh[use])
            way = way * s.dh_da[use] * s.da_dh[use]
    return sum(ways)


# A step downhill


def sgd_subtract(p: Array, g: Array, rate: float) -> Array:
    return np.subtract(p, np.multiply(rate, g))


def sgd_on_a_copy(parameter: Array, gradient: Array, learning_rate: float) -> Array:
    new = parameter.copy()
    new -= gradient * learning_rate
    return new


def sgd_as_a_list(parameter: Array, gradient: Array, learning_rate: float) -> list[list[float]]:
    return [
        [p - learning_rate * g for p, g in zip(*rows, strict=True)]
        for rows in zip(parameter, gradient, strict=True)
    ]


# By distance


def distance_pair_by_pair(
    dh: Array, x: Array, h0: Array, h: Array, W_xh: Array, W_hh: Array
) -> Array:
    T, H = h.shape[1:]
    shares = np.zeros((T, H, H))
    for t in range(T):
        back = dh[:, t]
        for s in range(t, -1, -1):
            da = back * (1 - h[:, s] ** 2)
            shares[t - s] += (h[:, s - 1] if s else h0).T @ da
            back = da @ W_hh.T
    return shares


def distance_by_masked_backward(
    dh: Array, x: Array, h0: Array, h: Array, W_xh: Array, W_hh: Array
) -> Array:
    """What the losses send over at most k steps, less what they send over at most k - 1."""
    T, H = h.shape[1:]
    up_to = [np.zeros((H, H))]
    for k in range(T):
        total = np.zeros((H, H))
        for t in range(T):
            first = max(0, t - k)
            alone = np.zeros_like(h[:, first : t + 1])
            alone[:, -1] = dh[:, t]
            before = h[:, first - 1] if first else h0
            total += rnn.rnn_backward(
                alone, x[:, first : t + 1], before, h[:, first : t + 1], W_xh, W_hh
            ).dW_hh
        up_to.append(total)
    return np.diff(np.array(up_to), axis=0)


def distance_as_a_list(
    dh: Array, x: Array, h0: Array, h: Array, W_xh: Array, W_hh: Array
) -> list[Array]:
    states = np.concatenate([h0[:, None], h], axis=1)
    T, shares, back = h.shape[1], [], dh
    for k in range(T):
        da = back * (1 - h[:, : T - k] ** 2)
        shares.append(sum(states[:, s].T @ da[:, s] for s in range(T - k)))
        back = (da @ W_hh.T)[:, 1:]
    return shares


# Truncated


def truncated_after_the_forward_pass(
    dh: Array, x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, window: int
) -> tuple[Array, ...]:
    """One long reading, then the way back, which forgets at the borders."""
    h = rnn.rnn_forward(x, h0, W_xh, W_hh, b_h)
    states = np.concatenate([h0[:, None], h], axis=1)
    T = h.shape[1]
    da, later = np.zeros_like(h), np.zeros_like(h0)
    for t in reversed(range(T)):
        if (t + 1) % window == 0:
            later = np.zeros_like(h0)
        da[:, t] = (dh[:, t] + later) * (1 - h[:, t] ** 2)
        later = da[:, t] @ W_hh.T
    return (
        h,
        np.einsum("ntd,nth->dh", x, da),
        np.einsum("nti,ntj->ij", states[:, :T], da),
        da.sum((0, 1)),
    )


def truncated_by_a_while_loop(
    dh: Array, x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, window: int
) -> dict[str, Any]:
    h = np.zeros(dh.shape)
    sums: list[Any] = [0, 0, 0]
    start, state = 0, h0
    while start < x.shape[1]:
        end = min(start + window, x.shape[1])
        h[:, start:end] = rnn.rnn_forward(x[:, start:end], state, W_xh, W_hh, b_h)
        back = rnn.rnn_backward(
            dh[:, start:end], x[:, start:end], state, h[:, start:end], W_xh, W_hh
        )
        sums = [a + b for a, b in zip(sums, back[2:], strict=True)]
        start, state = end, h[:, end - 1]
    return {"h": h, "dW_xh": sums[0], "dW_hh": sums[1], "db_h": sums[2]}


def truncated_by_recursion(
    dh: Array, x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, window: int
) -> tuple[Array, ...]:
    part, rest = np.s_[:, :window], np.s_[:, window:]
    h = rnn.rnn_forward(x[part], h0, W_xh, W_hh, b_h)
    back = rnn.rnn_backward(dh[part], x[part], h0, h, W_xh, W_hh)
    here = (back.dW_xh, back.dW_hh, back.db_h)
    if x.shape[1] <= window:
        return h, *here
    later = truncated_by_recursion(dh[rest], x[rest], h[:, -1], W_xh, W_hh, b_h, window)
    return np.hstack([h, later[0]]), *(a + b for a, b in zip(here, later[1:], strict=True))


VARIANTS: dict[str, tuple[Any, ...]] = {
    "accumulate": (
        accumulate_number_by_number,
        accumulate_by_recursion,
        accumulate_linear_system,
    ),
    "grad_check": (grad_check_put_back, grad_check_flat, grad_check_row_by_row),
    "rnn_step_backward": (step_back_example_by_example, step_back_einsum, step_back_stacked),
    "rnn_output_backward": (output_back_loops, output_back_tensordot, output_back_swapped),
    "rnn_backward": (backward_step_by_step, backward_deltas_first, backward_loss_by_loss),
    "dL_dW_hh": (formula_in_reverse, formula_before_tanh, formula_multiplied_out),
    "softmax_xent_backward": (
        softmax_back_place_by_place,
        softmax_back_by_logarithms,
        softmax_back_only_what_is_scored,
    ),
    "sgd_step": (sgd_subtract, sgd_on_a_copy, sgd_as_a_list),
    "per_distance": (distance_pair_by_pair, distance_by_masked_backward, distance_as_a_list),
    "truncated_bptt": (
        truncated_after_the_forward_pass,
        truncated_by_a_while_loop,
        truncated_by_recursion,
    ),
}
