"""The vanilla recurrent network, forward and backward.

    a_t = x_t W_xh + h_{t-1} W_hh + b_h
    h_t = tanh(a_t)
    y_t = h_t W_hy + b_y

Row vectors, batch first: `x (N, T, D)`, `h (N, T, H)`, `y (N, T, M)`. The same three matrices
serve every step; that is why their gradients are sums over time:

    da_t = (dL/dh_t + da_{t+1} W_hh^T) * (1 - h_t^2)
    dW_xh = sum_t x_t^T da_t      dW_hh = sum_t h_{t-1}^T da_t      db_h = sum_t da_t

`dL/dh_t` is what arrives from step t's own output; the product beside it comes back from the
later steps.

Source: J. L. Elman, "Finding structure in time", Cognitive Science 14 (1990), 179-211.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from course.shapes import Array, check_shapes


class RNNStepGradients(NamedTuple):
    """Gradients of one step, in the order of `rnn_step`'s arguments."""

    dx: Array  # (N, D)
    dh: Array  # (N, H), for the state *before* the step
    dW_xh: Array  # (D, H)
    dW_hh: Array  # (H, H)
    db_h: Array  # (H,)


class RNNGradients(NamedTuple):
    """Gradients of a whole sequence, in the order of `rnn_forward`'s arguments."""

    dx: Array  # (N, T, D)
    dh0: Array  # (N, H)
    dW_xh: Array  # (D, H)
    dW_hh: Array  # (H, H)
    db_h: Array  # (H,)


class TruncatedBPTT(NamedTuple):
    """The states of a sequence that was read window by window, and gradients that stay inside."""

    h: Array  # (N, T, H), the same as without windows
    dW_xh: Array  # (D, H)
    dW_hh: Array  # (H, H)
    db_h: Array  # (H,)


class SequenceLoss(NamedTuple):
    """The loss of a sequence, seen three ways."""

    per_step: Array  # (T,)
    total: float
    last: float


# One step


def rnn_step(x: Array, h: Array, W_xh: Array, W_hh: Array, b_h: Array | float = 0.0) -> Array:
    """h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h).

    Args:
        x: this step's input, (N, D).
        h: the state before the step, (N, H).
        W_xh: input weights, (D, H).
        W_hh: recurrent weights, (H, H).
        b_h: bias, (H,), or 0 for none.

    Returns:
        The state after the step, (N, H).

    Raises:
        ValueError: a shape does not fit; the message says which.
    """
    check_shapes(
        "rnn_step", x=(x, "ND"), h=(h, "NH"), W_xh=(W_xh, "DH"), W_hh=(W_hh, "HH"), b_h=(b_h, "H")
    )
    return np.tanh(x @ W_xh + h @ W_hh + b_h)


def rnn_step_backward(
    dh_next: Array, x: Array, h: Array, h_next: Array, W_xh: Array, W_hh: Array
) -> RNNStepGradients:
    """da = dh_next * (1 - h_next^2); everything else is a product with da.

    Args:
        dh_next: gradient of the loss by the state after the step, (N, H).
        x, h, W_xh, W_hh: what `rnn_step` was given.
        h_next: what it returned, (N, H). tanh' is read off its own result.

    Returns:
        Gradients by `x, h, W_xh, W_hh, b_h`; those of the weights are summed over the batch.
    """
    da = dh_next * (1 - h_next**2)  # (N, H)
    return RNNStepGradients(
        dx=da @ W_xh.T, dh=da @ W_hh.T, dW_xh=x.T @ da, dW_hh=h.T @ da, db_h=da.sum(axis=0)
    )


# All steps


def rnn_forward(x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array | float = 0.0) -> Array:
    """h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h) for t = 1..T, starting from h_0.

    Args:
        x: inputs, (N, T, D).
        h0: the state before the first step, (N, H).
        W_xh, W_hh, b_h: the weights of `rnn_step`, the same at every step.

    Returns:
        Every state but h_0, (N, T, H); the last one is `h[:, -1]`.

    Raises:
        ValueError: a shape does not fit; the message says which.
    """
    check_shapes(
        "rnn_forward",
        x=(x, "NTD"),
        h0=(h0, "NH"),
        W_xh=(W_xh, "DH"),
        W_hh=(W_hh, "HH"),
        b_h=(b_h, "H"),
    )
    N, T, D = x.shape
    H = len(W_hh)
    # float16 is the smallest float: it turns whole numbers into floats and changes no float type.
    dtype = np.result_type(x, h0, W_xh, W_hh, b_h, np.float16)

    # The inputs do not wait for the states, so one product serves all steps. The loop below
    # turns each step's share into the state, in place.
    h = (x.reshape(N * T, D) @ W_xh).astype(dtype, copy=False).reshape(N, T, H)
    h += b_h
    a = np.empty((N, H), dtype)
    h_previous = h0
    for t in range(T):
        np.matmul(h_previous, W_hh, out=a)
        a += h[:, t]
        h_previous = np.tanh(a, out=h[:, t])
    return h


def rnn_backward(
    dh: Array, x: Array, h0: Array, h: Array, W_xh: Array, W_hh: Array
) -> RNNGradients:
    """da_t = (dh_t + da_{t+1} W_hh^T) * (1 - h_t^2), from t = T down to 1.

    Args:
        dh: upstream gradient on every step, (N, T, H): how the loss depends on h_t directly,
            not through later states. For a loss at the last step only, zero but for `dh[:, -1]`.
        x, h0, W_xh, W_hh: what `rnn_forward` was given.
        h: what it returned, (N, T, H).

    Returns:
        Gradients by `x, h0, W_xh, W_hh, b_h`; those of the weights are summed over batch and time.

    Raises:
        ValueError: `dh` does not have the shape of `h`.
    """
    check_shapes("rnn_backward", h=(h, "NTH"), dh=(dh, "NTH"), x=(x, "NTD"), h0=(h0, "NH"))
    N, T, D = x.shape
    H = h.shape[2]
    W_hh_T = np.ascontiguousarray(W_hh.T)  # laid out once here, not once a step

    da = h * h  # (N, T, H)
    np.subtract(1, da, out=da)  # tanh'; the loop multiplies each step's gradient in
    dh_later = np.zeros((N, H), da.dtype)  # what steps t+1..T send back to h_t
    da_t = np.empty((N, H), da.dtype)
    for t in reversed(range(T)):
        dh_later += dh[:, t]
        np.multiply(dh_later, da[:, t], out=da_t)
        da[:, t] = da_t
        np.matmul(da_t, W_hh_T, out=dh_later)

    h_previous = np.concatenate([h0[:, None], h[:, :-1]], axis=1)  # (N, T, H): h_0 .. h_{T-1}
    da_rows = da.reshape(N * T, H)  # batch and time are summed over alike
    return RNNGradients(
        dx=(da_rows @ W_xh.T).reshape(N, T, D),
        dh0=dh_later,
        dW_xh=x.reshape(N * T, D).T @ da_rows,
        dW_hh=h_previous.reshape(N * T, H).T @ da_rows,
        db_h=da_rows.sum(axis=0),
    )


def truncated_bptt(
    dh: Array, x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, window: int
) -> TruncatedBPTT:
    """Window by window: the state goes on into the next one, no gradient comes back out of it.

    What a loss sends back stops at the start of its window, so the gradients lack all ways
    between windows. With `window >= T` nothing is cut.

    Args:
        dh: upstream gradient on every step, (N, T, H).
        x, h0, W_xh, W_hh, b_h: what `rnn_forward` takes.
        window: number of steps in a window, at least 1; the last one may be shorter.

    Returns:
        The states, and the sums of the windows' gradients.

    Source: R. J. Williams and J. Peng, "An efficient gradient-based algorithm for on-line
    training of recurrent network trajectories", Neural Computation 2 (1990), 490-501.
    """
    h = np.empty_like(dh)  # (N, T, H)
    dW_xh, dW_hh, db_h = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(b_h)
    before = h0  # the state that enters the window
    for start in range(0, x.shape[1], window):
        part = np.s_[:, start : start + window]
        h[part] = rnn_forward(x[part], before, W_xh, W_hh, b_h)
        back = rnn_backward(dh[part], x[part], before, h[part], W_xh, W_hh)
        dW_xh += back.dW_xh
        dW_hh += back.dW_hh
        db_h += back.db_h
        before = h[part][:, -1]
    return TruncatedBPTT(h, dW_xh, dW_hh, db_h)


# The output


def rnn_output(h: Array, W_hy: Array, b_y: Array | float = 0.0) -> Array:
    """y_t = h_t W_hy + b_y, for one step or for all.

    Args:
        h: one state (N, H), or all of them (N, T, H).
        W_hy: output weights, (H, M).
        b_y: bias, (M,), or 0 for none.

    Returns:
        (N, M) or (N, T, M), as `h` was given.

    Raises:
        ValueError: a shape does not fit; the message says which.
    """
    letters = "NTH" if h.ndim == 3 else "NH"
    check_shapes("rnn_output", h=(h, letters), W_hy=(W_hy, "HM"), b_y=(b_y, "M"))
    return h @ W_hy + b_y


def rnn_output_backward(dy: Array, h: Array, W_hy: Array) -> tuple[Array, Array, Array]:
    """dh_t = dy_t W_hy^T, dW_hy = sum_t h_t^T dy_t, db_y = sum_t dy_t.

    Args:
        dy: gradient of the loss by the output, (N, M) or (N, T, M).
        h, W_hy: what `rnn_output` was given.

    Returns:
        `(dh, dW_hy, db_y)`, of the shapes of `h`, `W_hy` and `b_y`.
    """
    H, M = W_hy.shape
    dy_rows = dy.reshape(-1, M)  # one row for each example and step
    return dy @ W_hy.T, h.reshape(-1, H).T @ dy_rows, dy_rows.sum(axis=0)


# The loss


def sequence_loss(y: Array, target: Array) -> SequenceLoss:
    """L_t = 1/(2N) sum_n sum_m (y_t - target_t)^2, and L = sum_t L_t.

    Args:
        y: outputs, (N, T, M).
        target: what they should be, (N, T, M).

    Returns:
        `per_step` (T,), their sum `total`, and `last`, the loss at step T alone.

    Raises:
        ValueError: the two shapes differ, and broadcasting would hide it.
    """
    check_shapes("sequence_loss", y=(y, "NTM"), target=(target, "NTM"))
    error = y - target
    per_step = (error * error).sum(axis=(0, 2)) / (2 * len(y))  # (T,)
    return SequenceLoss(per_step, total=float(per_step.sum()), last=float(per_step[-1]))


def sequence_loss_backward(y: Array, target: Array) -> Array:
    """dL/dy = (y - target) / N, for the total loss; the arguments are `sequence_loss`'s."""
    check_shapes("sequence_loss_backward", y=(y, "NTM"), target=(target, "NTM"))
    return (y - target) / len(y)


# Sizes and shapes


def stacked_weights(W_xh: Array, W_hh: Array) -> Array:
    """W = [W_hh^T, W_xh^T], so that with columns a_t = tanh(W [a_{t-1}; x_t] + b).

    Some lectures stack the previous state on top of the input, as one column, and use one
    matrix. Transposed, the two matrices of this chapter stand side by side in it.

    Args:
        W_xh: input weights, (D, H).
        W_hh: recurrent weights, (H, H).

    Returns:
        W, (H, H + D).
    """
    check_shapes("stacked_weights", W_hh=(W_hh, "HH"), W_xh=(W_xh, "DH"))
    return np.concatenate([W_hh.T, W_xh.T], axis=1)


def rnn_parameter_count(D: int, H: int, M: int) -> int:
    """(D + H + 1) H + (H + 1) M: three matrices and two biases. T is not in it."""
    return (D + H + 1) * H + (H + 1) * M


# The whole network


class VanillaRNN:
    """The same network as an object: it takes one time step and remembers its state.

    `hidden_state` is zeros (1, H) at the start and after `reset`, which serves a batch of any
    size. After `forward` it is (N, H), one row for each example, and the next batch must be
    the same N examples one step later: call `reset` before you show it others.
    """

    def __init__(
        self, input_size: int, hidden_size: int, output_size: int, rng: np.random.Generator
    ) -> None:
        """Weights from N(0, 1/fan_in), that is standard deviation 1/sqrt(rows); biases zero.

        The scale keeps a sum over many inputs as large as one input. Unscaled weights would
        saturate tanh from the first step on.
        """
        self.W_xh: Array = rng.standard_normal((input_size, hidden_size)) / np.sqrt(input_size)
        self.W_hh: Array = rng.standard_normal((hidden_size, hidden_size)) / np.sqrt(hidden_size)
        self.W_hy: Array = rng.standard_normal((hidden_size, output_size)) / np.sqrt(hidden_size)
        self.b_h: Array = np.zeros(hidden_size)
        self.b_y: Array = np.zeros(output_size)
        self.reset()

    def reset(self) -> None:
        """Forget everything: h = 0, in one row that serves a batch of any size."""
        self.hidden_state: Array = np.zeros((1, len(self.W_hh)), self.W_hh.dtype)

    def forward(self, x: Array) -> Array:
        """One time step: x (N, D) gives y_t (N, M), and `hidden_state` moves on to h_t."""
        h, N = self.hidden_state, len(x)
        if len(h) not in (1, N):
            raise ValueError(
                f"VanillaRNN.forward got {N} examples, but hidden_state remembers {len(h)} others. "
                "Call reset() before a new batch."
            )
        h = np.broadcast_to(h, (N, h.shape[1]))
        self.hidden_state = rnn_step(x, h, self.W_xh, self.W_hh, self.b_h)
        return rnn_output(self.hidden_state, self.W_hy, self.b_y)

    @property
    def parameters(self) -> dict[str, Array]:
        """Weights and biases by name; assign a dictionary of the same kind to replace them."""
        return {name: getattr(self, name) for name in ("W_xh", "W_hh", "b_h", "W_hy", "b_y")}

    @parameters.setter
    def parameters(self, parameters: dict[str, Array]) -> None:
        for name in self.parameters:
            setattr(self, name, parameters[name])


def loss_and_gradients(
    parameters: dict[str, Array], x: Array, target: Array
) -> tuple[float, dict[str, Array]]:
    """The total sequence loss from h_0 = 0, and its gradient by every parameter.

    Args:
        parameters: `W_xh, W_hh, b_h, W_hy, b_y`, as in `VanillaRNN.parameters`.
        x: inputs, (N, T, D).
        target: wanted outputs, (N, T, M).

    Returns:
        The loss, and the gradients under the parameters' names.
    """
    W_xh, W_hh, b_h = parameters["W_xh"], parameters["W_hh"], parameters["b_h"]
    W_hy, b_y = parameters["W_hy"], parameters["b_y"]

    h0 = np.zeros((len(x), len(W_hh)), W_hh.dtype)
    h = rnn_forward(x, h0, W_xh, W_hh, b_h)
    y = rnn_output(h, W_hy, b_y)
    loss = sequence_loss(y, target).total

    dy = sequence_loss_backward(y, target)
    dh, dW_hy, db_y = rnn_output_backward(dy, h, W_hy)
    cell = rnn_backward(dh, x, h0, h, W_xh, W_hh)
    gradients = {"W_xh": cell.dW_xh, "W_hh": cell.dW_hh, "b_h": cell.db_h}
    return loss, gradients | {"W_hy": dW_hy, "b_y": db_y}
