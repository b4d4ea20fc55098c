"""Every cell's network has the gradient that central differences see; ablations are what they say."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

from course import memory, tasks
from course.ablation import SQUASHINGS, Recipe, ablated_forward
from course.gradcheck import check_gradients
from course.lstm import lstm_forward, split

N, T, D, H = 4, 5, 2, 3

RECIPES = {
    "the LSTM": Recipe(),
    "no forget gate": Recipe(f="one"),
    "no line": Recipe(f="zero"),
    "coupled": Recipe(f="coupled"),
    "no input gate": Recipe(i="one"),
    "no output gate": Recipe(o="one"),
    "linear candidate": Recipe(g="identity"),
    "linear output": Recipe(out="identity"),
    "relu": Recipe(g="relu", out="relu"),
}
CELLS = {
    "tanh": memory.vanilla(),
    "orthogonal": memory.vanilla(orthogonal=True),
    "irnn": memory.irnn(),
    "lstm": memory.long_short(),
    "chrono": memory.long_short(T_max=9),
    "gru": memory.gated(z_bias=1.0),
    **{name: memory.ablated(recipe) for name, recipe in RECIPES.items()},
}
ADDING = memory.regression(functools.partial(tasks.adding, T=T))
RECALL = memory.classification(functools.partial(tasks.recall, T=T, symbols=4), symbols=4)


@pytest.mark.parametrize("task", [ADDING, RECALL], ids=["adding", "recall"])
@pytest.mark.parametrize("name", CELLS)
def test_gradients_agree_with_central_differences(name: str, task: memory.Task) -> None:
    rng = np.random.default_rng(0)
    x, target = task.draw(rng, N)
    cell = CELLS[name]
    parameters = memory.start(cell, rng, x.shape[2], H, task.outputs)
    parameters = {key: p + 0.3 * rng.standard_normal(p.shape) for key, p in parameters.items()}
    _, gradients = memory.loss_and_gradients(cell, task, parameters, x, target)
    assert set(gradients) == set(parameters)
    check_gradients(
        lambda **p: memory.loss_and_gradients(cell, task, p, x, target)[0],
        parameters,
        gradients,
        1e-6,
    )


def test_an_ablation_of_nothing_is_the_lstm() -> None:
    rng = np.random.default_rng(1)
    x, zeros = rng.standard_normal((N, T, D)), np.zeros((N, H))
    weights = [rng.standard_normal(s) for s in ((D, 4 * H), (H, 4 * H), (4 * H,))]
    ours, theirs = ablated_forward(x, *weights, Recipe()), lstm_forward(x, zeros, zeros, *weights)
    for a, b in zip(ours, theirs, strict=False):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def test_an_open_gate_is_one_and_a_coupled_one_is_what_the_other_leaves() -> None:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((N, T, D))
    weights = [rng.standard_normal(s) for s in ((D, 4 * H), (H, 4 * H), (4 * H,))]
    gates = split(ablated_forward(x, *weights, Recipe(f="coupled", o="one")).gates)
    np.testing.assert_allclose(gates.f + gates.i, 1)
    np.testing.assert_array_equal(gates.o, 1)


@pytest.mark.parametrize("name", SQUASHINGS)
def test_a_slope_is_read_off_its_own_result(name: str) -> None:
    squash, slope = SQUASHINGS[name]
    a = np.array([-1.3, -0.2, 0.4, 2.0])
    expected = (squash(a + 1e-6) - squash(a - 1e-6)) / 2e-6
    np.testing.assert_allclose(slope(squash(a)), expected, atol=1e-8)


@pytest.mark.parametrize(("name", "states"), [("tanh", 1), ("irnn", 1), ("gru", 1), ("lstm", 2)])
def test_norms_by_distance_start_from_a_direction_of_length_one(name: str, states: int) -> None:
    cell, rng = CELLS[name], np.random.default_rng(0)
    x = rng.standard_normal((1, T, D))
    norms = memory.distance_norms(cell, memory.start(cell, rng, D, H, 1), x, states)
    assert norms.shape == (T + 1,)
    assert norms[0] == pytest.approx(1 if states == 1 else 0)
    assert np.all(np.isfinite(norms))


def test_norms_by_distance_need_a_cell_that_goes_back_step_by_step() -> None:
    cell = CELLS["coupled"]
    with pytest.raises(ValueError, match="without step_back"):
        memory.distance_norms(
            cell, memory.start(cell, np.random.default_rng(0), D, H, 1), np.zeros((1, 2, D)), 2
        )


def test_adding_separates_the_cells() -> None:
    """The curriculum's margins: after 600 steps at T = 40 the RNN is above 0.12, the LSTM below 0.02."""
    task = memory.regression(functools.partial(tasks.adding, T=40))
    settings: dict[str, Any] = {"H": 32, "learning_rate": 1e-2, "steps": 600, "seed": 0}
    assert memory.learn(memory.long_short(1.0), task, **settings).score < 0.02
    assert memory.learn(memory.vanilla(), task, **settings).score > 0.12


def test_a_run_is_the_same_again_and_ends_when_the_task_is_solved() -> None:
    task = memory.regression(functools.partial(tasks.adding, T=5))
    runs = [memory.learn(memory.gated(), task, 16, 1e-2, 2000, seed=1) for _ in range(2)]
    np.testing.assert_array_equal(runs[0].losses, runs[1].losses)
    assert runs[0].steps == len(runs[0].losses) < 2000
    assert runs[0].score < memory.SOLVED_ADDING


def test_a_run_that_overflows_ends_with_no_score() -> None:
    task = memory.regression(functools.partial(tasks.adding, T=400))
    run = memory.learn(memory.irnn(), task, 8, 10.0, 100, seed=0, clip=1e9)
    assert run.steps is None
    assert np.isnan(run.score)
