"""How far does a window see, if a network with a hidden layer reads it?

The lab of ps01 reads a window by a linear map.  Here a layer of tanh units stands in between, so nobody
can say that the classifier was too weak.  Once the key stands where it stood in training, once elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from course import sequences, tasks
from course.optim import Adam
from course.shapes import Array
from course.softmax import softmax_cross_entropy, softmax_xent_backward
from course.training import train

KEYS, FILLERS, UNITS, STEPS = 4, 6, 32, 400
WINDOWS, SEEDS = (4, 8, 11, 12, 13, 16), (0, 1, 2)
T, DISTANCE, MOVED = 20, 12, 9

PROTOCOL = {
    "task": f"name the key, {DISTANCE} words from the end of {T}; {KEYS} keys, {FILLERS} fillers",
    "network": f"the last k words, one-hot; {UNITS} tanh units; softmax",
    "training": f"Adam, learning rate 0.01, {STEPS} steps, batches of 128 fresh sentences",
    "measure": "share of right answers on 5000 new sentences; guessing gives 0.25",
    "moved": f"the same network, with the key {MOVED} words from the end",
    "seeds": "0, 1, 2: weights and batches; the test sentences are the same for all",
}


def rows() -> Iterator[dict[str, object]]:
    """One row a network."""
    tests = [
        tasks.key_at_a_distance(np.random.default_rng(100), 5000, T, distance, KEYS, FILLERS)
        for distance in (DISTANCE, MOVED)
    ]
    for k in WINDOWS:
        for seed in SEEDS:
            rng = np.random.default_rng(seed)

            def draw(k: int = k, rng: np.random.Generator = rng) -> tuple[Array, Any]:
                x, target = tasks.key_at_a_distance(rng, 128, T, DISTANCE, KEYS, FILLERS)
                return _features(x, k), target

            size = k * (KEYS + FILLERS)
            start = {
                "W": rng.standard_normal((size, UNITS)) / np.sqrt(k),  # k of its inputs are 1
                "b": np.zeros(UNITS),
                "V": rng.standard_normal((UNITS, KEYS)) / np.sqrt(UNITS),
                "c": np.zeros(KEYS),
            }
            trained = train(start, _loss_and_gradients, draw, Adam(1e-2).step, STEPS).parameters
            right = [
                float(np.mean(_read(trained, _features(x, k))[1].argmax(axis=1) == target))
                for x, target in tests
            ]
            yield {"window": k, "seed": seed, "right": right[0], "right, key moved": right[1]}


def _features(x: tasks.Words, k: int) -> Array:
    return sequences.fixed_window(x, k, KEYS + FILLERS).reshape(len(x), -1)


def _read(p: dict[str, Array], features: Array) -> tuple[Array, Array]:
    h = np.tanh(features @ p["W"] + p["b"])
    return h, h @ p["V"] + p["c"]


def _loss_and_gradients(
    p: dict[str, Array], features: Array, target: Any
) -> tuple[float, dict[str, Array]]:
    h, logits = _read(p, features)
    dlogits = softmax_xent_backward(logits, target)
    da = dlogits @ p["V"].T * (1 - h * h)
    gradients = {"W": features.T @ da, "b": da.sum(0), "V": h.T @ dlogits, "c": dlogits.sum(0)}
    return softmax_cross_entropy(logits, target), gradients
