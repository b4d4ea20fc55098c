"""Before recurrence: views of fixed size, and the loop that needs none.

    bag of words   counts[v] = how often word v occurs          any length, no order
    fixed window   the last k words, one-hot, in order          order, but nothing before them
    the loop       h_t = f(h_{t-1}, x_t), the same f each time  any length, order, shared weights

Words are whole numbers from 0 to V - 1, batch first: `x (N, T)`. The loop reads vectors,
`x (N, T, D)`, as the chapters after this one do.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from course.shapes import Array, check_shapes

Ints = NDArray[np.integer[Any]]


class ParameterCounts(NamedTuple):
    """Weights and biases of a network with one layer for each step, by who shares them."""

    per_step: int  # every layer has its own
    shared: int  # all layers are one


def bag_of_words(x: Ints, V: int) -> Array:
    """counts[n, v] = number of t with x[n, t] = v.

    Args:
        x: words, (N, T), whole numbers from 0 to V - 1.
        V: size of the vocabulary.

    Returns:
        The counts, (N, V), as floats.
    """
    counts = np.zeros((len(x), V))
    # Not `counts[rows, x] += 1`: that adds once, however often a word occurs in a row.
    np.add.at(counts, (np.arange(len(x))[:, None], x), 1)
    return counts


def fixed_window(x: Ints, k: int, V: int) -> Array:
    """features[n, k - j] = one-hot of x[n, T - j], for j = 1..k.

    The last word stands in the last slot, however long the sentence is. Where there is no word,
    because the sentence is shorter than the window, a slot stays zero.

    Args:
        x: words, (N, T), whole numbers from 0 to V - 1.
        k: how many words the window shows.
        V: size of the vocabulary.

    Returns:
        The features, (N, k, V).
    """
    shown = np.eye(V)[x[:, -k:]]  # (N, k, V), or (N, T, V) if the sentence is shorter
    features = np.zeros((len(x), k, V))
    features[:, -shown.shape[1] :] = shown
    return features


def count_parameters(T: int, D: int, H: int) -> ParameterCounts:
    """T (H + D + 1) H weights and biases for T layers of their own, (H + D + 1) H for a shared one.

    Args:
        T: number of steps, one layer each.
        D, H: sizes of the input of a step and of the state.

    Returns:
        The counts with weights per step and with shared weights.
    """
    layer = (H + D) * H + H
    return ParameterCounts(per_step=T * layer, shared=layer)


def layer(h: Array, x_t: Array, W: Array, b: Array) -> Array:
    """h_next = tanh([h, x_t] W + b): the state and the input side by side, and one matrix for both.

    Args:
        h: the state before, (N, H).
        x_t: the input of this step, (N, D).
        W: weights, (H + D, H); the first H rows read the state.
        b: bias, (H,).

    Returns:
        The state after this step, (N, H).
    """
    return np.tanh(np.concatenate([h, x_t], axis=1) @ W + b)


def unroll(x: Array, mask: Array, h0: Array, W: Array, b: Array) -> Array:
    """h_t = layer(h_{t-1}, x_t) at every real step, h_t = h_{t-1} at a pad.

    A network as deep as each sequence is long, from one layer: a row of the batch stops moving
    where its mask ends, so pads change nothing.

    Args:
        x: padded inputs, (N, T, D).
        mask: 1 for a real step and 0 for a pad, (N, T).
        h0: the state before the first step, (N, H).
        W, b: the weights of `layer`, (H + D, H) and (H,).

    Returns:
        The state after each sequence's last real step, (N, H).

    Raises:
        ValueError: a shape does not fit; the message says which.
    """
    check_shapes("unroll", x=(x, "NTD"), mask=(mask, "NT"), h0=(h0, "NH"), b=(b, "H"))
    h = h0
    for t in range(x.shape[1]):
        is_real = mask[:, t, None] == 1  # (N, 1)
        h = np.where(is_real, layer(h, x[:, t], W, b), h)
    return h
