"""What does an LSTM lose when one of its parts is taken out or exchanged?"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from course import memory, tasks
from course.ablation import Recipe

T, H, RATE, STEPS, SEEDS = 40, 32, 1e-2, 1000, (0, 1, 2)
RECIPES = {
    "nothing: the LSTM": Recipe(),
    "the cell's line cut, f = 0": Recipe(f="zero"),
    "no forget gate, f = 1": Recipe(f="one"),
    "no input gate, i = 1": Recipe(i="one"),
    "no output gate, o = 1": Recipe(o="one"),
    "forget gate tied, f = 1 - i": Recipe(f="coupled"),
    "no tanh in the candidate": Recipe(g="identity"),
    "relu for tanh in the candidate": Recipe(g="relu"),
    "no tanh at the output": Recipe(out="identity"),
    "no gates, f = i = o = 1": Recipe(f="one", i="one", o="one"),
}

PROTOCOL = {
    "task": f"adding, T = {T}",
    "network": f"{H} units, forget bias 1, linear output from the last state, squared error",
    "weights": "Gaussian of standard deviation 1/sqrt(rows)",
    "training": f"Adam, learning rate {RATE}, at most {STEPS} steps, batches of 32, norm clipped to 1",
    "steps": "until the error on 1000 new sequences is below 0.01, looked at every 50; empty: never",
    "error": "mean squared error at the end; always saying 1 scores 0.167",
}


def rows() -> Iterator[dict[str, object]]:
    """One row a run."""
    task = memory.regression(functools.partial(tasks.adding, T=T))
    for name, recipe in RECIPES.items():
        for seed in SEEDS:
            run = memory.learn(memory.ablated(recipe), task, H, RATE, STEPS, seed)
            yield {"changed": name, "seed": seed, "steps": run.steps, "error": run.score}
