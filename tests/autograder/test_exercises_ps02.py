"""What ps02's exercises promise beyond what every exercise does (see `test_exercises.py`)."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
from typing import Any

import numpy as np
import pytest

from autograder.contract import Class, Function
from autograder.exercise import Exercise
from autograder.exercises import find_exercise, find_written
from autograder.exercises.laws import sizes_for_scale, weights_law, zeros_law
from autograder.exercises.ps02 import WORKSHEET
from autograder.exercises.ps02.faults import FAULTS, FaultyRNN, RepairedRNN
from autograder.exercises.ps02.network import fresh_case
from autograder.judge import Kind, Verdict, judge
from course.rnn import VanillaRNN
from tests.autograder.variants_ps02 import (
    VARIANTS,
    ColumnsInside,
    LazyState,
    ListOfStates,
    WeightsAsProperties,
)

EXERCISES = WORKSHEET.exercises
PUBLIC: tuple[str, ...] = ()
SECRETS: list[tuple[str, ...]] = [(f"course {i}", "student") for i in range(5)]
DRAWS = [PUBLIC, *SECRETS]


def verdict(exercise: Exercise, answer: object, secret: tuple[str, ...]) -> Verdict:
    cases = exercise.draw(*secret)
    answers = [exercise.drive(answer, case) for case in cases]
    return judge(exercise, cases, answers, secret=bool(secret))


# The worksheet


def test_the_worksheet_adds_up() -> None:
    assert sum(e.points for e in EXERCISES) == 40
    assert WORKSHEET.points == 50
    assert WORKSHEET.notebook == "ps02_vanilla_rnn"
    assert [(e.id, e.points, e.minutes, e.difficulty) for e in EXERCISES] == [
        ("hand_step", 2, 8, 1),
        ("rnn_step", 4, 10, 1),
        ("rnn_forward", 5, 15, 2),
        ("rnn_output", 3, 5, 1),
        ("shapes", 4, 8, 1),
        ("rnn_parameter_count", 2, 5, 1),
        ("stacked_weights", 3, 10, 2),
        ("VanillaRNN", 7, 25, 3),
        ("find_the_faults", 6, 20, 2),
        ("sequence_loss", 4, 10, 2),
    ]
    assert set(VARIANTS) == {e.id for e in EXERCISES}


# The cases


@pytest.mark.parametrize("id", ["rnn_step", "rnn_forward", "VanillaRNN"])
def test_most_cases_keep_tanh_away_from_saturation(id: str) -> None:
    exercise = find_exercise(id)
    for case in exercise.public_cases:
        if case.about == "large numbers" or case.script == "fresh":
            continue
        states = [
            a for n, a in exercise.drive(exercise.reference, case).outputs.items() if "h" in n
        ]
        assert np.median(np.abs(np.concatenate([h.ravel() for h in states]))) < 0.9


# Find the faults


def test_a_state_of_h_times_h_goes_unseen_but_where_it_is_looked_for() -> None:
    """N = H in the cases that look at something else, and not in the one that looks at the batch."""
    for number in range(20):
        for case in find_exercise("find_the_faults").draw(f"draw {number}"):
            if case.script in ("returned", "steps", "new_sequence"):
                assert len(case.inputs["x_1"]) == case.inputs["hidden_size"]


def test_a_class_with_one_fault_left_fails_exactly_its_case() -> None:
    exercise = find_exercise("find_the_faults")
    assert len(FAULTS) == 5
    for secret in DRAWS:
        cases = exercise.draw(*secret)
        assert len(cases) == 5
        for k, fault in enumerate(FAULTS):
            failed = [
                number
                for number, case in enumerate(cases)
                if judge(exercise, [case], [exercise.drive(fault.answer, case)]).points == 0
            ]
            assert failed == [k], fault.name


#: What a student writes in place of each fault.
REPAIRS = (
    (("self.out = self.hidden_state", "self.output = self.hidden_state"),),
    (("np.zeros((hidden_size, hidden_size))", "np.zeros((1, hidden_size))"),),
    (("(self.W_hh @ self.hidden_state.T).T", "self.hidden_state @ self.W_hh"),),
    (
        (
            '"""Start a new sequence."""',
            '"""Start a new sequence."""\n        self.hidden_state = np.zeros((1, len(self.b_h)))',
        ),
    ),
    (
        ("((input_size, hidden_size))\n", "((input_size, hidden_size)) / np.sqrt(input_size)\n"),
        (
            "self.W_hh = rng.standard_normal((hidden_size, hidden_size))",
            "self.W_hh = rng.standard_normal((hidden_size, hidden_size)) / np.sqrt(hidden_size)",
        ),
        ("((hidden_size, output_size))\n", "((hidden_size, output_size)) / np.sqrt(hidden_size)\n"),
    ),
)


def repaired_but_for(left: set[int]) -> type:
    """The class of the worksheet, edited as a student would, some faults left."""
    source = inspect.getsource(FaultyRNN)
    for number, edits in enumerate(REPAIRS):
        for old, new in edits:
            assert source.count(old) == 1, old
            source = source if number in left else source.replace(old, new)
    names: dict[str, Any] = {"np": np}
    exec(source, names)
    edited: type = names["FaultyRNN"]
    return edited


@pytest.mark.parametrize("left", range(5))
def test_a_student_who_repairs_all_but_one_is_told_which(left: int) -> None:
    result = verdict(find_exercise("find_the_faults"), repaired_but_for({left}), PUBLIC)
    assert (result.passed, result.diagnosis) == (4, FAULTS[left].name)


@pytest.mark.parametrize("left", list(itertools.combinations(range(5), 2)))
def test_two_faults_left_cost_their_two_cases(left: tuple[int, int]) -> None:
    result = verdict(find_exercise("find_the_faults"), repaired_but_for(set(left)), PUBLIC)
    assert result.passed == 3


def test_a_student_who_repairs_all_five_is_right() -> None:
    assert verdict(find_exercise("find_the_faults"), repaired_but_for(set()), PUBLIC).points == 6


def test_the_class_that_is_given_is_not_attempted_and_fails_every_case() -> None:
    exercise = find_exercise("find_the_faults")
    assert exercise.given is FaultyRNN
    cases = exercise.public_cases
    answers = [exercise.drive(FaultyRNN, case) for case in cases]
    untouched = judge(exercise, cases, answers, untouched=True)
    assert (untouched.kind, untouched.points) == (Kind.NOT_ATTEMPTED, 0)
    touched = judge(exercise, cases, answers)
    assert (touched.passed, touched.diagnosis) == (0, "all five faults are still there")


def test_the_faulty_class_works_with_a_batch_of_h_examples_and_hides_its_faults() -> None:
    """Why nobody notices: with N = H nothing raises."""
    net = FaultyRNN(2, 3, 4, np.random.default_rng(0))
    for _ in range(2):
        net.forward(np.ones((3, 2)))
    assert net.hidden_state.shape == (3, 3)


# Laws


SIZED: dict[str, Any] = {
    "reference": VanillaRNN,
    "repaired": RepairedRNN,
    "Glorot, uniform": LazyState,
    "torch's uniform": ListOfStates,
    "orthogonal recurrence": WeightsAsProperties,
    "He": ColumnsInside,
}


@pytest.mark.parametrize("name", SIZED)
def test_a_sane_scale_never_fails_the_laws(name: str) -> None:
    laws = {n: weights_law(n) for n in ("W_xh", "W_hh", "W_hy")}
    for seed in range(200):
        rng = np.random.default_rng(seed)
        case = fresh_case(rng)
        sizes = [int(case.inputs[n]) for n in ("input_size", "hidden_size", "output_size")]
        net = SIZED[name](*sizes, np.random.default_rng(int(case.inputs["rng"])))
        for weight, law in laws.items():
            assert law({}, getattr(net, weight)) is None, (seed, sizes, weight)


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (lambda rng, shape: rng.standard_normal(shape), "far too large"),
        (lambda rng, shape: rng.random(shape), "far too large"),
        (lambda rng, shape: rng.standard_normal(shape) / shape[0], "far too small"),
        (lambda rng, shape: 0.01 * rng.standard_normal(shape), "far too small"),
        (lambda rng, shape: rng.random(shape) / np.sqrt(shape[0]), "lopsided"),
        (lambda rng, shape: np.zeros(shape), "equal columns"),
        (lambda rng, shape: np.ones(shape) / np.sqrt(shape[0]), "equal columns"),
        (lambda rng, shape: np.repeat(rng.normal(0, 0.1, (shape[0], 1)), shape[1], 1), "equal"),
    ],
)
def test_an_insane_scale_always_fails_the_law(draw: object, says: str) -> None:
    law = weights_law("W_hh")
    for seed in range(200):
        rng = np.random.default_rng(seed)
        D, H, M = sizes_for_scale(rng)
        shape = ((D, H), (H, H), (H, M))[seed % 3]
        sentence = law({}, draw(rng, shape))  # type: ignore[operator]
        assert sentence is not None
        assert says in sentence
        assert not any(character.isdigit() for character in sentence.replace("1/sqrt", "").replace(
            "on 0", ""))  # fmt: skip


def test_a_bias_starts_at_zero() -> None:
    law = zeros_law("b_h")
    assert law({}, np.zeros(3)) is None
    assert law({}, np.array([0, 1e-3])) == "b_h should start as zeros."


# The written question


def test_the_samples_are_marked_by_the_rubric() -> None:
    question = find_written("state_limits")
    assert question.points == 10
    assert 3 <= len(question.criteria) <= 5
    assert [question.mark(sample.met) for sample in question.samples] == [10, 5, 3, 0]
    assert all(sample.comment and len(sample.text) > 100 for sample in question.samples)


# What names the functions use


def test_functions_and_outputs_have_the_names_of_the_worksheet() -> None:
    returns = {
        e.id: tuple(e.contract.returns) for e in EXERCISES if not isinstance(e.contract, Class)
    }
    assert returns == {
        "hand_step": ("a_1", "h_1", "a_2", "h_2"),
        "rnn_step": ("h_next",),
        "rnn_forward": ("h",),
        "rnn_output": ("y",),
        "shapes": ("x", "x_t", "W_xh", "W_hh", "b_h", "h_t", "h", "W_hy", "b_y", "y_t", "y"),
        "rnn_parameter_count": ("count",),
        "stacked_weights": ("W",),
        "sequence_loss": ("per_step", "total", "last"),
    }
    assert all(e.contract.pure for e in EXERCISES if isinstance(e.contract, Function))
    assert all(dataclasses.is_dataclass(e.contract) for e in EXERCISES)
