"""ps06 `hand_carry`: one cell with one unit, and how its memory depends on the memory before.

C = f C_before + i g,  h_before = o_before tanh(C_before)
"""

from __future__ import annotations

import math
from collections.abc import Callable

from autograder.contract import Value
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import a_value

SECTION = "By pencil"

#: The numbers of the worksheet's hand-checkable example.
PENCIL = {
    "C": 0.5, "o": 0.8, "f": 0.9, "i": 0.5, "g": 0.6, "W_f": 2.0, "W_i": -1.0, "W_g": 1.5,
}  # fmt: skip

_C, _o, _f, _i, _g, _W_f, _W_i, _W_g = PENCIL.values()
_SLOPE = 1 - math.tanh(_C) ** 2

#: What each gate's sum does to the new cell.
_BY_F, _BY_I, _BY_G = _C * _f * (1 - _f), _g * _i * (1 - _i), _i * (1 - _g**2)


def pencil(
    dh_dC: float = _o * _SLOPE,
    dC_dh: float = _BY_F * _W_f + _BY_I * _W_i + _BY_G * _W_g,
    total: Callable[[float, float], float] = lambda dh_dC, dC_dh: _f + dC_dh * dh_dC,
) -> dict[str, float]:
    """The four numbers, with one of them computed in another way."""
    return {"direct": _f, "dh_dC": dh_dC, "dC_dh": dC_dh, "total": total(dh_dC, dC_dh)}


MISTAKES = (
    Mistake(
        "the total is the product alone",
        pencil(total=lambda dh_dC, dC_dh: dC_dh * dh_dC),
        "The three parts are right. Your total has the way through h alone; two ways lead from the "
        "old cell to the new one.",
        SECTION,
    ),
    Mistake(
        "the ways are multiplied",
        pencil(total=lambda dh_dC, dC_dh: _f * dC_dh * dh_dC),
        "The three parts are right. It looks as if all of them were multiplied: along one way "
        "factors multiply, and different ways add up.",
        SECTION,
    ),
    Mistake(
        "dh/dC without the output gate",
        pencil(dh_dC=_SLOPE),
        "Your dh/dC is the slope of tanh alone. h is o times tanh(C), and o is not 1.",
        SECTION,
    ),
    Mistake(
        "dh/dC without the slope",
        pencil(dh_dC=_o),
        "Your dh/dC is the output gate alone. Between C and h stands a tanh, and C is not 0.",
        SECTION,
    ),
    Mistake(
        "the square is forgotten",
        pencil(dh_dC=_o * (1 - math.tanh(_C))),
        "It looks as if your slope of tanh were 1 - tanh(C). A square is missing.",
        SECTION,
    ),
    Mistake(
        "the slope is taken at the wrong value",
        pencil(dh_dC=_o * (1 - _C**2)),
        "It looks as if your slope were 1 - C^2. The slope of tanh is 1 minus the square of its "
        "result, and C is what goes in.",
        SECTION,
    ),
    Mistake(
        "dh/dC is o tanh(C)",
        pencil(dh_dC=_o * math.tanh(_C)),
        "Your dh/dC is h itself. A derivative is asked: by how much does h grow when C does?",
        SECTION,
    ),
    Mistake(
        "the gates' slopes are missing",
        pencil(dC_dh=_C * _W_f + _g * _W_i + _i * _W_g),
        "It looks as if h met the gates without their squashing: each of the three has a slope, "
        "f (1 - f) for a sigmoid and 1 - g^2 for a tanh.",
        SECTION,
    ),
    Mistake(
        "the sign of W^i is lost",
        pencil(dC_dh=_BY_F * _W_f - _BY_I * _W_i + _BY_G * _W_g),
        "Your dC/dh would be right with W^i = 1. It is -1: the input gate shuts a little when h grows.",
        SECTION,
    ),
    Mistake(
        "the forget gate's way is missing",
        pencil(dC_dh=_BY_I * _W_i + _BY_G * _W_g),
        "In your dC/dh the forget gate plays no part. It reads h as the others do, and it stands "
        "beside C.",
        SECTION,
    ),
    Mistake(
        "the input gate's way is missing",
        pencil(dC_dh=_BY_F * _W_f + _BY_G * _W_g),
        "In your dC/dh the input gate plays no part. It reads h as the others do, and it stands "
        "beside g.",
        SECTION,
    ),
    Mistake(
        "the candidate's way is missing",
        pencil(dC_dh=_BY_F * _W_f + _BY_I * _W_i),
        "In your dC/dh the candidate plays no part. It reads h as the gates do, and it stands "
        "beside i.",
        SECTION,
    ),
    Mistake(
        "a sigmoid's slope for the candidate",
        pencil(dC_dh=_BY_F * _W_f + _BY_I * _W_i + _i * _g * (1 - _g) * _W_g),
        "It looks as if the candidate had a sigmoid's slope. It comes from a tanh.",
        SECTION,
    ),
)

HAND_CARRY = Exercise(
    Value("hand_carry", {"direct": "", "dh_dC": "", "dC_dh": "", "total": ""}),
    "Two ways from a cell to the next, by pencil",
    points=4,
    minutes=12,
    difficulty=2,
    cases=a_value,
    reference=pencil(),
    mistakes=MISTAKES,
    hints=(
        "Draw it: from C_before one arrow goes straight to C, and another goes to h_before. From "
        "h_before three arrows lead on, to f, i and g, and each of them ends at C.",
        "Straight: C = f C_before + i g, so with h_before held fixed the derivative is f.",
        "dh_dC is the derivative of o tanh(C): o (1 - tanh(C)^2). For dC_dh take each of f, i and g: "
        "what stands beside it, times its slope, times its weight. Add the three.",
        "The forget gate's part of dC_dh is C f (1 - f) W_f = 0.5 * 0.9 * 0.1 * 2 = 0.09. "
        "The total is direct + dC_dh * dh_dC.",
    ),
    rtol=0.0,
    atol=1e-3,
)
