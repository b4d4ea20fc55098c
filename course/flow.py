"""How a gradient travels back through time, and what is left of it.

    J_t = dh_t/dh_{t-1} = diag(1 - h_t^2) W_hh^T          entry [i, j]: h_t[i] by h_{t-1}[j]
    dL/dh_{T-k} = dL/dh_T  J_T J_{T-1} ... J_{T-k+1}

A gradient is a row vector, so it meets the latest step's Jacobian first. Its norm against the
distance k is what "vanishing" and "exploding" are about. The whole dL/dW_hh need not vanish: it
is a sum over all distances, and `per_distance` takes it apart.

Sources: S. Hochreiter, diploma thesis, TU Munich 1991; Y. Bengio, P. Simard, P. Frasconi,
"Learning long-term dependencies with gradient descent is difficult", IEEE Trans. Neural Networks
5 (1994), 157-166; R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent
neural networks", ICML 2013 (arXiv:1211.5063).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from course.activations import sigmoid
from course.shapes import Array, check_shapes

# Jacobians


def step_jacobian(h: Array, W_hh: Array) -> Array:
    """J_t = diag(1 - h_t^2) W_hh^T, one matrix for each example.

    Args:
        h: the state *after* the step, (N, H). tanh' is read off its own result.
        W_hh: recurrent weights, (H, H).

    Returns:
        (N, H, H); entry [n, i, j] is the derivative of h_t[i] by h_{t-1}[j] in example n.

    Raises:
        ValueError: a shape does not fit; the message says which.
    """
    check_shapes("step_jacobian", h=(h, "NH"), W_hh=(W_hh, "HH"))
    return (1 - h**2)[:, :, None] * W_hh.T


def jacobian_product(h: Array, W_hh: Array) -> Array:
    """dh_T/dh_0 = J_T J_{T-1} ... J_1, the latest step on the left.

    Args:
        h: the states h_1 to h_T, as `rnn_forward` returns them, (N, T, H).
        W_hh: recurrent weights, (H, H).

    Returns:
        (N, H, H); entry [n, i, j] is the derivative of h_T[i] by h_0[j] in example n.

    Raises:
        ValueError: a shape does not fit; the message says which.
    """
    check_shapes("jacobian_product", h=(h, "NTH"), W_hh=(W_hh, "HH"))
    product = step_jacobian(h[:, 0], W_hh)  # (N, H, H)
    for t in range(1, h.shape[1]):
        product = step_jacobian(h[:, t], W_hh) @ product
    return product


# Norms against distance


def simulate(drive: Array, W_hh: Array, activation: str = "tanh") -> tuple[Array, Array]:
    """h_t = phi(drive_t + h_{t-1} W_hh) from h_0 = 0: the states, and phi' at every step.

    Args:
        drive: what arrives from outside, x_t W_xh + b_h, (N, T, H).
        W_hh: recurrent weights, (H, H).
        activation: "tanh", "ReLU" or "linear".

    Returns:
        The states h_1 to h_T and the slopes, each (N, T, H).

    Raises:
        ValueError: it knows no such activation.
    """
    phi: Callable[[Array], Array]
    slope: Callable[[Array], Array]  # read off the result
    if activation == "tanh":
        phi, slope = np.tanh, lambda h: 1 - h**2
    elif activation == "ReLU":
        phi, slope = lambda a: np.maximum(a, 0), lambda h: (h > 0).astype(h.dtype)
    elif activation == "linear":
        phi, slope = lambda a: a, np.ones_like
    else:
        raise ValueError(f"simulate knows tanh, ReLU and linear, not {activation!r}.")
    h = np.empty_like(drive)
    h_previous = np.zeros_like(drive[:, 0])
    for t in range(drive.shape[1]):
        h_previous = h[:, t] = phi(drive[:, t] + h_previous @ W_hh)
    return h, slope(h)


def gradient_norms(dh_last: Array, slopes: Array, W_hh: Array) -> Array:
    """||dL/dh_{T-k}|| for k = 0..T, for a loss that reads the last state only.

    No Jacobian is built: a row times diag(slope) W_hh^T is two cheap products.

    Args:
        dh_last: dL/dh_T, (N, H).
        slopes: the activation's derivative at every step, (N, T, H): 1 - h^2 for tanh,
            `h > 0` for ReLU, ones for a linear network.
        W_hh: recurrent weights, (H, H).

    Returns:
        (N, T + 1), one row an example; column k belongs to distance k, the last one to h_0.

    Raises:
        ValueError: a shape does not fit; the message says which.
    """
    check_shapes(
        "gradient_norms", slopes=(slopes, "NTH"), dh_last=(dh_last, "NH"), W_hh=(W_hh, "HH")
    )

    def one_step_back(t: int, dh: Array) -> tuple[Array]:
        return ((dh * slopes[:, t]) @ W_hh.T,)

    (norms,) = norms_by_distance(one_step_back, (dh_last,), slopes.shape[1])
    return norms


def norms_by_distance(
    step_backward: Callable[..., tuple[Array, ...]], dlast: tuple[Array, ...], T: int
) -> tuple[Array, ...]:
    """||dL/ds_{T-k}|| for k = 0..T and every state s that a cell carries: any cell will do.

    For an LSTM, with `(dh, dc)` as what is carried::

        def one_step_back(t, dh, dc):
            back = lstm_step_backward(dh, dc, ...)   # of step t, counted from 0
            return back.dh, back.dc

        norms_h, norms_c = norms_by_distance(one_step_back, (dh_last, dc_last), T)

    Args:
        step_backward: `(t, *gradients)`: from the gradients by the states after step t to those
            by the states before it. Steps are counted from 0, as in `x[:, t]`.
        dlast: the gradients by the states after the last step, each (N, H).
        T: number of steps.

    Returns:
        For every state the norms, (N, T + 1); column k belongs to distance k.
    """
    gradients = tuple(dlast)
    rows = [[np.linalg.norm(g, axis=1) for g in gradients]]
    for t in reversed(range(T)):
        gradients = tuple(step_backward(t, *gradients))
        rows.append([np.linalg.norm(g, axis=1) for g in gradients])
    return tuple(np.stack(column, axis=1) for column in zip(*rows, strict=True))


def growth_rate(norms: Array, W_hh: Array, start: int) -> tuple[float, float]:
    """The mean change of log10 of a norm per step, measured and predicted.

    Measured: (log10 norms[K] - log10 norms[start]) / (K - start), with K the last distance: the
    logarithm of the geometric mean of all factors from `start` on. Predicted: log10 of the
    spectral radius of W_hh, which is what a linear network comes to in the end.

    Args:
        norms: norms at distances 0..K, all above zero, (K + 1,).
        W_hh: recurrent weights, (H, H).
        start: where to begin, so that the first, transient steps do not count.

    Returns:
        `(measured, predicted)`, in powers of ten a step.
    """
    logs = np.log10(norms)
    measured = (logs[-1] - logs[start]) / (len(norms) - 1 - start)
    predicted = np.log10(np.max(np.abs(np.linalg.eigvals(W_hh))))
    return float(measured), float(predicted)


# The gradient of a weight, by distance


def per_distance(dh: Array, x: Array, h0: Array, h: Array, W_xh: Array, W_hh: Array) -> Array:
    """dL/dW_hh = sum_k C_k, where C_k holds what travelled back over k steps.

        C_k = sum_t h_{t-k-1}^T  d a_{t-k},     da_{t-k} = (dL_t/dh_t J_t ... J_{t-k+1}) tanh'

    The loss of step t meets the weight at steps t, t-1, ..., 1: at distances k = 0, 1, ..., t-1.
    All steps' losses at one distance travel together, so the work is O(T) products of (N T, H).

    Args:
        dh: upstream gradient on every step, (N, T, H), as `rnn_backward` takes it.
        x, h0, h, W_xh, W_hh: the rest of `rnn_backward`'s arguments, so that one tuple serves
            both; of `x` and `W_xh` only the shapes are looked at.

    Returns:
        (T, H, H): entry k is the share of distance k. Their sum is `rnn_backward(...).dW_hh`.

    Raises:
        ValueError: a shape does not fit; the message says which.
    """
    check_shapes(
        "per_distance",
        h=(h, "NTH"),
        dh=(dh, "NTH"),
        x=(x, "NTD"),
        h0=(h0, "NH"),
        W_xh=(W_xh, "DH"),
        W_hh=(W_hh, "HH"),
    )
    T, H = h.shape[1:]
    slopes = 1 - h**2  # (N, T, H)
    h_previous = np.concatenate([h0[:, None], h[:, :-1]], axis=1)  # (N, T, H): h_0 .. h_{T-1}

    shares = np.empty((T, H, H), dh.dtype)
    da = dh * slopes  # (N, T - k, H): column s belongs to the weight's use at step s
    for k in range(T):
        shares[k] = np.einsum("nsi,nsj->ij", h_previous[:, : T - k], da)
        da = (da[:, 1:] @ W_hh.T) * slopes[:, : T - k - 1]
    return shares


# What to do about it


class ActivationSlopes(NamedTuple):
    """The derivatives of three activations at the same sums, each of the shape of `a`."""

    tanh: Array
    sigmoid: Array
    relu: Array


def activation_slopes(a: Array) -> ActivationSlopes:
    """tanh' = 1 - tanh^2, sigma' = sigma (1 - sigma), relu' = 1 where a > 0.

    The largest slopes are 1, 1/4 and 1. At its kink, a = 0, ReLU takes 0.

    Args:
        a: the sums before the activation, any shape.

    Returns:
        `(tanh, sigmoid, relu)`, each of a's shape.
    """
    s = sigmoid(a)
    return ActivationSlopes(1 - np.tanh(a) ** 2, s * (1 - s), (a > 0).astype(a.dtype))


class GatedSkip(NamedTuple):
    """The states of a gated skip, and how the last one depends on the first."""

    a: Array  # (N, T, H)
    carry: Array  # (N, H): the diagonal of da_T/da_0


def gated_skip(a0: Array, f: Array, g: Array) -> GatedSkip:
    """a_t = a_{t-1} f_t + g_t, so da_T/da_0 = diag(f_1 f_2 ... f_T).

    No matrix and no activation stands on the way from a_0 to a_T. With every gate at 1 it is the
    additive skip a_{t-1} + g_t, which is ResNet's, along time instead of depth.

    Args:
        a0: the state before the first step, (N, H).
        f: gates, (N, T, H), which do not depend on the states.
        g: what each step adds, (N, T, H).

    Returns:
        The states a_1 to a_T and the carry.

    Source: K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition",
    CVPR 2016 (arXiv:1512.03385), for the skip; F. Gers, J. Schmidhuber, F. Cummins, "Learning to
    forget", Neural Computation 12 (2000), 2451-2471, for the gate on it.
    """
    check_shapes("gated_skip", f=(f, "NTH"), a0=(a0, "NH"), g=(g, "NTH"))
    a = np.empty_like(g)
    a_previous = a0
    for t in range(f.shape[1]):
        a_previous = a[:, t] = a_previous * f[:, t] + g[:, t]
    return GatedSkip(a, f.prod(axis=1))
