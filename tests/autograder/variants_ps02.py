"""ps02: right answers, written differently from the reference and from each other.

The check must accept every one of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.exercises.ps02.by_pencil import PENCIL
from autograder.exercises.ps02.shapes import SHAPE_TABLE
from course import rnn

Array = np.ndarray

# One step


def step_example_by_example(x: Array, h: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Any:
    new = []
    for n in range(len(x)):
        new.append(np.tanh(np.dot(W_xh.T, x[n]) + np.dot(W_hh.T, h[n]) + b_h))
    return np.array(new)


def step_number_by_number(x: Array, h: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    h_next = np.zeros_like(h)
    for n in range(h.shape[0]):
        for j in range(h.shape[1]):
            a = b_h[j]
            for d in range(x.shape[1]):
                a += x[n, d] * W_xh[d, j]
            for i in range(h.shape[1]):
                a += h[n, i] * W_hh[i, j]
            h_next[n, j] = np.tanh(a)
    return h_next


def step_einsum(x_t: Array, h_before: Array, Wx: Array, Wh: Array, b: Array) -> Array:
    return np.tanh(np.einsum("nd,dh->nh", x_t, Wx) + np.einsum("ni,ij->nj", h_before, Wh) + b[None])


def step_stacked(x: Array, h: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    both = np.concatenate([h, x], axis=1)
    W = np.concatenate([W_hh, W_xh], axis=0)
    a = both @ W
    a += b_h
    return np.tanh(a, out=a)


class StepAsAnObject:
    def __call__(self, x: Array, h: Array, *weights: Array) -> Array:
        W_xh, W_hh, b_h = weights
        e = np.exp(-2 * (x.dot(W_xh) + h.dot(W_hh) + b_h))
        return (1 - e) / (1 + e)


# The whole sequence


def forward_list(x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    states = [h0]
    for t in range(x.shape[1]):
        states.append(rnn.rnn_step(x[:, t, :], states[-1], W_xh, W_hh, b_h))
    return np.stack(states[1:], axis=1)


def forward_filled(x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    N, T, _ = x.shape
    h = np.zeros((N, T + 1, h0.shape[1]), dtype=x.dtype)
    h[:, 0] = h0
    for t in range(T):
        h[:, t + 1] = np.tanh(x[:, t] @ W_xh + h[:, t] @ W_hh + b_h)
    return h[:, 1:]


def forward_example_by_example(x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    sequences = []
    for sequence, h in zip(x, h0, strict=True):
        states = []
        for x_t in sequence:
            h = np.tanh(x_t @ W_xh + h @ W_hh + b_h)
            states.append(h)
        sequences.append(states)
    return np.array(sequences)


def forward_time_first(x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    inputs = np.moveaxis(x, 1, 0) @ W_xh + b_h
    h, out = h0.copy(), np.empty((len(inputs), *h0.shape))
    for t, a in enumerate(inputs):
        h = out[t] = np.tanh(a + h @ W_hh)
    return out.transpose(1, 0, 2)


def forward_recursive(x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    h = np.tanh(x[:, 0] @ W_xh + h0 @ W_hh + b_h)
    if x.shape[1] == 1:
        return h[:, None]
    rest = forward_recursive(x[:, 1:], h, W_xh, W_hh, b_h)
    return np.concatenate([h[:, None], rest], axis=1)


# Reading out


def output_step_by_step(h: Array, W_hy: Array, b_y: Array) -> Array:
    return np.stack([h[:, t] @ W_hy + b_y for t in range(h.shape[1])], axis=1)


def output_flat(h: Array, W_hy: Array, b_y: Array) -> Array:
    N, T, H = h.shape
    return (h.reshape(N * T, H) @ W_hy + b_y).reshape(N, T, -1)


def output_einsum(states: Array, weights: Array, bias: Array) -> Array:
    return np.einsum("nth,hm->ntm", states, weights) + bias.reshape(1, 1, -1)


def output_tensordot(h: Array, W_hy: Array, b_y: Array) -> Array:
    y = np.tensordot(h, W_hy, axes=(2, 0))
    return np.add(y, b_y)


# Counts and the stacked matrix


def count_by_arrays(D: int, H: int, M: int) -> Any:
    shapes = [(D, H), (H, H), (H,), (H, M), (M,)]
    return sum(int(np.prod(shape)) for shape in shapes)


def count_as_numpy(D: int, H: int, M: int) -> Any:
    return np.zeros((D + H + 1, H)).size + np.int64((H + 1) * M)


def count_factored(D: int, H: int, M: int) -> int:
    return H * (D + H + M + 1) + M


def stack_hstack(W_xh: Array, W_hh: Array) -> Array:
    return np.hstack((W_hh.transpose(), W_xh.transpose()))


def stack_then_transpose(W_xh: Array, W_hh: Array) -> Array:
    return np.vstack([W_hh, W_xh]).T


def stack_filled(W_xh: Array, W_hh: Array) -> Array:
    D, H = W_xh.shape
    W = np.empty((H, H + D))
    for i in range(H):
        W[i, :H] = W_hh[:, i]
        W[i, H:] = W_xh[:, i]
    return W


# A class that remembers


class LazyState:
    """The state is None until a batch shows how many rows it needs; Glorot's scale."""

    def __init__(self, input_size: int, hidden_size: int, output_size: int, rng: Any) -> None:
        def glorot(rows: int, columns: int) -> Array:
            limit = np.sqrt(6 / (rows + columns))
            return rng.uniform(-limit, limit, size=(rows, columns))

        self.W_xh = glorot(input_size, hidden_size)
        self.W_hh = glorot(hidden_size, hidden_size)
        self.W_hy = glorot(hidden_size, output_size)
        self.b_h, self.b_y = np.zeros(hidden_size), np.zeros(output_size)
        self.hidden_state: Array | None = None
        self.output: Array | None = None

    def reset(self) -> None:
        self.hidden_state = self.output = None

    def forward(self, x: Array) -> Array:
        if self.hidden_state is None:
            self.hidden_state = np.zeros((x.shape[0], self.W_hh.shape[0]))
        a = x @ self.W_xh + self.hidden_state @ self.W_hh + self.b_h
        self.hidden_state = np.tanh(a)
        self.output = self.hidden_state @ self.W_hy + self.b_y
        return self.output


class ListOfStates:
    """Every state is kept; `hidden_state` is the last.  Uniform weights, as torch draws them."""

    def __init__(self, n_in: int, n_hidden: int, n_out: int, rng: np.random.Generator):
        k = n_hidden**-0.5
        self.W_xh, self.W_hh, self.W_hy = (
            rng.uniform(-k, k, shape)
            for shape in ((n_in, n_hidden), (n_hidden, n_hidden), (n_hidden, n_out))
        )
        self.b_h = np.zeros((n_hidden,))
        self.b_y = np.zeros((n_out,))
        self.states: list[Array] = [np.zeros(n_hidden)]

    @property
    def hidden_state(self) -> Array:
        return self.states[-1]

    def reset(self) -> None:
        self.states = [np.zeros_like(self.b_h)]

    def forward(self, x: Array) -> Array:
        new = rnn.rnn_step(
            x,
            np.broadcast_to(self.hidden_state, (len(x), len(self.b_h))),
            self.W_xh,
            self.W_hh,
            self.b_h,
        )
        self.states.append(new)
        return new @ self.W_hy + self.b_y


class WeightsAsProperties:
    """One stacked matrix inside, two outside; an orthogonal recurrence."""

    def __init__(self, D: int, H: int, M: int, rng: np.random.Generator) -> None:
        Q, _ = np.linalg.qr(rng.standard_normal((H, H)))
        self._W = np.concatenate([Q, rng.normal(0, D**-0.5, (D, H))])
        self._H = H
        self.W_hy = rng.normal(scale=1 / np.sqrt(H), size=(H, M))
        self.b_h = 0 * self._W[0]
        self.b_y = 0 * self.W_hy[0]
        self.reset()

    @property
    def W_hh(self) -> Array:
        return self._W[: self._H]

    @W_hh.setter
    def W_hh(self, value: Array) -> None:
        self._W = np.concatenate([value, self.W_xh])

    @property
    def W_xh(self) -> Array:
        return self._W[self._H :]

    @W_xh.setter
    def W_xh(self, value: Array) -> None:
        self._W = np.concatenate([self.W_hh, value])

    def reset(self) -> None:
        self.hidden_state = np.zeros((1, self._H))

    def forward(self, x: Array) -> Array:
        h = np.repeat(self.hidden_state, len(x) // len(self.hidden_state), axis=0)
        self.hidden_state = np.tanh(np.concatenate([h, x], axis=1) @ self._W + self.b_h)
        return np.dot(self.hidden_state, self.W_hy) + self.b_y


class ColumnsInside(rnn.VanillaRNN):
    """Works with columns and transposes at the door; He's scale."""

    def __init__(self, D: int, H: int, M: int, rng: np.random.Generator) -> None:
        super().__init__(D, H, M, rng)
        self.W_xh = self.W_xh * np.sqrt(2)
        self.W_hh = self.W_hh * np.sqrt(2)

    def forward(self, x: Array) -> Array:
        past = self.W_hh.T @ self.hidden_state.T + self.b_h[:, None]
        state = np.tanh(self.W_xh.T @ x.T + past)
        self.hidden_state = state.T
        return (self.W_hy.T @ state + self.b_y[:, None]).T


# Loss along the sequence


def loss_loops(y: Array, target: Array) -> tuple[Any, Any, Any]:
    N, T, M = y.shape
    per_step = np.zeros(T)
    for t in range(T):
        for n in range(N):
            for m in range(M):
                per_step[t] += (y[n, t, m] - target[n, t, m]) ** 2
    per_step /= 2 * N
    return per_step, sum(per_step), per_step[T - 1]


def loss_dict(y: Array, target: Array) -> dict[str, Any]:
    error = np.square(target - y).sum(-1).mean(0) / 2
    return {"per_step": error, "total": np.sum(error), "last": error[-1]}


def loss_norms(y: Array, target: Array) -> list[Any]:
    per_step = [0.5 * np.linalg.norm(e) ** 2 / len(y) for e in np.moveaxis(y - target, 1, 0)]
    return [np.array(per_step), float(np.sum(per_step)), np.array(per_step[-1])]


def loss_einsum(y: Array, target: Array) -> tuple[Any, Any, Any]:
    e = y - target
    L = np.einsum("ntm,ntm->t", e, e) * (0.5 / e.shape[0])
    return L, L.sum(), L[-1]


# Values


def _table_from_arrays() -> dict[str, Any]:
    N, T, D, H, M = 4, 7, 3, 5, 2
    x, h, y = np.zeros((N, T, D)), np.zeros((N, T, H)), np.zeros((N, T, M))
    W_xh, W_hh, W_hy = np.zeros((D, H)), np.zeros((H, H)), np.zeros((H, M))
    table = {"x": x, "x_t": x[:, 0], "W_xh": W_xh, "W_hh": W_hh, "b_h": W_hh[0], "h_t": h[:, 0]}
    table |= {"h": h, "W_hy": W_hy, "b_y": W_hy[0], "y_t": y[:, 0], "y": y}
    return {name: array.shape for name, array in table.items()}


def _by_pencil(tanh: Callable[[float], float], digits: int | None) -> dict[str, float]:
    """Two steps; whoever writes down so many digits goes on from the rounded number."""
    table: dict[str, float] = {}
    h = PENCIL["h_0"]
    for t in (1, 2):
        a = PENCIL["b_h"] + PENCIL["W_xh"] * PENCIL[f"x_{t}"] + PENCIL["W_hh"] * h
        a = a if digits is None else round(a, digits)
        h = tanh(a) if digits is None else round(tanh(a), digits)
        table |= {f"a_{t}": a, f"h_{t}": h}
    return table


VARIANTS: dict[str, tuple[object, ...]] = {
    "hand_step": (
        _by_pencil(math.tanh, digits=None),
        _by_pencil(math.tanh, digits=3),
        _by_pencil(lambda a: 1 - 2 / (math.exp(2 * a) + 1), digits=4),
        list(_by_pencil(math.tanh, digits=3).values()),
    ),
    "rnn_step": (
        step_example_by_example,
        step_number_by_number,
        step_einsum,
        step_stacked,
        StepAsAnObject(),
    ),
    "rnn_forward": (
        forward_list,
        forward_filled,
        forward_example_by_example,
        forward_time_first,
        forward_recursive,
    ),
    "rnn_output": (output_step_by_step, output_flat, output_einsum, output_tensordot),
    "shapes": (
        {name: list(shape) for name, shape in SHAPE_TABLE.items()},
        {name: np.array(shape) for name, shape in SHAPE_TABLE.items()},
        _table_from_arrays(),
    ),
    "rnn_parameter_count": (count_by_arrays, count_as_numpy, count_factored),
    "stacked_weights": (stack_hstack, stack_then_transpose, stack_filled),
    "VanillaRNN": (LazyState, ListOfStates, WeightsAsProperties, ColumnsInside),
    "find_the_faults": (
        LazyState,
        ListOfStates,
        WeightsAsProperties,
        ColumnsInside,
        rnn.VanillaRNN,
    ),
    "sequence_loss": (loss_loops, loss_dict, loss_norms, loss_einsum),
}
