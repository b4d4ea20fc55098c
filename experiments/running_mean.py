"""How well does a vanilla RNN learn the running mean, by its number of units, and beyond its training?

The lab of ps02 trains one network of 16 units.  Here are other sizes and seeds, and what becomes of
the error past the length that training knew.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np

from course import rnn, tasks
from course.optim import Adam
from course.training import train

UNITS, SEEDS = (4, 16, 64), (0, 1, 2)
T, LONG, STEPS = 20, 60, 3000

PROTOCOL = {
    "task": f"running mean of inputs uniform on [-1, 1], target at every step, T = {T}",
    "training": f"Adam, learning rate 0.01, {STEPS} steps, batches of 32 fresh sequences",
    "measure": f"root-mean-square error at one step, on 1000 new sequences of length {LONG}",
    "seeds": "0, 1, 2: weights and batches; the test sequences are the same for all",
}


def rows() -> Iterator[dict[str, object]]:
    """One row a network: its error at the last step it was trained on, and three times as far."""
    x, target = tasks.running_mean(np.random.default_rng(2), N=1000, T=LONG)
    yield {"units": "always zero", "seed": None, **_errors(tasks.guess_zero(x), target)}
    for units in UNITS:
        for seed in SEEDS:
            rng = np.random.default_rng(seed)
            trained = train(
                rnn.VanillaRNN(1, units, 1, rng).parameters,
                rnn.loss_and_gradients,
                draw_batch=functools.partial(tasks.running_mean, rng, N=32, T=T),
                update=Adam(1e-2).step,
                steps=STEPS,
            ).parameters
            h0 = np.zeros((len(x), units))
            h = rnn.rnn_forward(x, h0, trained["W_xh"], trained["W_hh"], trained["b_h"])
            y = rnn.rnn_output(h, trained["W_hy"], trained["b_y"])
            yield {"units": units, "seed": seed, **_errors(y, target)}


def _errors(y: np.ndarray, target: np.ndarray) -> dict[str, object]:
    error = np.sqrt(np.mean((y - target) ** 2, axis=(0, 2)))  # (T,)
    return {f"error at {t}": error[t - 1] for t in (T, LONG)}
