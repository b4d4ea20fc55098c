"""ps05 `lstm_step`: from the gates to the new cell and the new state.

C_next = f C + i g        h_next = o tanh(C_next)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.contract import Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import arrays
from autograder.exercises.ps05.gates import lstm_gates
from autograder.exercises.ps05.parts import WEIGHTS, Array, cell_of, gates_of

SECTION = "One step"

STEP = {"x": "N D", "h": "N H", "C": "N H", **WEIGHTS}


def lstm_step(x: Array, h: Array, C: Array, U: Array, W: Array, b: Array) -> tuple[Array, Array]:
    f, i, o, g = lstm_gates(x, h, U, W, b)
    C_next = f * C + i * g
    return o * np.tanh(C_next), C_next


def _from(wrong: Callable[..., Any]) -> Callable[..., Any]:
    """A step whose last two equations are `wrong(f, i, o, g, C)`."""
    return lambda x, h, C, U, W, b: wrong(*gates_of(x, h, U, W, b), C)


def _cell(next_cell: Callable[..., Array]) -> Callable[..., Any]:
    """A step with another equation for C; h is right for the C that it gives."""

    def wrong(f: Array, i: Array, o: Array, g: Array, C: Array) -> Any:
        C_next = next_cell(f, i, o, g, C)
        return o * np.tanh(C_next), C_next

    return _from(wrong)


def _state(next_state: Callable[..., Array]) -> Callable[..., Any]:
    """A step with another equation for h, given the right new cell."""

    def wrong(f: Array, i: Array, o: Array, g: Array, C: Array) -> Any:
        C_next = f * C + i * g
        return next_state(f, i, o, C, C_next), C_next

    return _from(wrong)


def _overwrites_C(x: Array, h: Array, C: Array, U: Array, W: Array, b: Array) -> Any:
    f, i, o, g = gates_of(x, h, U, W, b)
    C *= f
    C += i * g
    return o * np.tanh(C), C


def _squashes_the_cell(f: Array, i: Array, o: Array, g: Array, C: Array) -> Any:
    C_next = np.tanh(f * C + i * g)
    return o * C_next, C_next


MISTAKES = (
    Mistake(
        "h and C are exchanged",
        _from(lambda *gates_and_C: cell_of(*gates_and_C)[::-1]),
        "The values are right, and they come back in the wrong order: first h, then C.",
        SECTION,
    ),
    Mistake(
        "f and i are exchanged",
        _cell(lambda f, i, o, g, C: i * C + f * g),
        "It looks as if i were multiplied with the old cell and f with the candidate. "
        "Say it in words: f decides how much of what was there stays.",
        SECTION,
    ),
    Mistake(
        "no forget gate",
        _cell(lambda f, i, o, g, C: C + i * g),
        "It looks as if the old cell stayed whole, whatever f says. The first LSTM, of 1997, was "
        "so; its cell can grow without end.",
        SECTION,
    ),
    Mistake(
        "no input gate",
        _cell(lambda f, i, o, g, C: f * C + g),
        "It looks as if the candidate went into the cell whole, whatever i says.",
        SECTION,
    ),
    Mistake(
        "one gate for both",
        _cell(lambda f, i, o, g, C: f * C + (1 - f) * g),
        "It looks as if 1 - f stood where i should: your cell is a weighted mean of old and new. "
        "In an LSTM the two gates are independent.",
        SECTION,
    ),
    Mistake(
        "the old cell is left out",
        _cell(lambda f, i, o, g, C: i * g),
        "It looks as if C played no part in the new cell: then nothing is remembered.",
        SECTION,
    ),
    Mistake(
        "the state in place of the cell",
        lambda x, h, C, U, W, b: cell_of(*gates_of(x, h, U, W, b), h),
        "It looks as if f were multiplied with h. The line that is carried on is the cell's.",
        SECTION,
    ),
    Mistake(
        "the gates read the cell",
        lambda x, h, C, U, W, b: cell_of(*gates_of(x, C, U, W, b), C),
        "It looks as if the gates had been given C in place of h. They see only what the cell "
        "shows.",
        SECTION,
    ),
    Mistake(
        "no tanh on the cell",
        _state(lambda f, i, o, C, C_next: o * C_next),
        "The cell is right. Your h can pass 1: something between the cell and the output gate "
        "is missing.",
        SECTION,
    ),
    Mistake(
        "no output gate",
        _state(lambda f, i, o, C, C_next: np.tanh(C_next)),
        "The cell is right. It looks as if h showed all of it, whatever o says.",
        SECTION,
    ),
    Mistake(
        "h shows the old cell",
        _state(lambda f, i, o, C, C_next: o * np.tanh(C)),
        "The cell is right. Your h looks one step late: it should read the cell that this step "
        "has just made.",
        SECTION,
    ),
    Mistake(
        "the input gate shows the cell",
        _state(lambda f, i, o, C, C_next: i * np.tanh(C_next)),
        "The cell is right. It looks as if i stood where o should, in the last equation.",
        SECTION,
    ),
    Mistake(
        "the output gate is inside tanh",
        _state(lambda f, i, o, C, C_next: np.tanh(o * C_next)),
        "The cell is right. It looks as if o were multiplied inside tanh; "
        "it multiplies what comes out.",
        SECTION,
    ),
    Mistake(
        "tanh is kept in the cell",
        _from(_squashes_the_cell),
        "h is right, but the cell that you return is squashed. tanh is for showing only; "
        "what is carried on has no tanh in its way.",
        SECTION,
    ),
    Mistake(
        "C is overwritten",
        _overwrites_C,
        "The values are right, but C *= f or C += i * g writes into the caller's array. "
        "The way back will need the old cell.",
        SECTION,
    ),
)

LSTM_STEP = Exercise(
    Function("lstm_step", STEP, {"h_next": "N H", "C_next": "N H"}),
    "One step of the LSTM",
    points=3,
    minutes=6,
    difficulty=1,
    cases=arrays(STEP),
    reference=lstm_step,
    mistakes=MISTAKES,
    hints=(
        "You have the gates already: lstm_gates gives all four.",
        "All of f, i, o, g and C have the shape (N, H), so the products here are number by number, "
        "with *.",
        "First the cell: the share f of the old one, plus the share i of the candidate.",
        "Then h_next = o * np.tanh(C_next). Return h_next, C_next.",
    ),
)
