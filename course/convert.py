"""Weights to and from torch: which gate comes first, which side a matrix stands on, how many biases.

The same cell is written in several ways. These differences change no number that it computes:

    course   x_t U + h_{t-1} W + b                    gates side by side      LSTM f i o g   GRU r z g
    torch    W_ih x_t + b_ih + W_hh h_{t-1} + b_hh    gates on one another    LSTM i f g o   GRU r z n
    ONNX     as torch                                                         LSTM i o f g   GRU z r h

For the LSTM that is all. GRUs differ in two more ways, named as in `course.gru`: the meaning of z
(`update`, where a change of sign translates) and the place of the reset (`reset`, where nothing
does: torch has "after" only).

Torch's side is a layer's `state_dict()`: names such as `weight_ih_l0` with arrays or tensors.
Torch itself is imported only where a layer is filled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from course.shapes import Array

#: In which order the gates stand. Keras has torch's order for the LSTM and ONNX's for the GRU.
LSTM_ORDERS = {
    "course": ("f", "i", "o", "g"),
    "torch": ("i", "f", "g", "o"),
    "onnx": ("i", "o", "f", "g"),
}
GRU_ORDERS = {
    "course": ("r", "z", "g"),
    "torch": ("r", "z", "g"),
    "onnx": ("z", "r", "g"),
}


class Weights(NamedTuple):
    """A layer's weights, as `rnn_forward` and `lstm_forward` take them; G is the number of gates."""

    U: Array  # (D, G H)
    W: Array  # (H, G H)
    b: Array  # (G H,)


class GRUWeights(NamedTuple):
    """A layer's weights, as `gru_forward` takes them."""

    U: Array  # (D, 3H)
    W: Array  # (H, 3H)
    b: Array  # (3H,)
    b_s: Array  # (H,)


def reorder(stacked: Array, source: Sequence[str], target: Sequence[str]) -> Array:
    """The gates that stand side by side in the last axis, in another order.

    Args:
        stacked: gates side by side, (..., G H).
        source: their names, in the order in which they stand.
        target: the same names, in the order that is wanted.

    Raises:
        ValueError: the two do not name the same gates.
    """
    if sorted(source) != sorted(target):
        raise ValueError(f"reorder cannot turn the gates {tuple(source)} into {tuple(target)}.")
    gates = dict(zip(source, np.split(stacked, len(source), axis=-1), strict=True))
    return np.concatenate([gates[name] for name in target], axis=-1)


# The vanilla network


def rnn_to_torch(W_xh: Array, W_hh: Array, b_h: Array) -> dict[str, Array]:
    """The vanilla network's weights for `torch.nn.RNN`: transposed, and a second bias of zeros."""
    return _state(W_xh, W_hh, b_h)


def rnn_from_torch(state: Mapping[str, Any]) -> Weights:
    """`W_xh, W_hh, b_h` of a `torch.nn.RNN`: transposed, its two biases added up."""
    U, W, b_ih, b_hh = _arrays(state)
    return Weights(U, W, b_ih + b_hh)


# The LSTM


def lstm_to_torch(U: Array, W: Array, b: Array | None = None) -> dict[str, Array]:
    """An LSTM's weights for `torch.nn.LSTM`: f i o g becomes i f g o, and all is transposed.

    Args:
        U, W, b: as `lstm_forward` takes them; without `b`, torch's biases are zero.

    Returns:
        What `fill` takes, or `load_state_dict` as tensors; the second bias is zero.
    """
    b = np.zeros_like(W[0]) if b is None else b
    orders = LSTM_ORDERS["course"], LSTM_ORDERS["torch"]
    return _state(*(reorder(array, *orders) for array in (U, W, b)))


def lstm_from_torch(state: Mapping[str, Any]) -> Weights:
    """`U, W, b` of a `torch.nn.LSTM`: i f g o becomes f i o g; its two biases are added up."""
    U, W, b_ih, b_hh = _arrays(state)
    orders = LSTM_ORDERS["torch"], LSTM_ORDERS["course"]
    return Weights(*(reorder(array, *orders) for array in (U, W, b_ih + b_hh)))


# The GRU


def gru_to_torch(
    U: Array,
    W: Array,
    b: Array | None = None,
    b_s: Array | None = None,
    *,
    update: str = "keep",
    reset: str = "after",
) -> dict[str, Array]:
    """A GRU's weights for `torch.nn.GRU`, whose z keeps and whose reset comes after the product.

    Args:
        U, W, b, b_s, update, reset: as `gru_forward` takes them; missing biases are zero.

    Returns:
        What `fill` takes; the second bias is zero but for the candidate's, which is `b_s`.

    Raises:
        ValueError: the reset comes before the product, for which torch has no layer.
    """
    if reset != "after":
        raise ValueError(
            f'gru_to_torch got reset="{reset}"; torch.nn.GRU resets after the product, and no '
            "choice of weights makes the two the same."
        )
    b = np.zeros_like(W[0]) if b is None else b
    b_s = np.zeros_like(W[:, 0]) if b_s is None else b_s
    orders = GRU_ORDERS["course"], GRU_ORDERS["torch"]
    U, W, b = (reorder(_kept(array, update), *orders) for array in (U, W, b))
    b_hh = reorder(np.concatenate([np.zeros_like(b_s), np.zeros_like(b_s), b_s]), *orders)
    return _state(U, W, b, b_hh)


def gru_from_torch(state: Mapping[str, Any], *, update: str = "keep") -> GRUWeights:
    """`U, W, b, b_s` of a `torch.nn.GRU`, for `gru_forward` with that `update`, reset "after".

    The two biases of r and of z are added up; those of the candidate stay apart, as the reset
    multiplies one of them only.
    """
    orders = GRU_ORDERS["torch"], GRU_ORDERS["course"]
    U, W, b_ih, b_hh = (reorder(array, *orders) for array in _arrays(state))
    r_and_z = 2 * len(W)
    b = b_ih.copy()
    b[:r_and_z] += b_hh[:r_and_z]
    U, W, b = (_kept(array, update) for array in (U, W, b))
    return GRUWeights(U, W, b, b_s=b_hh[r_and_z:])


def _kept(stacked: Array, update: str) -> Array:
    """z's share negated if z says what is new: 1 - sigmoid(a) = sigmoid(-a). Its own inverse."""
    if update not in ("keep", "write"):
        raise ValueError(f"update is {update!r}; it must be 'keep' or 'write'.")
    r, z, g = np.split(stacked, 3, axis=-1)
    return np.concatenate([r, z if update == "keep" else -z, g], axis=-1)


# A layer of torch


def fill(layer: Any, state: Mapping[str, Array]) -> Any:
    """Put the arrays of `state` into a torch layer, and return the layer."""
    import torch

    layer.load_state_dict({name: torch.from_numpy(array) for name, array in state.items()})
    return layer


def _state(U: Array, W: Array, b: Array, b_hh: Array | None = None) -> dict[str, Array]:
    """Under torch's names, for columns."""
    return {
        "weight_ih_l0": np.ascontiguousarray(U.T),
        "weight_hh_l0": np.ascontiguousarray(W.T),
        "bias_ih_l0": b,
        "bias_hh_l0": np.zeros_like(b) if b_hh is None else b_hh,
    }


def _arrays(state: Mapping[str, Any]) -> tuple[Array, Array, Array, Array]:
    """For rows: U, W and both biases, zero in a layer without."""
    U, W = (np.asarray(state[f"weight_{side}_l0"]).T for side in ("ih", "hh"))
    none = np.zeros_like(W[0])
    b_ih, b_hh = (np.asarray(state.get(f"bias_{side}_l0", none)) for side in ("ih", "hh"))
    return U, W, b_ih, b_hh
