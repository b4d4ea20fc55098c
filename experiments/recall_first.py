"""Which start of which cell can tell the first symbol after fifty steps?

The counter-lesson to the adding problem: where nothing disturbs the memory, a plain network that starts
well does it, and an LSTM that starts badly does not.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from course import memory, tasks

T, SYMBOLS, H, STEPS = 50, 8, 32, 1000
LEARNING_RATES, SEEDS = (1e-2, 1e-3), (0, 1, 2)
CELLS = {
    "RNN, Gaussian": memory.vanilla(),
    "RNN, orthogonal": memory.vanilla(orthogonal=True),
    "LSTM, forget bias 0": memory.long_short(forget_bias=0.0),
    "LSTM, forget bias 1": memory.long_short(forget_bias=1.0),
    "LSTM, chrono": memory.long_short(T_max=T),
    "GRU": memory.gated(),
}

PROTOCOL = {
    "task": f"recall: the first of T = {T} symbols, {SYMBOLS} kinds; what follows is blank or random",
    "network": f"{H} units, softmax of a linear output from the last state, cross-entropy",
    "weights": "Gaussian of standard deviation 1/sqrt(rows) unless the name says otherwise",
    "training": f"Adam, at most {STEPS} steps, batches of 32 fresh sequences, norm clipped to 1",
    "steps": "until 99 % of 1000 new sequences are right, looked at every 50; empty: never",
    "right": f"share of right answers at the end; guessing scores {1 / SYMBOLS:.3f}",
}


def rows() -> Iterator[dict[str, object]]:
    """One row a run."""
    for distract, after in ((False, "blank"), (True, "random")):
        draw = functools.partial(tasks.recall, T=T, symbols=SYMBOLS, distract=distract)
        task = memory.classification(draw, SYMBOLS)
        for name, cell in CELLS.items():
            for rate in LEARNING_RATES:
                for seed in SEEDS:
                    run = memory.learn(cell, task, H, rate, STEPS, seed)
                    yield {
                        "after the first": after,
                        "cell": name,
                        "learning rate": rate,
                        "seed": seed,
                        "steps": run.steps,
                        "right": run.score,
                    }
