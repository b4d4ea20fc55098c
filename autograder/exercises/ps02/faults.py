"""ps02 `find_the_faults`: a class with five faults, the same class repaired, and the cases.

Each fault has a case of its own, and a class with one fault left fails that case and no other:

    case          looks at                          and is blind to the other faults because
    returned      what `forward` returns            the state is zero, so W_hh does not act yet
    any_batch     the first state, N and H unequal  it ignores what `forward` returns
    steps         the state after three steps       N = H, which is where an H x H state goes unseen
    new_sequence  the state after `reset`           one step from zero on either side, N = H
    fresh         the weights of a new network      it takes no step

In all but `fresh`, the weights are set from outside.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.contract import Call, Case, Class, Get
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import draw_arrays, draw_sizes
from autograder.exercises.ps02.network import (
    FRESH,
    LAWS,
    NEW,
    SET_WEIGHTS,
    WEIGHTS,
    constructor_inputs,
    fresh_case,
)

SECTION = "Find the faults"


class FaultyRNN:
    """A vanilla RNN that takes one time step at a time and remembers its state."""

    def __init__(
        self, input_size: int, hidden_size: int, output_size: int, rng: np.random.Generator
    ) -> None:
        self.W_xh = rng.standard_normal((input_size, hidden_size))
        self.W_hh = rng.standard_normal((hidden_size, hidden_size))
        self.W_hy = rng.standard_normal((hidden_size, output_size))
        self.b_h = np.zeros(hidden_size)
        self.b_y = np.zeros(output_size)
        self.hidden_state = np.zeros((hidden_size, hidden_size))
        self.output: np.ndarray | None = None

    def reset(self) -> None:
        """Start a new sequence."""
        self.output = None

    def forward(self, x: np.ndarray) -> np.ndarray | None:
        """Take one time step, x (N, D); keep the state, (N, H), and return y_t, (N, M)."""
        from_input = x @ self.W_xh
        from_past = (self.W_hh @ self.hidden_state.T).T
        self.hidden_state = np.tanh(from_input + from_past + self.b_h)
        self.out = self.hidden_state @ self.W_hy + self.b_y
        return self.output


class RepairedRNN:
    """A vanilla RNN that takes one time step at a time and remembers its state."""

    hidden_state: np.ndarray

    def __init__(
        self, input_size: int, hidden_size: int, output_size: int, rng: np.random.Generator
    ) -> None:
        self.W_xh = rng.standard_normal((input_size, hidden_size)) / np.sqrt(input_size)
        self.W_hh = rng.standard_normal((hidden_size, hidden_size)) / np.sqrt(hidden_size)
        self.W_hy = rng.standard_normal((hidden_size, output_size)) / np.sqrt(hidden_size)
        self.b_h = np.zeros(hidden_size)
        self.b_y = np.zeros(output_size)
        self.reset()

    def reset(self) -> None:
        """Start a new sequence: one row of zeros, which serves a batch of any size."""
        self.hidden_state = np.zeros((1, len(self.W_hh)))
        self.output: np.ndarray | None = None

    def forward(self, x: np.ndarray) -> np.ndarray | None:
        """Take one time step, x (N, D); keep the state, (N, H), and return y_t, (N, M)."""
        from_input = x @ self.W_xh
        from_past = self.hidden_state @ self.W_hh
        self.hidden_state = np.tanh(from_input + from_past + self.b_h)
        self.output = self.hidden_state @ self.W_hy + self.b_y
        return self.output


CONTRACT = Class(
    "find_the_faults",
    {
        "returned": (NEW, *SET_WEIGHTS, Call("forward", {"x_1": "N D"}, {"y_1": "N M"})),
        "any_batch": (
            NEW,
            *SET_WEIGHTS,
            Call("forward", {"x_1": "N D"}),
            Get("hidden_state", "h_1", "N H"),
        ),
        "steps": (
            NEW,
            *SET_WEIGHTS,
            *(Call("forward", {f"x_{t}": "N D"}) for t in (1, 2, 3)),
            Get("hidden_state", "h_3", "N H"),
        ),
        "new_sequence": (
            NEW,
            *SET_WEIGHTS,
            Call("forward", {"x_1": "N D"}),
            Call("reset"),
            Call("forward", {"x_2": "N D"}),
            Get("hidden_state", "h_2", "N H"),
        ),
        "fresh": FRESH,
    },
)


def cases(rng: np.random.Generator) -> list[Case]:
    """One case for each fault.  N = H in three of them; all else is unequal."""
    drawn = []
    for script, steps, about in (
        ("returned", 1, "what forward returns"),
        ("any_batch", 1, "a batch of a size of its own"),
        ("steps", 3, "the state after three steps"),
        ("new_sequence", 2, "a new sequence after reset"),
    ):
        sizes = draw_sizes(rng, "NDHM")
        if script != "any_batch":
            sizes["N"] = sizes["H"]
        steps_in = {f"x_{t}": "N D" for t in range(1, steps + 1)}
        arrays = draw_arrays(rng, WEIGHTS | steps_in, sizes)
        inputs = constructor_inputs(rng, sizes["D"], sizes["H"], sizes["M"]) | arrays
        drawn.append(Case(inputs, about, script))
    return [*drawn, fresh_case(rng)]


# One fault left at a time


class _ReturnsAnother(RepairedRNN):
    def forward(self, x: np.ndarray) -> np.ndarray | None:
        super().forward(x)
        self.out, self.output = self.output, None
        return self.output


class _FrozenBatch(RepairedRNN):
    def reset(self) -> None:
        self.hidden_state = np.zeros_like(self.W_hh)


class _MixedConventions(RepairedRNN):
    def forward(self, x: np.ndarray) -> np.ndarray:
        from_past = (self.W_hh @ self.hidden_state.T).T
        self.hidden_state = np.tanh(x @ self.W_xh + from_past + self.b_h)
        return self.hidden_state @ self.W_hy + self.b_y


class _NeverResets(RepairedRNN):
    def reset(self) -> None:
        if not hasattr(self, "hidden_state"):
            super().reset()


class _Unscaled(RepairedRNN):
    def __init__(self, *sizes_and_rng: Any) -> None:
        super().__init__(*sizes_and_rng)
        self.W_xh = self.W_xh * np.sqrt(len(self.W_xh))
        self.W_hh = self.W_hh * np.sqrt(len(self.W_hh))
        self.W_hy = self.W_hy * np.sqrt(len(self.W_hy))


#: Fault k fails case k, in the order of `cases`.
FAULTS = (
    Mistake(
        "forward returns what it never set",
        _ReturnsAnother,
        "One fault is left. Follow the output through forward, name by name: "
        "is the attribute that is returned the one that was set?",
        SECTION,
    ),
    Mistake(
        "the first state is H x H",
        _FrozenBatch,
        "One fault is left. The state has one row for each example, and before the first step the "
        "class cannot know how many there will be. Which shape of zeros fits them all? "
        "A batch of exactly H examples hides this fault.",
        SECTION,
    ),
    Mistake(
        "row and column convention mixed",
        _MixedConventions,
        "One fault is left. Beside `x W_xh` stands a product with the matrix on the other side: "
        "it uses W_hh transposed. After one step from zero you cannot see it, after two you can.",
        SECTION,
    ),
    Mistake(
        "reset keeps the state",
        _NeverResets,
        "One fault is left. After reset, the second sequence still depends on the first: "
        "look at hidden_state before and after reset.",
        SECTION,
    ),
    Mistake(
        "the weights are not scaled",
        _Unscaled,
        "One fault is left. With standard deviation 1, a sum over many inputs is large and tanh "
        "answers nearly always with 1 or -1. Print a few states of a wide network.",
        SECTION,
    ),
)


# Repairs that go wrong


class _ResetsAtEveryStep(RepairedRNN):
    def forward(self, x: np.ndarray) -> np.ndarray | None:
        self.reset()
        return super().forward(x)


class _MatrixStillInFront(RepairedRNN):
    def forward(self, x: np.ndarray) -> np.ndarray:
        if len(self.hidden_state) == 1:
            self.hidden_state = np.zeros((len(x), len(self.W_hh)))
        from_past = self.W_hh @ self.hidden_state
        self.hidden_state = np.tanh(x @ self.W_xh + from_past + self.b_h)
        return self.hidden_state @ self.W_hy + self.b_y


class _DividesByRows(RepairedRNN):
    def __init__(self, *sizes_and_rng: Any) -> None:
        super().__init__(*sizes_and_rng)
        self.W_xh = self.W_xh / np.sqrt(len(self.W_xh))
        self.W_hh = self.W_hh / np.sqrt(len(self.W_hh))
        self.W_hy = self.W_hy / np.sqrt(len(self.W_hy))


class _ScalesTheRecurrenceOnly(RepairedRNN):
    def __init__(self, *sizes_and_rng: Any) -> None:
        super().__init__(*sizes_and_rng)
        self.W_xh = self.W_xh * np.sqrt(len(self.W_xh))
        self.W_hy = self.W_hy * np.sqrt(len(self.W_hy))


MISTAKES = (
    *FAULTS,
    Mistake(
        "all five faults are still there",
        FaultyRNN,
        "As far as the cases can tell, nothing is repaired yet: every one of them fails. "
        "Begin with forward, and follow the names that it sets and returns.",
        SECTION,
    ),
    Mistake(
        "every step forgets",
        _ResetsAtEveryStep,
        "The state is zero again before every step, so the class remembers nothing. "
        "Only a new sequence should begin from zero.",
        SECTION,
    ),
    Mistake(
        "W_hh @ h for rows",
        _MatrixStillInFront,
        "The recurrent product has its matrix in front. A state of shape (N, H) holds its examples "
        "in rows, so W_hh in front would mix the examples; the shapes only seem to fit when N = H.",
        SECTION,
    ),
    Mistake(
        "the weights are too small now",
        _DividesByRows,
        "The repair went too far, in all three matrices: did you divide by the number of rows? "
        "Variances add, so a sum of n independent terms grows like the square root of n.",
        SECTION,
    ),
    Mistake(
        "only W_hh is scaled",
        _ScalesTheRecurrenceOnly,
        "W_hh is scaled now, and the two other matrices are not. "
        "The reason is the same for all three: each unit sums over the rows.",
        SECTION,
    ),
)

# A message names the class, so a student's answer and a wrong one here can only agree under one name.
for _mistake in MISTAKES:
    _mistake.answer.__name__ = "FaultyRNN"


FIND_THE_FAULTS = Exercise(
    CONTRACT,
    "Repair a class with five faults",
    points=6,
    minutes=20,
    difficulty=2,
    cases=cases,
    reference=RepairedRNN,
    mistakes=MISTAKES,
    hints=(
        "Run it before you read it: make a small network with a batch that has not H examples, call "
        "forward, and look at what comes back or what Python says.",
        "Each case looks at one thing: what forward returns; a batch of any size; the state after "
        "three steps; a new sequence after reset; the weights of a new network.",
        "Follow each name on self: where is it set, where is it read? Look at what forward returns, "
        "and at which names reset touches.",
        "Compare the two products in forward. In one the matrix is on the right, in the other on "
        "the left. Write the shapes below, with N different from H.",
        "The last one raises no error: for a wide network, print hidden_state after one step. How "
        "should the standard deviation of a weight depend on the number of rows?",
    ),
    laws=LAWS,
    given=FaultyRNN,
)
