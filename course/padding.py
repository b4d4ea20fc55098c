"""Sequences of unequal length in one array: pads, the mask that knows them, and what they cost.

    x[n, t] = step t of sequence n for t < length n, and 0 after it
    mask[n, t] = 1 for t < length n, and 0 after it
    L = sum(loss * mask) / sum(mask)

A pad is a zero that stands for nothing. Real steps can be zero too, so only the mask tells.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from course.shapes import Array, check_shapes

Ints = NDArray[np.integer[Any]]


class Padded(NamedTuple):
    """A batch as one array, and which of its steps are real."""

    x: Array  # (N, T, D)
    mask: Array  # (N, T)


def pad_and_mask(steps: Array, lengths: Ints, T: int) -> Padded:
    """x[n, :lengths[n]] = the steps of sequence n, zeros after them; mask = 1 where steps are.

    Args:
        steps: the steps of all sequences, one sequence after another, (L, D).
        lengths: the length of each sequence, (N,); they add up to L, and none is above T.
        T: the length to pad to.

    Returns:
        `x` (N, T, D) and `mask` (N, T), both of the type of `steps`.

    Raises:
        ValueError: the lengths do not add up to L, or one does not fit into T.
    """
    if lengths.sum() != len(steps):
        raise ValueError(
            f"pad_and_mask got {len(steps)} steps; the lengths add up to {lengths.sum()}."
        )
    if np.any(lengths > T):
        raise ValueError(
            f"pad_and_mask got a sequence of {lengths.max()} steps; only T = {T} fit in."
        )
    is_real = np.arange(T) < lengths[:, None]  # (N, T)
    x = np.zeros((len(lengths), T, steps.shape[1]), steps.dtype)
    x[is_real] = steps  # row by row, so in the order in which the steps came
    return Padded(x, is_real.astype(steps.dtype))


def pad_and_mask_backward(dx: Array, mask: Array) -> Array:
    """dsteps = dx where the mask is 1. What arrives at a pad is dropped: nothing was copied there.

    Args:
        dx: gradient of the loss by `x`, (N, T, D).
        mask: what `pad_and_mask` returned, (N, T).

    Returns:
        The gradient by `steps`, (L, D). Called with `x` for `dx`, it takes the steps out again.
    """
    check_shapes("pad_and_mask_backward", dx=(dx, "NTD"), mask=(mask, "NT"))
    return dx[mask == 1]


def masked_mean_loss(loss: Array, mask: Array) -> float:
    """L = sum(loss * mask) / sum(mask): the mean over real steps, each of equal weight.

    The losses are picked and not multiplied: a pad's may be infinite or not a number, and
    0 times that is not 0.

    Args:
        loss: one loss a step, (N, T). What stands at a pad does not matter.
        mask: 1 for a real step and 0 for a pad, (N, T).

    Returns:
        The mean loss of a real step.

    Raises:
        ValueError: the shapes differ, and broadcasting would hide it.
    """
    check_shapes("masked_mean_loss", loss=(loss, "NT"), mask=(mask, "NT"))
    return float(loss[mask == 1].mean())


def masked_mean_loss_backward(mask: Array) -> Array:
    """dL/dloss = mask / sum(mask), (N, T): nothing for a pad, and the same for every real step."""
    return mask / mask.sum()


def wasted_share(lengths: Ints, size: int) -> float:
    """1 - (real steps) / (steps stored), over batches of consecutive sequences.

    Each batch is padded to its own longest sequence. Sort the lengths first and see what that
    saves: neighbours are then of about equal length.

    Args:
        lengths: the lengths of all sequences, (L,), in the order in which they are batched.
        size: sequences in a batch; the last batch may have fewer.

    Returns:
        The share of pads among all steps stored, from 0 to 1.
    """
    stored = 0
    for start in range(0, len(lengths), size):
        batch = lengths[start : start + size]
        stored += len(batch) * batch.max()
    return float(1 - lengths.sum() / stored)
