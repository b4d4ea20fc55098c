"""ps02: the wrong answers that students give, and what to say to each.

A diagnosis is read after a sentence such as "rnn_step has the right shape but wrong values (unequal
sizes)."  It says what seems to have happened and how to see it, and leaves the repair to the student.
Only an answer that agrees with a wrong one on every case gets its diagnosis.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from autograder.exercise import Mistake

Array: TypeAlias = np.ndarray

# By pencil: two steps of a network with one unit

#: The numbers of the worksheet's hand-checkable example.
PENCIL = {"x_1": 1.0, "x_2": 2.0, "h_0": 0.2, "W_xh": 0.5, "W_hh": -0.8, "b_h": 0.1}


def pencil(
    first: Callable[[], float], second: Callable[[float, float], float], f: Any = math.tanh
) -> dict[str, float]:
    """Two steps: `first()` is a_1, `second(a_1, h_1)` is a_2, `f` the activation."""
    a_1 = first()
    h_1 = f(a_1)
    a_2 = second(a_1, h_1)
    return {"a_1": a_1, "h_1": h_1, "a_2": a_2, "h_2": f(a_2)}


_x_1, _x_2, _h_0, _w, _u, _b = PENCIL.values()

HAND_STEP = (
    Mistake(
        "the previous state is left out",
        pencil(lambda: _x_1 * _w + _b, lambda a, h: _x_2 * _w + _b),
        "Your sums have the input and the bias, but nothing of the state before: "
        "h_0 is not zero, and it has a weight of its own.",
        "By pencil",
    ),
    Mistake(
        "both steps start from h_0",
        pencil(lambda: _x_1 * _w + _h_0 * _u + _b, lambda a, h: _x_2 * _w + _h_0 * _u + _b),
        "The first step is right. The second one starts from h_0 again; "
        "which state does the network hold by then?",
        "By pencil",
    ),
    Mistake(
        "a_1 is carried instead of h_1",
        pencil(lambda: _x_1 * _w + _h_0 * _u + _b, lambda a, h: _x_2 * _w + a * _u + _b),
        "The first step is right. The second one seems to take a_1, the sum before tanh, "
        "where it needs the state.",
        "By pencil",
    ),
    Mistake(
        "the bias is left out",
        pencil(lambda: _x_1 * _w + _h_0 * _u, lambda a, h: _x_2 * _w + h * _u),
        "Both sums lack the same constant. What does the equation add that depends neither on the "
        "input nor on the state?",
        "By pencil",
    ),
    Mistake(
        "no tanh",
        pencil(
            lambda: _x_1 * _w + _h_0 * _u + _b, lambda a, h: _x_2 * _w + h * _u + _b, lambda a: a
        ),
        "Your h equals your a. The state is what tanh makes of the sum.",
        "By pencil",
    ),
    Mistake(
        "the two weights are exchanged",
        pencil(lambda: _x_1 * _u + _h_0 * _w + _b, lambda a, h: _x_2 * _u + h * _w + _b),
        "It looks as if the input met the state's weight and the state the input's. "
        "The index says it: W_xh leads from x to h.",
        "By pencil",
    ),
    Mistake(
        "x_1 is used twice",
        pencil(lambda: _x_1 * _w + _h_0 * _u + _b, lambda a, h: _x_1 * _w + h * _u + _b),
        "The first step is right. The second one seems to read the first input again.",
        "By pencil",
    ),
)

# One step


def _overwrites_h(x: Array, h: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    h[...] = np.tanh(x @ W_xh + h @ W_hh + b_h)
    return h


def _sigmoid(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


RNN_STEP = (
    Mistake(
        "the previous state is left out",
        lambda x, h, W_xh, W_hh, b_h: np.tanh(x @ W_xh + b_h),
        "It looks as if h played no part. Call your function with two different states: "
        "the answers should differ.",
        "One step",
    ),
    Mistake(
        "the input is left out",
        lambda x, h, W_xh, W_hh, b_h: np.tanh(h @ W_hh + b_h),
        "It looks as if x played no part. Call your function with two different inputs: "
        "the answers should differ.",
        "One step",
    ),
    Mistake(
        "the bias is left out",
        lambda x, h, W_xh, W_hh, b_h: np.tanh(x @ W_xh + h @ W_hh),
        "It looks as if the bias were missing: with x and h zero, your answer is zero, "
        "and it should not be.",
        "One step",
    ),
    Mistake(
        "no tanh",
        lambda x, h, W_xh, W_hh, b_h: x @ W_xh + h @ W_hh + b_h,
        "The sum inside is right, and it comes back as it is. Large inputs show what is missing: "
        "a state cannot leave the range from -1 to 1.",
        "One step",
    ),
    Mistake(
        "tanh twice",
        lambda x, h, W_xh, W_hh, b_h: np.tanh(np.tanh(x @ W_xh + h @ W_hh + b_h)),
        "It looks as if tanh were applied twice: your states never pass tanh(1), about 0.76.",
        "One step",
    ),
    Mistake(
        "tanh of each part",
        lambda x, h, W_xh, W_hh, b_h: np.tanh(x @ W_xh) + np.tanh(h @ W_hh + b_h),
        "It looks as if the input's part and the state's part each had a tanh of their own. "
        "Their sum can reach 2. First add, then squash.",
        "One step",
    ),
    Mistake(
        "the bias comes after tanh",
        lambda x, h, W_xh, W_hh, b_h: np.tanh(x @ W_xh + h @ W_hh) + b_h,
        "It looks as if the bias were added to the state. It belongs to the sum inside tanh; "
        "check your closing parenthesis.",
        "One step",
    ),
    Mistake(
        "W_hh is transposed",
        lambda x, h, W_xh, W_hh, b_h: np.tanh(x @ W_xh + h @ W_hh.T + b_h),
        "It looks as if W_hh were transposed. It is square, so NumPy cannot notice. "
        "With row vectors the state stands on the left of the matrix as it is.",
        "One step",
    ),
    Mistake(
        "a product instead of a sum",
        lambda x, h, W_xh, W_hh, b_h: np.tanh((x @ W_xh) * (h @ W_hh) + b_h),
        "It looks as if the two products were multiplied with each other. "
        "Then a state of zero would silence every input.",
        "One step",
    ),
    Mistake(
        "sigmoid instead of tanh",
        lambda x, h, W_xh, W_hh, b_h: _sigmoid(x @ W_xh + h @ W_hh + b_h),
        "It looks as if the sum went through a sigmoid: your states lie between 0 and 1. "
        "The states of this network can be negative.",
        "One step",
    ),
    Mistake(
        "h is overwritten",
        _overwrites_h,
        "The values are right, but they are written into h itself, as h[:] = ... or h += ... do. "
        "Whoever called you still needs the old state.",
        "One step",
    ),
)

# The whole sequence

Step: TypeAlias = Callable[..., Array]


def _step(x: Array, h: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    return np.tanh(x @ W_xh + h @ W_hh + b_h)


def _scan(step: Step) -> Step:
    """A loop over time that is right, around a step that may not be."""

    def forward(x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
        h, states = h0, []
        for t in range(x.shape[1]):
            h = step(x[:, t], h, W_xh, W_hh, b_h)
            states.append(h)
        return np.stack(states, axis=1)

    return forward


_right = _scan(_step)


def _all_from_h0(x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    return np.stack([_step(x[:, t], h0, W_xh, W_hh, b_h) for t in range(x.shape[1])], axis=1)


def _one_late(x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    h = _right(x, h0, W_xh, W_hh, b_h)
    return np.concatenate([h0[:, None], h[:, :-1]], axis=1)


def _with_h0(x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    return np.concatenate([h0[:, None], _right(x, h0, W_xh, W_hh, b_h)], axis=1)


def _across_examples(x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    h, states = h0[0], np.empty((*x.shape[:2], h0.shape[1]))
    for n in range(x.shape[0]):
        for t in range(x.shape[1]):
            h = states[n, t] = _step(x[n, t], h, W_xh, W_hh, b_h)
    return states


def _reshaped(x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    N, T, D = x.shape
    h, states = h0, []
    for x_t in x.reshape(T, N, D):
        h = _step(x_t, h, W_xh, W_hh, b_h)
        states.append(h)
    return np.array(states).reshape(N, T, h0.shape[1])


def _reshaped_back(x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    h = _right(x, h0, W_xh, W_hh, b_h)
    return np.ascontiguousarray(h.swapaxes(0, 1)).reshape(h.shape)


def _over_the_batch_axis(x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    h, states = h0, []
    for t in range(x.shape[0]):
        h = _step(x[t], h, W_xh, W_hh, b_h)
        states.append(h)
    return np.stack(states, axis=1)


def _previous_input(x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    return _right(np.roll(x, 1, axis=1), h0, W_xh, W_hh, b_h)


def _one_array_for_all(x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    h, states = h0.copy(), []
    for t in range(x.shape[1]):
        h[...] = _step(x[:, t], h, W_xh, W_hh, b_h)
        states.append(h)
    return np.stack(states, axis=1)


def _overwrites_h0(x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    states = np.empty((*x.shape[:2], h0.shape[1]))
    for t in range(x.shape[1]):
        h0[...] = _step(x[:, t], h0, W_xh, W_hh, b_h)
        states[:, t] = h0
    return states


RNN_FORWARD = (
    Mistake(
        "every step starts from h0",
        _all_from_h0,
        "The first step is right. It looks as if the later ones started from h0 again: "
        "the state of one step has to enter the next.",
        "The whole sequence",
    ),
    Mistake(
        "one step late",
        _one_late,
        "Your first state is h0 itself and the last one is missing. "
        "Do you keep the state before you update it?",
        "The whole sequence",
    ),
    Mistake(
        "h0 is among the states",
        _with_h0,
        "There is one state too many: h0 stands in front of h_1. It was given; leave it out.",
        "The whole sequence",
    ),
    Mistake(
        "the last state only",
        lambda x, h0, W_xh, W_hh, b_h: _right(x, h0, W_xh, W_hh, b_h)[:, -1],
        "These are the states after the last step alone. Keep each one as the loop goes by.",
        "The whole sequence",
    ),
    Mistake(
        "time first",
        lambda x, h0, W_xh, W_hh, b_h: _right(x, h0, W_xh, W_hh, b_h).swapaxes(0, 1),
        "The values are right, with time as the first axis and the batch as the second. "
        "Stacking a list puts its axis first unless you say otherwise.",
        "The whole sequence",
    ),
    Mistake(
        "h0 is ignored",
        lambda x, h0, W_xh, W_hh, b_h: _right(x, 0 * h0, W_xh, W_hh, b_h),
        "It looks as if the sequence began from zeros. It should begin from the h0 that is given.",
        "The whole sequence",
    ),
    Mistake(
        "the bias is left out",
        _scan(lambda x, h, W_xh, W_hh, b_h: np.tanh(x @ W_xh + h @ W_hh)),
        "It looks as if the bias were missing, at every step. "
        "Does your loop call rnn_step, or repeat its formula?",
        "The whole sequence",
    ),
    Mistake(
        "the recurrence is left out",
        _scan(lambda x, h, W_xh, W_hh, b_h: np.tanh(x @ W_xh + b_h)),
        "It looks as if each state came from its own input alone. Change the first input: "
        "every later state should move.",
        "The whole sequence",
    ),
    Mistake(
        "no tanh",
        _scan(lambda x, h, W_xh, W_hh, b_h: x @ W_xh + h @ W_hh + b_h),
        "It looks as if there were no tanh, so that the states can grow without bound. "
        "Does your loop call rnn_step, or repeat its formula?",
        "The whole sequence",
    ),
    Mistake(
        "tanh twice",
        _scan(lambda *args: np.tanh(_step(*args))),
        "It looks as if tanh were applied twice at each step. rnn_step has done it already.",
        "The whole sequence",
    ),
    Mistake(
        "W_hh is transposed",
        _scan(lambda x, h, W_xh, W_hh, b_h: _step(x, h, W_xh, W_hh.T, b_h)),
        "It looks as if W_hh were transposed. It is square, so NumPy cannot notice.",
        "The whole sequence",
    ),
    Mistake(
        "time runs backwards",
        lambda x, h0, W_xh, W_hh, b_h: _right(x[:, ::-1], h0, W_xh, W_hh, b_h),
        "It looks as if your loop read the last input first. "
        "The first state should not depend on later inputs.",
        "The whole sequence",
    ),
    Mistake(
        "the input of the step before",
        _previous_input,
        "It looks as if step t read the input of step t - 1. In Python the first one has the index "
        "0, and the index -1 is the last one: no error tells you.",
        "The whole sequence",
    ),
    Mistake(
        "the state runs on into the next example",
        _across_examples,
        "The first example is right. The others seem to begin with the state that the example "
        "before them left; each has a row of h0 of its own.",
        "The whole sequence",
    ),
    Mistake(
        "reshape instead of a swap of axes",
        _reshaped,
        "It looks as if reshape were used to bring time to the front. It keeps the numbers in their "
        "order and deals them out anew, so examples and steps get mixed. Index the axis instead.",
        "The whole sequence",
    ),
    Mistake(
        "reshape at the end",
        _reshaped_back,
        "The states are right, but a reshape at the end deals them out to the wrong examples. "
        "The axes need to change places, or to be stacked in the right order.",
        "The whole sequence",
    ),
    Mistake(
        "the loop runs over the batch",
        _over_the_batch_axis,
        "It looks as if the loop ran over the first axis of x. "
        "That is the batch; time is the second.",
        "The whole sequence",
    ),
    Mistake(
        "one array, kept many times",
        _one_array_for_all,
        "Your steps all show the last state. It looks as if one array were overwritten at each step "
        "and put in the list each time: a list keeps references, not copies.",
        "The whole sequence",
    ),
    Mistake(
        "h0 is overwritten",
        _overwrites_h0,
        "The values are right, but the loop writes each new state into h0. "
        "`h = h0` is only a second name for the same array.",
        "The whole sequence",
    ),
)

# Reading out


def _clears_h(h: Array, W_hy: Array, b_y: Array) -> Array:
    y = h @ W_hy + b_y
    h *= 0
    return y


def _running(h: Array, W_hy: Array, b_y: Array) -> Array:
    return np.cumsum(h @ W_hy, axis=1) + b_y


def _softmax(a: Array) -> Array:
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


RNN_OUTPUT = (
    Mistake(
        "the bias is left out",
        lambda h, W_hy, b_y: h @ W_hy,
        "It looks as if b_y were missing: a state of zeros should give b_y, and yours gives zeros.",
        "Reading out",
    ),
    Mistake(
        "tanh on the output",
        lambda h, W_hy, b_y: np.tanh(h @ W_hy + b_y),
        "It looks as if the output went through tanh. The states did already; the output is a plain "
        "weighted sum and may be larger than 1.",
        "Reading out",
    ),
    Mistake(
        "softmax on the output",
        lambda h, W_hy, b_y: _softmax(h @ W_hy + b_y),
        "Your outputs add up to 1, so it looks as if they went through a softmax. "
        "Here the output is a plain weighted sum.",
        "Reading out",
    ),
    Mistake(
        "a second tanh on the state",
        lambda h, W_hy, b_y: np.tanh(h) @ W_hy + b_y,
        "It looks as if h went through tanh once more. It is a state already.",
        "Reading out",
    ),
    Mistake(
        "the last step only",
        lambda h, W_hy, b_y: h[:, -1] @ W_hy + b_y,
        "These are the outputs of the last step alone. Here every step has one.",
        "Reading out",
    ),
    Mistake(
        "summed over time",
        lambda h, W_hy, b_y: (h @ W_hy + b_y).sum(axis=1),
        "The outputs of all steps were added up. Each step keeps its own.",
        "Reading out",
    ),
    Mistake(
        "a running sum over time",
        _running,
        "The first step is right. It looks as if the later ones added up what came before; "
        "the memory is in h, and the output has none of its own.",
        "Reading out",
    ),
    Mistake(
        "time first",
        lambda h, W_hy, b_y: (h @ W_hy + b_y).swapaxes(0, 1),
        "The values are right, with time as the first axis and the batch as the second.",
        "Reading out",
    ),
    Mistake(
        "batch and time in one axis",
        lambda h, W_hy, b_y: h.reshape(-1, h.shape[2]) @ W_hy + b_y,
        "The values are right, but batch and time are still one axis. "
        "After such a product, give the two axes back, or let @ take the last axis by itself.",
        "Reading out",
    ),
    Mistake(
        "W_hy is transposed",
        lambda h, W_hy, b_y: h @ W_hy.T + b_y,
        "It looks as if W_hy were transposed. Write the shapes under the factors: "
        "the inner sizes have to agree.",
        "Reading out",
    ),
    Mistake(
        "h is overwritten",
        _clears_h,
        "The output is right, but h is not what it was before the call.",
        "Reading out",
    ),
)

# Shapes and counts

_N, _T, _D, _H, _M = 4, 7, 3, 5, 2

#: The table that `shapes` asks for.
SHAPE_TABLE: dict[str, tuple[int, ...]] = {
    "x": (_N, _T, _D),
    "x_t": (_N, _D),
    "W_xh": (_D, _H),
    "W_hh": (_H, _H),
    "b_h": (_H,),
    "h_t": (_N, _H),
    "h": (_N, _T, _H),
    "W_hy": (_H, _M),
    "b_y": (_M,),
    "y_t": (_N, _M),
    "y": (_N, _T, _M),
}

SHAPES = (
    Mistake(
        "time first",
        SHAPE_TABLE | {"x": (_T, _N, _D), "h": (_T, _N, _H), "y": (_T, _N, _M)},
        "It looks as if time were your first axis. Some libraries do that; "
        "this course puts the batch first.",
        "Shapes and counts",
    ),
    Mistake(
        "weights for column vectors",
        SHAPE_TABLE | {"W_xh": (_H, _D), "W_hy": (_M, _H)},
        "It looks as if the two rectangular matrices were made for column vectors, W x. "
        "Here a row vector stands on the left: a matrix has a row for each thing it reads.",
        "Shapes and counts",
    ),
    Mistake(
        "column vectors throughout",
        SHAPE_TABLE
        | {"W_xh": (_H, _D), "W_hy": (_M, _H), "x_t": (_D, _N), "h_t": (_H, _N), "y_t": (_M, _N)},
        "It looks as if examples stood in columns. Here each example is a row, "
        "and the matrix stands on its right.",
        "Shapes and counts",
    ),
    Mistake(
        "a bias is written as a number",
        SHAPE_TABLE | {"b_h": (_H), "b_y": (_M)},
        "In Python (5) is the number 5; a tuple of one number needs a comma, as in (5,).",
        "Shapes and counts",
    ),
    Mistake(
        "biases as rows",
        SHAPE_TABLE | {"b_h": (1, _H), "b_y": (1, _M)},
        "It looks as if the biases were matrices of one row. That would work, by broadcasting; "
        "here they are vectors, with a single axis.",
        "Shapes and counts",
    ),
    Mistake(
        "a bias for every example",
        SHAPE_TABLE | {"b_h": (_N, _H), "b_y": (_N, _M)},
        "It looks as if every example had a bias of its own. "
        "Weights and biases do not know how large the batch is.",
        "Shapes and counts",
    ),
    Mistake(
        "one example at a time",
        SHAPE_TABLE | {"x_t": (_D,), "h_t": (_H,), "y_t": (_M,)},
        "Your x_t, h_t and y_t belong to a single example. A step handles the whole batch at once.",
        "Shapes and counts",
    ),
    Mistake(
        "W_hh reads the input",
        SHAPE_TABLE | {"W_hh": (_D, _H)},
        "It looks as if W_hh read the input. Its two letters say from where to where it leads.",
        "Shapes and counts",
    ),
    Mistake(
        "weights of their own for every step",
        SHAPE_TABLE | {"W_xh": (_T, _D, _H), "W_hh": (_T, _H, _H), "W_hy": (_T, _H, _M)},
        "It looks as if every step had matrices of its own. In a recurrent network all steps share.",
        "Shapes and counts",
    ),
)

RNN_PARAMETER_COUNT = (
    Mistake(
        "no biases",
        lambda D, H, M: D * H + H * H + H * M,
        "All three matrices are there. It looks as if both biases were missing.",
        "Shapes and counts",
    ),
    Mistake(
        "b_h is missing",
        lambda D, H, M: D * H + H * H + H * M + M,
        "It looks as if one bias were missing, the one inside tanh.",
        "Shapes and counts",
    ),
    Mistake(
        "b_y is missing",
        lambda D, H, M: D * H + H * H + H + H * M,
        "It looks as if one bias were missing, the one of the output.",
        "Shapes and counts",
    ),
    Mistake(
        "W_hh is missing",
        lambda D, H, M: D * H + H + H * M + M,
        "It looks as if one matrix were missing. What you counted is a network without a loop.",
        "Shapes and counts",
    ),
    Mistake(
        "no output layer",
        lambda D, H, M: D * H + H * H + H,
        "It looks as if you had stopped at the state. The output has a matrix and a bias too.",
        "Shapes and counts",
    ),
    Mistake(
        "H too many",
        lambda D, H, M: D * H + H * H + 2 * H + H * M + M,
        "Your count is too large by H. Is there a second hidden bias, as torch has it, "
        "or did you count the state? The state is computed, not learned.",
        "Shapes and counts",
    ),
    Mistake(
        "W_hh as a row",
        lambda D, H, M: D * H + H + H + H * M + M,
        "It looks as if W_hh had H numbers, one for each unit. "
        "Every unit reads every unit of the state before.",
        "Shapes and counts",
    ),
    Mistake(
        "rows and columns added",
        lambda D, H, M: (D + H) + (H + H) + H + (H + M) + M,
        "It looks as if the rows and the columns of each matrix were added up. "
        "How many numbers stand in a table of 3 rows and 4 columns?",
        "Shapes and counts",
    ),
    Mistake(
        "the biases have the sizes of what is read",
        lambda D, H, M: D * H + H * H + D + H * M + H,
        "The matrices are right. It looks as if the biases had the size of what comes in; "
        "a bias is added to what comes out.",
        "Shapes and counts",
    ),
)

# Two matrices or one

STACKED_WEIGHTS = (
    Mistake(
        "the input is on top",
        lambda W_xh, W_hh: np.concatenate([W_xh.T, W_hh.T], axis=1),
        "It looks as if the columns were for [x; h], with the input on top. "
        "In the lecture's column the previous state comes first.",
        "Two matrices or one",
    ),
    Mistake(
        "not transposed",
        lambda W_xh, W_hh: np.concatenate([W_hh, W_xh], axis=0),
        "You stacked the two matrices of the row form, state first. That is right for [h, x] as a "
        "row on the left; the lecture's W stands on the left of a column.",
        "Two matrices or one",
    ),
    Mistake(
        "not transposed, the input on top",
        lambda W_xh, W_hh: np.concatenate([W_xh, W_hh], axis=0),
        "You stacked the two matrices of the row form, and the input came first. "
        "Two things differ in the lecture's form: the order, and rows against columns.",
        "Two matrices or one",
    ),
    Mistake(
        "W_hh is not transposed",
        lambda W_xh, W_hh: np.concatenate([W_hh, W_xh.T], axis=1),
        "The columns that belong to x are right, those of h are not. W_hh is square: "
        "it fits either way round, and only one is right.",
        "Two matrices or one",
    ),
    Mistake(
        "reshape instead of transpose, for both",
        lambda W_xh, W_hh: np.concatenate([W_hh, W_xh.reshape(W_xh.shape[::-1])], axis=1),
        "The shape fits, but it looks as if reshape had made it fit. It deals the same numbers out "
        "in rows of another length; it does not exchange rows and columns.",
        "Two matrices or one",
    ),
    Mistake(
        "reshape instead of transpose, for W_xh",
        lambda W_xh, W_hh: np.concatenate([W_hh.T, W_xh.reshape(W_xh.shape[::-1])], axis=1),
        "The columns that belong to h are right. Those of x look as if they came from reshape, "
        "which does not exchange rows and columns.",
        "Two matrices or one",
    ),
    Mistake(
        "the stack is reshaped",
        lambda W_xh, W_hh: np.concatenate([W_hh, W_xh]).reshape(len(W_hh), -1),
        "It looks as if the two matrices were stacked and then reshaped. The shape fits and the "
        "numbers stand elsewhere: reshape does not exchange rows and columns.",
        "Two matrices or one",
    ),
    Mistake(
        "columns in reverse",
        lambda W_xh, W_hh: np.concatenate([W_xh, W_hh])[::-1].T,
        "It looks as if the order were reversed within the blocks too. "
        "The blocks change places; the rows inside each one stay in order.",
        "Two matrices or one",
    ),
)

# Loss along the sequence

Losses: TypeAlias = tuple[Array, Any, Any]


def _losses(per_step: Array) -> Losses:
    return per_step, per_step.sum(), per_step[-1]


def _right_losses(y: Array, target: Array) -> Losses:
    return _losses(((y - target) ** 2).sum(axis=(0, 2)) / (2 * len(y)))


def _overwrites_y(y: Array, target: Array) -> Losses:
    y -= target
    return _losses((y**2).sum(axis=(0, 2)) / (2 * len(y)))


def _total_is_a_mean(y: Array, target: Array) -> Losses:
    per_step, total, last = _right_losses(y, target)
    return per_step, total / len(per_step), last


def _last_is_the_first(y: Array, target: Array) -> Losses:
    per_step, total, _ = _right_losses(y, target)
    return per_step, total, per_step[0]


def _running_sum(y: Array, target: Array) -> Losses:
    per_step, total, last = _right_losses(y, target)
    return np.cumsum(per_step), total, last


def _per_example(y: Array, target: Array) -> Losses:
    _, total, last = _right_losses(y, target)
    return ((y - target) ** 2).sum(axis=(1, 2)) / (2 * len(y)), total, last


SEQUENCE_LOSS = (
    Mistake(
        "the half is missing",
        lambda y, target: _losses(((y - target) ** 2).sum(axis=(0, 2)) / len(y)),
        "All your numbers are twice as large. The half is there so that it cancels "
        "when the square is differentiated.",
        "Loss along the sequence",
    ),
    Mistake(
        "a sum over the batch",
        lambda y, target: _losses(((y - target) ** 2).sum(axis=(0, 2)) / 2),
        "It looks as if the batch were summed and not averaged: "
        "a batch that holds everything twice should not have twice the loss.",
        "Loss along the sequence",
    ),
    Mistake(
        "neither the half nor the mean",
        lambda y, target: _losses(((y - target) ** 2).sum(axis=(0, 2))),
        "These look like plain sums of squares. The factor in front of the sum is missing.",
        "Loss along the sequence",
    ),
    Mistake(
        "a mean over the outputs",
        lambda y, target: _losses(((y - target) ** 2).mean(axis=(0, 2)) / 2),
        "Your numbers are too small by the factor M: it looks as if the M outputs were averaged. "
        "The batch is averaged, the outputs are summed.",
        "Loss along the sequence",
    ),
    Mistake(
        "the usual mean square",
        lambda y, target: _losses(((y - target) ** 2).mean(axis=(0, 2))),
        "This looks like a mean over batch and outputs, without the half. "
        "Many libraries define it so; the formula here differs in both.",
        "Loss along the sequence",
    ),
    Mistake(
        "the error is not squared",
        lambda y, target: _losses(np.abs(y - target).sum(axis=(0, 2)) / (2 * len(y))),
        "It looks as if the absolute error were summed. The formula has a square.",
        "Loss along the sequence",
    ),
    Mistake(
        "the square of the sum",
        lambda y, target: _losses((y - target).sum(axis=(0, 2)) ** 2 / (2 * len(y))),
        "It looks as if the errors were summed first and squared then, "
        "so that errors of opposite sign cancel.",
        "Loss along the sequence",
    ),
    Mistake(
        "the total is a mean over time",
        _total_is_a_mean,
        "per_step and last are right. The total is too small by the factor T: "
        "it is the sum of the steps' losses.",
        "Loss along the sequence",
    ),
    Mistake(
        "last is the first",
        _last_is_the_first,
        "per_step and total are right. It looks as if last were the loss of the first step.",
        "Loss along the sequence",
    ),
    Mistake(
        "per_step is a running sum",
        _running_sum,
        "total and last are right. Your per_step grows from step to step and ends at the total: "
        "it looks like a running sum.",
        "Loss along the sequence",
    ),
    Mistake(
        "one loss per example",
        _per_example,
        "It looks as if per_step had one loss for each example. "
        "Which axes have to go, so that only time is left?",
        "Loss along the sequence",
    ),
    Mistake(
        "y is overwritten",
        _overwrites_y,
        "The losses are right, but y -= target writes into the caller's array.",
        "Loss along the sequence",
    ),
)
