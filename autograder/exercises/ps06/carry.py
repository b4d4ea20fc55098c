"""ps06 `carry_jacobian`: how the new cell depends on the old one, directly and in total.

direct = f                  total = diag(f) + (dC/dh) diag(o_before (1 - tanh(C_before)^2))
dC/dh = diag(C_before f (1-f)) W_f^T + diag(g i (1-i)) W_i^T + diag(i (1-g^2)) W_g^T
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import draw_cases
from course.activations import sigmoid

Array: TypeAlias = np.ndarray

SECTION = "Direct and total"

CARRY = {
    "C_before": "N H", "o_before": "N H", "f": "N H", "i": "N H", "g": "N H",
    "W_f": "H H", "W_i": "H H", "W_g": "H H",
}  # fmt: skip


def gated_cases(rng: np.random.Generator) -> list[Case]:
    """Random numbers as everywhere; those that are gates go through their squashing."""
    squash: dict[str, Callable[[Array], Array]] = {
        "o_before": sigmoid,
        "f": sigmoid,
        "i": sigmoid,
        "g": np.tanh,
    }
    return [
        Case({k: squash[k](a) if k in squash else a for k, a in case.inputs.items()}, case.about)
        for case in draw_cases(rng, CARRY)
    ]


def carry_jacobian(
    C_before: Array, o_before: Array, f: Array, i: Array, g: Array,
    W_f: Array, W_i: Array, W_g: Array,
) -> tuple[Array, Array]:  # fmt: skip
    dh_dC = o_before * (1 - np.tanh(C_before) ** 2)
    dC_dh = (
        (C_before * f * (1 - f))[:, :, None] * W_f.T
        + (g * i * (1 - i))[:, :, None] * W_i.T
        + (i * (1 - g**2))[:, :, None] * W_g.T
    )
    straight = np.stack([np.diag(row) for row in f])
    return f.copy(), straight + dC_dh * dh_dC[:, None, :]


def _wrong(
    by_f: Callable[..., Any] = lambda C, f: C * f * (1 - f),
    by_i: Callable[..., Any] = lambda g, i: g * i * (1 - i),
    by_g: Callable[..., Any] = lambda i, g: i * (1 - g**2),
    shown: Callable[..., Any] = lambda o, C: o * (1 - np.tanh(C) ** 2),
    weights: Callable[[Array], Array] = lambda W: W.T,
    columns: bool = True,
    gates_scale_columns: bool = False,
    straight: float = 1.0,
    diagonal: bool = True,
) -> Callable[..., tuple[Array, Array]]:
    """The right answer but for one part."""

    def answer(C, o, f, i, g, W_f, W_i, W_g):  # type: ignore[no-untyped-def]
        parts = ((by_f(C, f), W_f), (by_i(g, i), W_i), (by_g(i, g), W_g))
        over = (slice(None), None) if gates_scale_columns else (slice(None), slice(None), None)
        dC_dh = sum(by_gate[over] * weights(W) for by_gate, W in parts)
        dh_dC = shown(o, C)
        by_state = dC_dh * (dh_dC[:, None, :] if columns else dh_dC[:, :, None])
        where = np.eye(f.shape[1]) if diagonal else 1.0
        return f.copy(), straight * f[:, :, None] * where + by_state

    return answer


def _layout(*arguments: Array) -> tuple[Array, Array]:
    direct, total = carry_jacobian(*arguments)
    return direct, total.swapaxes(1, 2).copy()


def _only_direct(*arguments: Array) -> tuple[Array, Array]:
    direct, _ = carry_jacobian(*arguments)
    return direct, direct[:, :, None] * np.eye(direct.shape[1])


def _overwrites_f(*arguments: Array) -> tuple[Array, Array]:
    result = carry_jacobian(*arguments)
    arguments[2][...] *= 1 - arguments[2]
    return result


MISTAKES = (
    Mistake(
        "the total is the direct part",
        _only_direct,
        "Your total is diag(f), the direct part again. The old cell also speaks through the state "
        "that it made.",
        SECTION,
    ),
    Mistake(
        "the total lacks the direct part",
        _wrong(straight=0.0),
        "The way through the state is right. In total the straight way counts too, on the diagonal.",
        SECTION,
    ),
    Mistake(
        "the matrices are not transposed",
        _wrong(weights=lambda W: W),
        "It looks as if the matrices stood as they are. Entry [a, b] asks how unit b of the state "
        "moves unit a, and that is W[b, a].",
        SECTION,
    ),
    Mistake(
        "rows and columns exchanged",
        _layout,
        "Your total is right but for its layout: entry [a, b] is the derivative of C[a] by "
        "C_before[b], and yours has it at [b, a].",
        SECTION,
    ),
    Mistake(
        "dh/dC scales the rows",
        _wrong(columns=False),
        "It looks as if dh/dC were multiplied into the rows. It belongs to the unit that the change "
        "comes from, which is the column's.",
        SECTION,
    ),
    Mistake(
        "the gates scale the columns",
        _wrong(gates_scale_columns=True),
        "It looks as if what belongs to the three gates had been multiplied into the columns. A gate "
        "belongs to the unit that it moves, which is the row's.",
        SECTION,
    ),
    Mistake(
        "f stands in whole rows",
        _wrong(diagonal=False),
        "It looks as if f had been added to every entry of a row. Straight on, a unit of the cell "
        "reaches itself alone: f belongs on the diagonal.",
        SECTION,
    ),
    Mistake(
        "no output gate",
        _wrong(shown=lambda o, C: 1 - np.tanh(C) ** 2),
        "It looks as if h were tanh(C). The output gate of the step before stands in front.",
        SECTION,
    ),
    Mistake(
        "no tanh on the way to h",
        _wrong(shown=lambda o, C: o),
        "It looks as if h were o times C. The tanh between them has a slope.",
        SECTION,
    ),
    Mistake(
        "the slope is taken at the wrong value",
        _wrong(shown=lambda o, C: o * (1 - C**2)),
        "It looks as if the slope were 1 - C^2. The slope of tanh is 1 minus the square of its "
        "result, and C is what goes in.",
        SECTION,
    ),
    Mistake(
        "h in the place of its derivative",
        _wrong(shown=lambda o, C: o * np.tanh(C)),
        "It looks as if h itself stood where its derivative by C belongs.",
        SECTION,
    ),
    Mistake(
        "no forget gate on the way",
        _wrong(by_f=lambda C, f: 0 * f),
        "The forget gate reads the state as well, and its way is missing: it moves C by what it "
        "lets through of the old cell.",
        SECTION,
    ),
    Mistake(
        "no input gate on the way",
        _wrong(by_i=lambda g, i: 0 * i),
        "The input gate reads the state as well, and its way is missing.",
        SECTION,
    ),
    Mistake(
        "no candidate on the way",
        _wrong(by_g=lambda i, g: 0 * g),
        "The candidate reads the state as well, and its way is missing.",
        SECTION,
    ),
    Mistake(
        "the slopes are missing",
        _wrong(by_f=lambda C, f: C, by_i=lambda g, i: g, by_g=lambda i, g: i),
        "It looks as if the three reached C without their squashing. Each has a slope.",
        SECTION,
    ),
    Mistake(
        "nothing stands beside the gates",
        _wrong(
            by_f=lambda C, f: f * (1 - f),
            by_i=lambda g, i: i * (1 - i),
            by_g=lambda i, g: 1 - g**2,
        ),
        "The slopes are there. But each of the three is multiplied with something in C = f C_before + "
        "i g, and that belongs to its share.",
        SECTION,
    ),
    Mistake(
        "a gate stands beside itself",
        _wrong(
            by_f=lambda C, f: f * f * (1 - f),
            by_i=lambda g, i: i * i * (1 - i),
            by_g=lambda i, g: g * (1 - g**2),
        ),
        "It looks as if each gate were multiplied with its own value. In a product the derivative by "
        "one factor is the other one.",
        SECTION,
    ),
    Mistake(
        "a sigmoid's slope for the candidate",
        _wrong(by_g=lambda i, g: i * g * (1 - g)),
        "It looks as if the candidate had a sigmoid's slope. It comes from a tanh.",
        SECTION,
    ),
    Mistake(
        "f is overwritten",
        _overwrites_f,
        "The values are right, but f has changed: f *= ... writes into the caller's array.",
        SECTION,
    ),
)

CARRY_JACOBIAN = Exercise(
    Function("carry_jacobian", CARRY, {"direct": "N H", "total": "N H H"}),
    "From one cell to the next",
    points=7,
    minutes=25,
    difficulty=3,
    cases=gated_cases,
    reference=carry_jacobian,
    mistakes=MISTAKES,
    hints=(
        "Your pencil's four numbers, now for H units: direct is still one number a unit; dC_dh has "
        "become a matrix, as every unit of h speaks to every unit of C.",
        "Take one gate, say f. Unit b of h moves the sum of unit a by W_f[b, a], the gate by its slope "
        "f (1 - f) of unit a, and C by C_before of unit a. So its matrix is W_f.T with row a scaled.",
        "Rows are scaled by (N, H)[:, :, None] and columns by (N, H)[:, None, :]. The three gates scale "
        "rows, dh_dC scales columns.",
        "total = direct[:, :, None] * np.eye(H) + dC_dh * dh_dC[:, None, :].",
    ),
)
