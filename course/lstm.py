"""Long short-term memory, forward and backward.

    f_t = sigmoid(x_t U^f + h_{t-1} W^f + b^f)      how much of the cell to keep
    i_t = sigmoid(x_t U^i + h_{t-1} W^i + b^i)      how much of the candidate to let in
    o_t = sigmoid(x_t U^o + h_{t-1} W^o + b^o)      how much of the cell to show
    g_t =    tanh(x_t U^g + h_{t-1} W^g + b^g)      the candidate

    c_t = f_t * c_{t-1} + i_t * g_t                 h_t = o_t * tanh(c_t)

Row vectors, batch first: `x (N, T, D)`, `h` and `c (N, T, H)`. The four gates' weights stand side
by side, in the order `GATES`, so that one product makes all four sums: `U (D, 4H)`, `W (H, 4H)`,
`b (4H,)`. Going back, `dh_t` and `dc_later` are what arrives from the loss and from later steps:

    dc_t = dc_later + dh_t * o_t * (1 - tanh(c_t)^2)      the cell also shows itself in h_t
    do_t = dh_t * tanh(c_t)     df_t = dc_t * c_{t-1}     di_t = dc_t * g_t     dg_t = dc_t * i_t
    da_t = the four, each times the slope of its own squashing
    dc_t * f_t goes on to c_{t-1}, and da_t W^T to h_{t-1}
    dU = sum_t x_t^T da_t       dW = sum_t h_{t-1}^T da_t       db = sum_t da_t

Sources: S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9 (1997),
1735-1780; the forget gate: F. A. Gers, J. Schmidhuber and F. Cummins, "Learning to forget",
Neural Computation 12 (2000), 2451-2471.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from course.activations import sigmoid, sigmoid_slope, tanh_slope
from course.shapes import Array, check_shapes, float_type, step_rows


class Gates(NamedTuple):
    """Something that each gate has: its values, its weights, a gradient. The order is this one."""

    f: Array
    i: Array
    o: Array
    g: Array


GATES = Gates._fields


class LSTMStep(NamedTuple):
    """What a step returns; `gates` is stacked and what the backward step needs."""

    h: Array  # (N, H)
    c: Array  # (N, H)
    gates: Array  # (N, 4H)


class LSTMStates(NamedTuple):
    """The states after every step, and the gates that made them."""

    h: Array  # (N, T, H)
    c: Array  # (N, T, H)
    gates: Array  # (N, T, 4H)


class LSTMStepGradients(NamedTuple):
    """Gradients of one step, in the order of `lstm_step`'s arguments."""

    dx: Array  # (N, D)
    dh: Array  # (N, H), for the states *before* the step
    dc: Array  # (N, H)
    dU: Array  # (D, 4H)
    dW: Array  # (H, 4H)
    db: Array  # (4H,)


class LSTMGradients(NamedTuple):
    """Gradients of a whole sequence, in the order of `lstm_forward`'s arguments."""

    dx: Array  # (N, T, D)
    dh0: Array  # (N, H)
    dc0: Array  # (N, H)
    dU: Array  # (D, 4H)
    dW: Array  # (H, 4H)
    db: Array  # (4H,)


# Four gates in one array


def split(stacked: Array) -> Gates:
    """The gates of a stacked array by name: (..., 4H) gives four views (..., H)."""
    H = stacked.shape[-1] // len(GATES)
    return Gates(*(stacked[..., at * H : (at + 1) * H] for at in range(len(GATES))))


def stack(f: Array, i: Array, o: Array, g: Array, out: Array | None = None) -> Array:
    """Four arrays (..., H) side by side, as (..., 4H): `split` undone."""
    return np.concatenate([f, i, o, g], axis=-1, out=out)


# The cell: from sums to gates to states, and back


def squash(a: Array) -> Array:
    """From sums to gates, in place: f, i, o = sigmoid(a), g = tanh(a), stacked (N, 4H)."""
    sigmoids, candidate = _by_squashing(a)
    sigmoid(sigmoids, out=sigmoids)
    np.tanh(candidate, out=candidate)
    return a


def squash_backward(dgates: Array, gates: Array) -> Array:
    """From gradients by gates to those by sums, in place: each times its slope, stacked (N, 4H)."""
    sigmoids, candidate = _by_squashing(gates)
    dsigmoids, dcandidate = _by_squashing(dgates)
    dsigmoids *= sigmoid_slope(sigmoids)
    dcandidate *= tanh_slope(candidate)
    return dgates


def _by_squashing(stacked: Array) -> tuple[Array, Array]:
    """The three gates that sigmoid makes, side by side as they are, and the one that tanh makes."""
    end = stacked.shape[-1] // len(GATES) * GATES.index("g")
    return stacked[..., :end], stacked[..., end:]


def cell(gates: Array, c: Array) -> tuple[Array, Array]:
    """From gates and the cell before to `(h, c)`: c_t = f c_{t-1} + i g, h_t = o tanh(c_t)."""
    f, i, o, g = split(gates)
    c_next = f * c + i * g
    return o * np.tanh(c_next), c_next


def cell_backward(
    dh_next: Array,
    dc_next: Array,
    c: Array,
    c_next: Array,
    gates: Array,
    out: Array | None = None,
) -> tuple[Array, Array]:
    """From what arrives at the new states to the gates and the old cell.

    Args:
        dh_next, dc_next: gradients by the states after the step, (N, H). `dc_next` is what comes
            along the cell's own line; the way through h_next is added here.
        c, c_next: the cell before and after the step, (N, H).
        gates: stacked, (N, 4H).
        out: where the gates' gradients go; a new array without it.

    Returns:
        The gradients by the four gates' values, stacked (N, 4H), and the one by `c`, (N, H).
    """
    f, i, o, g = split(gates)
    tanh_c = np.tanh(c_next)
    dc = dc_next + dh_next * o * tanh_slope(tanh_c)
    dgates = stack(f=dc * c, i=dc * g, o=dh_next * tanh_c, g=dc * i, out=out)
    return dgates, dc * f


# One step


def lstm_step(x: Array, h: Array, c: Array, U: Array, W: Array, b: Array | None = None) -> LSTMStep:
    """c_t = f c_{t-1} + i g and h_t = o tanh(c_t), with gates from x U + h W + b.

    Args:
        x: this step's input, (N, D).
        h, c: the states before the step, (N, H).
        U: input weights of the four gates side by side, (D, 4H).
        W: recurrent weights likewise, (H, 4H).
        b: biases likewise, (4H,), or None for none.

    Returns:
        The states after the step, and the gates: `h`, `c`, `gates`.

    Raises:
        ValueError: a shape does not fit; the message says which.
    """
    biases = {} if b is None else {"b": (b, "4H")}
    check_shapes(
        "lstm_step",
        x=(x, "ND"),
        h=(h, "NH"),
        c=(c, "NH"),
        U=(U, "D4H"),
        W=(W, "H4H"),
        **biases,
    )
    gates = (x @ U + h @ W).astype(float_type(x, h, c, U, W, b), copy=False)  # (N, 4H)
    if b is not None:
        gates += b
    squash(gates)
    return LSTMStep(*cell(gates, c), gates)


def lstm_step_backward(
    dh_next: Array,
    dc_next: Array,
    x: Array,
    h: Array,
    c: Array,
    step: LSTMStep,
    U: Array,
    W: Array,
) -> LSTMStepGradients:
    """The gradients of one step; everything but dc is a product with da.

    Args:
        dh_next, dc_next: gradients of the loss by the states after the step, (N, H).
        x, h, c, U, W: what `lstm_step` was given.
        step: what it returned.

    Returns:
        Gradients by `x, h, c, U, W, b`; those of the weights are summed over the batch.
    """
    dgates, dc = cell_backward(dh_next, dc_next, c, step.c, step.gates)
    da = squash_backward(dgates, step.gates)  # (N, 4H)
    return LSTMStepGradients(
        dx=da @ U.T, dh=da @ W.T, dc=dc, dU=x.T @ da, dW=h.T @ da, db=da.sum(axis=0)
    )


# All steps


def lstm_forward(
    x: Array, h0: Array, c0: Array, U: Array, W: Array, b: Array | None = None
) -> LSTMStates:
    """`lstm_step` for t = 1..T, starting from h_0 and c_0.

    Args:
        x: inputs, (N, T, D).
        h0, c0: the states before the first step, (N, H).
        U, W, b: the weights of `lstm_step`, the same at every step.

    Returns:
        Every state but the first, `h` and `c` (N, T, H), and `gates` (N, T, 4H), which
        `split` takes apart. The last states are `h[:, -1]` and `c[:, -1]`.

    Raises:
        ValueError: a shape does not fit; the message says which.
    """
    biases = {} if b is None else {"b": (b, "4H")}
    check_shapes(
        "lstm_forward",
        x=(x, "NTD"),
        h0=(h0, "NH"),
        c0=(c0, "NH"),
        U=(U, "D4H"),
        W=(W, "H4H"),
        **biases,
    )
    N, T = x.shape[:2]
    H = len(W)
    dtype = float_type(x, h0, c0, U, W, b)

    # Time comes first in here, so that a step is one block of memory. The inputs do not wait for
    # the states: one product serves all steps. The loop turns each step's sums into gates.
    gates = np.empty((T, N, 4 * H), dtype)
    np.matmul(step_rows(x), U, out=gates.reshape(T * N, 4 * H))
    if b is not None:
        gates += b
    h = np.empty((T, N, H), dtype)
    c = np.empty((T, N, H), dtype)
    from_state = np.empty((N, 4 * H), dtype)
    h_t, c_t = h0, c0
    for t in range(T):
        gates[t] += np.matmul(h_t, W, out=from_state)
        h[t], c[t] = h_t, c_t = cell(squash(gates[t]), c_t)
    return LSTMStates(*(array.swapaxes(0, 1) for array in (h, c, gates)))


def lstm_backward(
    dh: Array,
    dc_last: Array | None,
    x: Array,
    h0: Array,
    c0: Array,
    states: LSTMStates,
    U: Array,
    W: Array,
) -> LSTMGradients:
    """`lstm_step_backward` from t = T down to 1, the weights' gradients summed over all steps.

    Args:
        dh: upstream gradient on every step, (N, T, H): how the loss depends on h_t directly,
            not through later states. For a loss at the last step only, zero but for `dh[:, -1]`.
        dc_last: how it depends on c_T directly, (N, H); None if it does not.
        x, h0, c0, U, W: what `lstm_forward` was given.
        states: what it returned.

    Returns:
        Gradients by `x, h0, c0, U, W, b`; those of the weights are summed over batch and time.

    Raises:
        ValueError: `dh` or `dc_last` does not have the shape of the states.
    """
    shapes = {"h": (states.h, "NTH"), "dh": (dh, "NTH"), "x": (x, "NTD")}
    shapes |= {} if dc_last is None else {"dc_last": (dc_last, "NH")}
    check_shapes("lstm_backward", **shapes, h0=(h0, "NH"), c0=(c0, "NH"))
    h, c, gates = (array.swapaxes(0, 1) for array in states)  # (T, N, H), (T, N, H), (T, N, 4H)
    T, N, H = h.shape
    W_T = np.ascontiguousarray(W.T)  # laid out once here, not once a step

    da = np.empty((T, N, 4 * H), gates.dtype)
    dh_later = np.zeros((N, H), gates.dtype)  # what steps t+1..T send back to h_t and c_t
    dc_later = np.zeros((N, H), gates.dtype) if dc_last is None else dc_last
    for t in reversed(range(T)):
        c_previous = c[t - 1] if t else c0
        dh_t = dh[:, t] + dh_later
        dgates, dc_later = cell_backward(dh_t, dc_later, c_previous, c[t], gates[t], out=da[t])
        np.matmul(squash_backward(dgates, gates[t]), W_T, out=dh_later)

    da_rows = da.reshape(T * N, 4 * H)  # batch and time are summed over alike
    h_previous = np.concatenate([h0[None], h[:-1]])  # (T, N, H): h_0 .. h_{T-1}
    return LSTMGradients(
        dx=(da_rows @ U.T).reshape(T, N, -1).swapaxes(0, 1),
        dh0=dh_later,
        dc0=dc_later,
        dU=step_rows(x).T @ da_rows,
        dW=h_previous.reshape(T * N, H).T @ da_rows,
        db=da_rows.sum(axis=0),
    )


# Sizes and shapes


def lstm_parameter_count(D: int, H: int) -> int:
    """4 (D + H + 1) H: each of the four gates has two matrices and a bias."""
    return len(GATES) * (D + H + 1) * H
