"""How much of a gradient arrives at a distance, before and after training, by cell and start."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np

from course import memory, tasks
from course.shapes import Array

H, T, SEEDS, DISTANCES = 64, 100, (0, 1, 2), (10, 50, 100)
TRAINED_T, STEPS = 40, 600
TASK = memory.regression(functools.partial(tasks.adding, T=TRAINED_T))
CELLS = {
    **{f"LSTM, forget bias {bias}": memory.long_short(bias) for bias in (0, 1, 2, 3, 5)},
    "GRU": memory.gated(),
    "RNN, Gaussian": memory.vanilla(),
    "RNN, orthogonal": memory.vanilla(orthogonal=True),
    # Not trained: this is how torch's own layer starts, but for its biases.
    **{f"LSTM, W 0.58, forget bias {b}": memory.long_short(b, size=0.58) for b in (0, 1, 3)},
}
RATES = {"RNN, Gaussian": 1e-3, "RNN, orthogonal": 1e-3}

PROTOCOL = {
    "measure": "norm of dL/dc (LSTM) or dL/dh (others) at a distance, for dL/dh of length 1 at the end",
    "network": f"{H} units; weights Gaussian of standard deviation 1/sqrt(rows), "
    "W of 0.58/sqrt(rows) where it says so, as torch has it",
    "noise": "inputs of 64 independent normal numbers, scaled so that x U has standard deviation 0.3",
    "adding": f"inputs of the adding problem with T = {T}, before and after training",
    "training": f"adding, T = {TRAINED_T}, Adam, batches of 32, norm clipped to 1, learning rate 0.01, "
    f"for both RNN 0.001; until the error is below 0.01, at most {STEPS} steps",
    "solved": "runs that got there",
    "mean": f"geometric, over 16 sequences and the seeds {SEEDS}",
}


def rows() -> Iterator[dict[str, object]]:
    """One row for each cell, input and state of training."""
    for name, cell in CELLS.items():
        states = 2 if name.startswith("LSTM") else 1
        measured: dict[tuple[str, str], list[Array]] = {}
        solved = 0
        for seed in SEEDS:
            x: Array = 0.3 * np.random.default_rng(seed).standard_normal((16, T, 64))
            parameters = memory.start(cell, np.random.default_rng(seed), 64, H, 1)
            norms = memory.distance_norms(cell, parameters, x, states)
            measured.setdefault(("noise", "before"), []).append(norms)

            if "0.58" in name:
                continue
            x, _ = tasks.adding(np.random.default_rng(seed), 16, T)
            parameters = memory.start(cell, np.random.default_rng(seed), 2, H, 1)
            run = memory.learn(cell, TASK, H, RATES.get(name, 1e-2), STEPS, seed)
            solved += run.steps is not None
            for when, weights in (("before", parameters), ("after", run.parameters)):
                norms = memory.distance_norms(cell, weights, x, states)
                measured.setdefault(("adding", when), []).append(norms)
        for (inputs, when), all_norms in measured.items():
            logs = np.log(np.stack(all_norms)[:, DISTANCES])
            mean = np.exp(logs.mean(axis=0))
            at = {f"at {k}": f"{value:.1e}" for k, value in zip(DISTANCES, mean, strict=True)}
            share = f"{solved} of {len(SEEDS)}" if when == "after" else None
            yield {"cell": name, "inputs": inputs, "training": when, **at, "solved": share}
