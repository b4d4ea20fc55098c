"""The order of the verdict, one rule a test, on exercises small enough to see through."""

from __future__ import annotations

import dataclasses
import itertools
import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.compare import REASONS, close
from autograder.contract import Call, Case, Class, Function, Get, New, Value
from autograder.driver import Answer, Problem
from autograder.exercise import Exercise, Mistake
from autograder.exercises.laws import weights_law
from autograder.judge import Kind, Verdict, judge

# Exercises to judge


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(N: int, D: int, about: str) -> Case:
        return Case({"x": rng.standard_normal((N, D)), "w": rng.standard_normal(D)}, about)

    return [case(4, 3, "several rows"), case(5, 7, "many rows"), case(1, 2, "one row")]


SCALE = Exercise(
    Function("scale", {"x": "N D", "w": "D"}, {"y": "N D"}),
    "Scale the columns",
    points=6,
    minutes=1,
    difficulty=1,
    cases=_cases,
    reference=lambda x, w: x * w,
    mistakes=(
        Mistake("added", lambda x, w: x + w, "It looks as if you added.", "Scaling"),
        Mistake("w only", lambda x, w: 0 * x + w, "It looks as if x were missing.", "Scaling"),
        Mistake(
            "transposed", lambda x, w: (x * w).T, "Rows and columns changed places.", "Scaling"
        ),
        Mistake("raises", lambda x, w: x @ w[:-1], "One weight is missing.", "Scaling"),
    ),
    hints=("Multiply.",),
)

TWO = dataclasses.replace(
    SCALE,
    contract=Function("two", {"x": "N D", "w": "D"}, {"y": "N D", "total": ""}),
    reference=lambda x, w: (x * w, np.sum(x * w)),
    mistakes=(),
)

TABLE = Exercise(
    Value("table", {"a": "", "b": "2", "shape": "int 2"}),
    "Fill in",
    points=3,
    minutes=1,
    difficulty=1,
    cases=lambda rng: [Case({})],
    reference={"a": 1.0, "b": np.array([1.0, 2.0]), "shape": (3, 4)},
    mistakes=(
        Mistake("half", {"a": 0.5, "b": np.array([1.0, 2.0]), "shape": (3, 4)}, "Half.", "Table"),
    ),
    hints=("Fill in.",),
    atol=1e-3,
)


def on(exercise: Exercise, answer: object, *, secret: bool = False, **more: Any) -> Verdict:
    cases = exercise.draw("key") if secret else exercise.public_cases
    answers = [exercise.drive(answer, case) for case in cases]
    return judge(exercise, cases, answers, secret=secret, **more)


# Right and not attempted


def test_a_right_answer_gets_all_points_and_no_words() -> None:
    result = on(SCALE, lambda x, w: np.einsum("nd,d->nd", x, w))
    assert result == Verdict("scale", Kind.CORRECT, 6, 6, passed=3, cases=3)


def _stub(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    raise NotImplementedError("not written yet: replace this line")


def test_the_stub_is_not_attempted() -> None:
    result = on(SCALE, _stub)
    assert (result.kind, result.points, result.headline) == (Kind.NOT_ATTEMPTED, 0, "not attempted")
    assert result.message == "scale is not written yet."


def test_an_untouched_cell_is_not_attempted_whatever_it_gives() -> None:
    result = on(SCALE, lambda x, w: x + w, untouched=True)
    assert (result.kind, result.diagnosis) == (Kind.NOT_ATTEMPTED, "")
    assert on(SCALE, lambda x, w: x * w, untouched=True).points == 0


def test_a_table_of_none_is_not_attempted() -> None:
    assert on(TABLE, {"a": None, "b": None, "shape": None}).kind == Kind.NOT_ATTEMPTED


def test_part_of_an_answer_is_attempted() -> None:
    def only_several_rows(x: np.ndarray, w: np.ndarray) -> np.ndarray:
        if len(x) == 1:
            raise NotImplementedError
        return x * w

    result = on(SCALE, only_several_rows)
    assert (result.kind, result.reason, result.points) == (Kind.PARTLY, "raised", 4)


# What is wrong


def test_an_exception_is_told_with_its_line() -> None:
    result = on(SCALE, lambda x, w: x.no_such_thing)
    assert (result.kind, result.reason, result.points) == (Kind.RAISED, "raised", 0)
    assert (
        "AttributeError: 'numpy.ndarray' object has no attribute 'no_such_thing'" in result.message
    )
    assert "result = on(SCALE, lambda x, w: x.no_such_thing)" in result.message


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda x, w: None, "is None"),
        (lambda x, w: "y", "is a str"),
        (lambda x, w: x * w > 0, "holds bool"),
        (lambda x, w: (x * w).astype(complex), "complex128"),
        (lambda x, w: (x * w).astype(np.float32), "float32, which loses digits"),
        (lambda x, w: [[1.0], [2.0, 3.0]], "is a list"),
        (None, "is None"),
        (3, "is an int"),
    ],
)
def test_a_wrong_type_is_refused(answer: object, says: str) -> None:
    result = on(SCALE, answer)
    assert (result.kind, result.reason) == (Kind.WRONG, "wrong type")
    assert says in result.message


@pytest.mark.parametrize(
    "answer",
    [
        lambda x, w: np.sum(x * w),
        lambda x, w: np.array([0.5]),
        lambda x, w: (x * w)[None],
        lambda x, w: x @ w,
        lambda x, w: (x * w)[:, :1],
        lambda x, w: np.zeros((len(x), 0)),
    ],
)
def test_a_wrong_shape_is_refused_and_nothing_is_broadcast(answer: object) -> None:
    result = on(SCALE, answer)
    assert (result.kind, result.reason) == (Kind.WRONG, "wrong shape")
    assert "scale has shape" in result.message
    assert "it should be (N, D) = " in result.message


def test_equal_numbers_in_a_shape_that_would_broadcast_are_still_wrong() -> None:
    ones = dataclasses.replace(
        SCALE, reference=lambda x, w: np.ones_like(x), mistakes=(), contract=SCALE.contract
    )
    for answer in (lambda x, w: 1.0, lambda x, w: np.ones(1), lambda x, w: np.ones((1, 1))):
        assert on(ones, answer).reason == "wrong shape"


def test_whole_numbers_pass_for_floats_but_not_the_other_way() -> None:
    ones = dataclasses.replace(SCALE, reference=lambda x, w: np.ones_like(x), mistakes=())
    assert on(ones, lambda x, w: np.ones(x.shape, dtype=int)).kind == Kind.CORRECT
    floats = on(TABLE, {"a": 1, "b": [1.0, 2.0], "shape": (3.0, 4.0)})
    assert (floats.reason, floats.passed) == ("wrong type", 2)


def test_changing_an_input_is_told_though_the_values_are_right() -> None:
    def in_place(x: np.ndarray, w: np.ndarray) -> np.ndarray:
        x *= w
        return x

    result = on(SCALE, in_place)
    assert (result.kind, result.reason) == (Kind.WRONG, "changed its input")
    assert result.message == "It overwrites x, which it was given. Make a new array instead."


def test_a_function_that_keeps_something_is_not_repeatable() -> None:
    counter = itertools.count()
    result = on(SCALE, lambda x, w: x * w + next(counter) % 2)
    assert (result.kind, result.reason) == (Kind.WRONG, "not repeatable")
    contract = Function("scale", {"x": "N D", "w": "D"}, {"y": "N D"}, pure=False)
    impure = dataclasses.replace(SCALE, contract=contract, mistakes=())
    assert on(impure, lambda x, w: x * w + 0 * next(counter)).kind == Kind.CORRECT


def test_wrong_values_come_with_three_numbers_of_the_smallest_case() -> None:
    result = on(SCALE, lambda x, w: 2 * x * w)
    assert (result.kind, result.reason, result.points) == (Kind.WRONG, "wrong values", 0)
    assert result.message == "scale has the right shape but wrong values (one row)."
    x, w = (SCALE.public_cases[2].inputs[name] for name in "xw")
    assert result.numbers == tuple(
        (f"y[0, {i}]", f"{2 * x[0, i] * w[i]:.6g}", f"{x[0, i] * w[i]:.6g}") for i in range(2)
    )
    assert len(on(SCALE, lambda x, w: x * w + (len(x) > 1)).numbers) == 3


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_wrong_values(bad: float) -> None:
    result = on(SCALE, lambda x, w: x * w + bad)
    assert (result.kind, result.reason) == (Kind.WRONG, "wrong values")
    assert result.message == "scale holds NaN or infinity."


def test_points_are_the_share_of_cases() -> None:
    result = on(SCALE, lambda x, w: x * w + (len(x) == 5))
    assert (result.kind, result.points, result.passed, result.cases) == (Kind.PARTLY, 4, 2, 3)
    assert result.headline == "partly"


# The order


FAULTS: tuple[tuple[str, Callable[..., Any]], ...] = (
    ("wrong type", lambda x, w: None),
    ("wrong shape", lambda x, w: x @ w),
    ("wrong values", lambda x, w: x - w),
)


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(FAULTS, 2)))
def test_of_two_cases_the_earlier_reason_is_told(one: Any, other: Any) -> None:
    def answer(x: np.ndarray, w: np.ndarray) -> Any:
        return (one if len(x) == 5 else other)[1](x, w)

    assert on(SCALE, answer).reason == one[0]
    assert REASONS.index(one[0]) < REASONS.index(other[0])


def test_an_exception_in_any_case_is_told_first() -> None:
    assert on(SCALE, lambda x, w: x * w if len(x) < 5 else x @ x).reason == "raised"


def test_a_wrong_shape_is_told_before_the_wrong_values_of_another_output() -> None:
    result = on(TWO, lambda x, w: (x + w, np.ones(2)))
    assert result.reason == "wrong shape"
    assert result.message == "total has shape (2,); it should be a number."


def test_a_wrong_shape_is_told_before_a_changed_input_and_that_before_wrong_values() -> None:
    def changes(result: Callable[..., Any]) -> Callable[..., Any]:
        def answer(x: np.ndarray, w: np.ndarray) -> Any:
            w += 1
            return result(x, w)

        return answer

    assert on(SCALE, changes(lambda x, w: x @ w)).reason == "wrong shape"
    assert on(SCALE, changes(lambda x, w: x * w)).reason == "changed its input"


# Known mistakes


def test_a_known_mistake_is_named_with_where_to_read() -> None:
    result = on(SCALE, lambda x, w: w + x)
    assert (result.diagnosis, result.read) == ("added", "Scaling")
    assert result.explanation == "It looks as if you added."


def test_a_mistake_that_agrees_on_some_cases_only_is_not_named() -> None:
    assert on(SCALE, lambda x, w: x + w if len(x) > 1 else x - w).diagnosis == ""


def test_a_mistake_that_raises_is_known_by_its_error() -> None:
    assert on(SCALE, lambda x, w: np.matmul(x, w[:-1])).diagnosis == "raises"
    assert on(SCALE, lambda x, w: x + w[:-1]).diagnosis == ""


def test_the_order_in_which_numpy_names_two_shapes_does_not_matter() -> None:
    either = dataclasses.replace(
        SCALE, mistakes=(Mistake("short", lambda x, w: x[:-1] + x, "Short.", "Scaling"),)
    )
    several = [case for case in either.public_cases if len(case.inputs["x"]) > 2]
    answers = [either.drive(lambda x, w: x + x[:-1], case) for case in several]
    assert judge(either, several, answers).diagnosis == "short"


def test_a_mistake_of_another_type_is_not_named() -> None:
    assert on(SCALE, lambda x, w: ((x * w).T).tolist()).diagnosis == "transposed"  # a list is fine
    assert on(SCALE, lambda x, w: str(x + w)).diagnosis == ""


# Secret cases


@pytest.mark.parametrize(
    "answer",
    [
        lambda x, w: x + w,
        lambda x, w: x - w,
        lambda x, w: x @ w,
        lambda x, w: (x * w).T,
        lambda x, w: x + np.nan,
        lambda x, w: x @ w[:-1],
        lambda x, w: x[:-1] + x,
        lambda x, w: int(str(x[0, 0])),
    ],
)
def test_a_secret_verdict_shows_no_number_of_the_case(answer: object) -> None:
    result = on(SCALE, answer, secret=True)
    assert result.points == 0
    assert result.numbers == ()
    told = re.sub(r" \(line \d+ of its cell: .*\)", "", result.message)
    assert told
    assert not re.search(r"\d", told)


def test_an_exception_cannot_carry_a_secret_out() -> None:
    def leaks(x: np.ndarray, w: np.ndarray) -> np.ndarray:
        raise ValueError(f"the secret is {w[0]}")

    secret = SCALE.draw("key")[0].inputs["w"][0]
    result = on(SCALE, leaks, secret=True)
    assert str(secret) not in str(result)
    assert result.message.startswith("ValueError (line ")
    shown = on(SCALE, leaks)
    assert "the secret is" in shown.message


def test_whole_numbers_given_are_told_in_public_only() -> None:
    count = dataclasses.replace(
        SCALE,
        contract=Function("count", {"D": "int"}, {"n": "int"}),
        cases=lambda rng: [Case({"D": np.array(rng.integers(100, 999))})],
        reference=lambda D: D + 1,
        mistakes=(),
    )
    D = int(count.public_cases[0].inputs["D"])
    assert on(count, lambda D: D).message == f"count has the wrong value for D = {D}."
    assert on(count, lambda D: D, secret=True).message == "count has the wrong value."


# Tables of values


def test_a_table_is_marked_entry_by_entry() -> None:
    assert on(TABLE, {"a": 1.0004, "b": (1, 2), "shape": [3, 4]}).kind == Kind.CORRECT
    result = on(TABLE, {"a": 1.0, "b": None, "shape": (4, 3)})
    assert (result.kind, result.points, result.passed, result.cases) == (Kind.PARTLY, 1, 1, 3)
    assert result.message == "shape has the right length but wrong numbers."


def test_a_missing_entry_is_told_last() -> None:
    result = on(TABLE, {"a": 1.0, "b": None, "shape": (3, 4)})
    assert (result.reason, result.points) == ("not filled in", 2)
    assert result.message == "b is not filled in yet."
    assert on(TABLE, {"a": 2.0, "b": None, "shape": None}).message == "a has the wrong value."


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        ((3, 4, 5), "shape should be a tuple of length 2; yours is of length 3."),
        (3, "shape should be a tuple of length 2; yours is a single number."),
    ],
)
def test_a_tuple_is_not_said_to_have_a_shape(shape: object, says: str) -> None:
    result = on(TABLE, {"a": 1.0, "b": (1, 2), "shape": shape})
    assert (result.reason, result.message) == ("wrong shape", says)


def test_a_mistake_in_a_table_is_named() -> None:
    result = on(TABLE, {"a": 0.5, "b": [1.0, 2.0], "shape": (3, 4)})
    assert (result.diagnosis, result.passed) == ("half", 2)


# Classes, and outputs with a law

COUNTER = Exercise(
    Class(
        "Counter",
        {
            "main": (
                New({"start": "int"}),
                Call("add", {"x": "N"}, {"total": ""}),
                Get("total", "kept", ""),
            ),
            "fresh": (New({"start": "int"}), Get("noise", "noise", "3")),
        },
    ),
    "Count",
    points=2,
    minutes=1,
    difficulty=1,
    cases=lambda rng: [
        Case({"start": np.array(2), "x": rng.standard_normal(4)}, "adds"),
        Case({"start": np.array(2)}, "fresh", "fresh"),
    ],
    reference=type(
        "Counter",
        (),
        {
            "__init__": lambda self, start: self.__dict__.update(total=start, noise=np.ones(3)),
            "add": lambda self, x: self.__dict__.update(total=self.total + x.sum()) or self.total,
        },
    ),
    mistakes=(),
    hints=("Count.",),
    laws={"noise": lambda inputs, noise: None if np.all(noise > 0) else "noise is not positive."},
)


class _Counter:
    def __init__(self, start: int) -> None:
        self.total, self.noise = float(start), np.array([1.0, 2.0, 3.0])

    def add(self, x: np.ndarray) -> float:
        self.total += x.sum()
        return self.total


class _Negative(_Counter):
    def __init__(self, start: int) -> None:
        super().__init__(start)
        self.noise = -self.noise


def test_a_law_accepts_other_values_than_the_reference_s() -> None:
    assert on(COUNTER, _Counter).kind == Kind.CORRECT
    result = on(COUNTER, _Negative)
    assert (result.kind, result.reason, result.message) == (
        Kind.PARTLY, "wrong values", "noise is not positive.",
    )  # fmt: skip


def test_two_answers_break_a_law_alike_if_it_says_the_same_of_both() -> None:
    known = dataclasses.replace(COUNTER, mistakes=(Mistake("negative", _Negative, "No.", "Noise"),))

    class Other(_Counter):
        def __init__(self, start: int) -> None:
            super().__init__(start)
            self.noise = np.array([-7.0, 1.0, 1.0])

    assert on(known, Other).diagnosis == "negative"


def test_a_law_judges_numbers_that_are_far_too_large_in_silence() -> None:
    law = weights_law("noise")
    judged = dataclasses.replace(
        COUNTER, laws={"noise": lambda inputs, noise: law({}, noise[None])}
    )

    class Huge(_Counter):
        def __init__(self, start: int) -> None:
            super().__init__(start)
            self.noise = np.array([-1e300, 2e300, 3e300])

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "far too large" in on(judged, Huge).message


def test_what_a_class_gives_is_named_by_its_output() -> None:
    class Lists(_Counter):
        def __init__(self, start: int) -> None:
            super().__init__(start)
            self.noise = np.ones((3, 1))

    assert on(COUNTER, Lists).message == "noise has shape (3, 1); it should be (3,)."


# By hand


def test_answers_must_match_the_cases() -> None:
    with pytest.raises(ValueError, match="3 cases but 1 answers"):
        judge(SCALE, SCALE.public_cases, [Answer()])


def test_trouble_of_memory_is_its_own_kind() -> None:
    answers = [Answer(problem=Problem("memory", "it asked for more memory than there is."))] * 3
    result = judge(SCALE, SCALE.public_cases, answers)
    assert (result.kind, result.points) == (Kind.OUT_OF_MEMORY, 0)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (1.0, 1.0 + 1e-8, True),
        (1.0, 1.0 + 1e-6, False),
        ([1e-9, 1.0], [0.0, 1.0], True),  # the scale is that of the whole array
        ([1e-9], [0.0], False),
        (np.nan, np.nan, False),
        (np.zeros((0, 3)), np.zeros((0, 3)), True),
        (np.zeros((0, 3)), np.zeros((0, 2)), False),
        (True, 1.0, True),
        (1e308, -1e308, False),
    ],
)
def test_close_is_relative_to_the_largest_number(a: Any, b: Any, expected: bool) -> None:
    assert close(np.asarray(a), np.asarray(b), 1e-7, 1e-12) is expected
