"""ps04 `gated_skip`: a way around the matrix.

a_t = a_{t-1} f_t + g_t        da_T/da_0 = f_1 f_2 ... f_T
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import draw_cases
from course import flow

Array: TypeAlias = np.ndarray

SKIP = {"a0": "N H", "f": "N T H", "g": "N T H"}
SECTION = "A way around"


def gates(rng: np.random.Generator) -> Sequence[Case]:
    """Random states and gates; the gates between 0 and 1, but in one case, where all are 1."""
    cases = [
        Case({**case.inputs, "f": 1 / (1 + np.exp(-2 - case.inputs["f"]))}, case.about)
        for case in draw_cases(rng, SKIP)
    ]
    inputs = cases[0].inputs
    return [*cases, Case({**inputs, "f": np.ones(inputs["f"].shape)}, "every gate at 1")]


def _states(a0: Array, f: Array, g: Array) -> Array:
    a, states = a0, []
    for t in range(f.shape[1]):
        a = a * f[:, t] + g[:, t]
        states.append(a)
    return np.stack(states, axis=1)


def _with_carry(carry: Array, a0: Array, f: Array, g: Array) -> tuple[Array, Array]:
    return _states(a0, f, g), carry


def _overwrites_a0(a0: Array, f: Array, g: Array) -> tuple[Array, Array]:
    states = _states(a0, f, g)
    a0[...] = states[:, -1]
    return states, f.prod(axis=1)


MISTAKES = (
    Mistake(
        "the gate is left out",
        lambda a0, f, g: (a0[:, None] + np.cumsum(g, axis=1), np.ones_like(a0)),
        "This is the additive skip, a_{t-1} + g_t, with a carry of 1: ResNet's. "
        "Here a gate decides how much of a_{t-1} stays.",
        SECTION,
    ),
    Mistake(
        "the gate is left out of the states",
        lambda a0, f, g: (a0[:, None] + np.cumsum(g, axis=1), f.prod(axis=1)),
        "carry is right. The states are those of the additive skip, a_{t-1} + g_t: "
        "the gate that the carry knows of is not in them.",
        SECTION,
    ),
    Mistake(
        "the gate on the new part",
        lambda a0, f, g: (a0[:, None] + np.cumsum(f * g, axis=1), np.ones_like(a0)),
        "It looks as if f multiplied g. The gate stands on the old state, g comes as it is.",
        SECTION,
    ),
    Mistake(
        "the gate turned round",
        lambda a0, f, g: (_states(a0, 1 - f, g), (1 - f).prod(axis=1)),
        "It looks as if 1 - f were kept. A gate of 1 keeps everything, a gate of 0 nothing.",
        SECTION,
    ),
    Mistake(
        "a_0 is left out",
        lambda a0, f, g: (_states(np.zeros_like(a0), f, g), f.prod(axis=1)),
        "carry is right. It looks as if the states began at zero: a_1 needs a_0.",
        SECTION,
    ),
    Mistake(
        "a blend of old and new",
        lambda a0, f, g: (_states(a0, f, (1 - f) * g), f.prod(axis=1)),
        "It looks as if the new part were multiplied by 1 - f. That would be a moving average; "
        "here what is kept and what is added are independent.",
        SECTION,
    ),
    Mistake(
        "the carry is the last gate",
        lambda a0, f, g: _with_carry(f[:, -1], a0, f, g),
        "a is right. For carry it looks as if you took the last gate: "
        "that is how a_T depends on a_{T-1}, one step back.",
        SECTION,
    ),
    Mistake(
        "the carry without the first gate",
        lambda a0, f, g: _with_carry(f[:, 1:].prod(axis=1), a0, f, g),
        "a is right. The carry lacks the first gate: "
        "this is how a_T depends on a_1, and a_0 is asked for.",
        SECTION,
    ),
    Mistake(
        "the carry without the last gate",
        lambda a0, f, g: _with_carry(f[:, :-1].prod(axis=1), a0, f, g),
        "a is right. The carry lacks the last gate: this is how a_{T-1} depends on a_0.",
        SECTION,
    ),
    Mistake(
        "the carry is a sum",
        lambda a0, f, g: _with_carry(f.sum(axis=1), a0, f, g),
        "a is right. It looks as if the gates were added up for the carry. "
        "Each gate multiplies what the ones before have left.",
        SECTION,
    ),
    Mistake(
        "the carry is a mean",
        lambda a0, f, g: _with_carry(f.mean(axis=1), a0, f, g),
        "a is right. It looks as if the gates were averaged for the carry. "
        "Each gate multiplies what the ones before have left.",
        SECTION,
    ),
    Mistake(
        "the carry times a_0",
        lambda a0, f, g: _with_carry(a0 * f.prod(axis=1), a0, f, g),
        "a is right. Your carry is what is left of a_0 itself; "
        "the derivative by a_0 is the factor in front of it.",
        SECTION,
    ),
    Mistake(
        "every step from a_0",
        lambda a0, f, g: (a0[:, None] * f + g, f.prod(axis=1)),
        "carry is right. It looks as if every step started from a_0. The first step is right; "
        "the second starts from a_1.",
        SECTION,
    ),
    Mistake(
        "a_0 among the states",
        lambda a0, f, g: (np.concatenate([a0[:, None], _states(a0, f, g)], axis=1), f.prod(axis=1)),
        "It looks as if a_0 stood in front of the states. Return a_1 to a_T.",
        SECTION,
    ),
    Mistake(
        "a0 is overwritten",
        _overwrites_a0,
        "The values are right, but they are computed in a0 itself.",
        SECTION,
    ),
)

GATED_SKIP = Exercise(
    Function("gated_skip", SKIP, {"a": "N T H", "carry": "N H"}),
    "A gated skip",
    points=3,
    minutes=12,
    difficulty=2,
    cases=gates,
    reference=flow.gated_skip,
    mistakes=MISTAKES,
    hints=(
        "It is a loop over time as in ps02, with a product number by number and without tanh.",
        "Write a_2 as a function of a_0: (a_0 f_1 + g_1) f_2 + g_2. What stands in front of a_0?",
        "da_2/da_0 = f_1 f_2, number by number: f and g do not depend on a_0 here. "
        "For T steps it is the product of all gates over time.",
        "carry = f.prod(axis=1). For the states: a = a * f[:, t] + g[:, t], kept in a list.",
    ),
)
