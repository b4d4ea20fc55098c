"""ps02 `VanillaRNN`: how the class is driven, its cases, and the wrong answers that students give.

The main script sets all weights, takes two steps, resets, and takes a step with a batch of another
size.  A second script looks at a new network: the sizes of its weights, judged by laws.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from autograder.contract import Arrays, Call, Case, Class, Get, New, Set
from autograder.exercise import Exercise, Law, Mistake
from autograder.exercises.drawing import LARGE, MODERATE, draw_arrays, draw_sizes
from autograder.exercises.laws import sizes_for_scale, weights_law, zeros_law
from course import rnn

Array: TypeAlias = np.ndarray

SECTION = "A class that remembers"

NEW = New({"input_size": "int", "hidden_size": "int", "output_size": "int", "rng": "rng"})
WEIGHTS = {"W_xh": "D H", "W_hh": "H H", "W_hy": "H M", "b_h": "H", "b_y": "M"}
SET_WEIGHTS = tuple(Set(name, spec) for name, spec in WEIGHTS.items())

FRESH = (
    NEW,
    Get("W_xh", "W_xh", "input_size hidden_size"),
    Get("W_hh", "W_hh", "hidden_size hidden_size"),
    Get("W_hy", "W_hy", "hidden_size output_size"),
    Get("b_h", "b_h", "hidden_size"),
    Get("b_y", "b_y", "output_size"),
)

CONTRACT = Class(
    "VanillaRNN",
    {
        "main": (
            NEW,
            *SET_WEIGHTS,
            Call("forward", {"x_1": "N D"}, {"y_1": "N M"}),
            Get("hidden_state", "h_1", "N H"),
            Call("forward", {"x_2": "N D"}, {"y_2": "N M"}),
            Get("hidden_state", "h_2", "N H"),
            Call("reset"),
            Call("forward", {"x_3": "K D"}, {"y_3": "K M"}),
            Get("hidden_state", "h_3", "K H"),
        ),
        "fresh": FRESH,
    },
)

#: For the outputs of the script `fresh`.
LAWS: dict[str, Law] = {
    **{name: weights_law(name) for name in ("W_xh", "W_hh", "W_hy")},
    **{name: zeros_law(name) for name in ("b_h", "b_y")},
}


def constructor_inputs(
    rng: np.random.Generator, input_size: int, hidden_size: int, output_size: int
) -> Arrays:
    """The inputs of `NEW`: three sizes and a seed."""
    return {
        "input_size": np.array(input_size),
        "hidden_size": np.array(hidden_size),
        "output_size": np.array(output_size),
        "rng": np.array(rng.integers(1000)),
    }


def fresh_case(rng: np.random.Generator) -> Case:
    """A network large enough to judge the scale of its weights."""
    inputs = constructor_inputs(rng, *sizes_for_scale(rng))
    return Case(inputs, "the weights of a new network", "fresh")


def cases(rng: np.random.Generator) -> list[Case]:
    """Two ordinary cases, one of large numbers, one that begins with one example, a fresh network."""
    drawn = []
    for about, scale, sizes in (
        ("unequal sizes", MODERATE, draw_sizes(rng, "NKDHM")),
        ("other sizes", MODERATE, draw_sizes(rng, "NKDHM")),
        ("large numbers", LARGE, draw_sizes(rng, "NKDHM")),
        ("one example, then several", MODERATE, {"N": 1} | draw_sizes(rng, "KDHM", 5)),
    ):
        specs = WEIGHTS | {"x_1": "N D", "x_2": "N D", "x_3": "K D"}
        inputs = constructor_inputs(rng, sizes["D"], sizes["H"], sizes["M"])
        drawn.append(Case(inputs | draw_arrays(rng, specs, sizes, scale), about))
    return [*drawn, fresh_case(rng)]


class _Plain:
    """A right answer to override."""

    hidden_state: Any
    scale = staticmethod(lambda rows: 1 / np.sqrt(rows))

    def __init__(self, D: int, H: int, M: int, rng: np.random.Generator) -> None:
        self.W_xh = rng.standard_normal((D, H)) * self.scale(D)
        self.W_hh = rng.standard_normal((H, H)) * self.scale(H)
        self.W_hy = rng.standard_normal((H, M)) * self.scale(H)
        self.b_h = np.zeros(H)
        self.b_y = np.zeros(M)
        self.reset()

    def reset(self) -> None:
        self.hidden_state = np.zeros((1, len(self.W_hh)))

    def next_state(self, x: Array) -> Array:
        return np.tanh(x @ self.W_xh + self.hidden_state @ self.W_hh + self.b_h)

    def read_out(self, h: Array) -> Array:
        return h @ self.W_hy + self.b_y

    def forward(self, x: Array) -> Array:
        self.hidden_state = self.next_state(x)
        return self.read_out(self.hidden_state)


class _NeverStores(_Plain):
    def forward(self, x: Array) -> Array:
        return self.read_out(self.next_state(x))


class _StaysNone(_Plain):
    def reset(self) -> None:
        self.hidden_state = None

    def forward(self, x: Array) -> Array:
        return self.read_out(np.tanh(x @ self.W_xh + self.b_h))


class _ForgetsEveryStep(_Plain):
    def forward(self, x: Array) -> Array:
        self.reset()
        return super().forward(x)


class _NeverResets(_Plain):
    def reset(self) -> None:
        if not hasattr(self, "hidden_state"):
            super().reset()


class _ResetKeepsTheBatch(_Plain):
    def reset(self) -> None:
        if hasattr(self, "hidden_state"):
            self.hidden_state = np.zeros_like(self.hidden_state)
        else:
            super().reset()


class _SquareState(_Plain):
    def reset(self) -> None:
        self.hidden_state = np.zeros_like(self.W_hh)


class _OutputFromTheOldState(_Plain):
    def forward(self, x: Array) -> Array:
        old = np.broadcast_to(self.hidden_state, (len(x), len(self.W_hh)))
        self.hidden_state = self.next_state(x)
        return self.read_out(old)


class _NoTanh(_Plain):
    def next_state(self, x: Array) -> Array:
        return x @ self.W_xh + self.hidden_state @ self.W_hh + self.b_h


class _TanhOnTheOutput(_Plain):
    def read_out(self, h: Array) -> Array:
        return np.tanh(super().read_out(h))


class _KeepsTheSum(_Plain):
    def forward(self, x: Array) -> Array:
        self.hidden_state = x @ self.W_xh + self.hidden_state @ self.W_hh + self.b_h
        return self.read_out(np.tanh(self.hidden_state))


class _NoHiddenBias(_Plain):
    def next_state(self, x: Array) -> Array:
        return np.tanh(x @ self.W_xh + self.hidden_state @ self.W_hh)


class _NoOutputBias(_Plain):
    def read_out(self, h: Array) -> Array:
        return h @ self.W_hy


class _Transposed(_Plain):
    def next_state(self, x: Array) -> Array:
        return np.tanh(x @ self.W_xh + self.hidden_state @ self.W_hh.T + self.b_h)


class _ReturnsTheState(_Plain):
    def forward(self, x: Array) -> Array:
        super().forward(x)
        return self.hidden_state


class _Unscaled(_Plain):
    scale = staticmethod(lambda rows: 1.0)


class _Tiny(_Plain):
    scale = staticmethod(lambda rows: 0.01)


class _Zeros(_Plain):
    scale = staticmethod(lambda rows: 0.0)


class _RandomBiases(_Plain):
    def __init__(self, D: int, H: int, M: int, rng: np.random.Generator) -> None:
        super().__init__(D, H, M, rng)
        self.b_h, self.b_y = rng.standard_normal(H), rng.standard_normal(M)


MISTAKES = (
    Mistake(
        "the new state is not kept",
        _NeverStores,
        "After forward, hidden_state is what it was before. "
        "The new state needs to go onto self, or it is gone when the method returns.",
        SECTION,
    ),
    Mistake(
        "the state stays None",
        _StaysNone,
        "It looks as if forward used the new state and then lost it. "
        "What the next step needs has to be kept on self.",
        SECTION,
    ),
    Mistake(
        "every step starts from zero",
        _ForgetsEveryStep,
        "The first step is right. The second looks as if the state had been zero again: "
        "does forward reset it, or make a fresh one?",
        SECTION,
    ),
    Mistake(
        "reset does nothing",
        _NeverResets,
        "It looks as if hidden_state were the same before and after reset, "
        "so a new batch meets the state of the old one.",
        SECTION,
    ),
    Mistake(
        "reset keeps the size of the batch",
        _ResetKeepsTheBatch,
        "After reset the state is zero, but it still has a row for each example of the old batch. "
        "The next batch may be larger or smaller.",
        SECTION,
    ),
    Mistake(
        "the first state is H x H",
        _SquareState,
        "It looks as if the state began as an H x H matrix. W_hh has that shape; "
        "a state has one row for each example and one column for each unit.",
        SECTION,
    ),
    Mistake(
        "y comes from the old state",
        _OutputFromTheOldState,
        "The states are right. The outputs look one step late: y_t should read h_t, "
        "the state that this step has just made.",
        SECTION,
    ),
    Mistake(
        "no tanh",
        _NoTanh,
        "It looks as if the state were the plain sum, without tanh.",
        SECTION,
    ),
    Mistake(
        "tanh on the output",
        _TanhOnTheOutput,
        "The states are right. It looks as if the output went through tanh as well.",
        SECTION,
    ),
    Mistake(
        "the sum is kept instead of the state",
        _KeepsTheSum,
        "The first output is right, but hidden_state holds the sum before tanh, "
        "and the next step then starts from that.",
        SECTION,
    ),
    Mistake(
        "b_h is left out",
        _NoHiddenBias,
        "It looks as if b_h were made and never used. "
        "It starts as zeros, so a fresh network does not show it.",
        SECTION,
    ),
    Mistake(
        "b_y is left out",
        _NoOutputBias,
        "The states are right. It looks as if b_y were made and never used. "
        "It starts as zeros, so a fresh network does not show it.",
        SECTION,
    ),
    Mistake(
        "W_hh is transposed",
        _Transposed,
        "The first step is right, because the state before it is zero. "
        "The second looks as if W_hh were transposed.",
        SECTION,
    ),
    Mistake(
        "forward returns the state",
        _ReturnsTheState,
        "It looks as if forward returned h_t. The class keeps that for itself and returns y_t.",
        SECTION,
    ),
    Mistake(
        "the weights are not scaled",
        _Unscaled,
        "None of the three matrices seems to be scaled. Make a network of 64 units and print a few "
        "states: nearly all of them are 1 or -1.",
        SECTION,
    ),
    Mistake(
        "tiny weights",
        _Tiny,
        "All three matrices start so, as 0.01 times a normal number would, or 1/rows. The sum over "
        "the rows then shrinks at every step, and the network hardly sees its own past.",
        SECTION,
    ),
    Mistake(
        "weights without chance",
        _Zeros,
        "All three matrices have columns that are copies, as np.zeros and np.ones make them. "
        "Biases may start so; weights may not.",
        SECTION,
    ),
    Mistake(
        "random biases",
        _RandomBiases,
        "The weights are fine. Only they need to be random, to make the units differ.",
        SECTION,
    ),
)

# A message names the class, so a student's answer and a wrong one here can only agree under one name.
for _mistake in MISTAKES:
    _mistake.answer.__name__ = "VanillaRNN"


VANILLA_RNN = Exercise(
    CONTRACT,
    "A network that keeps its state",
    points=7,
    minutes=25,
    difficulty=3,
    cases=cases,
    reference=rnn.VanillaRNN,
    mistakes=MISTAKES,
    hints=(
        "Split the work: __init__ makes the weights, reset makes the state zero, forward takes one "
        "step. What must still be there when forward returns belongs on self.",
        "In forward, first make the new state from x and self.hidden_state, then keep it, and then "
        "read y_t from the new one. You have written both formulas already.",
        "How many rows has the state before the first batch has been seen? One row of zeros, "
        "(1, H), fits every batch, by broadcasting.",
        "Weights: rng.standard_normal((rows, columns)) / np.sqrt(rows), so that a sum over the rows "
        "is about as large as one of its terms. Biases: np.zeros.",
        "reset puts the one row of zeros back, and __init__ can call it. A state with the rows of "
        "the old batch would not fit the next one.",
    ),
    laws=LAWS,
)
