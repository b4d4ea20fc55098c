"""ps06 `gru_backward`: every gradient of a sequence.

dz = dh (h_before - g)        da_z = dz z (1 - z)
dg = dh (1 - z)               da_g = dg (1 - g^2)        ds = da_g r
dr = da_g s                   da_r = dr r (1 - r)        s = h_before W_g
dh_before = dh z + da_r W_r^T + da_z W_z^T + ds W_g^T
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import draw_cases
from autograder.exercises.ps06.parts import WEIGHTS, Array, gru_step, writes_into

SECTION = "Back through the GRU"

BACKWARD = {"dh": "N T H", "x": "N T D", "h0": "N H", **WEIGHTS}


def loss_cases(rng: np.random.Generator) -> list[Case]:
    """Loss at every step, and once more at the last one alone."""
    cases = draw_cases(rng, BACKWARD)
    inputs = dict(cases[1].inputs)
    inputs["dh"] = inputs["dh"].copy()
    inputs["dh"][:, :-1] = 0
    return [cases[0], Case(inputs, "loss at the last step alone"), *cases[2:]]


def gru_backward(
    dh: Array, x: Array, h0: Array, U: Array, W: Array, b: Array
) -> tuple[Array, Array, Array, Array, Array]:
    W_r, W_z, W_g = W
    T = x.shape[1]
    h, steps = h0, []
    for t in range(T):
        h_next, r, z, g = gru_step(x[:, t], h, U, W, b)
        steps.append((h, r, z, g))
        h = h_next

    dx, dU, dW, db = (np.zeros(array.shape) for array in (x, U, W, b))
    dh_later = np.zeros(h0.shape)
    for t in reversed(range(T)):
        h, r, z, g = steps[t]
        dh_t = dh[:, t] + dh_later
        da_z = dh_t * (h - g) * z * (1 - z)
        da_g = dh_t * (1 - z) * (1 - g**2)
        ds = da_g * r
        da_r = da_g * (h @ W_g) * r * (1 - r)
        dh_later = dh_t * z + da_r @ W_r.T + da_z @ W_z.T + ds @ W_g.T
        for gate, (da, from_state) in enumerate(((da_r, da_r), (da_z, da_z), (da_g, ds))):
            dx[:, t] += da @ U[gate].T
            dU[gate] += x[:, t].T @ da
            dW[gate] += h.T @ from_state
            db[gate] += da.sum(axis=0)
    return dx, dh_later, dU, dW, db


@dataclasses.dataclass(frozen=True)
class _Rules:
    """The parts of one step's backward, each of which can be wrong."""

    da_z: Callable[..., Any] = lambda dh, h, g, z: dh * (h - g) * z * (1 - z)
    da_g: Callable[..., Any] = lambda dh, z, g: dh * (1 - z) * (1 - g**2)
    ds: Callable[..., Any] = lambda da_g, r: da_g * r
    da_r: Callable[..., Any] = lambda da_g, s, r: da_g * s * r * (1 - r)
    beside_r: Callable[..., Any] = lambda h, s: s
    way_back: Callable[..., Any] = lambda da_g, ds: ds  # through W_g
    by_input: Callable[..., Any] = lambda da_g, ds: da_g  # through U_g and b_g
    before: Callable[..., Any] = lambda dh, z, r, z_way, g: dh * z + r + z_way + g
    T: Callable[[Array], Array] = lambda W: W.T
    dW_g: Callable[..., Any] = lambda h, r, da_g, ds: h.T @ ds
    through_time: bool = True
    keep_sum: bool = True
    weights_meet: int = 0  # 0 the state before the step, 1 the one after
    over: Callable[[Array], Array] = lambda da: da.sum(axis=0)
    direct: bool = True
    first: int = 0  # the step at which the way back ends

    def __call__(self, dh: Array, x: Array, h0: Array, U: Array, W: Array, b: Array) -> Any:
        h, steps = h0, []
        for t in range(x.shape[1]):
            h_next, r, z, g = gru_step(x[:, t], h, U, W, b)
            steps.append((h, h_next, r, z, g))
            h = h_next
        dx, dU, dW, db = (np.zeros_like(array) for array in (x, U, W, b))
        dh_later = np.zeros_like(h0)
        last = x.shape[1] - 1
        for t in reversed(range(self.first, x.shape[1])):
            h, h_next, r, z, g = steps[t]
            dh_t = dh_later * self.through_time + dh[:, t] * (self.direct or t == last)
            da_z = self.da_z(dh_t, h, g, z)
            da_g = self.da_g(dh_t, z, g)
            ds = self.ds(da_g, r)
            da_r = self.da_r(da_g, self.beside_r(h, h @ W[2]), r)
            back = self.way_back(da_g, ds)
            ways = (da_r @ self.T(W[0]), da_z @ self.T(W[1]), back @ self.T(W[2]))
            dh_later = self.before(dh_t, z, *ways)
            met = (h, h_next)[self.weights_meet]
            if not self.keep_sum:
                dU, dW, db = (np.zeros_like(array) for array in (U, W, b))
            for gate, da in enumerate((da_r, da_z, self.by_input(da_g, ds))):
                dx[:, t] += da @ U[gate].T
                dU[gate] += x[:, t].T @ da
                dW[gate] += self.dW_g(met, r, da_g, ds) if gate == 2 else met.T @ da
                db[gate] += self.over(da)
        return dx, dh_later, dU, dW, db


def _averaged(*arguments: Array) -> Any:
    dx, dh0, *weights = gru_backward(*arguments)
    return dx, dh0, *(dW / len(dx) for dW in weights)


MISTAKES = (
    Mistake(
        "no recurrence",
        _Rules(through_time=False),
        "The last step is right. It looks as if nothing came back from a step to the one before: "
        "what you compute for h_before has to enter the next turn of the loop.",
        SECTION,
    ),
    Mistake(
        "the last step's loss alone",
        _Rules(direct=False),
        "With a loss at the last step alone your answer is right. When every step has one, "
        "each dh[:, t] has to be added on the way.",
        SECTION,
    ),
    Mistake(
        "overwritten instead of added",
        _Rules(keep_sum=False),
        "dx and dh0 are right. It looks as if each step's share of dU, dW and db overwrote the one "
        "before: the weights are shared, so their shares are added.",
        SECTION,
    ),
    Mistake(
        "the direct way is missing",
        _Rules(before=lambda dh, z, r, z_way, g: r + z_way + g),
        "It looks as if the state reached the next one through the gates alone. "
        "In z * h it also stands by itself.",
        SECTION,
    ),
    Mistake(
        "only the direct way",
        _Rules(before=lambda dh, z, r, z_way, g: dh * z),
        "It looks as if the state reached the next one directly only. "
        "Two gates and the candidate read it, too.",
        SECTION,
    ),
    Mistake(
        "the way through r is missing",
        _Rules(before=lambda dh, z, r, z_way, g: dh * z + z_way + g),
        "One way back to h_before is missing: the reset gate reads it.",
        SECTION,
    ),
    Mistake(
        "the way through z is missing",
        _Rules(before=lambda dh, z, r, z_way, g: dh * z + r + g),
        "One way back to h_before is missing: the update gate reads it.",
        SECTION,
    ),
    Mistake(
        "the way through the candidate is missing",
        _Rules(before=lambda dh, z, r, z_way, g: dh * z + r + z_way),
        "One way back to h_before is missing: the candidate reads it.",
        SECTION,
    ),
    Mistake(
        "the other convention",
        _Rules(
            da_z=lambda dh, h, g, z: -dh * (h - g) * z * (1 - z),
            da_g=lambda dh, z, g: dh * z * (1 - g**2),
            before=lambda dh, z, r, z_way, g: dh * (1 - z) + r + z_way + g,
        ),
        "It looks as if your backward pass let z say what is new, while the forward pass lets it "
        "say what stays.",
        SECTION,
    ),
    Mistake(
        "z and 1 - z exchanged for the candidate",
        _Rules(da_g=lambda dh, z, g: dh * z * (1 - g**2)),
        "It looks as if the candidate's gradient were multiplied with z. "
        "What stands beside g in the new state?",
        SECTION,
    ),
    Mistake(
        "z without the candidate",
        _Rules(da_z=lambda dh, h, g, z: dh * h * z * (1 - z)),
        "It looks as if z stood beside h alone. It stands beside g as well, in 1 - z.",
        SECTION,
    ),
    Mistake(
        "the sign of z",
        _Rules(da_z=lambda dh, h, g, z: dh * (g - h) * z * (1 - z)),
        "The gradient of z has the wrong sign. If z grows, more of h comes in and less of g.",
        SECTION,
    ),
    Mistake(
        "the slope of z is missing",
        _Rules(da_z=lambda dh, h, g, z: dh * (h - g)),
        "It looks as if the slope of z were missing: its sum goes through a sigmoid.",
        SECTION,
    ),
    Mistake(
        "the slope of r is missing",
        _Rules(da_r=lambda da_g, s, r: da_g * s),
        "It looks as if the slope of r were missing: its sum goes through a sigmoid.",
        SECTION,
    ),
    Mistake(
        "the slope of g is missing",
        _Rules(da_g=lambda dh, z, g: dh * (1 - z)),
        "It looks as if the slope of g were missing: its sum goes through a tanh.",
        SECTION,
    ),
    Mistake(
        "a sigmoid's slope for the candidate",
        _Rules(da_g=lambda dh, z, g: dh * (1 - z) * g * (1 - g)),
        "It looks as if the candidate had a sigmoid's slope. It comes from a tanh.",
        SECTION,
    ),
    Mistake(
        "the reset is missing on the way back",
        _Rules(ds=lambda da_g, r: da_g),
        "It looks as if the reset gate were missing on the way back to h W_g. On the way forward it "
        "was multiplied in.",
        SECTION,
    ),
    Mistake(
        "the reset is missing on the way to the old state",
        _Rules(way_back=lambda da_g, ds: da_g),
        "It looks as if da_g itself went back through W_g. On the way forward r stood behind that "
        "product, so the gradient meets r first.",
        SECTION,
    ),
    Mistake(
        "the reset on the way to the input",
        _Rules(by_input=lambda da_g, ds: ds),
        "It looks as if U_g and b_g were given ds, which has r in it. On the way forward the input's "
        "share was never multiplied with r.",
        SECTION,
    ),
    Mistake(
        "dW_g without the reset",
        _Rules(dW_g=lambda h, r, da_g, ds: h.T @ da_g),
        "All but dW is right. W_g made h W_g, which was then multiplied with r; "
        "its gradient has to go through r as well.",
        SECTION,
    ),
    Mistake(
        "dW_g with the reset before the product",
        _Rules(dW_g=lambda h, r, da_g, ds: (r * h).T @ da_g),
        "All but dW is right. Your dW_g would be right if r came before the product with W_g.",
        SECTION,
    ),
    Mistake(
        "r meets h instead of h W_g",
        _Rules(beside_r=lambda h, s: h),
        "It looks as if h stood beside r. In r * (h W_g) it is the product that r is multiplied with.",
        SECTION,
    ),
    Mistake(
        "nothing stands beside r",
        _Rules(da_r=lambda da_g, s, r: da_g * r * (1 - r)),
        "It looks as if nothing stood beside r. In r * (h W_g) it is multiplied with something.",
        SECTION,
    ),
    Mistake(
        "the matrices are not transposed",
        _Rules(T=lambda W: W),
        "It looks as if the gradient went back through W as it is. "
        "It came forward as h @ W; on the way back it needs the transpose.",
        SECTION,
    ),
    Mistake(
        "the state after the step",
        _Rules(weights_meet=1),
        "dx and dh0 are right. It looks as if dW were made with the state after each step. "
        "The matrices have met the one before it.",
        SECTION,
    ),
    Mistake(
        "the first step is left out",
        _Rules(first=1),
        "It looks as if the way back ended one step too early: the first step's shares are missing.",
        SECTION,
    ),
    Mistake(
        "averaged over the batch",
        _averaged,
        "dx and dh0 are right. It looks as if dU, dW and db were divided by the size of the batch. "
        "Every example adds its share.",
        SECTION,
    ),
    Mistake(
        "the bias is averaged",
        _Rules(over=lambda da: da.mean(axis=0)),
        "All but db is right. It looks as if db were averaged over the batch. Every example adds "
        "its share.",
        SECTION,
    ),
    Mistake(
        "dh is overwritten",
        writes_into(0, gru_backward),
        "The values are right, but dh has changed: dh[:, t] += ... writes into the caller's array.",
        SECTION,
    ),
)

GRU_BACKWARD = Exercise(
    Function(
        "gru_backward",
        BACKWARD,
        {"dx": "N T D", "dh0": "N H", "dU": "3 D H", "dW": "3 H H", "db": "3 H"},
    ),
    "Every gradient of the GRU",
    points=9,
    minutes=35,
    difficulty=3,
    cases=loss_cases,
    reference=gru_backward,
    mistakes=MISTAKES,
    hints=(
        "Two loops. The first runs forward with gru_step and keeps for each step the state before "
        "it, r, z and g. The second runs from the last step to the first.",
        "In the second loop, dh_t = dh[:, t] + dh_later, where dh_later is what the turn before "
        "computed for this state; it starts as zeros.",
        "From h = z h_before + (1 - z) g: dz = dh_t (h_before - g) and dg = dh_t (1 - z). Each through "
        "its own slope gives da_z and da_g. With s = h_before W_g: dr = da_g s, and ds = da_g r.",
        "Four ways lead back: dh_later = dh_t * z + da_r @ W_r.T + da_z @ W_z.T + ds @ W_g.T. And "
        "dx[:, t] is da_r @ U_r.T + da_z @ U_z.T + da_g @ U_g.T.",
        "The shares of dU are x_t.T @ da, those of db da.sum(axis=0), for da_r, da_z and da_g. Those "
        "of dW are h_before.T @ da_r, h_before.T @ da_z and h_before.T @ ds: the last one with ds.",
    ),
)
