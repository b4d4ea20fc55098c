"""ps05 `lstm_gates`: the three gates and the candidate.

f, i, o = sigmoid(x U + h W + b), each with its own weights;  g = tanh(x U^g + h W^g + b^g)
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.contract import Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import arrays
from autograder.exercises.ps05.parts import WEIGHTS, Array, Four, gates_of
from course.activations import sigmoid

SECTION = "Four layers in one cell"

GATES = {"x": "N D", "h": "N H", **WEIGHTS}


def lstm_gates(x: Array, h: Array, U: Array, W: Array, b: Array) -> Four:
    a_f, a_i, a_o, a_g = x @ U + h @ W + b[:, None]  # (4, N, H)
    return sigmoid(a_f), sigmoid(a_i), sigmoid(a_o), np.tanh(a_g)


def in_order(*order: int) -> Callable[..., Four]:
    """The gates f, i, o, g, made from the weights at these places."""
    places = list(order)
    return lambda x, h, U, W, b: gates_of(x, h, U[places], W[places], b[places])


def _squashed(*functions: Callable[[Array], Array]) -> Callable[..., Four]:
    """Other functions in place of sigmoid, sigmoid, sigmoid, tanh."""

    def wrong(x: Array, h: Array, U: Array, W: Array, b: Array) -> Four:
        sums = x @ U + h @ W + b[:, None]
        f, i, o, g = (squash(a) for squash, a in zip(functions, sums, strict=True))
        return f, i, o, g

    return wrong


def _copied(name: str) -> Callable[..., Four]:
    """The forget gate's U, W or b, left in all four lines."""

    def wrong(x: Array, h: Array, U: Array, W: Array, b: Array) -> Four:
        weights = {"U": U, "W": W, "b": b}
        weights[name] = np.repeat(weights[name][:1], 4, axis=0)
        return gates_of(x, h, **weights)

    return wrong


def _i_with_the_weights_of_f(x: Array, h: Array, U: Array, W: Array, b: Array) -> Four:
    f, _, o, g = gates_of(x, h, U, W, b)
    return f, f, o, g


def _each_part_squashed(x: Array, h: Array, U: Array, W: Array, b: Array) -> Four:
    from_x, from_h = x @ U, h @ W + b[:, None]
    f, i, o = sigmoid(from_x[:3]) + sigmoid(from_h[:3])
    return f, i, o, np.tanh(from_x[3]) + np.tanh(from_h[3])


def _as_it_is(a: Array) -> Array:
    return a


MISTAKES = (
    Mistake(
        "f and i are exchanged",
        in_order(1, 0, 2, 3),
        "Your o and g are right. Your f looks like i and your i like f: "
        "compare the order in which you unpack the weights with the order f, i, o, g.",
        SECTION,
    ),
    Mistake(
        "torch's order",
        in_order(1, 0, 3, 2),
        "Each gate is made from another one's weights: it looks as if they were read in the order "
        "i, f, g, o. That is torch's order; here it is f, i, o, g.",
        SECTION,
    ),
    Mistake(
        "returned in torch's order",
        lambda *arguments: tuple(gates_of(*arguments)[k] for k in (1, 0, 3, 2)),
        "The four are right, but they come back in the order i, f, g, o. Here it is f, i, o, g.",
        SECTION,
    ),
    Mistake(
        "o and g are exchanged",
        in_order(0, 1, 3, 2),
        "Your f and i are right. It looks as if o were made from the weights of g, and g from "
        "those of o.",
        SECTION,
    ),
    Mistake(
        "i and o are exchanged",
        in_order(0, 2, 1, 3),
        "Your f and g are right. It looks as if i were made from the weights of o, and o from "
        "those of i.",
        SECTION,
    ),
    Mistake(
        "g is made first",
        in_order(1, 2, 3, 0),
        "It looks as if the weights were read in the order g, f, i, o. The order is f, i, o, g.",
        SECTION,
    ),
    Mistake(
        "i has the weights of f",
        _i_with_the_weights_of_f,
        "Your f and your i are the same. Was one line copied and not changed everywhere?",
        SECTION,
    ),
    Mistake(
        "the same U for all",
        _copied("U"),
        "It looks as if all four lines multiply x with U_f. Each has a matrix of its own.",
        SECTION,
    ),
    Mistake(
        "the same W for all",
        _copied("W"),
        "It looks as if all four lines multiply h with W_f. Each has a matrix of its own.",
        SECTION,
    ),
    Mistake(
        "the same bias for all",
        _copied("b"),
        "It looks as if all four lines add b_f. Each has a bias of its own.",
        SECTION,
    ),
    Mistake(
        "a sigmoid for the candidate",
        _squashed(sigmoid, sigmoid, sigmoid, sigmoid),
        "f, i and o are right. Your g lies between 0 and 1, as if it were a gate; "
        "but a candidate may lower the cell, too.",
        SECTION,
    ),
    Mistake(
        "tanh for the gates",
        _squashed(np.tanh, np.tanh, np.tanh, np.tanh),
        "g is right. Your gates can be negative: it looks as if they went through tanh. "
        "A gate says how much, between nothing and all.",
        SECTION,
    ),
    Mistake(
        "no squashing",
        _squashed(_as_it_is, _as_it_is, _as_it_is, _as_it_is),
        "The four sums are right, and they come back as they are. "
        "A gate lies between 0 and 1, the candidate between -1 and 1.",
        SECTION,
    ),
    Mistake(
        "each part is squashed",
        _each_part_squashed,
        "It looks as if the input's part and the state's part were squashed each by itself: "
        "your gates can pass 1. First add, then squash.",
        SECTION,
    ),
    Mistake(
        "the state is left out",
        lambda x, h, U, W, b: gates_of(x, 0 * h, U, W, b),
        "It looks as if h played no part. A gate that sees the input only cannot know "
        "what is remembered.",
        SECTION,
    ),
    Mistake(
        "the input is left out",
        lambda x, h, U, W, b: gates_of(0 * x, h, U, W, b),
        "It looks as if x played no part: call your function with two different inputs.",
        SECTION,
    ),
    Mistake(
        "the bias is left out",
        lambda x, h, U, W, b: gates_of(x, h, U, W, 0 * b),
        "It looks as if the biases were missing. With x and h zero every gate of yours is one "
        "half.",
        SECTION,
    ),
    Mistake(
        "W is transposed",
        lambda x, h, U, W, b: gates_of(x, h, U, W.transpose(0, 2, 1), b),
        "It looks as if the recurrent matrices were transposed. They are square, so NumPy cannot "
        "notice. A row vector stands on the left of a matrix as it is.",
        SECTION,
    ),
)

LSTM_GATES = Exercise(
    Function("lstm_gates", GATES, {"f": "N H", "i": "N H", "o": "N H", "g": "N H"}),
    "Three gates and a candidate",
    points=4,
    minutes=8,
    difficulty=1,
    cases=arrays(GATES),
    reference=lstm_gates,
    mistakes=MISTAKES,
    hints=(
        "Each of the four is a layer as in the vanilla network: two products, a bias, and a "
        "squashing around the sum.",
        "U_f, U_i, U_o, U_g = U takes the four matrices apart; W and b go likewise.",
        "f = sigmoid(x @ U_f + h @ W_f + b_f). Two more lines look the same with other letters; "
        "which one does not?",
        "g = np.tanh(x @ U_g + h @ W_g + b_g). Return f, i, o, g, in this order.",
    ),
)
