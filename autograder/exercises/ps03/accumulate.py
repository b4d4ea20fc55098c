"""ps03 `accumulate`: the walk back along a tape of operations.

delta_used += delta_made * d made / d used, for every arrow, the latest first
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from autograder.contract import Case, Function
from autograder.exercise import Exercise, Mistake
from course import autodiff

Array: TypeAlias = np.ndarray
Step: TypeAlias = Callable[[Array, int], None]

SECTION = "Two ways back"

TAPE = {"count": "int", "made": "int E", "used": "int E", "slope": "E"}


def tapes(rng: np.random.Generator) -> list[Case]:
    """Four random graphs, a chain, and the least there is: one arrow."""
    drawn = [
        Case(_graph(rng, leaves=3, operations=n, reach=99), about)
        for about, n in (("a small graph", 4), ("a graph", 8), ("a large graph", 12))
    ]
    chain = _graph(rng, leaves=1, operations=5, reach=1)
    one = {
        "count": np.array(2),
        "made": np.array([1]),
        "used": np.array([0]),
        "slope": rng.uniform(1.2, 1.8, size=1),
    }
    return [
        *drawn,
        Case(chain, "a chain, in which each number is multiplied by itself"),
        Case(one, "a single arrow"),
    ]


def _graph(rng: np.random.Generator, leaves: int, operations: int, reach: int) -> dict[str, Array]:
    """Each operation makes a number of two earlier ones, which are at most `reach` back.

    The first operation uses number 0, and so does the last: there are always two ways to it.
    """
    count = leaves + operations
    made = np.repeat(np.arange(leaves, count), 2)
    used = np.array([rng.integers(max(0, int(n) - reach), int(n)) for n in made])
    if reach > 1:
        used[0] = used[-2] = 0
        used[-1] = count - 2
    return {
        "count": np.array(count),
        "made": made,
        "used": used,
        "slope": rng.standard_normal(len(made)),
    }


def _walk(count: int, arrows: range, step: Step, start: Array | None = None) -> Array:
    delta = np.eye(count)[-1] if start is None else start
    for e in arrows:
        step(delta, e)
    return delta


def _adds(made: Array, used: Array, slope: Array) -> Step:
    """What is right at an arrow."""

    def step(delta: Array, e: int) -> None:
        delta[used[e]] += delta[made[e]] * slope[e]

    return step


def _backwards(slope: Array) -> range:
    return range(len(slope) - 1, -1, -1)


def _overwrites(count: int, made: Array, used: Array, slope: Array) -> Array:
    def step(delta: Array, e: int) -> None:
        delta[used[e]] = delta[made[e]] * slope[e]

    return _walk(count, _backwards(slope), step)


def _keeps_the_first_to_come(count: int, made: Array, used: Array, slope: Array) -> Array:
    def step(delta: Array, e: int) -> None:
        if delta[used[e]] == 0:
            delta[used[e]] = delta[made[e]] * slope[e]

    return _walk(count, _backwards(slope), step)


def _earliest_first(count: int, made: Array, used: Array, slope: Array) -> Array:
    return _walk(count, range(len(slope)), _adds(made, used, slope))


def _no_start(count: int, made: Array, used: Array, slope: Array) -> Array:
    return np.zeros(count)


def _all_start_at_one(count: int, made: Array, used: Array, slope: Array) -> Array:
    return _walk(count, _backwards(slope), _adds(made, used, slope), np.ones(count))


def _slopes_alone(count: int, made: Array, used: Array, slope: Array) -> Array:
    def step(delta: Array, e: int) -> None:
        delta[used[e]] += slope[e]

    return _walk(count, _backwards(slope), step)


def _deltas_alone(count: int, made: Array, used: Array, slope: Array) -> Array:
    def step(delta: Array, e: int) -> None:
        delta[used[e]] += delta[made[e]]

    return _walk(count, _backwards(slope), step)


def _adds_the_slope(count: int, made: Array, used: Array, slope: Array) -> Array:
    def step(delta: Array, e: int) -> None:
        delta[used[e]] += delta[made[e]] + slope[e]

    return _walk(count, _backwards(slope), step)


def _along_the_arrows(count: int, made: Array, used: Array, slope: Array) -> Array:
    def step(delta: Array, e: int) -> None:
        delta[made[e]] += delta[used[e]] * slope[e]

    return _walk(count, _backwards(slope), step)


def _averaged(count: int, made: Array, used: Array, slope: Array) -> Array:
    ways = np.maximum(np.bincount(used, minlength=count), 1)
    return autodiff.accumulate(count, made, used, slope / ways[used])  # type: ignore[arg-type]


def _whole_numbers(count: int, made: Array, used: Array, slope: Array) -> Array:
    def step(delta: Array, e: int) -> None:
        delta[used[e]] += delta[made[e]] * slope[e]

    start = np.zeros(count, dtype=int)
    start[-1] = 1
    return _walk(count, _backwards(slope), step, start)


def _number_by_number_at_once(count: int, made: Array, used: Array, slope: Array) -> Array:
    delta = np.zeros(count)
    delta[-1] = 1.0
    for number in range(count - 1, -1, -1):
        arrows = made == number
        delta[used[arrows]] += delta[number] * slope[arrows]
    return delta


def _first_number_is_the_result(count: int, made: Array, used: Array, slope: Array) -> Array:
    return _walk(count, _backwards(slope), _adds(made, used, slope), np.eye(count)[0])


def _forgets_the_first_arrow(count: int, made: Array, used: Array, slope: Array) -> Array:
    return autodiff.accumulate(count, made[1:], used[1:], slope[1:])  # type: ignore[arg-type]


MISTAKES = (
    Mistake(
        "overwrites",
        _overwrites,
        "It looks as if each delta that comes back replaced the one that was there. "
        "A number that was used twice gets two of them: try x (x + 3) at x = 2, which must give 7.",
        SECTION,
    ),
    Mistake(
        "keeps the first to come",
        _keeps_the_first_to_come,
        "It looks as if only the first delta that reaches a number were kept. "
        "Try x (x + 3) at x = 2: there are two ways back to x.",
        SECTION,
    ),
    Mistake(
        "earliest arrow first",
        _earliest_first,
        "It looks as if the walk began with the earliest arrow. There the delta that it needs is "
        "not known yet: it has to come back from the result.",
        SECTION,
    ),
    Mistake(
        "the result's own delta is missing",
        _no_start,
        "All your deltas are zero. Every product needs a delta that came before; "
        "what is the derivative of the result by itself?",
        SECTION,
    ),
    Mistake(
        "every delta starts at 1",
        _all_start_at_one,
        "It looks as if every delta began at 1. Only the result depends on itself at the outset; "
        "nothing has come back to the others yet.",
        SECTION,
    ),
    Mistake(
        "slopes alone",
        _slopes_alone,
        "It looks as if only the slopes were added up, so each number hears of the next one and of "
        "nothing behind it. In a chain of two arrows, how does the first number reach the result?",
        SECTION,
    ),
    Mistake(
        "deltas alone",
        _deltas_alone,
        "It looks as if deltas were handed back as they are. "
        "On its way an arrow multiplies by its slope.",
        SECTION,
    ),
    Mistake(
        "delta plus slope",
        _adds_the_slope,
        "It looks as if the slope were added to the delta on the way. Along one way back, "
        "derivatives are multiplied; sums are for several ways.",
        SECTION,
    ),
    Mistake(
        "along the arrows",
        _along_the_arrows,
        "It looks as if made and used had changed places: the deltas go with the arrows, "
        "and they should come back against them.",
        SECTION,
    ),
    Mistake(
        "averaged",
        _averaged,
        "It looks as if the deltas that meet at a number were averaged. "
        "Try x (x + 3) at x = 2: 5 and 2 come back.",
        SECTION,
    ),
    Mistake(
        "whole numbers",
        _whole_numbers,
        "Your deltas are whole numbers: an array of integers cuts off what comes after the point. "
        "Did you make it with dtype=int, or like `made`?",
        SECTION,
    ),
    Mistake(
        "a number that is used twice at once",
        _number_by_number_at_once,
        "All is right as long as no operation uses the same number twice, as x * x does. It looks as "
        "if all arrows of a number were added at once: `delta[[0, 0]] += ...` adds a single time.",
        SECTION,
    ),
    Mistake(
        "number 0 as the result",
        _first_number_is_the_result,
        "It looks as if number 0 were taken for the result. The result is the number made last.",
        SECTION,
    ),
    Mistake(
        "the first arrow is forgotten",
        _forgets_the_first_arrow,
        "It looks as if the arrow with the index 0 were left out. "
        "Print the indices that your loop goes through.",
        SECTION,
    ),
)

ACCUMULATE = Exercise(
    Function("accumulate", TAPE, {"delta": "count"}),
    "The walk back along a tape",
    points=4,
    minutes=10,
    difficulty=2,
    cases=tapes,
    reference=autodiff.accumulate,
    mistakes=MISTAKES,
    hints=(
        "How do the result's delta, and the deltas of numbers to which nothing has come back yet, "
        "begin? np.zeros(count) gives you a place for each.",
        "delta[-1] = 1, all others 0. Then go through the arrows, the latest first: "
        "for e in reversed(range(len(slope))).",
        "Arrow e starts at number used[e] and ends at number made[e]. Which of the two deltas is "
        "known by then, and which one gets something?",
        "delta[used[e]] gets delta[made[e]] * slope[e], beside what it has already: +=, not =.",
    ),
)
