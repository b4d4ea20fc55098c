"""Cells on an equal footing: one network around each, one training, one measure of success.

    h_1 .. h_T = cell(x)            y = h_T W_hy + b_y

A `Cell` is a way to start its weights, to run over a batch, and to come back. The network reads
the last state only, so whatever the answer needs has to be carried there. Two losses fit the two
tasks of long memory in `course.tasks`:

    adding    mean squared error; always saying 1 scores 0.167, and below 0.01 counts as solved
    recall    cross-entropy; guessing is right once in `symbols`, and 0.99 counts as solved
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from course import flow, gru, init, lstm, rnn
from course.ablation import Recipe, ablated_backward, ablated_forward
from course.optim import Adam, clip_by_global_norm
from course.shapes import Array
from course.softmax import softmax_cross_entropy, softmax_xent_backward
from course.training import Parameters, train

#: When a task counts as solved: the score on `TEST_SIZE` sequences that were never trained on.
SOLVED_ADDING, SOLVED_RECALL = 0.01, 0.99
TEST_SIZE = 1000

StepBack: TypeAlias = Callable[..., tuple[Array, ...]]
Draw: TypeAlias = Callable[[np.random.Generator, int], tuple[Array, Any]]


class Cell(NamedTuple):
    """How a recurrent layer starts, runs and comes back."""

    start: Callable[[np.random.Generator, int, int], Parameters]  # (rng, D, H)
    run: Callable[[Parameters, Array], tuple[Array, Any]]  # -> h (N, T, H), and what `back` needs
    back: Callable[[Parameters, Array, Any, Array], Parameters]  # (.., x, kept, dh) -> gradients
    # (.., x, kept) -> one step of `flow.norms_by_distance`; the gradients of h, or of h and c
    step_back: Callable[[Parameters, Array, Any], StepBack] | None = None


class Task(NamedTuple):
    """What to train on: batches, the loss with its gradient, and the score on a test batch."""

    draw: Draw  # (rng, N) -> x, target
    outputs: int
    loss: Callable[[Array, Any], tuple[float, Array]]  # (y, target) -> loss, dL/dy
    score: Callable[[Array, Any], float]
    solved: Callable[[float], bool]


# The cells


def vanilla(orthogonal: bool = False) -> Cell:
    """h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h), with W_hh Gaussian of radius 1, or orthogonal."""

    def start(rng: np.random.Generator, D: int, H: int) -> Parameters:
        W_hh = init.orthogonal(rng, H) if orthogonal else _gaussian(rng, H, H)
        return {"W_xh": _gaussian(rng, D, H), "W_hh": W_hh, "b_h": np.zeros(H)}

    def run(p: Parameters, x: Array) -> tuple[Array, Any]:
        h = rnn.rnn_forward(x, _zeros(x, p["W_hh"]), p["W_xh"], p["W_hh"], p["b_h"])
        return h, h

    def back(p: Parameters, x: Array, h: Array, dh: Array) -> Parameters:
        g = rnn.rnn_backward(dh, x, _zeros(x, p["W_hh"]), h, p["W_xh"], p["W_hh"])
        return {"W_xh": g.dW_xh, "W_hh": g.dW_hh, "b_h": g.db_h}

    def step_back(p: Parameters, x: Array, h: Array) -> StepBack:
        return lambda t, dh: ((dh * (1 - h[:, t] ** 2)) @ p["W_hh"].T,)

    return Cell(start, run, back, step_back)


def irnn(inputs: float = 0.1) -> Cell:
    """h_t = relu(x_t W_xh + h_{t-1} W_hh + b_h), with W_hh = I and W_xh of size `inputs`.

    Such a state starts by adding up what comes in. Le, Jaitly and Hinton (arXiv:1504.00941) start
    with 0.001 for `inputs`; with 0.1 it learns the adding problem several times faster.
    """

    def start(rng: np.random.Generator, D: int, H: int) -> Parameters:
        W_xh = inputs * rng.standard_normal((D, H))
        return {"W_xh": W_xh, "W_hh": init.identity(H), "b_h": np.zeros(H)}

    def run(p: Parameters, x: Array) -> tuple[Array, Any]:
        h = x @ p["W_xh"] + p["b_h"]  # (N, T, H)
        h_t = _zeros(x, p["W_hh"])
        for t in range(x.shape[1]):
            h_t = h[:, t] = np.maximum(h[:, t] + h_t @ p["W_hh"], 0)
        return h, h

    def back(p: Parameters, x: Array, h: Array, dh: Array) -> Parameters:
        N, T, H = h.shape
        da = (h > 0).astype(h.dtype)  # relu'; the loop multiplies each step's gradient in
        dh_later = _zeros(x, p["W_hh"])
        for t in reversed(range(T)):
            da[:, t] *= dh[:, t] + dh_later
            dh_later = da[:, t] @ p["W_hh"].T
        rows = da.reshape(N * T, H)
        h_previous = np.concatenate([np.zeros_like(h[:, :1]), h[:, :-1]], axis=1)
        return {
            "W_xh": x.reshape(N * T, -1).T @ rows,
            "W_hh": h_previous.reshape(N * T, H).T @ rows,
            "b_h": rows.sum(axis=0),
        }

    def step_back(p: Parameters, x: Array, h: Array) -> StepBack:
        return lambda t, dh: ((dh * (h[:, t] > 0)) @ p["W_hh"].T,)

    return Cell(start, run, back, step_back)


def long_short(forget_bias: float = 1.0, T_max: int | None = None, size: float = 1.0) -> Cell:
    """The LSTM with that forget bias; or, with `T_max`, chrono initialisation for such a distance.

    W has standard deviation size/sqrt(H). Torch's start, uniform within 1/sqrt(H), is of size 0.58.
    """

    def start(rng: np.random.Generator, D: int, H: int) -> Parameters:
        parameters = lstm_start(rng, D, H, forget_bias, T_max)
        return {**parameters, "W": size * parameters["W"]}

    def run(p: Parameters, x: Array) -> tuple[Array, Any]:
        zeros = _zeros(x, p["W"])
        states = lstm.lstm_forward(x, zeros, zeros, p["U"], p["W"], p["b"])
        return states.h, states

    def back(p: Parameters, x: Array, states: Any, dh: Array) -> Parameters:
        zeros = _zeros(x, p["W"])
        g = lstm.lstm_backward(dh, None, x, zeros, zeros, states, p["U"], p["W"])
        return {"U": g.dU, "W": g.dW, "b": g.db}

    def step_back(p: Parameters, x: Array, states: Any) -> StepBack:
        def back(t: int, dh: Array, dc: Array) -> tuple[Array, ...]:
            zeros = np.zeros_like(dh)
            h, c = (states.h[:, t - 1], states.c[:, t - 1]) if t else (zeros, zeros)
            step = lstm.LSTMStep(*(array[:, t] for array in states))
            g = lstm.lstm_step_backward(dh, dc, x[:, t], h, c, step, p["U"], p["W"])
            return g.dh, g.dc

        return back

    return Cell(start, run, back, step_back)


def ablated(recipe: Recipe, forget_bias: float = 1.0) -> Cell:
    """An LSTM with parts taken out or exchanged, see `course.ablation`."""

    def start(rng: np.random.Generator, D: int, H: int) -> Parameters:
        return lstm_start(rng, D, H, forget_bias)

    def run(p: Parameters, x: Array) -> tuple[Array, Any]:
        states = ablated_forward(x, p["U"], p["W"], p["b"], recipe)
        return states.h, states

    def back(p: Parameters, x: Array, states: Any, dh: Array) -> Parameters:
        gradients = ablated_backward(dh, x, states, p["W"], recipe)
        return dict(zip(("U", "W", "b"), gradients, strict=True))

    return Cell(start, run, back)


def gated(z_bias: float = 0.0) -> Cell:
    """The GRU in torch's convention; with a bias of z above 0 it starts by keeping more."""

    def start(rng: np.random.Generator, D: int, H: int) -> Parameters:
        b = gru.stack(r=np.zeros(H), z=np.full(H, z_bias), g=np.zeros(H))
        return {"U": _gaussian(rng, D, 3 * H), "W": _gaussian(rng, H, 3 * H), "b": b}

    def run(p: Parameters, x: Array) -> tuple[Array, Any]:
        states = gru.gru_forward(x, _zeros(x, p["W"]), p["U"], p["W"], p["b"])
        return states.h, states

    def back(p: Parameters, x: Array, states: Any, dh: Array) -> Parameters:
        g = gru.gru_backward(dh, x, _zeros(x, p["W"]), states, p["U"], p["W"])
        return {"U": g.dU, "W": g.dW, "b": g.db}

    def step_back(p: Parameters, x: Array, states: Any) -> StepBack:
        def back(t: int, dh: Array) -> tuple[Array]:
            h = states.h[:, t - 1] if t else np.zeros_like(dh)
            step = gru.GRUStep(*(array[:, t] for array in states))
            return (gru.gru_step_backward(dh, x[:, t], h, step, p["U"], p["W"]).dh,)

        return back

    return Cell(start, run, back, step_back)


def lstm_start(
    rng: np.random.Generator, D: int, H: int, forget_bias: float = 1.0, T_max: int | None = None
) -> Parameters:
    """U, W, b of an LSTM: weights of standard deviation 1/sqrt(rows), all biases 0 but that of f.

    With `T_max` the bias of f is drawn by `init.chrono_bias`, and that of i is its negative.
    """
    zeros = np.zeros(H)
    f = np.full(H, forget_bias) if T_max is None else init.chrono_bias(rng, H, T_max)
    b = lstm.stack(f=f, i=zeros if T_max is None else -f, o=zeros, g=zeros)
    return {"U": _gaussian(rng, D, 4 * H), "W": _gaussian(rng, H, 4 * H), "b": b}


def _gaussian(rng: np.random.Generator, rows: int, columns: int) -> Array:
    return rng.standard_normal((rows, columns)) / np.sqrt(rows)


def _zeros(x: Array, W: Array) -> Array:
    return np.zeros((len(x), len(W)), W.dtype)


# The network around a cell


def start(cell: Cell, rng: np.random.Generator, D: int, H: int, M: int) -> Parameters:
    """The cell's weights and the output's."""
    return {**cell.start(rng, D, H), "W_hy": _gaussian(rng, H, M), "b_y": np.zeros(M)}


def predict(cell: Cell, parameters: Parameters, x: Array) -> Array:
    """y = h_T W_hy + b_y, (N, M)."""
    h, _ = cell.run(parameters, x)
    return rnn.rnn_output(h[:, -1], parameters["W_hy"], parameters["b_y"])


def loss_and_gradients(
    cell: Cell, task: Task, parameters: Parameters, x: Array, target: Any
) -> tuple[float, Parameters]:
    """The task's loss of the last output, and its gradient by every parameter."""
    h, kept = cell.run(parameters, x)
    loss, dy = task.loss(rnn.rnn_output(h[:, -1], parameters["W_hy"], parameters["b_y"]), target)
    dh = np.zeros_like(h)
    dh[:, -1], dW_hy, db_y = rnn.rnn_output_backward(dy, h[:, -1], parameters["W_hy"])
    gradients = cell.back(parameters, x, kept, dh)
    return loss, gradients | {"W_hy": dW_hy, "b_y": db_y}


def distance_norms(
    cell: Cell, parameters: Parameters, x: Array, states: int, seed: int = 0
) -> Array:
    """||dL/ds_{T-k}|| for k = 0..T, of the state s that is the cell's memory: h, or the LSTM's c.

    What arrives at the last h is a random direction of length 1, the same for all cells of a size.

    Args:
        cell, parameters: the network.
        x: inputs, (N, T, D).
        states: how many states the cell carries: 1, or 2 for an LSTM.
        seed: of the direction.

    Returns:
        The geometric mean over the batch, (T + 1,).

    Raises:
        ValueError: the cell cannot go back step by step.
    """
    h, kept = cell.run(parameters, x)
    N, T, H = h.shape
    dh = np.random.default_rng(seed).standard_normal((N, H))
    dh /= np.linalg.norm(dh, axis=1, keepdims=True)
    last = (dh, np.zeros_like(dh))[:states]
    if cell.step_back is None:
        raise ValueError("distance_norms got a cell without step_back.")
    norms = flow.norms_by_distance(cell.step_back(parameters, x, kept), last, T)
    with np.errstate(divide="ignore"):  # the LSTM's dc is zero at distance 0
        mean: Array = np.exp(np.mean(np.log(norms[-1]), axis=0))
    return mean


class Run(NamedTuple):
    """What came of a training."""

    parameters: Parameters
    losses: Array  # one a step
    steps: int | None  # when the task was solved, or None
    score: float  # at the end


def learn(
    cell: Cell,
    task: Task,
    H: int,
    learning_rate: float,
    steps: int,
    seed: int,
    batch: int = 32,
    clip: float = 1.0,
    look_every: int = 50,
    progress: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> Run:
    """Train by Adam on fresh batches, gradients clipped to norm `clip`, until the task is solved.

    Args:
        cell, task: what to train on what.
        H: hidden units.
        learning_rate: of Adam.
        steps: when to give up, a multiple of `look_every`.
        seed: of weights and batches; the test batch is the same for all.
        batch: sequences a step.
        clip: the largest norm of all gradients together.
        look_every: how often to look at the test batch.
        progress: wraps the loop over looks, to show how far it is.

    Returns:
        The run. One whose loss overflowed ends there, with a score that is not a number.
    """
    rng = np.random.default_rng(seed)
    x, target = task.draw(np.random.default_rng(10_000), TEST_SIZE)
    adam = Adam(learning_rate)
    parameters = start(cell, rng, x.shape[2], H, task.outputs)
    losses: list[Array] = []
    score = float("nan")
    for look in progress(range(steps // look_every)):
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # `train` says when it overflows
                parameters, some = train(
                    parameters,
                    functools.partial(loss_and_gradients, cell, task),
                    draw_batch=lambda: task.draw(rng, batch),
                    update=lambda p, g: adam.step(p, clip_by_global_norm(g, clip)),
                    steps=look_every,
                )
        except FloatingPointError:
            return Run(parameters, np.concatenate(losses or [np.empty(0)]), None, float("nan"))
        losses.append(some)
        score = task.score(predict(cell, parameters, x), target)
        if task.solved(score):
            return Run(parameters, np.concatenate(losses), (look + 1) * look_every, score)
    return Run(parameters, np.concatenate(losses), None, score)


# The tasks


def regression(draw: Draw) -> Task:
    """One number a sequence, judged by the mean squared error."""

    def error(y: Array, target: Array) -> float:
        return float(np.mean((y - target) ** 2))

    def loss(y: Array, target: Array) -> tuple[float, Array]:
        return error(y, target), 2 * (y - target) / y.size

    return Task(draw, 1, loss, error, lambda score: score < SOLVED_ADDING)


def classification(draw: Draw, symbols: int) -> Task:
    """One of several symbols, learned by cross-entropy and judged by the share of right answers."""

    def loss(y: Array, target: Any) -> tuple[float, Array]:
        return softmax_cross_entropy(y, target), softmax_xent_backward(y, target)

    def accuracy(y: Array, target: Any) -> float:
        return float(np.mean(y.argmax(axis=1) == target))

    return Task(draw, symbols, loss, accuracy, lambda score: score > SOLVED_RECALL)
