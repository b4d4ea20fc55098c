"""ps05 `lstm_backward`: every gradient of a whole sequence.

dC_t = dC_later + dh_t o (1 - tanh(C_t)^2)      dC_later = dC_t f      dh_later = sum_k da_k W_k^T
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np

from autograder.contract import Arrays, Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import draw_cases
from autograder.exercises.ps05.gates import lstm_gates
from autograder.exercises.ps05.parts import WEIGHTS, Array, gates_of
from autograder.exercises.ps05.sequence import FORWARD, lstm_forward

SECTION = "The whole way back"

BACKWARD = {
    "dh": "N T H",
    "dC_last": "N H",
    "x": "N T D",
    "h0": "N H",
    "C0": "N H",
    "h": "N T H",
    "C": "N T H",
    **WEIGHTS,
}
GRADIENTS = {"dx": "N T D", "dh0": "N H", "dC0": "N H", "dU": "4 D H", "dW": "4 H H", "db": "4 H"}


def lstm_backward(
    dh: Array,
    dC_last: Array,
    x: Array,
    h0: Array,
    C0: Array,
    h: Array,
    C: Array,
    U: Array,
    W: Array,
    b: Array,
) -> tuple[Array, Array, Array, Array, Array, Array]:
    dx, dU, dW, db, dh_later = (np.zeros_like(array) for array in (x, U, W, b, h0))
    dC_later = dC_last
    for t in reversed(range(x.shape[1])):
        h_before, C_before = (h[:, t - 1], C[:, t - 1]) if t > 0 else (h0, C0)
        f, i, o, g = lstm_gates(x[:, t], h_before, U, W, b)
        tanh_C = np.tanh(C[:, t])

        dh_t = dh[:, t] + dh_later
        dC_t = dC_later + dh_t * o * (1 - tanh_C**2)
        da_f = dC_t * C_before * f * (1 - f)
        da_i = dC_t * g * i * (1 - i)
        da_o = dh_t * tanh_C * o * (1 - o)
        da_g = dC_t * i * (1 - g**2)
        da = np.stack([da_f, da_i, da_o, da_g])  # (4, N, H)

        dx[:, t] = (da @ U.swapaxes(1, 2)).sum(axis=0)
        dh_later = (da @ W.swapaxes(1, 2)).sum(axis=0)
        dC_later = dC_t * f
        dU += x[:, t].T @ da
        dW += h_before.T @ da
        db += da.sum(axis=1)
    return dx, dh_later, dC_later, dU, dW, db


def cases(rng: np.random.Generator) -> list[Case]:
    """As everywhere, and one with the loss on the last step alone; h and C belong to the "
    "inputs."""
    specs = {"dh": "N T H", "dC_last": "N H", **FORWARD}
    drawn = draw_cases(rng, specs)

    def complete(inputs: Arrays) -> Arrays:
        h, C = lstm_forward(*(inputs[name] for name in FORWARD))
        filled = inputs | {"h": h, "C": C}
        return {name: filled[name] for name in BACKWARD}

    last_only = dict(drawn[1].inputs)
    last_only["dh"] = np.where(
        np.arange(last_only["dh"].shape[1])[:, None] == last_only["dh"].shape[1] - 1,
        last_only["dh"],
        0.0,
    )
    drawn[1] = Case(last_only, "a loss at the last step alone")
    return [Case(complete(dict(case.inputs)), case.about) for case in drawn]


# Wrong answers: the right equations, one by one, of which a mistake changes one

Equation: TypeAlias = Callable[[Any], Array]


def _turned(matrices: Array) -> Array:
    return matrices.swapaxes(1, 2)


#: In this order, for each step from the last to the first.  `s` has what stands left of each, the
#: inputs by their names, and `t`.
EQUATIONS: dict[str, Equation] = {
    "h_before": lambda s: s.h[:, s.t - 1] if s.t else s.h0,
    "C_before": lambda s: s.C[:, s.t - 1] if s.t else s.C0,
    "C_t": lambda s: s.C[:, s.t],
    "four": lambda s: np.stack(gates_of(s.x[:, s.t], s.h_before, s.U, s.W, s.b)),
    "dh_t": lambda s: s.dh[:, s.t] + s.dh_later,
    "dC_t": lambda s: s.dC_later + s.dh_t * s.four[2] * (1 - np.tanh(s.C_t) ** 2),
    "df": lambda s: s.dC_t * s.C_before,
    "di": lambda s: s.dC_t * s.four[3],
    "do": lambda s: s.dh_t * np.tanh(s.C_t),
    "dg": lambda s: s.dC_t * s.four[1],
    "da_f": lambda s: s.df * s.four[0] * (1 - s.four[0]),
    "da_i": lambda s: s.di * s.four[1] * (1 - s.four[1]),
    "da_o": lambda s: s.do * s.four[2] * (1 - s.four[2]),
    "da_g": lambda s: s.dg * (1 - s.four[3] ** 2),
    "da": lambda s: np.stack([s.da_f, s.da_i, s.da_o, s.da_g]),
    "dx_t": lambda s: (s.da @ _turned(s.U)).sum(axis=0),
    "dh_later": lambda s: (s.da @ _turned(s.W)).sum(axis=0),
    "dC_later": lambda s: s.dC_t * s.four[0],
    "dU": lambda s: s.dU + s.x[:, s.t].T @ s.da,
    "dW": lambda s: s.dW + s.h_before.T @ s.da,
    "db": lambda s: s.db + s.da.sum(axis=1),
}


def _with(
    result: Callable[[Any], Any] = lambda s: (s.dx, s.dh_later, s.dC_later, s.dU, s.dW, s.db),
    begin: Callable[[Any], Array] = lambda s: s.dC_last,
    order: Callable[[int], range] = lambda T: range(T)[::-1],
    **changed: Equation,
) -> Callable[..., Any]:
    """The backward pass with some equations changed, or from another beginning, or in another order.

    `result` says what it returns.
    """
    equations = EQUATIONS | changed

    def backward(*inputs: Array) -> Any:
        s: Any = SimpleNamespace(**dict(zip(BACKWARD, inputs, strict=True)))
        s.dx, s.dU, s.dW, s.db = (np.zeros_like(array) for array in (s.x, s.U, s.W, s.b))
        s.dh_later, s.dC_later = np.zeros_like(s.h0), begin(s)
        for t in order(s.x.shape[1]):
            s.t = t
            for name, equation in equations.items():
                setattr(s, name, equation(s))
            s.dx[:, t] = s.dx_t
        return result(s)

    return backward


def _scaled(gradients: Callable[[Any], Any], *which: int) -> Callable[[Any], Any]:
    """Those of the results divided by N."""

    def result(s: Any) -> Any:
        results = list(gradients(s))
        for place in which:
            results[place] = results[place] / len(s.x)
        return tuple(results)

    return result


def _all(s: Any) -> Any:
    return s.dx, s.dh_later, s.dC_later, s.dU, s.dW, s.db


def _in_another_order(s: Any) -> Any:
    order = [1, 0, 3, 2]  # i, f, g, o
    return s.dx, s.dh_later, s.dC_later, s.dU[order], s.dW[order], s.db[order]


def _overwrites_dC_last(dh: Array, dC_last: Array, *others: Array) -> Any:
    results = lstm_backward(dh, dC_last, *others)
    dC_last[...] = results[2]
    return results


def _overwrites_dh(dh: Array, *others: Array) -> Any:
    results = lstm_backward(dh, *others)
    dh[:, 0] += results[1]
    return results


MISTAKES = (
    Mistake(
        "no way back through the state",
        _with(dh_t=lambda s: s.dh[:, s.t]),
        "It looks as if each step knew only its own dh. Through the gates of step t + 1, h_t acts "
        "on all that comes later; that has to be sent back and added.",
        SECTION,
    ),
    Mistake(
        "no way back through the cell",
        _with(
            dC_t=lambda s: (
                (s.dC_last if s.t == s.x.shape[1] - 1 else 0)
                + s.dh_t * s.four[2] * (1 - np.tanh(s.C_t) ** 2)
            )
        ),
        "It looks as if nothing were carried back along the cell. The gradient that travels from "
        "C_t to C_{t-1} is what the LSTM was made for.",
        SECTION,
    ),
    Mistake(
        "the cell goes back without f",
        _with(dC_later=lambda s: s.dC_t),
        "It looks as if dC went from step to step unchanged. On the way forward the old cell was "
        "multiplied with the forget gate.",
        SECTION,
    ),
    Mistake(
        "the cell goes back without what h adds",
        _with(dC_later=lambda s: s.dC_later * s.four[0]),
        "It looks as if only what came from later travelled on along the cell. What arrives at C_t "
        "through h_t goes on to C_{t-1} as well.",
        SECTION,
    ),
    Mistake(
        "the way from h to the cell is missing",
        _with(dC_t=lambda s: s.dC_later),
        "It looks as if dh reached the output gate only. The state shows the cell, "
        "so dh reaches C, too.",
        SECTION,
    ),
    Mistake(
        "dC_last is left out",
        _with(begin=lambda s: np.zeros_like(s.dC_last)),
        "It looks as if dC_last played no part. The way back along the cell begins with it.",
        SECTION,
    ),
    Mistake(
        "dC_last at every step",
        _with(dC_t=lambda s: (s.dC_last if s.t < s.x.shape[1] - 1 else 0) + EQUATIONS["dC_t"](s)),
        "It looks as if dC_last were added at every step. It arrives once, at the last cell.",
        SECTION,
    ),
    Mistake(
        "the output gate hears of its own step only",
        _with(do=lambda s: s.dh[:, s.t] * np.tanh(s.C_t)),
        "The output gate's part looks as if it were made from this step's own dh. What later steps "
        "send to h_t reaches o_t as well.",
        SECTION,
    ),
    Mistake(
        "o is missing on the way to the cell",
        _with(dC_t=lambda s: s.dC_later + s.dh_t * (1 - np.tanh(s.C_t) ** 2)),
        "It looks as if the output gate were missing on the way from h to the cell.",
        SECTION,
    ),
    Mistake(
        "from the first step to the last",
        _with(order=range),
        "It looks as if the loop went from the first step to the last. What comes from later "
        "has to be known first: begin at the end.",
        SECTION,
    ),
    Mistake(
        "f has no slope",
        _with(da_f=lambda s: s.df),
        "The forget gate's part looks as if the slope of its sigmoid were missing.",
        SECTION,
    ),
    Mistake(
        "g has no slope",
        _with(da_g=lambda s: s.dg),
        "The candidate's part looks as if the slope of its tanh were missing.",
        SECTION,
    ),
    Mistake(
        "no slopes at all",
        _with(da_f=lambda s: s.df, da_i=lambda s: s.di, da_o=lambda s: s.do, da_g=lambda s: s.dg),
        "It looks as if the slopes of all four squashings were missing.",
        SECTION,
    ),
    Mistake(
        "the slope of tanh at the cell is missing",
        _with(dC_t=lambda s: s.dC_later + s.dh_t * s.four[2]),
        "It looks as if the slope of tanh(C_t) were missing on the way from h to the cell.",
        SECTION,
    ),
    Mistake(
        "i is copied from f",
        _with(di=lambda s: s.dC_t * s.C_before),
        "The input gate's part looks like a copy of the forget gate's: i multiplied the candidate, "
        "not the old cell.",
        SECTION,
    ),
    Mistake(
        "i and g are exchanged",
        _with(di=lambda s: s.dC_t * s.four[1], dg=lambda s: s.dC_t * s.four[3]),
        "It looks as if i and g had each kept its own value. A product hands each factor the "
        "gradient times the other one.",
        SECTION,
    ),
    Mistake(
        "the gates' gradients are in torch's order",
        _with(_in_another_order),
        "dx, dh0 and dC0 are right. In dU, dW and db the gates stand in the order i, f, g, o; "
        "here it is f, i, o, g.",
        SECTION,
    ),
    Mistake(
        "only the earliest step",
        _with(
            dU=lambda s: s.x[:, s.t].T @ s.da,
            dW=lambda s: s.h_before.T @ s.da,
            db=lambda s: s.da.sum(axis=1),
        ),
        "dx, dh0 and dC0 are right. It looks as if each step overwrote the weights' gradients: "
        "they serve every step, so their gradients are sums.",
        SECTION,
    ),
    Mistake(
        "h_t for h_{t-1}",
        _with(dW=lambda s: s.dW + s.h[:, s.t].T @ s.da),
        "Everything but dW is right. It looks as if dW had the state after each step in it. "
        "Which state did W multiply?",
        SECTION,
    ),
    Mistake(
        "the gates see the wrong state",
        _with(four=lambda s: np.stack(gates_of(s.x[:, s.t], s.h[:, s.t], s.U, s.W, s.b))),
        "It looks as if the gates of step t were computed from h_t. They were made from the state "
        "before.",
        SECTION,
    ),
    Mistake(
        "C_t for C_{t-1}",
        _with(C_before=lambda s: s.C[:, s.t]),
        "The forget gate's part looks as if it had the new cell in it.",
        SECTION,
    ),
    Mistake(
        "the first step does not know h0",
        _with(h_before=lambda s: s.h[:, s.t - 1] if s.t else 0 * s.h0),
        "It looks as if the first step had begun at a state of zeros, and not at h0.",
        SECTION,
    ),
    Mistake(
        "the first step does not know C0",
        _with(C_before=lambda s: s.C[:, s.t - 1] if s.t else 0 * s.C0),
        "It looks as if the first step had begun at a cell of zeros, and not at C0.",
        SECTION,
    ),
    Mistake(
        "the first step reads the last state",
        _with(h_before=lambda s: s.h[:, s.t - 1], C_before=lambda s: s.C[:, s.t - 1]),
        "It looks as if the first step had begun at the last state. In Python the index -1 is the "
        "end: no error tells you.",
        SECTION,
    ),
    Mistake(
        "W is not transposed",
        _with(dh_later=lambda s: (s.da @ s.W).sum(axis=0)),
        "On the way back to the state it looks as if W were not transposed. It is square, so NumPy "
        "cannot notice.",
        SECTION,
    ),
    Mistake(
        "the state hears of one gate",
        _with(dh_later=lambda s: s.da[3] @ s.W[3].T),
        "It looks as if only the candidate sent something back to the state. "
        "All four sums had h in them.",
        SECTION,
    ),
    Mistake(
        "dW is transposed",
        _with(lambda s: (s.dx, s.dh_later, s.dC_later, s.dU, _turned(s.dW), s.db)),
        "Everything but dW is right, and dW looks transposed in each gate.",
        SECTION,
    ),
    Mistake(
        "db is averaged",
        _with(_scaled(_all, 5)),
        "Everything but db is right. It is too small by the factor N: a bias serves every example, "
        "so its gradient is a sum over them, not a mean.",
        SECTION,
    ),
    Mistake(
        "the weights' gradients are averaged",
        _with(_scaled(_all, 3, 4, 5)),
        "dx, dh0 and dC0 are right. dU, dW and db are too small by the factor N: they are sums "
        "over the batch. If a mean is wanted, it is in dh already.",
        SECTION,
    ),
    Mistake(
        "only the last dh",
        _with(dh_t=lambda s: (s.t == s.x.shape[1] - 1) * s.dh[:, s.t] + s.dh_later),
        "It looks as if dh were read at the last step only. Each step has an upstream gradient of "
        "its own.",
        SECTION,
    ),
    Mistake(
        "dh0 and dC0 change places",
        _with(lambda s: (s.dx, s.dC_later, s.dh_later, s.dU, s.dW, s.db)),
        "The values are right, but dh0 and dC0 have changed places.",
        SECTION,
    ),
    Mistake(
        "dC0 lacks the last f",
        _with(lambda s: (s.dx, s.dh_later, s.dC_t, s.dU, s.dW, s.db)),
        "Everything but dC0 is right. What you return is the gradient by C_1: "
        "there is one step more to go.",
        SECTION,
    ),
    Mistake(
        "dC_last is overwritten",
        _overwrites_dC_last,
        "The values are right, but the caller's dC_last is changed: `dC = dC_last` is only a "
        "second name, and dC *= ... writes into it.",
        SECTION,
    ),
    Mistake(
        "dh is overwritten",
        _overwrites_dh,
        "The values are right, but the caller's dh is changed, as dh[:, t - 1] += ... does it.",
        SECTION,
    ),
)

LSTM_BACKWARD = Exercise(
    Function("lstm_backward", BACKWARD, GRADIENTS),
    "Every gradient of a whole sequence",
    points=7,
    minutes=30,
    difficulty=3,
    cases=cases,
    reference=lstm_backward,
    mistakes=MISTAKES,
    hints=(
        "Begin with the loop from the last step to the first. Two things travel back from step to "
        "step: dh_later and dC_later. What are they before the last step?",
        "In each turn: take h_before and C_before (h0 and C0 for the first step), make the gates "
        "anew with lstm_gates, add dh[:, t] to what came from later, and go along your arrows.",
        "Stack the four da: da = np.stack([da_f, da_i, da_o, da_g]) is (4, N, H). "
        "Then h_before.T @ da is (4, H, H), the step's share of dW, and x[:, t].T @ da that of dU.",
        "dh_later = da_f @ W_f.T + da_i @ W_i.T + da_o @ W_o.T + da_g @ W_g.T, and dx[:, t] "
        "likewise with U. dC_later = dC_t * f.",
        "Add up dU, dW and db over all steps, starting from zeros. After the loop, dh_later is dh0 "
        "and dC_later is dC0.",
    ),
)
