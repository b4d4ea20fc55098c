"""ps02 `rnn_forward`: all steps, with the state carried along.

h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h),  t = 1 .. T
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from autograder.contract import Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import arrays
from course import rnn

Array: TypeAlias = np.ndarray

FORWARD = {"x": "N T D", "h0": "N H", "W_xh": "D H", "W_hh": "H H", "b_h": "H"}


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


def _returns_at_once(x: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    return _right(x[:, :1], h0, W_xh, W_hh, b_h)


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


MISTAKES = (
    Mistake(
        "return inside the loop",
        _returns_at_once,
        "Only the first step is there. It looks as if the return stood inside the loop: "
        "it belongs behind it, indented less.",
        "The whole sequence",
    ),
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

RNN_FORWARD = Exercise(
    Function("rnn_forward", FORWARD, {"h": "N T H"}),
    "All steps, with the state carried along",
    points=5,
    minutes=15,
    difficulty=2,
    cases=arrays(FORWARD),
    reference=rnn.rnn_forward,
    mistakes=MISTAKES,
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
