"""ps05 `hand_lstm`: one step of an LSTM with one unit, by pencil."""

from __future__ import annotations

import math
from collections.abc import Callable

from autograder.contract import Value
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import a_value

SECTION = "By pencil"

#: The worksheet's hand-checkable example: x is 1, and the sums are 0, 1, 2 and -0.5.
H_BEFORE, C_BEFORE = 0.5, 2.0
U = {"f": 1.0, "i": 0.5, "o": 1.5, "g": -1.0}
W = {"f": -2.0, "i": 1.0, "o": 1.0, "g": 1.0}


def _sigmoid(a: float) -> float:
    return 1 / (1 + math.exp(-a))


def pencil(
    squash: Callable[[float], float] = _sigmoid,
    candidate: Callable[[float], float] = math.tanh,
    cell: Callable[[float, float, float, float], float] = lambda f, i, g, C: f * C + i * g,
    state: Callable[[float, float], float] = lambda o, C: o * math.tanh(C),
    h: float = H_BEFORE,
) -> dict[str, float]:
    """One step, with what a mistake changes."""
    sums = {name: U[name] + h * W[name] for name in U}
    f, i, o = (squash(sums[name]) for name in "fio")
    g = candidate(sums["g"])
    C = cell(f, i, g, C_BEFORE)
    return {"f": f, "i": i, "o": o, "g": g, "C": C, "h": state(o, C)}


MISTAKES = (
    Mistake(
        "the state is left out",
        pencil(h=0.0),
        "It looks as if h played no part in the four sums.",
        SECTION,
    ),
    Mistake(
        "nothing is squashed",
        pencil(squash=float, candidate=float),
        "Your f, i, o and g are the four sums. Each of them still has to be squashed.",
        SECTION,
    ),
    Mistake(
        "a sigmoid for the candidate",
        pencil(candidate=_sigmoid),
        "The three gates are right. g looks like a gate, too; it is made by tanh.",
        SECTION,
    ),
    Mistake(
        "tanh for the gates",
        pencil(squash=math.tanh),
        "It looks as if all four went through tanh. Three of them are gates.",
        SECTION,
    ),
    Mistake(
        "f and i are exchanged in the cell",
        pencil(cell=lambda f, i, g, C: i * C + f * g),
        "The gates and g are right. In C it looks as if i kept the old cell and f let the "
        "candidate in.",
        SECTION,
    ),
    Mistake(
        "the candidate goes in whole",
        pencil(cell=lambda f, i, g, C: f * C + g),
        "The gates and g are right. In C it looks as if the candidate went in whole.",
        SECTION,
    ),
    Mistake(
        "the old cell stays whole",
        pencil(cell=lambda f, i, g, C: C + i * g),
        "The gates and g are right. In C it looks as if the old cell stayed whole.",
        SECTION,
    ),
    Mistake(
        "no tanh on the cell",
        pencil(state=lambda o, C: o * C),
        "All but h are right. Something stands between the cell and the output gate.",
        SECTION,
    ),
    Mistake(
        "h shows the old cell",
        pencil(state=lambda o, C: o * math.tanh(C_BEFORE)),
        "All but h are right. It looks as if h showed the cell from before.",
        SECTION,
    ),
)

HAND_LSTM = Exercise(
    Value("hand_lstm", dict.fromkeys("fiogCh", "")),
    "One step by pencil",
    points=2,
    minutes=8,
    difficulty=1,
    cases=a_value,
    reference=pencil(),
    mistakes=MISTAKES,
    hints=(
        "Each of the four sums is x times its U plus h times its W. The first one is "
        "1 times 1 minus 0.5 times 2.",
        "The sums are 0, 1, 2 and -0.5. Three go through the sigmoid, the last through tanh: "
        "the small table has all four values.",
        "C is f times 2 plus i times g, and g is negative. Then h is o times tanh(C).",
    ),
    rtol=0.0,
    atol=2e-3,
)
