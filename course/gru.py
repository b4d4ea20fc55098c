"""The gated recurrent unit, forward and backward, in each of its published conventions.

    r_t = sigmoid(x_t U^r + h_{t-1} W^r + b^r)            how much of the state the candidate sees
    z_t = sigmoid(x_t U^z + h_{t-1} W^z + b^z)            how much of the state stays
    g_t = tanh(x_t U^g + r_t * (h_{t-1} W^g + b_s) + b^g)      the candidate
    h_t = z_t * h_{t-1} + (1 - z_t) * g_t

Row vectors, batch first: `x (N, T, D)`, `h (N, T, H)`. The weights of the gates stand side by side,
in the order `GATES`, so that one product makes all three sums: `U (D, 3H)`, `W (H, 3H)`, `b (3H,)`.

Authors differ in two places, and each choice has a name here. The equations above are the defaults,
which are those of torch and cuDNN:

    update="keep"     h_t = z * h_{t-1} + (1 - z) * g      z says what stays (Cho and others)
    update="write"    h_t = (1 - z) * h_{t-1} + z * g      z says what is new (Chung and others)
    reset="after"     r * (h_{t-1} W^g + b_s)              reset after the product
    reset="before"    (r * h_{t-1}) W^g                    reset before the product (both papers)

The two updates are one network: 1 - sigmoid(a) = sigmoid(-a), so turn the signs of z's weights. The
two resets are two networks. Only `reset="after"` has a use for `b_s (H,)`, a bias inside the reset.

Going back, a state reaches the next one by itself, by the gates and by the candidate:

    dz_t = dh_t * (h_{t-1} - g_t)       dg_t = dh_t * (1 - z_t)       s_t = h_{t-1} W^g + b_s
    da^z = dz_t * z (1 - z)             da^g = dg_t * (1 - g^2)       da^r = da^g * s_t * r (1 - r)
    dh_{t-1} = dh_t * z_t + [da^r, da^z, da^g * r_t] W^T

Sources: K. Cho and others, "Learning phrase representations using RNN encoder-decoder for statistical
machine translation", EMNLP 2014 (arXiv:1406.1078); J. Chung and others, "Empirical evaluation of
gated recurrent neural networks on sequence modeling", 2014 (arXiv:1412.3555).
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from course.activations import sigmoid, sigmoid_slope, tanh_slope
from course.shapes import Array, check_shapes, float_type, step_rows

Update: TypeAlias = Literal["keep", "write"]
Reset: TypeAlias = Literal["after", "before"]


class Gates(NamedTuple):
    """Something that each gate has: its values, its weights, a gradient. The order is this one."""

    r: Array
    z: Array
    g: Array


GATES = Gates._fields
UPDATES: tuple[Update, Update] = ("keep", "write")
RESETS: tuple[Reset, Reset] = ("after", "before")


class GRUStep(NamedTuple):
    """What a step returns; `gates` and `s` are what the backward step needs."""

    h: Array  # (N, H)
    gates: Array  # (N, 3H)
    s: Array  # (N, H), what r is multiplied with: h W^g + b_s, or h itself


class GRUStates(NamedTuple):
    """The states after every step, and what made them."""

    h: Array  # (N, T, H)
    gates: Array  # (N, T, 3H)
    s: Array  # (N, T, H)


class GRUStepGradients(NamedTuple):
    """Gradients of one step, in the order of `gru_step`'s arguments."""

    dx: Array  # (N, D)
    dh: Array  # (N, H), for the state *before* the step
    dU: Array  # (D, 3H)
    dW: Array  # (H, 3H)
    db: Array  # (3H,)
    db_s: Array  # (H,), zero where the reset comes before the product


class GRUGradients(NamedTuple):
    """Gradients of a whole sequence, in the order of `gru_forward`'s arguments."""

    dx: Array  # (N, T, D)
    dh0: Array  # (N, H)
    dU: Array  # (D, 3H)
    dW: Array  # (H, 3H)
    db: Array  # (3H,)
    db_s: Array  # (H,)


# Three gates in one array


def split(stacked: Array) -> Gates:
    """The gates of a stacked array by name: (..., 3H) gives three views (..., H)."""
    H = stacked.shape[-1] // len(GATES)
    return Gates(*(stacked[..., gate * H : (gate + 1) * H] for gate in range(len(GATES))))


def stack(r: Array, z: Array, g: Array) -> Array:
    """Three arrays (..., H) side by side, as (..., 3H): `split` undone."""
    return np.concatenate([r, z, g], axis=-1)


# The cell: from sums to gates to the state, and back


def cell(
    a: Array, h: Array, W: Array, b_s: Array | None, update: Update, reset: Reset
) -> tuple[Array, Array]:
    """From the input's share of the sums and the old state to the new one.

    Args:
        a: x U + b, stacked, (N, 3H). It is turned into the gates r, z, g, in place.
        h: the state before the step, (N, H).
        W, b_s, update, reset: as `gru_step` takes them.

    Returns:
        The state after the step, and `s`, what r is multiplied with, both (N, H).
    """
    H = h.shape[1]
    (r, z, g), r_and_z = split(a), a[:, : 2 * H]
    if reset == "after":
        from_state: Array = h @ W  # (N, 3H)
        r_and_z += from_state[:, : 2 * H]
        s = from_state[:, 2 * H :]
        if b_s is not None:
            s += b_s
        sigmoid(r_and_z, out=r_and_z)
        g += r * s
    else:
        r_and_z += h @ W[:, : 2 * H]
        s = h
        sigmoid(r_and_z, out=r_and_z)
        g += (r * s) @ W[:, 2 * H :]
    np.tanh(g, out=g)
    kept, new = (z, 1 - z) if update == "keep" else (1 - z, z)
    return kept * h + new * g, s


def cell_backward(
    dh_next: Array,
    h: Array,
    gates: Array,
    s: Array,
    W_T: Array,
    update: Update,
    reset: Reset,
    out: Array,
) -> Array:
    """From what arrives at the new state to the sums, written to `out` (N, 3H), and the old state.

    Args:
        dh_next: gradient by the state after the step, (N, H).
        h, update, reset: what `cell` was given.
        gates, s: what it made.
        W_T: the recurrent weights transposed, (3H, H).
        out: where the gradient by the sums goes, (N, 3H).

    Returns:
        The gradient by `h`, (N, H).
    """
    (r, z, g), da, H = split(gates), split(out), h.shape[1]
    W_rz_T, W_g_T = W_T[: 2 * H], W_T[2 * H :]
    kept, new = (z, 1 - z) if update == "keep" else (1 - z, z)
    dz = dh_next * (h - g)
    np.multiply(dh_next * new, tanh_slope(g), out=da.g)
    np.multiply(dz if update == "keep" else -dz, sigmoid_slope(z), out=da.z)
    if reset == "after":
        np.multiply(da.g * s, sigmoid_slope(r), out=da.r)
        by_candidate = (da.g * r) @ W_g_T
    else:
        by_product = da.g @ W_g_T
        np.multiply(by_product * s, sigmoid_slope(r), out=da.r)
        by_candidate = by_product * r
    return dh_next * kept + out[:, : 2 * H] @ W_rz_T + by_candidate


def weight_gradients(da: Array, h: Array, gates: Array, reset: Reset) -> tuple[Array, Array]:
    """dW and db_s from rows of any number of steps: da and gates (rows, 3H), h before (rows, H)."""
    H = h.shape[1]
    da_g, r = split(da).g, split(gates).r
    ds, state = (da_g * r, h) if reset == "after" else (da_g, r * h)
    dW = np.concatenate([h.T @ da[:, : 2 * H], state.T @ ds], axis=1)
    return dW, ds.sum(axis=0) if reset == "after" else np.zeros(H, da.dtype)


# One step


def gru_step(
    x: Array,
    h: Array,
    U: Array,
    W: Array,
    b: Array | None = None,
    b_s: Array | None = None,
    *,
    update: Update = "keep",
    reset: Reset = "after",
) -> GRUStep:
    """h_t = z h_{t-1} + (1 - z) g, or whichever convention is named.

    Args:
        x: this step's input, (N, D).
        h: the state before the step, (N, H).
        U: input weights of r, z and g side by side, (D, 3H).
        W: recurrent weights likewise, (H, 3H).
        b: biases likewise, (3H,), or None for none.
        b_s: bias of the state's share of the candidate, (H,), or None; only for reset "after".
        update: "keep" where z says what stays of the old state, "write" where it says what is new.
        reset: "after" or "before" the product of the state with W^g.

    Returns:
        The state after the step, and what made it: `h`, `gates`, `s`.

    Raises:
        ValueError: a shape or an option does not fit; the message says which.
    """
    _check("gru_step", U, W, b, b_s, update, reset, x=(x, "ND"), h=(h, "NH"))
    gates = np.empty((len(x), W.shape[1]), float_type(x, h, U, W, b, b_s))
    np.matmul(x, U, out=gates)  # (N, 3H); `cell` turns the sums into gates
    if b is not None:
        gates += b
    h_next, s = cell(gates, h, W, b_s, update, reset)
    return GRUStep(h_next, gates, s)


def gru_step_backward(
    dh_next: Array,
    x: Array,
    h: Array,
    step: GRUStep,
    U: Array,
    W: Array,
    *,
    update: Update = "keep",
    reset: Reset = "after",
) -> GRUStepGradients:
    """The gradients of one step.

    Args:
        dh_next: gradient of the loss by the state after the step, (N, H).
        x, h, U, W, update, reset: what `gru_step` was given.
        step: what it returned.

    Returns:
        Gradients by `x, h, U, W, b, b_s`; those of the weights are summed over the batch.
    """
    da = np.empty_like(step.gates)  # (N, 3H)
    dh = cell_backward(dh_next, h, step.gates, step.s, W.T, update, reset, out=da)
    dW, db_s = weight_gradients(da, h, step.gates, reset)
    return GRUStepGradients(dx=da @ U.T, dh=dh, dU=x.T @ da, dW=dW, db=da.sum(axis=0), db_s=db_s)


# All steps


def gru_forward(
    x: Array,
    h0: Array,
    U: Array,
    W: Array,
    b: Array | None = None,
    b_s: Array | None = None,
    *,
    update: Update = "keep",
    reset: Reset = "after",
) -> GRUStates:
    """`gru_step` for t = 1..T, starting from h_0.

    Args:
        x: inputs, (N, T, D).
        h0: the state before the first step, (N, H).
        U, W, b, b_s, update, reset: those of `gru_step`, the same at every step.

    Returns:
        Every state but the first, `h` (N, T, H), the `gates` (N, T, 3H), which `split` takes apart,
        and `s` (N, T, H). The last state is `h[:, -1]`.

    Raises:
        ValueError: a shape or an option does not fit; the message says which.
    """
    _check("gru_forward", U, W, b, b_s, update, reset, x=(x, "NTD"), h0=(h0, "NH"))
    N, T, H = len(x), x.shape[1], len(W)
    dtype = float_type(x, h0, U, W, b, b_s)

    # Time comes first in here, so that a step is one block of memory. The inputs do not wait for
    # the states: one product serves all steps. The loop turns each step's sums into gates.
    gates = np.empty((T, N, 3 * H), dtype)
    np.matmul(step_rows(x), U, out=gates.reshape(T * N, 3 * H))
    if b is not None:
        gates += b
    h = np.empty((T, N, H), dtype)
    s = np.empty((T, N, H), dtype)
    h_t = h0
    for t in range(T):
        h[t], s[t] = h_t, _ = cell(gates[t], h_t, W, b_s, update, reset)
    return GRUStates(*(array.swapaxes(0, 1) for array in (h, gates, s)))


def gru_backward(
    dh: Array,
    x: Array,
    h0: Array,
    states: GRUStates,
    U: Array,
    W: Array,
    *,
    update: Update = "keep",
    reset: Reset = "after",
) -> GRUGradients:
    """`gru_step_backward` from t = T down to 1, the weights' gradients summed over all steps.

    Args:
        dh: upstream gradient on every step, (N, T, H): how the loss depends on h_t directly,
            not through later states. For a loss at the last step only, zero but for `dh[:, -1]`.
        x, h0, U, W, update, reset: what `gru_forward` was given.
        states: what it returned.

    Returns:
        Gradients by `x, h0, U, W, b, b_s`; those of the weights are summed over batch and time.

    Raises:
        ValueError: `dh` does not have the shape of the states.
    """
    check_shapes("gru_backward", h=(states.h, "NTH"), dh=(dh, "NTH"), x=(x, "NTD"), h0=(h0, "NH"))
    h, gates, s = (array.swapaxes(0, 1) for array in states)  # (T, N, H), (T, N, 3H), (T, N, H)
    T, N, H = h.shape
    h_previous = np.concatenate([h0[None], h[:-1]])  # (T, N, H): h_0 .. h_{T-1}

    W_T = np.ascontiguousarray(W.T)  # laid out once here, not once a step

    da = np.empty((T, N, 3 * H), gates.dtype)
    dh_later: Array = np.zeros((N, H), gates.dtype)  # what steps t+1..T send back to h_t
    for t in reversed(range(T)):
        dh_later = cell_backward(
            dh[:, t] + dh_later, h_previous[t], gates[t], s[t], W_T, update, reset, out=da[t]
        )

    # Batch and time are summed over alike: one product for each matrix, for all steps.
    da_rows = da.reshape(T * N, 3 * H)
    dW, db_s = weight_gradients(
        da_rows, h_previous.reshape(T * N, H), gates.reshape(T * N, 3 * H), reset
    )
    return GRUGradients(
        dx=(da_rows @ U.T).reshape(T, N, -1).swapaxes(0, 1),
        dh0=dh_later,
        dU=step_rows(x).T @ da_rows,
        dW=dW,
        db=da_rows.sum(axis=0),
        db_s=db_s,
    )


# Sizes and shapes


def other_update(stacked: Array) -> Array:
    """U, W or b for the other meaning of z: 1 - sigmoid(a) = sigmoid(-a), so z's part is negated.

    Args:
        stacked: one of them, (..., 3H), for `update="keep"` or for `update="write"`.

    Returns:
        The array with which the other convention gives the same states.
    """
    r, z, g = split(stacked)
    return stack(r, -z, g)


def gru_parameter_count(D: int, H: int) -> int:
    """3 (D + H + 1) H: each of the three has two matrices and a bias. `b_s` would be H more."""
    return len(GATES) * (D + H + 1) * H


def _check(
    caller: str,
    U: Array,
    W: Array,
    b: Array | None,
    b_s: Array | None,
    update: str,
    reset: str,
    **others: tuple[Array, str],
) -> None:
    """Options and shapes in words."""
    weights = {"U": (U, "D3H"), "W": (W, "H3H")}
    weights |= {} if b is None else {"b": (b, "3H")}
    weights |= {} if b_s is None else {"b_s": (b_s, "H")}
    check_shapes(caller, **others, **weights)
    for option, value, known in (("update", update, UPDATES), ("reset", reset, RESETS)):
        if value not in known:
            raise ValueError(
                f"{caller} got {option}={value!r}; it must be {known[0]!r} or {known[1]!r}."
            )
    if b_s is not None and reset == "before":
        raise ValueError(
            f'{caller} got b_s with reset="before"; there it would only add to the bias of g. '
            "Add it to b."
        )
