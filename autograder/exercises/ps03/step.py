"""ps03 `rnn_step_backward`: one step of the recurrence, backwards.

da = dh_next * (1 - h_next^2);   dx = da W_xh^T,  dh = da W_hh^T,  dW_xh = x^T da,  dW_hh = h^T da
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import LARGE, MODERATE, draw_arrays, draw_sizes
from autograder.exercises.ps03.parts import Array, Gradients, then
from course import rnn

SECTION = "One step back"

STEP_BACK = {
    "dh_next": "N H",
    "x": "N D",
    "h": "N H",
    "h_next": "N H",
    "W_xh": "D H",
    "W_hh": "H H",
}


def steps(rng: np.random.Generator) -> list[Case]:
    """A step that was really taken, with a random gradient behind it."""
    drawn = []
    for about, scale, sizes in (
        ("unequal sizes", MODERATE, draw_sizes(rng, "NDH")),
        ("other sizes", MODERATE, draw_sizes(rng, "NDH")),
        ("other sizes again", MODERATE, draw_sizes(rng, "NDH")),
        ("large gradients and states", LARGE, draw_sizes(rng, "NDH", largest=4)),
        ("one example", MODERATE, {"N": 1} | draw_sizes(rng, "DH", largest=3)),
    ):
        specs = {name: spec for name, spec in STEP_BACK.items() if name != "h_next"}
        inputs = draw_arrays(rng, specs | {"b_h": "H"}, sizes, MODERATE)
        inputs["dh_next"] *= scale
        inputs["h"] *= scale
        b_h = inputs.pop("b_h")
        h_next = rnn.rnn_step(inputs["x"], inputs["h"], inputs["W_xh"], inputs["W_hh"], b_h)
        drawn.append(Case({**inputs, "h_next": h_next}, about))
    return drawn


def _from(slope: Callable[[Array, Array], Array]) -> Callable[..., Gradients]:
    """All that follows from da = dh_next * slope(h, h_next)."""

    def backward(
        dh_next: Array, x: Array, h: Array, h_next: Array, W_xh: Array, W_hh: Array
    ) -> Gradients:
        da = dh_next * slope(h, h_next)
        return da @ W_xh.T, da @ W_hh.T, x.T @ da, h.T @ da, da.sum(axis=0)

    return backward


def _right(
    dh_next: Array, x: Array, h: Array, h_next: Array, W_xh: Array, W_hh: Array
) -> Gradients:
    return tuple(rnn.rnn_step_backward(dh_next, x, h, h_next, W_xh, W_hh))


def _in_place(
    dh_next: Array, x: Array, h: Array, h_next: Array, W_xh: Array, W_hh: Array
) -> Gradients:
    result = _right(dh_next, x, h, h_next, W_xh, W_hh)
    dh_next *= 1 - h_next**2
    return result


def _slope_comes_late(
    dh_next: Array, x: Array, h: Array, h_next: Array, W_xh: Array, W_hh: Array
) -> Gradients:
    dx, dh = dh_next @ W_xh.T, dh_next @ W_hh.T
    return dx, dh, *_right(dh_next, x, h, h_next, W_xh, W_hh)[2:]


MISTAKES = (
    Mistake(
        "the slope of tanh is missing",
        _from(lambda h, h_next: np.ones_like(h)),
        "It looks as if the gradient went through tanh unchanged. With a state near 1 tanh is flat: "
        "there, hardly anything should come back.",
        SECTION,
    ),
    Mistake(
        "the slope of tanh is there twice",
        _from(lambda h, h_next: (1 - h_next**2) ** 2),
        "It looks as if the gradient were multiplied by the slope of tanh twice.",
        SECTION,
    ),
    Mistake(
        "the slope at the state before",
        _from(lambda h, h_next: 1 - h**2),
        "It looks as if the slope of tanh were taken at h, the state before the step. "
        "Which state came out of this tanh?",
        SECTION,
    ),
    Mistake(
        "tanh of a tanh",
        _from(lambda h, h_next: 1 - np.tanh(h_next) ** 2),
        "It looks as if tanh were applied to h_next in order to get its slope. "
        "h_next is a tanh already.",
        SECTION,
    ),
    Mistake(
        "the square is missing",
        _from(lambda h, h_next: 1 - h_next),
        "It looks as if the slope of tanh were 1 - h. At h = -1, where tanh is flat, that is 2.",
        SECTION,
    ),
    Mistake(
        "the slope of a sigmoid",
        _from(lambda h, h_next: h_next * (1 - h_next)),
        "It looks as if h (1 - h) were the slope. That is a sigmoid's; "
        "tanh is steepest where h is 0.",
        SECTION,
    ),
    Mistake(
        "what came from later is left out",
        lambda dh_next, x, h, h_next, W_xh, W_hh: _right(np.ones_like(h), x, h, h_next, W_xh, W_hh),
        "It looks as if dh_next played no part. Twice the gradient behind the step "
        "must give twice the gradient before it.",
        SECTION,
    ),
    Mistake(
        "dW_hh with the state after the step",
        then(
            _right,
            lambda g, dh_next, x, h, h_next, *_: (
                *g[:3],
                h_next.T @ (dh_next * (1 - h_next**2)),
                g[4],
            ),
        ),
        "All but dW_hh is right. It looks as if it were made with h_next. "
        "What did the step multiply by W_hh?",
        SECTION,
    ),
    Mistake(
        "the bias gradient is averaged",
        then(_right, lambda g, *_: (*g[:4], g[4] / len(g[0]))),
        "All but db_h is right. It looks as if it were averaged over the batch. The bias was added "
        "in every row, so each row's delta comes back to it. If the loss is a mean, its 1/N is in "
        "dh_next already.",
        SECTION,
    ),
    Mistake(
        "all weight gradients are averaged",
        then(_right, lambda g, *_: (*g[:2], *(d / len(g[0]) for d in g[2:]))),
        "dx and dh are right. It looks as if the gradients of the weights were averaged over the "
        "batch. They are sums; if the loss is a mean, its 1/N is in dh_next already.",
        SECTION,
    ),
    Mistake(
        "the bias gradient is not summed",
        then(_right, lambda g, dh_next, x, h, h_next, *_: (*g[:4], dh_next * (1 - h_next**2))),
        "All but db_h is right. The bias is one row that NumPy added to all N rows; "
        "what comes back to it comes from all of them.",
        SECTION,
    ),
    Mistake(
        "W_hh is not transposed",
        then(
            _right,
            lambda g, dh_next, x, h, h_next, W_xh, W_hh: (
                g[0],
                (dh_next * (1 - h_next**2)) @ W_hh,
                *g[2:],
            ),
        ),
        "All but dh is right. It looks as if W_hh were not transposed. "
        "It is square, so no shape tells you.",
        SECTION,
    ),
    Mistake(
        "dW_hh is transposed",
        then(_right, lambda g, *_: (*g[:3], g[3].T, g[4])),
        "All but dW_hh is right, and that is transposed. It is square, so no shape tells you. "
        "Entry [i, j] belongs to the way from old unit i to new unit j.",
        SECTION,
    ),
    Mistake(
        "dx and dh skip the tanh",
        _slope_comes_late,
        "The gradients of the weights are right. It looks as if dx and dh were made from dh_next: "
        "their way back leads through tanh, too.",
        SECTION,
    ),
    Mistake(
        "dh skips the tanh",
        then(_right, lambda g, dh_next, x, h, h_next, W_xh, W_hh: (g[0], dh_next @ W_hh.T, *g[2:])),
        "All but dh is right. It looks as if it were made from dh_next: "
        "its way back leads through tanh, too.",
        SECTION,
    ),
    Mistake(
        "dh has the slope of the step before",
        then(_right, lambda g, dh_next, x, h, *_: (g[0], g[1] * (1 - h**2), *g[2:])),
        "All but dh is right. It looks as if it were multiplied by the slope at h as well. "
        "That belongs to the step before, which will do it itself.",
        SECTION,
    ),
    Mistake(
        "the wrong sign",
        then(_right, lambda g, *_: tuple(-d for d in g)),
        "Everything has the wrong sign. A gradient points uphill; "
        "the minus comes later, when a step is taken.",
        SECTION,
    ),
    Mistake(
        "dh_next is overwritten",
        _in_place,
        "The values are right, but dh_next has been changed, as `da = dh_next; da *= ...` does. "
        "`da = dh_next` is only a second name for the same array.",
        SECTION,
    ),
)

RNN_STEP_BACKWARD = Exercise(
    Function(
        "rnn_step_backward",
        STEP_BACK,
        {"dx": "N D", "dh": "N H", "dW_xh": "D H", "dW_hh": "H H", "db_h": "H"},
    ),
    "One step, backwards",
    points=5,
    minutes=15,
    difficulty=2,
    cases=steps,
    reference=rnn.rnn_step_backward,
    mistakes=MISTAKES,
    hints=(
        "Give the sum inside tanh a name, a. First go back through tanh, to da; "
        "then every part of the sum gets its share of da.",
        "The slope of tanh is 1 - tanh^2, and tanh(a) is h_next: da = dh_next * (1 - h_next**2).",
        "Let the shapes lead you: da is (N, H), x is (N, D), and dW_xh must be (D, H). "
        "Which of them has to be transposed, and which stands on the left?",
        "x W_xh is a sum over D, so da goes back through W_xh.T: (N, H) @ (H, D). "
        "h W_hh goes the same way; there no shape warns you.",
        "dW_xh = x.T @ da and dW_hh = h.T @ da, which sums over the batch by itself. "
        "db_h is the sum of the rows of da.",
    ),
)
