"""The exercises of ps02: right answers pass, wrong ones are named, and no case is blind.

Each claim is tried on the public cases and on several secret draws.
"""

from __future__ import annotations

import dataclasses
import inspect
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograder import contract as contracts
from autograder.contract import Case, Class, Function, Spec, Value
from autograder.exercise import Exercise, Mistake
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

HEADINGS = (
    "By pencil", "One step", "The whole sequence", "Reading out", "Shapes and counts",
    "Two matrices or one", "A class that remembers", "Find the faults", "Loss along the sequence",
    "What a state can hold",
)  # fmt: skip

each_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.id)
each_mistake = pytest.mark.parametrize(
    ("exercise", "mistake"),
    [
        pytest.param(e, m, id=f"{e.id}-{m.name.replace(' ', '_')}")
        for e in EXERCISES
        for m in e.mistakes
    ],
)
each_variant = pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        pytest.param(find_exercise(id), answer, id=f"{id}-{number}")
        for id, answers in VARIANTS.items()
        for number, answer in enumerate(answers, 1)
    ],
)


def verdict(exercise: Exercise, answer: object, secret: tuple[str, ...]) -> Verdict:
    cases = exercise.draw(*secret)
    answers = [exercise.drive(answer, case) for case in cases]
    return judge(exercise, cases, answers, secret=bool(secret))


def arrays_of(exercise: Exercise, case: Case) -> dict[str, np.ndarray]:
    """The inputs of a case that are arrays of floats."""
    specs = contracts.argument_specs(exercise.contract, case.script)
    return {n: case.inputs[n] for n, text in specs.items() if Spec.parse(text).kind == "float"}


# Verdicts


@each_exercise
def test_the_reference_is_correct(exercise: Exercise) -> None:
    for secret in DRAWS:
        result = verdict(exercise, exercise.reference, secret)
        assert (result.kind, result.points) == (Kind.CORRECT, exercise.points)


@each_variant
def test_a_right_answer_written_differently_is_correct(exercise: Exercise, answer: object) -> None:
    for secret in DRAWS:
        result = verdict(exercise, answer, secret)
        assert result.kind == Kind.CORRECT, result.message


@each_mistake
def test_a_mistake_is_rejected_with_its_own_diagnosis(exercise: Exercise, mistake: Mistake) -> None:
    for secret in DRAWS:
        result = verdict(exercise, mistake.answer, secret)
        assert result.kind in (Kind.WRONG, Kind.PARTLY, Kind.RAISED)
        assert result.points < exercise.points
        assert (result.diagnosis, result.read) == (mistake.name, mistake.read)
        assert result.explanation == mistake.diagnosis
        assert not (secret and result.numbers)


@each_exercise
def test_every_case_earns_its_place(exercise: Exercise) -> None:
    """Without the rest, each case still sees some of the mistakes."""
    for case in exercise.public_cases:
        assert any(
            judge(exercise, [case], [exercise.drive(m.answer, case)]).kind != Kind.CORRECT
            for m in exercise.mistakes
        )


# The bank


@each_exercise
def test_the_bank_is_large_enough(exercise: Exercise) -> None:
    assert len(exercise.mistakes) >= (3 if isinstance(exercise.contract, Value) else 6)
    assert len(VARIANTS[exercise.id]) >= 3
    assert 3 <= len(exercise.hints) <= 5
    cases = len(exercise.public_cases)
    assert cases == 1 if isinstance(exercise.contract, Value) else 4 <= cases <= 6


@each_exercise
def test_diagnoses_are_sentences_of_their_own(exercise: Exercise) -> None:
    names = [m.name for m in exercise.mistakes]
    diagnoses = [m.diagnosis for m in exercise.mistakes]
    assert len(set(names)) == len(names)
    assert len(set(diagnoses)) == len(diagnoses)
    for text in (*diagnoses, *exercise.hints):
        assert text[-1] in ".?", text
        assert "  " not in text


@each_exercise
def test_every_mistake_points_at_a_heading(exercise: Exercise) -> None:
    assert {m.read for m in exercise.mistakes} <= set(HEADINGS)


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


@each_exercise
def test_the_contract_survives_json(exercise: Exercise) -> None:
    assert contracts.from_json(contracts.to_json(exercise.contract)) == exercise.contract


# The cases


@each_exercise
def test_cases_are_the_same_number_and_differ_with_the_secret(exercise: Exercise) -> None:
    draws = [exercise.draw(*secret) for secret in DRAWS]
    again = [exercise.draw(*secret) for secret in DRAWS]
    for cases, same in zip(draws, again, strict=True):
        assert [(c.about, c.script) for c in cases] == [(c.about, c.script) for c in draws[0]]
        for a, b in zip(cases, same, strict=True):
            assert a.inputs.keys() == b.inputs.keys()
            assert all(np.array_equal(a.inputs[n], b.inputs[n]) for n in a.inputs)
    if not isinstance(exercise.contract, Value):
        for one, other in itertools.combinations(draws, 2):
            assert not all(
                np.array_equal(a.inputs[n], b.inputs[n])
                for a, b in zip(one, other, strict=True)
                for n in a.inputs.keys() & b.inputs.keys()
            )


def sizes_of_draws(exercise: Exercise) -> Iterator[tuple[int, Case, dict[str, int]]]:
    for number in range(20):
        for case in exercise.draw(f"draw {number}"):
            specs = contracts.argument_specs(exercise.contract, case.script)
            sizes = contracts.sizes(specs, case.inputs)
            yield number, case, {k: v for k, v in sizes.items() if k in "NTDHMK"}


@each_exercise
def test_sizes_are_unequal_and_inputs_are_dense_random_float64(exercise: Exercise) -> None:
    ones: dict[int, int] = dict.fromkeys(range(20), 0)
    for number, case, sizes in sizes_of_draws(exercise):
        rest = dict(sizes)
        if sizes.get("N") == 1 and sizes.get("T", 1) == 1:
            ones[number] += 1
            rest = {k: v for k, v in sizes.items() if k not in "NT"}
        if exercise.id == "find_the_faults" and case.script in (
            "returned",
            "steps",
            "new_sequence",
        ):
            # A state of H x H must go unseen here: it has a case of its own.
            assert rest.pop("N") == sizes["H"]
        assert len(set(rest.values())) == len(rest), sizes
        assert all(size >= 2 for size in rest.values()), sizes
        assert rest.get("T", 3) >= 3, sizes
        arrays = arrays_of(exercise, case)
        numbers = np.concatenate([np.empty(0), *(array.ravel() for array in arrays.values())])
        assert len(np.unique(numbers)) == len(numbers)
        assert np.all(numbers)
        assert all(array.dtype == np.float64 for array in arrays.values())
    has_batch = {"N", "T"} & {
        letter for _, _, sizes in sizes_of_draws(exercise) for letter in sizes
    } and exercise.id != "find_the_faults"
    assert set(ones.values()) == ({1} if has_batch else {0})


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
