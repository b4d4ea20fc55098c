"""Right answers to the exercises that ask for a formula, written in other ways than the reference.

They are of each kind that a student may hand over: other readings of the same symbols, going backward,
multiplied out, worked out step by step without a total.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course.derivation import ZERO, Formula, Symbols

# The gradient of an LSTM by W^g


def second_reading(s: Symbols) -> Formula:
    """C_t is held fixed on the way from h_{t-1} to h_t; what goes through C_t stands in its bracket."""
    total = 0
    for t in s.steps:
        through_h = s.Dh_DWg[t - 1]
        C = s.dC_dWg[t] + s.dC_dC[t] * s.DC_DWg[t - 1] + s.dC_dh[t] * through_h
        total = total + s.dJ_dh[t] * (s.dh_dC[t] * C + s.dh_do[t] * s.do_dh[t] * through_h)
    return total


def backward(s: Symbols) -> Formula:
    return sum(s.DJ_DC[t] * s.dC_dWg[t] for t in s.steps)


def backward_from_the_gate(s: Symbols) -> Formula:
    return sum(s.DJ_Dg[t] @ s.dg_dWg[t] for t in reversed(s.steps))


def backward_step_by_step(s: Symbols) -> Formula:
    """As backpropagation through time goes: from the last step to the first, carrying two totals."""
    gradient, dh, dC = ZERO, ZERO, ZERO
    for t in reversed(s.steps):
        dh = s.dJ_dh[t] + dh
        dC = dh * s.dh_dC[t] + dC
        gradient += dC * s.dC_dWg[t]
        dh, dC = dC * s.dC_dh[t] + dh * s.dh_do[t] * s.do_dh[t], dC * s.dC_dC[t]
    return gradient


def expanded(s: Symbols) -> Formula:
    terms = []
    for t in s.steps:
        terms.append(s.dJ_dh[t] * s.dh_dC[t] * s.dC_dWg[t])
        if t > 1:
            terms.append(s.dJ_dh[t] * s.dh_dC[t] * s.dC_dC[t] * s.DC_DWg[t - 1])
            terms.append(s.dJ_dh[t] * s.dh_dh[t] * s.Dh_DWg[t - 1])
    return sum(terms)


def forward_step_by_step(s: Symbols) -> Formula:
    """No total at all: those of step t are made of those of step t-1."""
    gradient, C, h = ZERO, ZERO, ZERO
    for t in s.steps:
        C, h = (
            s.dC_dWg[t] + s.dC_dC[t] * C + s.dC_dh[t] * h,
            s.dh_dC[t] * (s.dC_dWg[t] + s.dC_dC[t] * C) + s.dh_dh[t] * h,
        )
        gradient += s.dJ_dh[t] * h
    return gradient


def gate_by_gate(s: Symbols) -> Formula:
    def C(t: int) -> Formula:
        through_h = (
            s.dC_df[t] * s.df_dh[t] + s.dC_di[t] * s.di_dh[t] + s.dC_dg[t] * s.dg_dh[t]
        ) * s.Dh_DWg[t - 1]
        return through_h + s.dC_dg[t] * s.dg_dWg[t] + s.dC_dC[t] * s.DC_DWg[t - 1]

    def h(t: int) -> Formula:
        return s.dh_dC[t] * C(t) + s.dh_do[t] * s.do_dh[t] * s.Dh_DWg[t - 1]

    return sum((s.dJ_dh[t] * h(t) for t in s.steps), ZERO)


def with_diagonal_factors_exchanged(s: Symbols) -> Formula:
    """Right, as diagonal matrices commute, and remarked upon."""
    return sum(
        s.dJ_dh[t]
        * (
            s.dh_dC[t] * s.dC_dWg[t]
            + s.dC_dC[t] * s.dh_dC[t] * s.DC_DWg[t - 1]
            + s.dh_dh[t] * s.Dh_DWg[t - 1]
        )
        for t in s.steps
    )


DJ_DWG: tuple[Callable[[Symbols], Any], ...] = (
    second_reading,
    backward,
    backward_step_by_step,
    expanded,
    forward_step_by_step,
    with_diagonal_factors_exchanged,
)

#: These go through the gate, and so are right for W^g and U^g only.
DJ_DWG_BY_GATE = (backward_from_the_gate, gate_by_gate)

# By W^o


def output_backward(s: Symbols) -> Formula:
    return sum(s.DJ_Dh[t] * s.dh_do[t] * s.do_dWo[t] for t in s.steps)


def output_backward_from_the_gate(s: Symbols) -> Formula:
    return sum([s.DJ_Do[t] * s.do_dWo[t] for t in s.steps])


def output_second_reading(s: Symbols) -> Formula:
    gradient = ZERO
    for t in s.steps:
        h = s.Dh_DWo[t - 1]
        o = s.do_dWo[t] + s.do_dh[t] * h
        C = s.dC_dC[t] * s.DC_DWo[t - 1] + s.dC_dh[t] * h
        gradient += s.dJ_dh[t] * (s.dh_do[t] * o + s.dh_dC[t] * C)
    return gradient


def output_with_a_zero(s: Symbols) -> Formula:
    """As for the other gates, with dC/dW^o written out though it is zero."""
    return sum(
        s.dJ_dh[t] * s.dh_dC[t] * (s.dC_dWo[t] + s.dC_dC[t] * s.DC_DWo[t - 1])
        + s.dJ_dh[t] * s.dh_dh[t] * s.Dh_DWo[t - 1]
        + s.dJ_dh[t] * s.dh_do[t] * s.do_dWo[t]
        for t in s.steps
    )


DJ_DWO: tuple[Callable[[Symbols], Any], ...] = (
    output_backward,
    output_backward_from_the_gate,
    output_second_reading,
    output_with_a_zero,
)

# The gradient of a vanilla network by W_hh


def rnn_backward(s: Symbols) -> Formula:
    return sum(s.DL_Dh[t] * s.dh_dW_hh[t] for t in s.steps)


def rnn_backward_step_by_step(s: Symbols) -> Formula:
    gradient, later = ZERO, ZERO
    for t in reversed(s.steps):
        da = (s.dL_dy[t] * s.dy_dh[t] + later) * s.dh_da[t]
        gradient, later = gradient + da * s.da_dW_hh[t], da * s.da_dh[t]
    return gradient


def rnn_forward_step_by_step(s: Symbols) -> Formula:
    gradient, h = ZERO, ZERO
    for t in s.steps:
        h = s.dh_dW_hh[t] + s.dh_dh[t] * h
        gradient += s.dL_dh[t] * h
    return gradient


def rnn_by_distance(s: Symbols) -> Formula:
    """A term for each pair of a loss and a use of the weight, with all that lies between."""
    terms = []
    for t in s.steps:
        factor = s.dL_dh[t]
        for k in reversed(range(1, t + 1)):
            terms.append(factor * s.dh_dW_hh[k])
            factor = factor * s.dh_dh[k]
    return sum(terms, ZERO)


DL_DW_HH: tuple[Callable[[Symbols], Any], ...] = (
    rnn_backward,
    rnn_backward_step_by_step,
    rnn_forward_step_by_step,
    rnn_by_distance,
)

VARIANTS_PS03 = {"dL_dW_hh": DL_DW_HH}
VARIANTS_PS05 = {"dJ_dWg": (*DJ_DWG, *DJ_DWG_BY_GATE), "dJ_dWo": DJ_DWO}
