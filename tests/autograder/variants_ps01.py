"""ps01: right answers, written differently from the reference and from each other.

The check must accept every one of them.
"""

from __future__ import annotations

from collections import Counter
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from autograder.exercises.ps01.pencil import RIGHT
from autograder.exercises.ps01.problem_types import TASKS
from course.sequences import layer

Array = np.ndarray

# A bag of words


def bag_loops(x: Array, V: int) -> Array:
    counts = np.zeros((len(x), V))
    for n in range(x.shape[0]):
        for t in range(x.shape[1]):
            counts[n, x[n, t]] += 1
    return counts


def bag_one_hot(x: Array, V: int) -> Array:
    return np.eye(V)[x].sum(axis=1)


def bag_bincount(x: Array, V: int) -> Any:
    return np.array([np.bincount(sentence, minlength=V) for sentence in x])


def bag_compared(words: Array, size: int) -> Array:
    return (words[:, :, None] == np.arange(size)).sum(1)


def bag_counter(x: Array, V: int) -> list[list[int]]:
    return [[Counter(sentence.tolist())[v] for v in range(V)] for sentence in x]


# Same words, another order


def order_first_to_the_end(words: Array) -> Array:
    return np.append(words[1:], words[0])


def order_first_two_that_differ(words: Array) -> Array:
    other = words.copy()
    for t, (one, next_one) in enumerate(pairwise(words)):
        if one != next_one:
            other[t], other[t + 1] = next_one, one
            break
    return other


def order_sorted_or_backwards(words: Array) -> list[int]:
    up = sorted(words.tolist())
    return up if up != words.tolist() else up[::-1]


def order_tried(words: Array) -> Array:
    rng = np.random.default_rng(0)
    while True:
        other = rng.permutation(words)
        if np.any(other != words):
            return other


# A window on the last words


def window_loops(x: Array, k: int, V: int) -> Array:
    N, T = x.shape
    features = np.zeros((N, k, V))
    for n in range(N):
        for j in range(1, min(k, T) + 1):
            features[n, k - j, x[n, T - j]] = 1
    return features


def window_padded(x: Array, k: int, V: int) -> Array:
    one_hot = np.eye(V)[x]
    return np.concatenate([np.zeros((len(x), k, V)), one_hot], axis=1)[:, -k:]


def window_extra_word(x: Array, k: int, V: int) -> Array:
    front = np.full((len(x), k), V)
    longer = np.hstack([front, x])[:, -k:]
    return np.eye(V + 1)[longer][:, :, :V]


def window_compared(x: Array, k: int, V: int) -> Array:
    longer = np.concatenate([np.full((x.shape[0], k), -1), x], axis=1)
    return (longer[:, x.shape[1] :, None] == np.arange(V)[None, None]) * 1


# Pads and masks


def pad_loop(steps: Array, lengths: Array, T: int) -> tuple[Array, Array]:
    N, D = len(lengths), steps.shape[1]
    x, mask = np.zeros((N, T, D)), np.zeros((N, T))
    start = 0
    for n, length in enumerate(lengths):
        x[n, :length] = steps[start : start + length]
        mask[n, :length] = 1
        start += length
    return x, mask


def pad_split(steps: Array, lengths: Array, T: int) -> dict[str, Any]:
    parts = np.split(steps, np.cumsum(lengths)[:-1])
    x = np.stack([np.pad(part, ((0, T - len(part)), (0, 0))) for part in parts])
    mask = [[1.0] * len(part) + [0.0] * (T - len(part)) for part in parts]
    return {"x": x, "mask": np.array(mask)}


def pad_gathered(steps: Array, lengths: Array, T: int) -> list[Array]:
    ends = np.array(list(accumulate(lengths)))
    t = np.arange(T)
    mask = (t[None] < lengths[:, None]).astype(int)
    at = np.minimum((ends - lengths)[:, None] + t, len(steps) - 1)
    return [steps[at] * mask[:, :, None], mask]


def pad_step_by_step(steps: Array, lengths: Array, T: int) -> tuple[Any, Any]:
    rest = list(steps)
    x, mask = [], []
    for length in lengths:
        zeros = [np.zeros(steps.shape[1])] * (T - length)
        x.append([rest.pop(0) for _ in range(length)] + zeros)
        mask.append([1] * length + [0] * len(zeros))
    return np.array(x), np.array(mask, dtype=float)


def waste_by_arrays(lengths: Array, size: int) -> float:
    pads = cells = 0
    for first in range(0, len(lengths), size):
        batch = lengths[first : first + size]
        pads += (batch.max() - batch).sum()
        cells += batch.size * batch.max()
    return pads / cells


def waste_filled_up(lengths: Array, size: int) -> Any:
    missing = -len(lengths) % size
    table = np.append(lengths, np.zeros(missing, dtype=int)).reshape(-1, size)
    stored = ((table > 0) * table.max(axis=1, keepdims=True)).sum()
    return (stored - lengths.sum()) / stored


def waste_by_masks(lengths: Array, size: int) -> Any:
    masks = [
        np.arange(max(batch)) < np.array(batch)[:, None]
        for batch in (list(lengths[i : i + size]) for i in range(0, len(lengths), size))
    ]
    return np.mean(np.concatenate([~mask.ravel() for mask in masks]))


def loss_products(loss: Array, mask: Array) -> Any:
    return (loss * mask).sum() / mask.sum()


def loss_loops(loss: Array, mask: Array) -> float:
    total = count = 0.0
    for row, real in zip(loss, mask, strict=True):
        for value, is_real in zip(row, real, strict=True):
            if is_real:
                total, count = total + value, count + 1
    return total / count


def loss_average(loss: Array, mask: Array) -> Any:
    return np.average(loss, weights=mask)


def loss_dot(loss: Array, mask: Array) -> Any:
    return np.vdot(loss, mask / np.count_nonzero(mask))


# One layer for each word


def count_by_arrays(T: int, D: int, H: int) -> tuple[Any, Any]:
    W, b = np.zeros((H + D, H)), np.zeros(H)
    return sum(W.size + b.size for _ in range(T)), W.size + b.size


def count_factored(T: int, D: int, H: int) -> dict[str, int]:
    one = (H + D + 1) * H
    return {"shared": one, "per_step": T * one}


def count_parts(T: int, D: int, H: int) -> list[int]:
    parts = [H * H, D * H, H]
    return [sum(part * T for part in parts), sum(parts)]


# One layer, over and over


def unroll_blended(x: Array, mask: Array, h0: Array, W: Array, b: Array) -> Array:
    h = h0
    for t in range(x.shape[1]):
        real = mask[:, t][:, None]
        h = real * layer(h, x[:, t], W, b) + (1 - real) * h
    return h


def unroll_one_by_one(x: Array, mask: Array, h0: Array, W: Array, b: Array) -> Array:
    ends = []
    for sequence, real, h in zip(x, mask, h0, strict=True):
        for x_t in sequence[: int(real.sum())]:
            h = np.tanh(np.concatenate([h, x_t]) @ W + b)
        ends.append(h)
    return np.array(ends)


def unroll_rows(x: Array, mask: Array, h0: Array, W: Array, b: Array) -> Array:
    h = h0.copy()
    for t in range(x.shape[1]):
        rows = mask[:, t] == 1
        if rows.any():
            h[rows] = layer(h[rows], x[rows, t], W, b)
    return h


def unroll_then_pick(x: Array, mask: Array, h0: Array, W: Array, b: Array) -> Array:
    H = h0.shape[1]
    states = [h0]
    for x_t in x.swapaxes(0, 1):
        states.append(np.tanh(states[-1] @ W[:H] + x_t @ W[H:] + b))
    lengths = mask.sum(axis=1).astype(int)
    return np.stack(states)[lengths, np.arange(len(x))]


VARIANTS: dict[str, tuple[object, ...]] = {
    "problem_types": (TASKS, {task: kind.upper() for task, kind in TASKS.items()}),
    "bag_of_words": (bag_loops, bag_one_hot, bag_bincount, bag_compared, bag_counter),
    "order_blind": (
        order_first_to_the_end,
        order_first_two_that_differ,
        order_sorted_or_backwards,
        order_tried,
    ),
    "fixed_window": (window_loops, window_padded, window_extra_word, window_compared),
    "pad_and_mask": (pad_loop, pad_split, pad_gathered, pad_step_by_step),
    "wasted_share": (waste_by_arrays, waste_filled_up, waste_by_masks),
    "masked_mean_loss": (loss_products, loss_loops, loss_average, loss_dot),
    "skipped_layers": (
        RIGHT,
        {name: float(value) if "x_" in name else value for name, value in RIGHT.items()},
        list(RIGHT.values()),
    ),
    "count_parameters": (count_by_arrays, count_factored, count_parts),
    "unroll": (unroll_blended, unroll_one_by_one, unroll_rows, unroll_then_pick),
}
