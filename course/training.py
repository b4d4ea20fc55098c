"""The training loop: draw a batch, measure the loss and its gradient, step, repeat.

It takes the model as a function, so it serves every chapter and knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from course.shapes import Array

Parameters = dict[str, Array]


class Training(NamedTuple):
    """What a training run leaves behind."""

    parameters: Parameters
    losses: Array  # (steps,), the loss of each batch before the step it caused


def train(
    parameters: Parameters,
    loss_and_gradients: Callable[[Parameters, Array, Array], tuple[float, Parameters]],
    draw_batch: Callable[[], tuple[Array, Array]],
    update: Callable[[Parameters, Parameters], Parameters],
    steps: int,
    progress: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> Training:
    """p_{k+1} = update(p_k, dL/dp_k), on a fresh batch at every step.

    Args:
        parameters: where to start; the arrays are not changed.
        loss_and_gradients: (parameters, x, target) -> (loss, gradients by name).
        draw_batch: () -> (x, target).
        update: (parameters, gradients) -> parameters, such as `Adam(1e-2).step`.
        steps: number of updates.
        progress: wraps the loop's counter, such as `tqdm.auto.tqdm`; by default it is silent.

    Returns:
        The trained parameters and the loss at every step.

    Raises:
        FloatingPointError: the loss stopped being a finite number; the message says when.
    """
    losses = np.empty(steps)
    for step in progress(range(steps)):
        losses[step], gradients = loss_and_gradients(parameters, *draw_batch())
        if not np.isfinite(losses[step]):
            raise FloatingPointError(
                f"The loss is {losses[step]} at step {step}. "
                "Lower the learning rate, or clip the gradient."
            )
        parameters = update(parameters, gradients)
    return Training(parameters, losses)
