"""ps03 `rnn_backward`: backpropagation through time.

da_t = (dh_t + da_{t+1} W_hh^T) * (1 - h_t^2),  t = T .. 1;  gradients of the weights are sums over t
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.contract import Arrays, Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import MODERATE, draw_arrays, draw_sizes
from autograder.exercises.ps03.parts import Array, Gradients, then
from course import rnn

SECTION = "Back through time"

BACKWARD = {
    "dh": "N T H",
    "x": "N T D",
    "h0": "N H",
    "h": "N T H",
    "W_xh": "D H",
    "W_hh": "H H",
}


def a_sequence(rng: np.random.Generator, sizes: dict[str, int], scale: float = MODERATE) -> Arrays:
    """The inputs of a backward pass: a sequence that was really read, and random upstream gradients."""
    specs = {name: spec for name, spec in BACKWARD.items() if name != "h"} | {"b_h": "H"}
    inputs = draw_arrays(rng, specs, sizes, scale)
    # The recurrence is neither to die out within the sequence nor to drown everything else.
    inputs["W_hh"] *= 2 / np.sqrt(sizes["H"])
    b_h = inputs.pop("b_h")
    h = rnn.rnn_forward(inputs["x"], inputs["h0"], inputs["W_xh"], inputs["W_hh"], b_h)
    return {name: inputs.get(name, h) for name in BACKWARD}


def sequences(rng: np.random.Generator) -> list[Case]:
    """Two with a loss at every step, one of large numbers, one whose loss is at the end, one step."""
    drawn = [
        Case(a_sequence(rng, draw_sizes(rng, "NTDH"), scale), about)
        for about, scale in (
            ("a loss at every step", MODERATE),
            ("other sizes", MODERATE),
            ("large numbers", 1.0),
        )
    ]
    last = a_sequence(rng, draw_sizes(rng, "NTDH"))
    last["dh"][:, :-1] = 0
    one = a_sequence(rng, {"N": 1, "T": 1} | draw_sizes(rng, "DH", largest=3))
    return [
        *drawn,
        Case(last, "a loss at the last step alone"),
        Case(one, "one example of one step"),
    ]


def _walk(
    slope: Callable[[Array, Array], Array] = lambda h, before: 1 - h**2,
    carry: Callable[[Array, Array, Array], Array] = lambda da, W_hh, dh: da @ W_hh.T,
    first: bool = True,
    gathered: bool = True,
    forwards: bool = False,
    every: bool = True,
) -> Callable[..., Gradients]:
    """The walk back, and what can go wrong on it.

    `carry` says what a step hands to the one before; without `gathered` weight gradients are replaced,
    not added to; without `first` the walk ends one step early; without `every` only the last loss counts.
    """

    def backward(dh: Array, x: Array, h0: Array, h: Array, W_xh: Array, W_hh: Array) -> Gradients:
        N, T, D = x.shape
        dx, later = np.zeros((N, T, D)), np.zeros_like(h0)
        dW_xh, dW_hh, db_h = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros(len(W_hh))
        steps = range(T) if forwards else range(T - 1, -1 if first else 0, -1)
        for t in steps:
            before = h[:, t - 1] if t else h0
            total = later + dh[:, t] * (every or t == T - 1)
            da = total * slope(h[:, t], before)
            dx[:, t] = da @ W_xh.T
            keep = 1.0 if gathered else 0.0
            dW_xh = keep * dW_xh + x[:, t].T @ da
            dW_hh = keep * dW_hh + before.T @ da
            db_h = keep * db_h + da.sum(axis=0)
            later = carry(da, W_hh, total)
        return dx, later, dW_xh, dW_hh, db_h

    return backward


def _right(dh: Array, x: Array, h0: Array, h: Array, W_xh: Array, W_hh: Array) -> Gradients:
    return tuple(rnn.rnn_backward(dh, x, h0, h, W_xh, W_hh))


def _deltas(dh: Array, x: Array, h0: Array, h: Array, W_xh: Array, W_hh: Array) -> Array:
    """da_t of every step, (N, T, H)."""
    da, later = np.empty_like(h), np.zeros_like(h0)
    for t in reversed(range(h.shape[1])):
        da[:, t] = (dh[:, t] + later) * (1 - h[:, t] ** 2)
        later = da[:, t] @ W_hh.T
    return da


def _dW_hh(before: Callable[[Array, Array], Array]) -> Callable[..., Gradients]:
    """dW_hh made with other states than those before each step."""

    def backward(*arguments: Array) -> Gradients:
        _, _, h0, h, _, _ = arguments
        dW_hh = np.einsum("nti,ntj->ij", before(h0, h), _deltas(*arguments))
        right = _right(*arguments)
        return *right[:3], dW_hh, right[4]

    return backward


def _never_emptied(dh: Array, x: Array, h0: Array, h: Array, W_xh: Array, W_hh: Array) -> Gradients:
    later = np.zeros_like(h0)
    da = np.empty_like(h)
    for t in reversed(range(h.shape[1])):
        da[:, t] = (dh[:, t] + later) * (1 - h[:, t] ** 2)
        later = later + da[:, t] @ W_hh.T
    before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    return (
        da @ W_xh.T,
        later,
        np.einsum("ntd,nth->dh", x, da),
        np.einsum("nti,ntj->ij", before, da),
        da.sum(axis=(0, 1)),
    )


def _in_place(dh: Array, x: Array, h0: Array, h: Array, W_xh: Array, W_hh: Array) -> Gradients:
    result = _right(dh, x, h0, h, W_xh, W_hh)
    dh[:, :-1] += _deltas(dh, x, h0, h, W_xh, W_hh)[:, 1:] @ W_hh.T
    return result


def _on_its_own(dh: Array, x: Array, h0: Array, h: Array, W_xh: Array, W_hh: Array) -> Gradients:
    """Each step from its own dh alone; what the first one sends back is dh0."""
    g = _walk(carry=lambda da, W_hh, dh: np.zeros_like(dh))(dh, x, h0, h, W_xh, W_hh)
    return g[0], (dh[:, 0] * (1 - h[:, 0] ** 2)) @ W_hh.T, *g[2:]


def _from_the_last_but_one(
    dh: Array, x: Array, h0: Array, h: Array, W_xh: Array, W_hh: Array
) -> Gradients:
    if dh.shape[1] == 1:
        return tuple(0 * d for d in _right(dh, x, h0, h, W_xh, W_hh))
    early = _right(dh[:, :-1], x[:, :-1], h0, h[:, :-1], W_xh, W_hh)
    return np.concatenate([early[0], 0 * x[:, -1:]], axis=1), *early[1:]


def _dh0_stops_at_the_first_state(
    g: Gradients, dh: Array, x: Array, h0: Array, h: Array, W_xh: Array, W_hh: Array
) -> Gradients:
    later = np.zeros_like(h0)
    if h.shape[1] > 1:
        later = _deltas(dh[:, 1:], x[:, 1:], h[:, 0], h[:, 1:], W_xh, W_hh)[:, 0] @ W_hh.T
    return g[0], dh[:, 0] + later, *g[2:]


MISTAKES = (
    Mistake(
        "no recurrence on the way back",
        _walk(carry=lambda da, W_hh, dh: np.zeros_like(dh)),
        "It looks as if each step used its own dh[:, t] and nothing from later steps. "
        "With a loss at the last step alone, your earlier steps get nothing: "
        "yet they made the states that the last one read.",
        SECTION,
    ),
    Mistake(
        "what later steps send back is not added",
        _on_its_own,
        "It looks as if each step used its own dh[:, t] alone. What rnn_step_backward returns as dh "
        "belongs to the step before: it has to be added there.",
        SECTION,
    ),
    Mistake(
        "overwritten at every step",
        _walk(gathered=False),
        "dx and dh0 are right. The gradients of the weights hold the first step alone: it looks as "
        "if they were replaced at each turn of the loop. The same weights served all steps.",
        SECTION,
    ),
    Mistake(
        "dW_hh with the states after the steps",
        _dW_hh(lambda h0, h: h),
        "All but dW_hh is right. It looks as if da_t met h_t. "
        "Which state did step t multiply by W_hh?",
        SECTION,
    ),
    Mistake(
        "dW_hh forgets h0",
        _dW_hh(lambda h0, h: np.concatenate([0 * h0[:, None], h[:, :-1]], axis=1)),
        "All but dW_hh is right. It looks as if the first step had begun from zeros. "
        "It began from h0.",
        SECTION,
    ),
    Mistake(
        "dW_hh takes the last state for h0",
        _dW_hh(lambda h0, h: np.roll(h, 1, axis=1)),
        "All but dW_hh is right. It looks as if the first step had read the last state: "
        "in Python the index -1 is the last one, and np.roll brings it to the front.",
        SECTION,
    ),
    Mistake(
        "the bias gradient is averaged",
        then(_right, lambda g, dh, *_: (*g[:4], g[4] / len(dh))),
        "All but db_h is right. It looks as if it were averaged over the batch. If the loss is a "
        "mean, its 1/N is in dh already.",
        SECTION,
    ),
    Mistake(
        "all weight gradients are averaged",
        then(_right, lambda g, dh, *_: (*g[:2], *(d / len(dh) for d in g[2:]))),
        "dx and dh0 are right. It looks as if the gradients of the weights were averaged over the "
        "batch. If the loss is a mean, its 1/N is in dh already.",
        SECTION,
    ),
    Mistake(
        "averaged over time",
        then(_right, lambda g, dh, *_: (*g[:2], *(d / dh.shape[1] for d in g[2:]))),
        "dx and dh0 are right. It looks as if the gradients of the weights were averaged over the "
        "steps. They are sums: every use of a weight counts.",
        SECTION,
    ),
    Mistake(
        "the slope of tanh is missing",
        _walk(slope=lambda h, before: np.ones_like(h)),
        "It looks as if no step had a tanh. Does your loop call rnn_step_backward, "
        "or repeat its formula?",
        SECTION,
    ),
    Mistake(
        "the slope of tanh is there twice",
        _walk(slope=lambda h, before: (1 - h**2) ** 2),
        "It looks as if each step multiplied by the slope of tanh twice. "
        "rnn_step_backward has done it already.",
        SECTION,
    ),
    Mistake(
        "the slope at the state before",
        _walk(slope=lambda h, before: 1 - before**2),
        "It looks as if step t took the slope of tanh at h_(t-1). Which state came out of its tanh?",
        SECTION,
    ),
    Mistake(
        "the way back skips the tanh",
        _walk(carry=lambda da, W_hh, dh: dh @ W_hh.T),
        "The last step is right. What goes on from there to earlier ones seems to have been taken "
        "before tanh: it is da_t that meets W_hh, not dL/dh_t.",
        SECTION,
    ),
    Mistake(
        "W_hh is not transposed",
        _walk(carry=lambda da, W_hh, dh: da @ W_hh),
        "The last step is right, earlier ones are not. It looks as if W_hh were not transposed on "
        "the way back. It is square, so no shape tells you.",
        SECTION,
    ),
    Mistake(
        "W_hh is left out",
        _walk(carry=lambda da, W_hh, dh: da),
        "The last step is right, earlier ones are not. It looks as if da_t were handed to the step "
        "before as it is: its way leads through W_hh.",
        SECTION,
    ),
    Mistake(
        "what comes back is never emptied",
        _never_emptied,
        "The last two steps are right, earlier ones get too much. It looks as if what came back "
        "from later steps were added up from turn to turn. dL/dh_(t+1) holds all that is later "
        "already.",
        SECTION,
    ),
    Mistake(
        "from the first step to the last",
        _walk(forwards=True),
        "It looks as if the loop ran from the first step to the last. A state's gradient needs that "
        "of the next state, so the last step comes first.",
        SECTION,
    ),
    Mistake(
        "the last loss alone",
        _walk(every=False),
        "It looks as if only dh[:, -1] were used. Every step may have a loss of its own, "
        "and its gradient joins in as you pass.",
        SECTION,
    ),
    Mistake(
        "the first step is left out",
        _walk(first=False),
        "It looks as if the loop ended before the first step. Print the values of t: "
        "the last one has to be 0.",
        SECTION,
    ),
    Mistake(
        "the last step is left out",
        _from_the_last_but_one,
        "It looks as if the loop began one step before the last. Print the values of t: "
        "the first one has to be T - 1.",
        SECTION,
    ),
    Mistake(
        "dh0 stops at the first state",
        then(_right, _dh0_stops_at_the_first_state),
        "All but dh0 is right, and that is the gradient of h_1. "
        "One step is left from there to h_0.",
        SECTION,
    ),
    Mistake(
        "dh0 is left at zero",
        then(_right, lambda g, *_: (g[0], 0 * g[1], *g[2:])),
        "All but dh0 is right. It is zero, though the first step did read h0.",
        SECTION,
    ),
    Mistake(
        "dx in the order of the walk",
        then(_right, lambda g, *_: (g[0][:, ::-1], *g[1:])),
        "All but dx is right, and its steps are in reverse order. "
        "A list that is filled on the way back begins with the last step.",
        SECTION,
    ),
    Mistake(
        "dh is overwritten",
        _in_place,
        "The values are right, but dh has been changed, as `dh[:, t] += ...` does. "
        "Make a new array.",
        SECTION,
    ),
)

RNN_BACKWARD = Exercise(
    Function(
        "rnn_backward",
        BACKWARD,
        {"dx": "N T D", "dh0": "N H", "dW_xh": "D H", "dW_hh": "H H", "db_h": "H"},
    ),
    "Backpropagation through time",
    points=6,
    minutes=20,
    difficulty=3,
    cases=sequences,
    reference=rnn.rnn_backward,
    mistakes=MISTAKES,
    hints=(
        "You have one step backwards. In which order must the steps be gone through, "
        "and what does each need from the one that came before it in that order?",
        "The gradient of h_t has two parts: dh[:, t], from its own output, and what step t + 1 sends "
        "back. For the last step the second part is zero.",
        "for t in reversed(range(T)): add the two parts, call rnn_step_backward, keep its dx as "
        "dx[:, t] and its dh for the next turn.",
        "The state before step t is h[:, t - 1], but h0 for t = 0. "
        "The gradients of the weights begin as zeros and grow with +=.",
        "What the last turn, t = 0, sends back is dh0.",
    ),
)
