"""Worksheet ps02, "A vanilla RNN by hand": its exercises, in order.

    h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h)        y_t = h_t W_hy + b_y

Row vectors, batch first.  The right answers are those of `course.rnn`.  The wrong ones, with what is
said to them, are in `ps02_mistakes`; the two classes have modules of their own, as has the written
question.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

import numpy as np

from autograder.contract import Case, Function, Value
from autograder.exercise import Exercise, Worksheet
from autograder.exercises import ps02_class, ps02_faults, ps02_mistakes
from autograder.exercises.drawing import draw_cases, draw_sizes
from autograder.exercises.ps02_faults import FaultyRNN, RepairedRNN
from autograder.exercises.ps02_mistakes import PENCIL, SHAPE_TABLE
from autograder.exercises.ps02_written import STATE_LIMITS
from course import rnn

__all__ = ["PENCIL", "SHAPE_TABLE", "WORKSHEET", "FaultyRNN", "RepairedRNN"]

Cases = Callable[[np.random.Generator], list[Case]]


def arrays(specs: Mapping[str, str]) -> Cases:
    """Cases of random arrays."""
    return functools.partial(draw_cases, specs=specs)


def a_value(rng: np.random.Generator) -> list[Case]:
    """A value is what it is: one case without inputs."""
    return [Case({})]


def three_sizes(rng: np.random.Generator) -> list[Case]:
    """Five networks, described by D, H and M."""
    drawn = [draw_sizes(rng, "DHM") for _ in range(5)]
    return [Case({name: np.array(size) for name, size in sizes.items()}) for sizes in drawn]


def _reference_pencil() -> dict[str, float]:
    w, u, b = PENCIL["W_xh"], PENCIL["W_hh"], PENCIL["b_h"]
    a_1 = PENCIL["x_1"] * w + PENCIL["h_0"] * u + b
    a_2 = PENCIL["x_2"] * w + np.tanh(a_1) * u + b
    return {"a_1": a_1, "h_1": np.tanh(a_1), "a_2": a_2, "h_2": np.tanh(a_2)}


WEIGHTS = {"W_xh": "D H", "W_hh": "H H", "b_h": "H"}
STEP = {"x": "N D", "h": "N H", **WEIGHTS}
FORWARD = {"x": "N T D", "h0": "N H", **WEIGHTS}
OUTPUT = {"h": "N T H", "W_hy": "H M", "b_y": "M"}
LOSS = {"y": "N T M", "target": "N T M"}
STACKED = {"W_xh": "D H", "W_hh": "H H"}

HAND_STEP = Exercise(
    Value("hand_step", {"a_1": "", "h_1": "", "a_2": "", "h_2": ""}),
    "Two steps by pencil",
    points=2,
    minutes=8,
    difficulty=1,
    cases=a_value,
    reference=_reference_pencil(),
    mistakes=ps02_mistakes.HAND_STEP,
    hints=(
        "With one unit and one input, every matrix is a single number. Write the equation of the "
        "sum a_t with those numbers in place of the letters.",
        "Three terms make a_1: the input times its weight, the state before times its weight, and "
        "the bias. The state before the first step is h_0, and it is not zero.",
        "h_1 = tanh(a_1). For the second step, h_1 takes the place that h_0 had; "
        "the weights and the bias stay.",
        "a_1 = x_1 W_xh + h_0 W_hh + b_h = 0.44. Go on from there, with three decimals.",
    ),
    rtol=0.0,
    atol=1e-3,
)

RNN_STEP = Exercise(
    Function("rnn_step", STEP, {"h_next": "N H"}),
    "One step of the recurrence",
    points=4,
    minutes=10,
    difficulty=1,
    cases=arrays(STEP),
    reference=rnn.rnn_step,
    mistakes=ps02_mistakes.RNN_STEP,
    hints=(
        "Write the shape under each letter of the equation. Which products fit?",
        "The batch needs no loop: x has a row for each example, and x @ W_xh multiplies all the "
        "rows at once.",
        "Both products have the shape (N, H), so they can be added. b_h has the shape (H,), and "
        "NumPy adds it to every row.",
        "Only when all three are added up does np.tanh come, once, over the whole sum.",
    ),
)

RNN_FORWARD = Exercise(
    Function("rnn_forward", FORWARD, {"h": "N T H"}),
    "All steps, with the state carried along",
    points=5,
    minutes=15,
    difficulty=2,
    cases=arrays(FORWARD),
    reference=rnn.rnn_forward,
    mistakes=ps02_mistakes.RNN_FORWARD,
    hints=(
        "You have a function for one step. What changes from step to step, and what stays?",
        "Loop over time, the second axis: x[:, t] is the input of step t for the whole batch, (N, D).",
        "Begin with h = h0. In each turn, h = rnn_step(x[:, t], h, ...): "
        "what comes out goes in at the next turn.",
        "Keep every new h in a list. np.stack puts the arrays of a list along a new axis; "
        "which axis should time be?",
        "np.stack(states, axis=1) gives (N, T, H).",
    ),
)

RNN_OUTPUT = Exercise(
    Function("rnn_output", OUTPUT, {"y": "N T M"}),
    "An output at every step",
    points=3,
    minutes=5,
    difficulty=1,
    cases=arrays(OUTPUT),
    reference=rnn.rnn_output,
    mistakes=ps02_mistakes.RNN_OUTPUT,
    hints=(
        "Nothing recurs here: the output of a step depends on the state of that step alone.",
        "You need no loop. When @ meets an array of three axes, it multiplies along the last one "
        "and leaves the others alone.",
        "h @ W_hy has the shape (N, T, M). One thing is still to be added.",
    ),
)

SHAPES = Exercise(
    Value(
        "shapes",
        {name: f"int {len(shape)}" for name, shape in SHAPE_TABLE.items()},
    ),
    "A table of shapes",
    points=4,
    minutes=8,
    difficulty=1,
    cases=a_value,
    reference=SHAPE_TABLE,
    mistakes=ps02_mistakes.SHAPES,
    hints=(
        "Begin with the letters: which of N, T, D, H, M does each array have, and in which order? "
        "Put the numbers in last.",
        "The batch comes first and time second. What belongs to one step has no T; "
        "what is learned has neither N nor T.",
        "A matrix with a row vector on its left has a row for each number that it reads and a "
        "column for each number that it writes. W_hy reads H numbers and writes M.",
        "A tuple of one number is written with a comma: (5,).",
    ),
)

RNN_PARAMETER_COUNT = Exercise(
    Function("rnn_parameter_count", {"D": "int", "H": "int", "M": "int"}, {"count": "int"}),
    "How many numbers are learned",
    points=2,
    minutes=5,
    difficulty=1,
    cases=three_sizes,
    reference=rnn.rnn_parameter_count,
    mistakes=ps02_mistakes.RNN_PARAMETER_COUNT,
    hints=(
        "Go through the table of shapes: which of these arrays are learned, "
        "and which are computed from the input?",
        "There are three matrices and two biases. A matrix of r rows and c columns has r c numbers.",
        "The matrices have D H, H H and H M numbers. Add the two biases. T is in none of them.",
    ),
)

STACKED_WEIGHTS = Exercise(
    Function("stacked_weights", STACKED, {"W": "H H+D"}),
    "The lecture's one matrix",
    points=3,
    minutes=10,
    difficulty=2,
    cases=arrays(STACKED),
    reference=rnn.stacked_weights,
    mistakes=ps02_mistakes.STACKED_WEIGHTS,
    hints=(
        "Take one example and write its equation twice: once with rows, as in this worksheet, and "
        "once with columns. Transposing a product exchanges its factors and transposes each.",
        "Read W [h; x] block by block. The first H columns of W meet h, the last D columns meet x.",
        "(h W_hh)^T = W_hh^T h^T, so the block that meets h is W_hh^T. And the one that meets x?",
        "Put the two blocks side by side: np.concatenate([..., ...], axis=1), with .T for a "
        "transpose.",
    ),
)

VANILLA_RNN = Exercise(
    ps02_class.CONTRACT,
    "A network that keeps its state",
    points=7,
    minutes=25,
    difficulty=3,
    cases=ps02_class.cases,
    reference=rnn.VanillaRNN,
    mistakes=ps02_class.MISTAKES,
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
    laws=ps02_class.LAWS,
)

FIND_THE_FAULTS = Exercise(
    ps02_faults.CONTRACT,
    "Repair a class with five faults",
    points=6,
    minutes=20,
    difficulty=2,
    cases=ps02_faults.cases,
    reference=RepairedRNN,
    mistakes=ps02_faults.MISTAKES,
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
    laws=ps02_class.LAWS,
    given=FaultyRNN,
)

SEQUENCE_LOSS = Exercise(
    Function("sequence_loss", LOSS, {"per_step": "T", "total": "", "last": ""}),
    "A loss at every step",
    points=4,
    minutes=10,
    difficulty=2,
    cases=arrays(LOSS),
    reference=rnn.sequence_loss,
    mistakes=ps02_mistakes.SEQUENCE_LOSS,
    hints=(
        "The error y - target has the shape (N, T, M), and per_step has the shape (T,). "
        "Which axes have to go?",
        "Square first, then sum: np.sum takes a tuple of axes, such as axis=(0, 2).",
        "Divide by 2N. N is the size of the batch, y.shape[0]; there is no division by M or T.",
        "total is the sum of per_step, and last is its last entry. "
        "Return the three in the order per_step, total, last.",
    ),
)

WORKSHEET = Worksheet(
    id="ps02",
    subject="vanilla_rnn",
    title="A vanilla RNN by hand",
    exercises=(
        HAND_STEP,
        RNN_STEP,
        RNN_FORWARD,
        RNN_OUTPUT,
        SHAPES,
        RNN_PARAMETER_COUNT,
        STACKED_WEIGHTS,
        VANILLA_RNN,
        FIND_THE_FAULTS,
        SEQUENCE_LOSS,
    ),
    written=(STATE_LIMITS,),
    withheld=("course.rnn", "torch"),
)
