"""ps04 `hand_chain`: the chain rule through two steps of one unit, by pencil."""

from __future__ import annotations

import math

from autograder.contract import Value
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import a_value

#: The numbers of the worksheet's hand-checkable example.
W, H_1, H_2, DL_DH_2 = 1.5, 0.5, 0.8, 2.0

SECTION = "By pencil"


def chain(J_1: float, J_2: float, dL_dh_2: float = DL_DH_2) -> dict[str, float]:
    """Two factors, and the gradient that they leave after one step and after two."""
    return {"J_2": J_2, "J_1": J_1, "dL_dh_1": dL_dh_2 * J_2, "dL_dh_0": dL_dh_2 * J_2 * J_1}


def _slope(h: float) -> float:
    return 1 - h**2


MISTAKES = (
    Mistake(
        "the slope is left out",
        chain(W, W),
        "Both your factors are the weight alone. Between h_0 and h_1 there is a tanh as well, "
        "and the chain rule asks for its slope.",
        SECTION,
    ),
    Mistake(
        "the weight is left out",
        chain(_slope(H_1), _slope(H_2)),
        "Both your factors are slopes of tanh alone. On its way to a_t the old state "
        "is multiplied by something.",
        SECTION,
    ),
    Mistake(
        "1 - h for the slope",
        chain((1 - H_1) * W, (1 - H_2) * W),
        "It looks as if you took 1 - h for the slope of tanh. A power is missing.",
        SECTION,
    ),
    Mistake(
        "h squared for the slope",
        chain(H_1**2 * W, H_2**2 * W),
        "It looks as if you took h^2 for the slope of tanh. At h = 0 tanh is steepest; "
        "yours would be flat there.",
        SECTION,
    ),
    Mistake(
        "the two steps are exchanged",
        chain(_slope(H_2) * W, _slope(H_1) * W),
        "Your J_1 and J_2 have changed places. dh_2/dh_1 is taken where the tanh of step 2 stands: "
        "which state came out of it?",
        SECTION,
    ),
    Mistake(
        "the slope at tanh(h)",
        chain(_slope(math.tanh(H_1)) * W, _slope(math.tanh(H_2)) * W),
        "It looks as if you took tanh of the state once more. h is tanh(a) already, so the slope "
        "can be read off it.",
        SECTION,
    ),
    Mistake(
        "the upstream gradient is left out",
        chain(_slope(H_1) * W, _slope(H_2) * W, 1.0),
        "Both factors are right. What you multiply them by should be what arrives at h_2, "
        "and that is not 1.",
        SECTION,
    ),
    Mistake(
        "from the wrong end",
        {
            "J_2": _slope(H_2) * W,
            "J_1": _slope(H_1) * W,
            "dL_dh_1": DL_DH_2 * _slope(H_1) * W,
            "dL_dh_0": DL_DH_2 * _slope(H_1) * W * _slope(H_2) * W,
        },
        "Both factors are right, and so is dL_dh_0. For dL_dh_1 it looks as if you began with J_1. "
        "The loss stands behind h_2: which step does its message pass first?",
        SECTION,
    ),
    Mistake(
        "the factors are added",
        {
            "J_2": _slope(H_2) * W,
            "J_1": _slope(H_1) * W,
            "dL_dh_1": DL_DH_2 * _slope(H_2) * W,
            "dL_dh_0": DL_DH_2 * (_slope(H_2) + _slope(H_1)) * W,
        },
        "Factors and dL_dh_1 are right. It looks as if the two factors were added for h_0. "
        "One step follows the other: what does the chain rule do with them?",
        SECTION,
    ),
)

HAND_CHAIN = Exercise(
    Value("hand_chain", {"J_2": "", "J_1": "", "dL_dh_1": "", "dL_dh_0": ""}),
    "Two steps back by pencil",
    points=2,
    minutes=8,
    difficulty=1,
    cases=a_value,
    reference=chain(_slope(H_1) * W, _slope(H_2) * W),
    mistakes=MISTAKES,
    hints=(
        "A change of h_1 changes the sum a_2 first, and a_2 changes h_2. "
        "Each of the two contributes a factor.",
        "da_2/dh_1 is the weight. dh_2/da_2 is the slope of tanh, and that can be read off its "
        "result: 1 - h_2^2.",
        "J_2 = (1 - h_2^2) times the weight, J_1 = (1 - h_1^2) times the weight.",
        "J_2 = (1 - 0.64) 1.5 = 0.54. Multiply dL/dh_2 by J_2, and what you get by J_1.",
    ),
    rtol=0.0,
    atol=1e-3,
)
