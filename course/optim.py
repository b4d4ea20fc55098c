"""Optimisers: from parameters and gradients to better parameters; and clipping, which comes before.

All rules are pure in the parameters: they return a new dictionary and leave the old arrays as
they were, so you can keep the weights of any step and compare.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from course.shapes import Array


def sgd_step(
    parameters: Mapping[str, Array], gradients: Mapping[str, Array], learning_rate: float
) -> dict[str, Array]:
    """p <- p - learning_rate * dL/dp.

    Args:
        parameters: arrays by name.
        gradients: arrays of the same shapes, by the same names.
        learning_rate: length of the step, as a multiple of the gradient.

    Returns:
        The new parameters, by the same names.
    """
    return {name: p - learning_rate * gradients[name] for name, p in parameters.items()}


def clip_by_value(gradients: Mapping[str, Array], limit: float) -> dict[str, Array]:
    """g <- min(max(g, -limit), limit), number by number. The direction can change.

    Args:
        gradients: arrays by name.
        limit: the largest size of any one number.

    Returns:
        New arrays, by the same names.
    """
    return {name: np.clip(g, -limit, limit) for name, g in gradients.items()}


def clip_by_global_norm(gradients: Mapping[str, Array], limit: float) -> dict[str, Array]:
    """g <- g min(1, limit / ||g||), with one norm over all arrays. The direction stays.

    Dividing every gradient by its norm instead would blow small ones up, and would jump where
    the gradient is zero.

    Args:
        gradients: arrays by name.
        limit: the largest norm of all of them together.

    Returns:
        New arrays, by the same names; equal to the old ones if the norm is within the limit.

    Source: R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural
    networks", ICML 2013, algorithm 1 (arXiv:1211.5063).
    """
    norm = math.sqrt(sum(float(np.sum(g * g)) for g in gradients.values()))
    scale = limit / max(norm, limit)  # 1 within the limit, and no division by zero
    return {name: g * scale for name, g in gradients.items()}


class Adam:
    """p <- p - learning_rate * m / (sqrt(v) + eps), with running means m of g and v of g^2.

    Each parameter's step is scaled by the recent size of its own gradient. Both means start at
    zero, so early on they are divided by what they lack of a full weight, 1 - beta^t.

    Source: D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015,
    algorithm 1 (arXiv:1412.6980).
    """

    def __init__(
        self,
        learning_rate: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
    ) -> None:
        self.learning_rate, self.beta1, self.beta2, self.eps = learning_rate, beta1, beta2, eps
        self.t = 0
        self.m: dict[str, Array] = {}
        self.v: dict[str, Array] = {}

    def step(
        self, parameters: Mapping[str, Array], gradients: Mapping[str, Array]
    ) -> dict[str, Array]:
        """One update; the arguments and the result are those of `sgd_step`."""
        self.t += 1
        full_m, full_v = 1 - self.beta1**self.t, 1 - self.beta2**self.t
        updated = {}
        for name, p in parameters.items():
            g = gradients[name]
            self.m[name] = self.beta1 * self.m.get(name, 0) + (1 - self.beta1) * g
            self.v[name] = self.beta2 * self.v.get(name, 0) + (1 - self.beta2) * g * g
            root = np.sqrt(self.v[name] / full_v) + self.eps
            updated[name] = p - self.learning_rate * (self.m[name] / full_m) / root
        return updated
