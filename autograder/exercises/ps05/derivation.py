"""ps05 `dJ_dWg` and `dJ_dWo`: the gradient of an LSTM by one of its weights, as a formula.

    dJ/dW^g = sum_t dJ/dh_t (dh_t/dC_t (dC_t/dW^g + dC_t/dC_{t-1} dC_{t-1}/dW^g)
                             + dh_t/dh_{t-1} dh_{t-1}/dW^g)

is exact if dJ/dh_t is direct (the loss of step t alone), dC_t/dW^g immediate, dC_t/dC_{t-1} holds
h_{t-1} fixed and dh_t/dh_{t-1} holds C_{t-1} fixed, and what has t-1 on top is total.  Other readings
are exact too; mixing them is not, and that is what most mistakes here are.

The formula is the same for W^f, W^i and U^g, so each student may get a weight of their own: `QUESTIONS`
has an exercise for each, alike in all but the weight.  Mistakes are written for W^g, and translated.
Right answers of all kinds are in `tests/autograder/derivation_variants.py`: `VARIANTS_PS05`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from autograder.contract import Expression
from autograder.derivations import FormulaReading
from autograder.exercise import Exercise, Mistake
from autograder.exercises.formulas import networks
from course.derivation import ZERO, Formula, Indexed, Symbols, node_text

Derivation: TypeAlias = Callable[[Symbols], Any]  # Any, because a sum may be the number 0

SECTION = "The gradient, path by path"

CASES = networks("lstm")


def dJ_dWg(s: Symbols) -> Any:
    """The discussion's formula."""
    return sum(
        s.dJ_dh[t]
        * (s.dh_dC[t] * (s.dC_dWg[t] + s.dC_dC[t] * s.DC_DWg[t - 1]) + s.dh_dh[t] * s.Dh_DWg[t - 1])
        for t in s.steps
    )


def dJ_dWo(s: Symbols) -> Any:
    """W^o reaches h_t through o_t, and C_t only through earlier h."""
    return sum(
        s.dJ_dh[t]
        * (
            s.dh_do[t] * s.do_dWo[t]
            + s.dh_dC[t] * s.dC_dC[t] * s.DC_DWo[t - 1]
            + s.dh_dh[t] * s.Dh_DWo[t - 1]
        )
        for t in s.steps
    )


# Misreadings


def _each_step(term: Callable[[Symbols, int], Formula]) -> Derivation:
    """sum_t dJ/dh_t (what `term` says of h_t)."""
    return lambda s: sum(s.dJ_dh[t] * term(s, t) for t in s.steps)


def _bracket(s: Symbols, t: int) -> Formula:
    return s.dC_dWg[t] + s.dC_dC[t] * s.DC_DWg[t - 1]


def _every_way(s: Symbols, t: int) -> Formula:
    """DC_t/DW^g."""
    return _bracket(s, t) + s.dC_dh[t] * s.Dh_DWg[t - 1]


def _term(s: Symbols, t: int) -> Formula:
    """Dh_t/DW^g."""
    return s.dh_dC[t] * _bracket(s, t) + s.dh_dh[t] * s.Dh_DWg[t - 1]


def _bracket_reused(s: Symbols, t: int) -> Formula:
    if t == 0:
        return ZERO
    return s.dC_dWg[t] + s.dC_dC[t] * _bracket_reused(s, t - 1)


def _previous_immediate(s: Symbols, t: int) -> Formula:
    first = s.dh_dC[t] * s.dC_dWg[t]
    if t == 1:
        return first
    carried = s.dC_dC[t] * s.dC_dWg[t - 1]
    return first + s.dh_dC[t] * carried + s.dh_dh[t] * s.dh_dC[t - 1] * s.dC_dWg[t - 1]


def _reversed(s: Symbols) -> Any:
    return sum(
        ((s.dC_dWg[t] + s.DC_DWg[t - 1] * s.dC_dC[t]) * s.dh_dC[t] + s.Dh_DWg[t - 1] * s.dh_dh[t])
        * s.dJ_dh[t]
        for t in s.steps
    )


#: Name, formula, diagnosis.  W^g stands for the weight that is asked for.
_MISREADINGS: tuple[tuple[str, Derivation, str], ...] = (
    (
        "the total dJ/dh_t for the direct one",
        lambda s: sum(s.DJ_Dh[t] * _term(s, t) for t in s.steps),
        "You begin every term with the total DJ_Dh[t], which holds the losses of all later steps. "
        "Those steps have terms of their own in the sum, so their losses count again and again.",
    ),
    (
        "no carry from cell to cell",
        _each_step(lambda s, t: s.dh_dC[t] * s.dC_dWg[t] + s.dh_dh[t] * s.Dh_DWg[t - 1]),
        "The cell's own memory is not in your formula. C_t holds C_{t-1}, and that depends on W^g too.",
    ),
    (
        "no way through the previous h",
        _each_step(lambda s, t: s.dh_dC[t] * _bracket(s, t)),
        "You follow the weight through the cell alone. Every gate of step t also reads h_{t-1}, "
        "and h_{t-1} depends on W^g.",
    ),
    (
        "the immediate effect only",
        _each_step(lambda s, t: s.dh_dC[t] * s.dC_dWg[t]),
        "You count what W^g does to the loss of the step in which it is used, and nothing that it "
        "does to later steps. What carries its effect on?",
    ),
    (
        "the last step only",
        lambda s: s.dJ_dh[s.T] * _term(s, s.T),
        "Your formula is that of the last step's loss. Every step has a loss here, and J is their sum.",
    ),
    (
        "all steps but the last",
        lambda s: sum((s.dJ_dh[t] * _term(s, t) for t in range(1, s.T)), ZERO),
        "The last step is not in your sum. Mind Python's range, which stops before its end.",
    ),
    (
        "all steps but the first",
        lambda s: sum((s.dJ_dh[t] * _term(s, t) for t in range(2, s.T + 1)), ZERO),
        "The first step is not in your sum. It has nothing before it, but a term of its own it has.",
    ),
    (
        "the bracket reused for the cell before",
        _each_step(lambda s, t: s.dh_dC[t] * _bracket_reused(s, t) + s.dh_dh[t] * s.Dh_DWg[t - 1]),
        "It looks as if dC_{t-1}/dW^g were your own bracket, one step earlier. The total is more: "
        "C_{t-1} was also reached through h_{t-2}, of which the bracket knows nothing.",
    ),
    (
        "the steps before count immediately",
        _each_step(_previous_immediate),
        "Your dC_{t-1}/dW^g and dh_{t-1}/dW^g are immediate. They look back one step and no further; "
        "what the weight did before that is lost.",
    ),
    (
        "the way through the previous h twice",
        _each_step(lambda s, t: s.dh_dC[t] * _every_way(s, t) + s.dh_dh[t] * s.Dh_DWg[t - 1]),
        "Two readings are mixed. dC_t/dh_{t-1} is the way from h_{t-1} through C_t, "
        "and dh_t/dh_{t-1} holds that way already.",
    ),
    (
        "the previous h through o_t only",
        _each_step(
            lambda s, t: s.dh_dC[t] * _bracket(s, t) + s.dh_do[t] * s.do_dh[t] * s.Dh_DWg[t - 1]
        ),
        "From h_{t-1} you go to h_t through the output gate alone. "
        "The three other gates read h_{t-1} too, and change C_t.",
    ),
    (
        "the previous h not through o_t",
        _each_step(lambda s, t: s.dh_dC[t] * _every_way(s, t)),
        "You follow every way to C_t, and from there to h_t. But h_t = o_t tanh(C_t) has another "
        "factor, which reads h_{t-1} as well.",
    ),
    (
        "dh_t/do_t for dh_t/dC_t",
        _each_step(lambda s, t: s.dh_do[t] * _bracket(s, t) + s.dh_dh[t] * s.Dh_DWg[t - 1]),
        "Not every derivative in the list is needed. dh_t/do_t leads to the output gate, "
        "and your bracket begins at C_t.",
    ),
    (
        "a transposed Jacobian",
        _each_step(lambda s, t: s.dh_dC[t] * _bracket(s, t) + s.dh_dh[t].T * s.Dh_DWg[t - 1]),
        "dh_t/dh_{t-1} is transposed. It is square, so the shapes fit all the same; "
        "its rows belong to h_t and its columns to h_{t-1}.",
    ),
    (
        "the layout reversed",
        _reversed,
        "Your products read from the weight up to the loss. Here a derivative has a row for each number "
        "of what is derived, so the chain rule reads from left to right, down from the loss.",
    ),
    (
        "the sign turned",
        _each_step(lambda s, t: -_term(s, t)),
        "Everything is there, with the sign turned. A step of descent subtracts the gradient; "
        "the gradient itself is asked for.",
    ),
    (
        "the mean over the steps",
        lambda s: 1 / s.T * sum(s.dJ_dh[t] * _term(s, t) for t in s.steps),
        "You divide by the number of steps. J is the sum of the losses, and so is its derivative.",
    ),
    (
        "the total dJ/dh_t and the immediate effect",
        lambda s: sum(s.DJ_Dh[t] * s.dh_dC[t] * s.dC_dWg[t] for t in s.steps),
        "You put the history into the first factor, which can be done. But DJ_Dh[t] tells of h_t: "
        "what C_t hands on to C_{t+1} directly is not in it.",
    ),
)

HINTS = (
    "Draw the network over three steps and mark every place where the weight is used. "
    "Each way from there up to a loss is one product.",
    "Begin at the top. J is a sum of losses, one for each step, and the loss of step t sees h_t alone. "
    "So the gradient is a sum over t, and every term begins with dJ_dh[t].",
    "In step t, what can make h_t change when the weight does? The weight itself, now; "
    "C_{t-1}, which the cell carries on; and h_{t-1}, which every gate reads. That is three ways.",
    "Two of the three go through C_t and share dh_dC[t]. dh_dh[t] is the whole way from h_{t-1} to h_t, "
    "through C_t and through o_t. What stands after C_{t-1} and after h_{t-1} is total.",
)


class _Translated:
    """Symbols under which W^g has become another weight."""

    def __init__(self, symbols: Symbols, weight: str) -> None:
        self._symbols, self._weight = symbols, weight

    def __getattr__(self, name: str) -> Indexed:
        return getattr(self._symbols, name.replace("Wg", self._weight))


def translated(derivation: Derivation, weight: str) -> Derivation:
    """The same derivation for another weight than W^g."""
    if weight == "Wg":
        return derivation
    return lambda s: derivation(_Translated(s, weight))  # type: ignore[arg-type]


def derivation_of(weight: str) -> Exercise:
    """`dJ_dWg` with the gradient taken by another weight: "Wg", "Wf", "Wi" or "Ug"."""
    written = node_text((weight, None))
    return Exercise(
        Expression("dJ_dWg", "lstm"),
        "The gradient by a weight, as a formula",
        points=6,
        minutes=25,
        difficulty=3,
        cases=CASES,
        reference=translated(dJ_dWg, weight),
        mistakes=tuple(
            Mistake(
                name.replace("W^g", written),
                translated(wrong, weight),
                diagnosis.replace("W^g", written),
                SECTION,
            )
            for name, wrong, diagnosis in _MISREADINGS
        ),
        hints=HINTS,
        reading=FormulaReading("lstm", weight),
        rtol=1e-9,
    )


#: By the weight's name, as a student reads it.
QUESTIONS: Mapping[str, Exercise] = {
    node_text((weight, None)): derivation_of(weight) for weight in ("Wg", "Wf", "Wi", "Ug")
}
DJ_DWG = Exercise.one_of(QUESTIONS)


# The output gate's weight, which the formula does not serve


def _outgoing(term: Callable[[Symbols, int], Formula]) -> Derivation:
    """sum_t dJ/dh_t (the way through o_t + what `term` adds to it)."""
    return _each_step(lambda s, t: s.dh_do[t] * s.do_dWo[t] + term(s, t))


def _carried(s: Symbols, t: int) -> Formula:
    return s.dh_dC[t] * s.dC_dC[t] * s.DC_DWo[t - 1]


def _earlier(s: Symbols, t: int) -> Formula:
    """What h_t has of W^o from earlier steps."""
    return _carried(s, t) + s.dh_dh[t] * s.Dh_DWo[t - 1]


def _whole(s: Symbols, t: int) -> Formula:
    return s.dh_do[t] * s.do_dWo[t] + _earlier(s, t)


_OUTPUT_MISREADINGS: tuple[tuple[str, Derivation, str], ...] = (
    (
        "the formula of W^g as it is",
        translated(dJ_dWg, "Wo"),
        "This is the formula of W^g with another letter. But W^o makes o_t, and C_t does not read o_t: "
        "dC_dWo[t] is zero. Where does the output gate come in?",
    ),
    (
        "dh_t/dC_t for dh_t/do_t",
        _each_step(lambda s, t: s.dh_dC[t] * s.do_dWo[t] + _earlier(s, t)),
        "dh_t/dC_t leads to the cell, and do_t/dW^o begins at the output gate.",
    ),
    (
        "the immediate effect only",
        _each_step(lambda s, t: s.dh_do[t] * s.do_dWo[t]),
        "You count what W^o does to the loss of the step in which it is used, and nothing that it "
        "does to later steps. All gates of the next step read h_t.",
    ),
    (
        "no carry from cell to cell",
        _outgoing(lambda s, t: s.dh_dh[t] * s.Dh_DWo[t - 1]),
        "C_t does not see W^o in its own step, but it carries C_{t-1} on, which was reached through "
        "h_{t-2}. That way is missing.",
    ),
    (
        "no way through the previous h",
        _outgoing(_carried),
        "The previous h depends on W^o, and every gate of step t reads it. That way is missing.",
    ),
    (
        "the previous h through o_t only",
        _outgoing(lambda s, t: _carried(s, t) + s.dh_do[t] * s.do_dh[t] * s.Dh_DWo[t - 1]),
        "From h_{t-1} you go to h_t through the output gate alone. "
        "The three other gates read h_{t-1} too, and change C_t.",
    ),
    (
        "the way through o_t only, but all of it",
        _each_step(lambda s, t: s.dh_do[t] * (s.do_dWo[t] + s.do_dh[t] * s.Dh_DWo[t - 1])),
        "You follow every way to o_t. But h_t = o_t tanh(C_t), "
        "and by step 2 the cell has read an h that W^o had a part in.",
    ),
    (
        "the way through the previous h twice",
        _outgoing(lambda s, t: s.dh_do[t] * s.do_dh[t] * s.Dh_DWo[t - 1] + _earlier(s, t)),
        "Two readings are mixed. do_t/dh_{t-1} is the way from h_{t-1} through o_t, "
        "and dh_t/dh_{t-1} holds that way already.",
    ),
    (
        "the total dJ/dh_t for the direct one",
        lambda s: sum(s.DJ_Dh[t] * _whole(s, t) for t in s.steps),
        "You begin every term with the total DJ_Dh[t], which holds the losses of all later steps. "
        "Those steps have terms of their own in the sum.",
    ),
    (
        "the last step only",
        lambda s: s.dJ_dh[s.T] * _whole(s, s.T),
        "Your formula is that of the last step's loss. Every step has a loss here, and J is their sum.",
    ),
    (
        "the sign turned",
        _each_step(lambda s, t: -_whole(s, t)),
        "Everything is there, with the sign turned.",
    ),
    (
        "the mean over the steps",
        lambda s: 1 / s.T * sum(s.dJ_dh[t] * _whole(s, t) for t in s.steps),
        "You divide by the number of steps. J is the sum of the losses, and so is its derivative.",
    ),
)

DJ_DWO = Exercise(
    Expression("dJ_dWo", "lstm"),
    "The gradient by the output gate's weight",
    points=2,
    minutes=8,
    difficulty=2,
    cases=CASES,
    reference=dJ_dWo,
    mistakes=tuple(
        Mistake(name, wrong, diagnosis, SECTION) for name, wrong, diagnosis in _OUTPUT_MISREADINGS
    ),
    hints=(
        "Write down which of the network's equations W^o occurs in. There is only one.",
        "In step t, W^o reaches h_t by the output gate alone. Which two derivatives lead from h_t to "
        "o_t, and from o_t to W^o?",
        "Besides, h_t depends on W^o through what the step before left: C_{t-1} and h_{t-1}. Those two "
        "ways are as they were for W^g.",
    ),
    reading=FormulaReading("lstm", "Wo"),
    rtol=1e-9,
)
