"""ps03 `dL_dW_hh`: the gradient of a vanilla recurrent network by its recurrent weight, as a formula.

    dL/dW_hh = sum_t dL/dh_t (dh_t/dW_hh + dh_t/dh_{t-1} dh_{t-1}/dW_hh)

where dL/dh_t is direct (the loss of step t alone), dh_t/dW_hh is immediate (h_{t-1} held fixed) and
dh_{t-1}/dW_hh is total.  Going backward, the same gradient is sum_t (total dL/dh_t)(immediate
dh_t/dW_hh).  Both are exact; total times total is not, and neither is direct times immediate.
Right answers of all kinds are in `tests/autograder/derivation_variants.py`: `VARIANTS_PS03`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from autograder.contract import Expression
from autograder.derivations import FormulaReading
from autograder.exercise import Exercise, Mistake
from autograder.exercises.formulas import networks
from course.derivation import ZERO, Formula, Symbols

Derivation: TypeAlias = Callable[[Symbols], Any]  # Any, because a sum may be the number 0

SECTION = "One weight, many steps"


def dL_dW_hh(s: Symbols) -> Any:
    """The loss of each step, and what its state has of the weight."""
    return sum(s.dL_dh[t] * (s.dh_dW_hh[t] + s.dh_dh[t] * s.Dh_DW_hh[t - 1]) for t in s.steps)


def _each_step(term: Callable[[Symbols, int], Formula]) -> Derivation:
    """sum_t dL/dh_t (what `term` says of h_t)."""
    return lambda s: sum(s.dL_dh[t] * term(s, t) for t in s.steps)


def _term(s: Symbols, t: int) -> Formula:
    """Dh_t/DW_hh."""
    return s.dh_dW_hh[t] + s.dh_dh[t] * s.Dh_DW_hh[t - 1]


def _one_step_back(s: Symbols, t: int) -> Formula:
    now = s.dh_dW_hh[t]
    return now if t == 1 else now + s.dh_dh[t] * s.dh_dW_hh[t - 1]


MISTAKES = tuple(
    Mistake(name, wrong, diagnosis, SECTION)
    for name, wrong, diagnosis in (
        (
            "the immediate effect only",
            _each_step(lambda s, t: s.dh_dW_hh[t]),
            "You count what the weight does to the loss of the step in which it is used, and nothing "
            "that it does to later steps. This is what is left if h_{t-1} is taken for a constant.",
        ),
        (
            "the past only",
            _each_step(lambda s, t: s.dh_dh[t] * s.Dh_DW_hh[t - 1]),
            "You follow the weight through h_{t-1} only. Step t uses it, too.",
        ),
        (
            "the total dL/dh_t for the direct one",
            lambda s: sum(s.DL_Dh[t] * _term(s, t) for t in s.steps),
            "Both factors are total here. The first holds the losses of all later steps, "
            "and those steps have terms of their own in the sum: they count again and again.",
        ),
        (
            "the steps before count immediately",
            _each_step(_one_step_back),
            "Your dh_{t-1}/dW_hh is immediate. It looks back one step and no further; "
            "what the weight did before that is lost.",
        ),
        (
            "the last step only",
            lambda s: s.dL_dh[s.T] * _term(s, s.T),
            "Your formula is that of the last step's loss. Every step has a loss here, and L is their sum.",
        ),
        (
            "all steps but the last",
            lambda s: sum((s.dL_dh[t] * _term(s, t) for t in range(1, s.T)), ZERO),
            "The last step is not in your sum. Mind Python's range, which stops before its end.",
        ),
        (
            "all steps but the first",
            lambda s: sum((s.dL_dh[t] * _term(s, t) for t in range(2, s.T + 1)), ZERO),
            "The first step is not in your sum. It has no past, but it uses the weight.",
        ),
        (
            "the slope of tanh left out",
            _each_step(lambda s, t: s.da_dW_hh[t] + s.dh_dh[t] * s.Dh_DW_hh[t - 1]),
            "da_t/dW_hh is where the sum before tanh depends on the weight. "
            "From h_t down to a_t there is an arrow, too.",
        ),
        (
            "the slope of tanh twice",
            _each_step(lambda s, t: s.dh_da[t] * _term(s, t)),
            "dh_t/da_t is part of dh_t/dW_hh and of dh_t/dh_{t-1} already: both lead from h_t.",
        ),
        (
            "another weight",
            _each_step(lambda s, t: s.dh_dW_xh[t] + s.dh_dh[t] * s.Dh_DW_xh[t - 1]),
            "This is the gradient by W_xh, which meets the inputs. The question is about W_hh.",
        ),
        (
            "a transposed Jacobian",
            _each_step(lambda s, t: s.dh_dW_hh[t] + s.dh_dh[t].T * s.Dh_DW_hh[t - 1]),
            "dh_t/dh_{t-1} is transposed. It is square, so the shapes fit all the same; "
            "its rows belong to h_t and its columns to h_{t-1}.",
        ),
        (
            "the layout reversed",
            lambda s: sum(
                (s.dh_dW_hh[t] + s.Dh_DW_hh[t - 1] * s.dh_dh[t]) * s.dL_dh[t] for t in s.steps
            ),
            "Your products read from the weight up to the loss. Here a derivative has a row for each "
            "number of what is derived, so the chain rule reads from left to right, down from the loss.",
        ),
        (
            "the sign turned",
            _each_step(lambda s, t: -_term(s, t)),
            "Everything is there, with the sign turned. A step of descent subtracts the gradient; "
            "the gradient itself is asked for.",
        ),
        (
            "the mean over the steps",
            lambda s: 1 / s.T * sum(s.dL_dh[t] * _term(s, t) for t in s.steps),
            "You divide by the number of steps. L is the sum of the losses, and so is its derivative.",
        ),
    )
)  # fmt: skip

DL_DW_HH = Exercise(
    Expression("dL_dW_hh", "rnn"),
    "The gradient by a shared weight, as a formula",
    points=4,
    minutes=12,
    difficulty=2,
    cases=networks("rnn"),
    reference=dL_dW_hh,
    mistakes=MISTAKES,
    hints=(
        "Draw the network over three steps and mark every place where W_hh is used. "
        "Each way from there up to a loss is one product.",
        "Begin at the top. L is a sum of losses, one for each step, so the gradient is a sum over t, "
        "and every term begins with dL_dh[t].",
        "In step t, what can make h_t change when W_hh does? The weight itself, now; and h_{t-1}, "
        "which the same weight had a part in.",
        "The first is immediate, dh_dW_hh[t]. The second is a product of two: from h_t to h_{t-1}, "
        "and from there to the weight by every way there is, which is what a total derivative says.",
    ),
    reading=FormulaReading("rnn", "W_hh"),
    rtol=1e-9,
)
