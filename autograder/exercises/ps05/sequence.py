"""ps05 `lstm_forward`: all steps, with state and cell carried along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.contract import Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import arrays
from autograder.exercises.ps05.parts import WEIGHTS, Array, cell_of, gates_of
from autograder.exercises.ps05.step import lstm_step

SECTION = "The whole sequence"

FORWARD = {"x": "N T D", "h0": "N H", "C0": "N H", **WEIGHTS}


def lstm_forward(
    x: Array, h0: Array, C0: Array, U: Array, W: Array, b: Array
) -> tuple[Array, Array]:
    states = [(h0, C0)]
    for t in range(x.shape[1]):
        states = [*states, lstm_step(x[:, t], *states[-1], U, W, b)]
    h, C = ([state[k] for state in states[1:]] for k in range(2))
    return np.stack(h, axis=1), np.stack(C, axis=1)


def _run(
    x: Array,
    h0: Array,
    C0: Array,
    *weights: Array,
    carry: Callable[..., tuple[Array, Array]] = lambda h, C, h0, C0: (h, C),
    order: Callable[[int], range] = range,
) -> tuple[Array, Array]:
    """All steps; `carry(h, C, h0, C0)` is what the next one starts from."""
    h_t, C_t = h0, C0
    N, T, H = len(x), x.shape[1], h0.shape[1]
    h, C = np.empty((N, T, H)), np.empty((N, T, H))
    for t in order(T):
        h[:, t], C[:, t] = cell_of(*gates_of(x[:, t], h_t, *weights), C_t)
        h_t, C_t = carry(h[:, t], C[:, t], h0, C0)
    return h, C


def _carrying(carry: Callable[..., tuple[Array, Array]]) -> Callable[..., Any]:
    return lambda *arguments: _run(*arguments, carry=carry)


def _returns(change: Callable[[Array, Array], Any]) -> Callable[..., Any]:
    return lambda *arguments: change(*_run(*arguments))


def _overwrites_C0(x: Array, h0: Array, C0: Array, *weights: Array) -> Any:
    h, C = _run(x, h0, C0, *weights)
    C0[...] = C[:, -1]
    return h, C


def _last_cell_everywhere(h: Array, C: Array) -> tuple[Array, Array]:
    return h, np.repeat(C[:, -1:], C.shape[1], axis=1)


def _with_the_beginning(x: Array, h0: Array, C0: Array, *weights: Array) -> tuple[Array, Array]:
    h, C = _run(x, h0, C0, *weights)
    return np.concatenate([h0[:, None], h], axis=1), np.concatenate([C0[:, None], C], axis=1)


def _before_each_step(*arguments: Array) -> tuple[Array, Array]:
    h, C = _with_the_beginning(*arguments)
    return h[:, :-1], C[:, :-1]


def _dealt_out_anew(h: Array, C: Array) -> tuple[Array, Array]:
    return h.swapaxes(0, 1).reshape(h.shape), C.swapaxes(0, 1).reshape(C.shape)


MISTAKES = (
    Mistake(
        "the cell is not carried on",
        _carrying(lambda h, C, h0, C0: (h, C0)),
        "The first step is right. It looks as if every later one started from C0 again: "
        "two things have to be carried.",
        SECTION,
    ),
    Mistake(
        "the state is not carried on",
        _carrying(lambda h, C, h0, C0: (h0, C)),
        "The first step is right. It looks as if the gates of every later one were given h0 again.",
        SECTION,
    ),
    Mistake(
        "nothing is carried on",
        _carrying(lambda h, C, h0, C0: (h0, C0)),
        "The first step is right. It looks as if every step started from h0 and C0.",
        SECTION,
    ),
    Mistake(
        "state and cell change places",
        _carrying(lambda h, C, h0, C0: (C, h)),
        "The first step is right. From the second on it looks as if h and C had changed places: "
        "in which order does your lstm_step return them?",
        SECTION,
    ),
    Mistake(
        "the state is carried in both places",
        _carrying(lambda h, C, h0, C0: (h, h)),
        "The first step is right. It looks as if h were carried on as the cell, too.",
        SECTION,
    ),
    Mistake(
        "the cell is carried in both places",
        _carrying(lambda h, C, h0, C0: (C, C)),
        "The first step is right. It looks as if the next gates were given C, "
        "where they should be given h.",
        SECTION,
    ),
    Mistake(
        "h0 is left out",
        lambda x, h0, C0, U, W, b: _run(x, 0 * h0, C0, U, W, b),
        "It looks as if the states began at zero and h0 played no part.",
        SECTION,
    ),
    Mistake(
        "C0 is left out",
        lambda x, h0, C0, U, W, b: _run(x, h0, 0 * C0, U, W, b),
        "It looks as if the cell began at zero and C0 played no part.",
        SECTION,
    ),
    Mistake(
        "both beginnings are left out",
        lambda x, h0, C0, U, W, b: _run(x, 0 * h0, 0 * C0, U, W, b),
        "It looks as if state and cell both began at zero; the caller has handed over h0 and C0.",
        SECTION,
    ),
    Mistake(
        "cells first",
        _returns(lambda h, C: (C, h)),
        "The values are right, and they come back in the wrong order: first all h, then all C.",
        SECTION,
    ),
    Mistake(
        "the states twice",
        _returns(lambda h, C: (h, h)),
        "h is right. What you return as C is h once more: was one list filled twice?",
        SECTION,
    ),
    Mistake(
        "the last cell everywhere",
        _returns(_last_cell_everywhere),
        "h is right. Your cells all show the last one. It looks as if one array were overwritten "
        "at each step: a list keeps references, not copies.",
        SECTION,
    ),
    Mistake(
        "the last step alone",
        _returns(lambda h, C: (h[:, -1], C[:, -1])),
        "These are the last state and the last cell. Those of every step are asked for.",
        SECTION,
    ),
    Mistake(
        "the beginning is among them",
        _with_the_beginning,
        "Your first entries are h0 and C0. The states after each step are asked for: T of them.",
        SECTION,
    ),
    Mistake(
        "before each step in place of after",
        _before_each_step,
        "Your first entries are h0 and C0, and the last states are missing: it looks as if each "
        "turn of the loop kept what it began with.",
        SECTION,
    ),
    Mistake(
        "time runs backwards",
        lambda *arguments: _run(*arguments, order=lambda T: range(T)[::-1]),
        "It looks as if the last input were read first.",
        SECTION,
    ),
    Mistake(
        "the axes are in another order",
        _returns(lambda h, C: (h.swapaxes(0, 1), C.swapaxes(0, 1))),
        "Time is your first axis. np.stack puts a new axis where axis= says, and in front without "
        "it.",
        SECTION,
    ),
    Mistake(
        "reshape at the end",
        _returns(_dealt_out_anew),
        "The values are right, but a reshape at the end deals them out to the wrong examples. "
        "The axes need to change places, or to be stacked in the right order.",
        SECTION,
    ),
    Mistake(
        "C0 is overwritten",
        _overwrites_C0,
        "The values are right, but the loop writes each new cell into C0. "
        "`C = C0` is only a second name for the same array.",
        SECTION,
    ),
)

LSTM_FORWARD = Exercise(
    Function("lstm_forward", FORWARD, {"h": "N T H", "C": "N T H"}),
    "All steps of the LSTM",
    points=3,
    minutes=10,
    difficulty=1,
    cases=arrays(FORWARD),
    reference=lstm_forward,
    mistakes=MISTAKES,
    hints=(
        "It is the loop of the vanilla network, with two things to carry.",
        "Begin with h_t, C_t = h0, C0, and let each turn replace both: "
        "h_t, C_t = lstm_step(x[:, t], h_t, C_t, U, W, b).",
        "Keep every h_t in one list and every C_t in another.",
        "np.stack(states, axis=1) turns a list of T arrays (N, H) into (N, T, H).",
    ),
)
