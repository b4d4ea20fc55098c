"""How much does it matter where one starts and how fast one goes: an RNN against an LSTM."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from course import memory, tasks

T, H, STEPS, SEEDS = 40, 32, 1500, (0, 1)
LEARNING_RATES = (3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
STARTS = {
    "RNN, Gaussian": memory.vanilla(),
    "RNN, orthogonal": memory.vanilla(orthogonal=True),
    "RNN, ReLU and identity": memory.irnn(),
    "LSTM, forget bias 0": memory.long_short(forget_bias=0.0),
    "LSTM, forget bias 1": memory.long_short(forget_bias=1.0),
    "LSTM, forget bias 3": memory.long_short(forget_bias=3.0),
}

PROTOCOL = {
    "task": f"adding, T = {T}",
    "network": f"{H} units, linear output from the last state, squared error",
    "weights": "Gaussian of standard deviation 1/sqrt(rows) unless the name says otherwise",
    "training": f"Adam, at most {STEPS} steps, batches of 32 fresh sequences, norm clipped to 1",
    "steps": "until the error on 1000 new sequences is below 0.01, looked at every 50; empty: never",
    "error": "mean squared error at the end; always saying 1 scores 0.167",
}


def rows() -> Iterator[dict[str, object]]:
    """One row a run."""
    task = memory.regression(functools.partial(tasks.adding, T=T))
    for name, cell in STARTS.items():
        for rate in LEARNING_RATES:
            for seed in SEEDS:
                run = memory.learn(cell, task, H, rate, STEPS, seed)
                yield {
                    "cell": name,
                    "learning rate": rate,
                    "seed": seed,
                    "steps": run.steps,
                    "error": run.score,
                }
