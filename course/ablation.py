"""An LSTM with parts taken out or exchanged, to find out which of them it needs.

    c_t = f * c_{t-1} + i * g        h_t = o * out(c_t)

A `Recipe` names the squashing of each of the four gates and of the output. "one" takes a gate out:
it stands open for good. `f="zero"` cuts the cell's own line, and `f="coupled"` ties the forget gate
to the input gate, f = 1 - i, as a GRU does. The weights are those of `course.lstm`.

Source: K. Greff and others, "LSTM: a search space odyssey", IEEE Trans. Neural Networks and Learning
Systems 28 (2017), 2222-2232 (arXiv:1503.04069), which removes one part at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from course.activations import sigmoid, sigmoid_slope, tanh_slope
from course.lstm import Gates, split, stack
from course.shapes import Array

#: Each squashing, and its slope read off its own result.
SQUASHINGS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "sigmoid": (sigmoid, sigmoid_slope),
    "tanh": (np.tanh, tanh_slope),
    "relu": (lambda a: np.maximum(a, 0), lambda y: (y > 0).astype(y.dtype)),
    "identity": (lambda a: a.copy(), np.ones_like),
    "one": (np.ones_like, np.zeros_like),
    "zero": (np.zeros_like, np.zeros_like),
}


class Recipe(NamedTuple):
    """What squashes each gate's sum, and the cell on its way out. The defaults are the LSTM."""

    f: str = "sigmoid"
    i: str = "sigmoid"
    o: str = "sigmoid"
    g: str = "tanh"
    out: str = "tanh"


class AblatedStates(NamedTuple):
    """The states after every step, and what made them."""

    h: Array  # (N, T, H)
    c: Array  # (N, T, H)
    gates: Array  # (N, T, 4H)
    shown: Array  # (N, T, H), out(c_t)


def ablated_forward(x: Array, U: Array, W: Array, b: Array, recipe: Recipe) -> AblatedStates:
    """All steps of an LSTM with another recipe, from states of zeros.

    Args:
        x: inputs, (N, T, D).
        U, W, b: as `course.lstm.lstm_forward` takes them.
        recipe: the squashings.
    """
    N, T, H = len(x), x.shape[1], len(W)
    out, _ = SQUASHINGS[recipe.out]
    sums = x @ U + b  # (N, T, 4H)
    h_t = c_t = np.zeros((N, H), sums.dtype)
    steps = []
    for t in range(T):
        gates = _squash(split(sums[:, t] + h_t @ W), recipe)
        c_t = gates.f * c_t + gates.i * gates.g
        shown = out(c_t)
        h_t = gates.o * shown
        steps.append((h_t, c_t, stack(*gates), shown))
    return AblatedStates(*(np.stack(column, axis=1) for column in zip(*steps, strict=True)))


def ablated_backward(
    dh: Array, x: Array, states: AblatedStates, W: Array, recipe: Recipe
) -> tuple[Array, Array, Array]:
    """dU, dW, db, the gradients of `ablated_forward` by its weights.

    Args:
        dh: upstream gradient on every step, (N, T, H).
        x, W, recipe: what `ablated_forward` was given.
        states: what it returned.
    """
    h, c, stacked, shown = states
    N, T, H = h.shape
    _, out_slope = SQUASHINGS[recipe.out]
    da = np.empty_like(stacked)  # (N, T, 4H)
    dh_later = dc_later = nothing = np.zeros((N, H), h.dtype)
    for t in reversed(range(T)):
        gates = split(stacked[:, t])
        dh_t = dh[:, t] + dh_later
        dc = dc_later + dh_t * gates.o * out_slope(shown[:, t])
        before = c[:, t - 1] if t else nothing
        dgates = Gates(f=dc * before, i=dc * gates.g, o=dh_t * shown[:, t], g=dc * gates.i)
        da[:, t] = _squash_backward(dgates, gates, recipe)
        dc_later = dc * gates.f
        dh_later = da[:, t] @ W.T
    h_previous = np.concatenate([nothing[:, None], h[:, :-1]], axis=1)
    rows = da.reshape(N * T, 4 * H)  # batch and time are summed over alike
    return (
        x.reshape(N * T, -1).T @ rows,
        h_previous.reshape(N * T, H).T @ rows,
        rows.sum(axis=0),
    )


def _squash(sums: Gates, recipe: Recipe) -> Gates:
    i, o, g = (SQUASHINGS[name][0](a) for name, a in zip(recipe[1:4], sums[1:], strict=True))
    f = 1 - i if recipe.f == "coupled" else SQUASHINGS[recipe.f][0](sums.f)
    return Gates(f, i, o, g)


def _squash_backward(dgates: Gates, gates: Gates, recipe: Recipe) -> Array:
    df, di, do, dg = dgates
    if recipe.f == "coupled":  # f = 1 - i: what f would learn goes to i with the other sign
        df, di = np.zeros_like(df), di - df
    slopes = [
        SQUASHINGS["zero" if name == "coupled" else name][1](y)
        for name, y in zip(recipe[:4], gates, strict=True)
    ]
    return stack(*(d * slope for d, slope in zip((df, di, do, dg), slopes, strict=True)))
