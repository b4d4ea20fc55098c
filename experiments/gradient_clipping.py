"""What becomes of a run whose gradients explode, with clipping and without?

The lab of ps04 trains one row of it live.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from course import init, memory, tasks
from course.optim import clip_by_global_norm, sgd_step

H, N, STEPS, LEARNING_RATE, SEEDS = 32, 32, 300, 0.01, (0, 1, 2)
INPUTS = 0.001  # the size of W_xh, as Le, Jaitly and Hinton (arXiv:1504.00941) start
LENGTHS, SCALES, LIMITS = (40, 100), (1.0, 1.2), (None, 1.0)

PROTOCOL = {
    "task": "adding problem: the sum of two marked numbers; a constant guess has a loss of 0.167",
    "network": f"h_t = relu(x_t W_xh + h_(t-1) W_hh + b_h), {H} units",
    "start": f"W_hh = scale times the identity, W_xh normal with standard deviation {INPUTS}",
    "training": f"plain gradient descent, learning rate {LEARNING_RATE}, {STEPS} steps, batches of {N}",
    "clipping": "all gradients by their common norm, or not at all",
    "measure": "first step whose loss is no finite number; mean loss of the last 20 steps",
    "seeds": "0, 1, 2: weights and batches",
}


def rows() -> Iterator[dict[str, object]]:
    """One row a run."""
    for T in LENGTHS:
        for scale in SCALES:
            for limit in LIMITS:
                for seed in SEEDS:
                    losses = _losses(T, scale, limit, seed)
                    finite = np.isfinite(losses)
                    yield {
                        "T": T,
                        "scale": scale,
                        "limit": "none" if limit is None else limit,
                        "seed": seed,
                        "not finite at step": None if finite.all() else int(finite.argmin()) + 1,
                        "last loss": float(f"{losses[-20:].mean():.2g}") if finite.all() else None,
                    }


def _losses(T: int, scale: float, limit: float | None, seed: int) -> np.ndarray:
    """The loss at each step; NaN from where it stopped being a number."""
    rng = np.random.default_rng(seed)
    cell = memory.irnn(INPUTS)
    task = memory.regression(lambda rng, N: tasks.adding(rng, N, T))
    parameters = memory.start(cell, rng, 2, H, 1)
    parameters["W_hh"] = init.identity(H, scale)
    losses = np.full(STEPS, np.nan)
    for step in range(STEPS):
        with np.errstate(over="ignore", invalid="ignore"):
            losses[step], gradients = memory.loss_and_gradients(
                cell, task, parameters, *task.draw(rng, N)
            )
        if not np.isfinite(losses[step]):
            break
        if limit is not None:
            gradients = clip_by_global_norm(gradients, limit)
        parameters = sgd_step(parameters, gradients, LEARNING_RATE)
    return losses
