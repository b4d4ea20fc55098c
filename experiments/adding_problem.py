"""Which cell learns to add two marked numbers, and how soon, by the length of the sequence?"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from course import memory, tasks

# With its learning rate; `steps_to_learn` tries five of them at T = 40.
CELLS = {
    "RNN": (memory.vanilla(), 1e-3),
    "IRNN": (memory.irnn(), 3e-3),
    "IRNN, W_xh 0.001": (memory.irnn(0.001), 3e-3),
    "GRU": (memory.gated(), 1e-2),
    "LSTM": (memory.long_short(forget_bias=1.0), 1e-2),
}
LENGTHS, SEEDS = (10, 20, 40, 100), (0, 1, 2)
H, STEPS = 32, 2000

PROTOCOL = {
    "task": "adding: the sum of two marked numbers of T, each uniform on [0, 1]",
    "network": f"{H} units, linear output from the last state, squared error",
    "weights": "Gaussian of standard deviation 1/sqrt(rows), forget bias 1; "
    "IRNN: W_hh = I, W_xh 0.1 unless the name says otherwise",
    "training": f"Adam, at most {STEPS} steps, batches of 32 fresh sequences, norm clipped to 1",
    "steps": "until the error on 1000 new sequences is below 0.01, looked at every 50; empty: never",
    "error": "mean squared error at the end; always saying 1 scores 0.167",
}


def rows() -> Iterator[dict[str, object]]:
    """One row a run."""
    for T in LENGTHS:
        task = memory.regression(functools.partial(tasks.adding, T=T))
        for name, (cell, rate) in CELLS.items():
            for seed in SEEDS:
                run = memory.learn(cell, task, H, rate, STEPS, seed)
                yield {
                    "T": T,
                    "cell": name,
                    "learning rate": rate,
                    "seed": seed,
                    "steps": run.steps,
                    "error": run.score,
                }
