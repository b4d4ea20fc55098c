"""Softmax and cross-entropy: from scores to probabilities, to a loss, and back.

    p_v = exp(z_v) / sum_u exp(z_u)
    L = -(1/K) sum over the K scored places of log p_target
    dL/dz = (p - y) / K        y: 1 at the target, 0 elsewhere

A place is an example, or a step of an example; a mask says which ones are scored. The same number
may be added to all scores of a place without a change in p, so the largest is subtracted first:
no exponential overflows, and the largest is exactly 1, so no sum is zero.

Source: J. S. Bridle, "Probabilistic interpretation of feedforward classification network
outputs", in Neurocomputing (1990), 227-236.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from course.shapes import Array, check_shapes

Words: TypeAlias = NDArray[np.integer[Any]]
Mask: TypeAlias = NDArray[Any]


def softmax(logits: Array) -> Array:
    """p = exp(z) / sum exp(z), along the last axis.

    Args:
        logits: scores of any finite size, (..., V).

    Returns:
        Probabilities of the shape of `logits`; along the last axis they add up to 1.
    """
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p: Array = e / e.sum(axis=-1, keepdims=True)
    return p


def softmax_cross_entropy(logits: Array, target: Words, mask: Mask | None = None) -> float:
    """L = -mean log p_target, over the places where the mask is 1.

    Args:
        logits: scores, (N, T, V), or (N, V) with one target an example.
        target: the right one of V at every place, whole numbers, (N, T) or (N,). Where the
            mask is 0 any of the V will do.
        mask: 1 or True where a place is scored, of the shape of `target`; by default everywhere.

    Returns:
        The loss in nats.

    Raises:
        ValueError: a shape does not fit, or no place is scored; the message says which.
    """
    _check_places("softmax_cross_entropy", logits, target, mask)
    shifted = logits - logits.max(axis=-1, keepdims=True)  # (N, T, V)
    log_sum = np.log(np.exp(shifted).sum(axis=-1))  # (N, T)
    score = np.take_along_axis(shifted, target[..., None], axis=-1)[..., 0]  # (N, T)
    return float(((log_sum - score) * _share_of_each_place(target, mask)).sum())


def softmax_xent_backward(logits: Array, target: Words, mask: Mask | None = None) -> Array:
    """dL/dz = (p - y) / K at the K places where the mask is 1, and 0 elsewhere.

    Args:
        logits, target, mask: those of `softmax_cross_entropy`.

    Returns:
        The gradient by the scores, of the shape of `logits`.

    Raises:
        ValueError: a shape does not fit, or no place is scored; the message says which.
    """
    _check_places("softmax_xent_backward", logits, target, mask)
    y = np.arange(logits.shape[-1]) == target[..., None]  # (N, T, V)
    share = _share_of_each_place(target, mask).astype(logits.dtype)  # (N, T)
    return (softmax(logits) - y) * share[..., None]


def _share_of_each_place(target: Words, mask: Mask | None) -> Array:
    """1/K where a place is scored, 0 elsewhere: what it counts in the mean."""
    if mask is None:
        return np.full(target.shape, 1 / target.size)
    share: Array = mask / mask.sum()
    return share


def _check_places(caller: str, logits: Array, target: Words, mask: Mask | None) -> None:
    places = "NT" if logits.ndim == 3 else "N"
    arrays: dict[str, tuple[Any, str]] = {
        "logits": (logits, places + "V"),
        "target": (target, places),
    }
    if mask is not None:
        arrays["mask"] = mask, places
    check_shapes(caller, **arrays)
    if mask is not None and not np.any(mask):
        raise ValueError(f"{caller} got a mask of zeros: no place is scored, so there is no mean.")
