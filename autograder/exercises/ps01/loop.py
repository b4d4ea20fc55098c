"""ps01 `unroll`: a network as deep as the sequence is long, as a loop over one layer.

h_t = layer(h_{t-1}, x_t) at a real step,  h_t = h_{t-1} at a pad
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import draw_arrays
from autograder.exercises.ps01.words import Array
from course import sequences
from course.sequences import layer

Layer: TypeAlias = Callable[[Array, Array, Array, Array], Array]

SECTION = "One layer, over and over"

UNROLL = {"x": "N T D", "mask": "N T", "h0": "N H", "W": "H+D H", "b": "H"}


def unroll_cases(rng: np.random.Generator) -> list[Case]:
    """Padded batches, one with a real step of zeros; one without pads; one step of one sequence."""

    def batch(about: str, lengths: list[int], T: int, D: int, H: int) -> Case:
        inputs = draw_arrays(rng, UNROLL, {"N": len(lengths), "T": T, "D": D, "H": H}, scale=0.7)
        inputs["mask"] = 1.0 * (np.arange(T) < np.array(lengths)[:, None])
        inputs["x"] *= inputs["mask"][:, :, None]
        return Case(inputs, about)

    zeros = batch("a real step of zeros", [3, 5], T=5, D=3, H=4)
    zeros.inputs["x"][:, 2] = 0.0
    return [
        batch("unequal lengths", [2, 5, 1, 4], T=5, D=3, H=2),
        batch("pads in every row", [4, 2, 3], T=6, D=2, H=5),
        zeros,
        batch("no pads", [4, 4], T=4, D=5, H=3),
        batch("one sequence of one step", [1], T=1, D=2, H=3),
    ]


def _masked(at_pad: Callable[[Array, Array], Array], step: Layer = layer) -> Callable[..., Any]:
    """A loop that is right, with what a row becomes at a pad: `at_pad(h, h0)`."""

    def unroll(x: Array, mask: Array, h0: Array, W: Array, b: Array) -> Array:
        h = h0
        for t in range(x.shape[1]):
            h = np.where(mask[:, t, None] == 1, step(h, x[:, t], W, b), at_pad(h, h0))
        return h

    return unroll


_right = _masked(lambda h, h0: h)


def _pads_are_read(x: Array, mask: Array, h0: Array, W: Array, b: Array) -> Array:
    return _right(x, np.ones_like(mask), h0, W, b)


def _all_from_h0(x: Array, mask: Array, h0: Array, W: Array, b: Array) -> Array:
    h = h0
    for t in range(x.shape[1]):
        h = np.where(mask[:, t, None] == 1, layer(h0, x[:, t], W, b), h)
    return h


def _first_step_only(x: Array, mask: Array, h0: Array, W: Array, b: Array) -> Array:
    return _right(x[:, :1], mask[:, :1], h0, W, b)


def _all_states(x: Array, mask: Array, h0: Array, W: Array, b: Array) -> Array:
    states, h = [], h0
    for t in range(x.shape[1]):
        h = np.where(mask[:, t, None] == 1, layer(h, x[:, t], W, b), h)
        states.append(h)
    return np.stack(states, axis=1)


def _reads_zero_as_a_pad(x: Array, mask: Array, h0: Array, W: Array, b: Array) -> Array:
    return _right(x, mask * np.any(x != 0, axis=2), h0, W, b)


def _as_long_as_the_shortest(x: Array, mask: Array, h0: Array, W: Array, b: Array) -> Array:
    T = int(mask.sum(axis=1).min())
    return _right(x[:, :T], mask[:, :T], h0, W, b)


def _writes_into_h0(x: Array, mask: Array, h0: Array, W: Array, b: Array) -> Array:
    for t in range(x.shape[1]):
        h0[...] = np.where(mask[:, t, None] == 1, layer(h0, x[:, t], W, b), h0)
    return h0


def _mask_as_a_row(x: Array, mask: Array, h0: Array, W: Array, b: Array) -> Array:
    h = h0
    for t in range(x.shape[1]):
        h = np.where(mask[:, t] == 1, layer(h, x[:, t], W, b), h)
    return h


def _mask_as_a_factor_row(x: Array, mask: Array, h0: Array, W: Array, b: Array) -> Array:
    h = h0
    for t in range(x.shape[1]):
        h = mask[:, t] * layer(h, x[:, t], W, b) + (1 - mask[:, t]) * h
    return h


def _one_state_too_early(x: Array, mask: Array, h0: Array, W: Array, b: Array) -> Array:
    states = np.concatenate([h0[:, None], _all_states(x, mask, h0, W, b)], axis=1)
    return states[np.arange(len(x)), mask.sum(axis=1).astype(int) - 1]


MISTAKES = (
    Mistake(
        "pads are read",
        _pads_are_read,
        "Sequences without pads are right. The others go on at their pads: a pad is zero, but the "
        "layer makes something of the state and the bias all the same.",
        SECTION,
    ),
    Mistake(
        "the state is wiped at a pad",
        _masked(lambda h, h0: 0 * h),
        "Sequences without pads are right. Of the others nothing is left: it looks as if the state "
        "became zero at a pad. It should stay as it is.",
        SECTION,
    ),
    Mistake(
        "back to h0 at a pad",
        _masked(lambda h, h0: h0),
        "Sequences without pads are right. The others end at h0: it looks as if the state went back "
        "to it at a pad. It should stay as it is.",
        SECTION,
    ),
    Mistake(
        "what is zero is taken for a pad",
        _reads_zero_as_a_pad,
        "It looks as if a step of zeros were skipped. Only the mask says what is a pad.",
        SECTION,
    ),
    Mistake(
        "every layer starts from h0",
        _all_from_h0,
        "It looks as if each layer started from h0. What one layer gives, the next one reads.",
        SECTION,
    ),
    Mistake(
        "h0 is ignored",
        lambda x, mask, h0, W, b: _right(x, mask, 0 * h0, W, b),
        "It looks as if the loop began from zeros. It should begin from the h0 that is given.",
        SECTION,
    ),
    Mistake(
        "only the first step",
        _first_step_only,
        "Only the first step has been read. Does the return stand inside the loop?",
        SECTION,
    ),
    Mistake(
        "all states",
        _all_states,
        "These are the states after every step. Wanted are the last ones, (N, H).",
        SECTION,
    ),
    Mistake(
        "it stops with the shortest",
        _as_long_as_the_shortest,
        "It looks as if the loop ended where the shortest sequence ends. The others go on.",
        SECTION,
    ),
    Mistake(
        "the last column is left out",
        lambda x, mask, h0, W, b: _right(x[:, :-1], mask[:, :-1], h0, W, b),
        "Sequences that end before T are right. In the others the last word has not been read: "
        "where does your loop end?",
        SECTION,
    ),
    Mistake(
        "one state too early",
        _one_state_too_early,
        "These are the states before the last real step. Does your list of states begin with h0? "
        "Then the state after three steps is entry 3.",
        SECTION,
    ),
    Mistake(
        "the words are read backwards",
        lambda x, mask, h0, W, b: _right(x[:, ::-1], mask[:, ::-1], h0, W, b),
        "It looks as if the last word were read first.",
        SECTION,
    ),
    Mistake(
        "the mask is turned around",
        lambda x, mask, h0, W, b: _right(x, 1 - mask, h0, W, b),
        "It looks as if the pads were read and the real steps left out.",
        SECTION,
    ),
    Mistake(
        "the mask is a row",
        _mask_as_a_row,
        "mask[:, t] has the shape (N,), which NumPy takes for a row and holds against the H columns "
        "of the state. It should be a column, one entry for each row.",
        SECTION,
    ),
    Mistake(
        "the mask is a row, and a factor",
        _mask_as_a_factor_row,
        "mask[:, t] has the shape (N,), and the states have (N, H): NumPy lines up the last axes, so the "
        "product does not fit. With a column, one entry for each row, it does.",
        SECTION,
    ),
    Mistake(
        "h0 is overwritten",
        _writes_into_h0,
        "The states are right, but they are written into h0. `h = h0` is only a second name for the "
        "same array.",
        SECTION,
    ),
)

UNROLL_EXERCISE = Exercise(
    Function("unroll", UNROLL, {"h": "N H"}),
    "One layer in a loop",
    points=6,
    minutes=20,
    difficulty=3,
    cases=unroll_cases,
    reference=sequences.unroll,
    mistakes=MISTAKES,
    hints=(
        "Forget the mask at first: begin with h = h0, and let h = layer(h, x[:, t], W, b) for each t.",
        "Now the pads. After each step there are two candidates for every row: the new state, and "
        "the old one. Which one counts, the mask says.",
        "mask[:, t] has the shape (N,). As a column, mask[:, t, None], it has the shape (N, 1) and "
        "goes with (N, H).",
        "np.where(is_real, new, old) picks row by row, with is_real = mask[:, t, None] == 1.",
    ),
)
