"""Every exercise of every worksheet: its reference is right, its mistakes are named, no case is blind.

`test_prove.py` tries mistakes, variants and mutants on many draws.  Here stand the rules for what an
exercise is made of, on the public cases and on several secret draws.
"""

from __future__ import annotations

import itertools
import sys
import types
from collections.abc import Iterator

import numpy as np
import pytest

from autograder import contract as contracts
from autograder import exercises
from autograder.contract import Case, Choice, Spec, Value
from autograder.exercise import Exercise, Mistake, Worksheet, Written
from autograder.judge import Kind, Verdict, judge
from autograder.prove.__main__ import load_variants
from autograder.prove.trial import whole_answer

WORKSHEETS = [exercises.worksheet(id) for id in exercises.IDS]
DRAWS: list[tuple[str, ...]] = [(), *((f"course {i}", "student") for i in range(3))]

#: Every exercise, and where students get different questions each of them.
QUESTIONS = [
    pytest.param(exercise, id="-".join([w.id, e.id, *name.split()]))
    for w in WORKSHEETS
    for e in w.exercises
    for name, exercise in (e.questions or {"": e}).items()
]

#: Exercises whose cases break a rule below, and why.
ODD_SIZES = {
    "find_the_faults": "a state of H x H must go unseen: it has a case of its own",
    "growth_rate": "a matrix of one number has its own case",
}
NO_SMALLEST_CASE = {
    "find_the_faults": "each of its five cases looks at one fault",
    "order_blind": "one step has no order",
    "timescale": "one step has no next one",
    "wasted_share": "one sequence alone wastes nothing",
}
#: Inputs that hold zeros or a number twice by their nature.
NEVER_DENSE = {"mask"}

each_worksheet = pytest.mark.parametrize("worksheet", WORKSHEETS, ids=lambda w: w.id)
each_exercise = pytest.mark.parametrize(
    "exercise", [pytest.param(e, id=f"{w.id}-{e.id}") for w in WORKSHEETS for e in w.exercises]
)
each_question = pytest.mark.parametrize("exercise", QUESTIONS)
each_mistake = pytest.mark.parametrize(
    ("exercise", "mistake"),
    [
        pytest.param(*question.values, m, id=f"{question.id}-{m.name.replace(' ', '_')}")
        for question in QUESTIONS
        for m in question.values[0].mistakes
    ],
)
each_written = pytest.mark.parametrize(
    "question", [pytest.param(q, id=f"{w.id}-{q.id}") for w in WORKSHEETS for q in w.written]
)


def is_constant(exercise: Exercise) -> bool:
    """Is the answer handed over as it is, without inputs?"""
    return isinstance(exercise.contract, Value | Choice)


def verdict(exercise: Exercise, answer: object, secret: tuple[str, ...]) -> Verdict:
    cases = exercise.draw(*secret)
    answers = [exercise.drive(answer, case) for case in cases]
    return judge(exercise, cases, answers, secret=bool(secret))


# Verdicts


@each_question
def test_the_reference_is_correct(exercise: Exercise) -> None:
    for secret in DRAWS:
        result = verdict(exercise, exercise.reference, secret)
        assert (result.kind, result.points) == (Kind.CORRECT, exercise.points)


@each_mistake
def test_a_mistake_is_rejected_with_its_own_diagnosis(exercise: Exercise, mistake: Mistake) -> None:
    for secret in DRAWS[:2]:
        result = verdict(exercise, whole_answer(exercise, mistake), secret)
        assert result.kind in (Kind.WRONG, Kind.PARTLY, Kind.RAISED)
        assert result.points < exercise.points
        assert (result.diagnosis, result.read) == (mistake.name, mistake.read)
        assert result.explanation == mistake.diagnosis
        assert not (secret and result.numbers)


@each_question
def test_every_case_earns_its_place(exercise: Exercise) -> None:
    """Without the rest, each case still sees some of the mistakes."""
    for case in exercise.public_cases:
        wrong = (exercise.drive(whole_answer(exercise, m), case) for m in exercise.mistakes)
        assert any(judge(exercise, [case], [answer]).kind != Kind.CORRECT for answer in wrong)


# The bank


@each_worksheet
def test_a_worksheet_has_its_right_answers_written_differently(worksheet: Worksheet) -> None:
    variants = load_variants(worksheet.id)
    for exercise in worksheet.exercises:
        if not is_constant(exercise):
            assert len(variants[exercise.id]) >= 3, exercise.id
        for number, answer in enumerate(variants.get(exercise.id, ()), 1):
            for secret in DRAWS[:2]:
                result = verdict(exercise, answer, secret)
                assert result.kind == Kind.CORRECT, (exercise.id, number, result.message)


@each_exercise
def test_the_bank_is_large_enough(exercise: Exercise) -> None:
    assert len(exercise.mistakes) >= (3 if is_constant(exercise) else 6)
    assert 3 <= len(exercise.hints) <= 5
    cases = len(exercise.public_cases)
    assert cases == 1 if is_constant(exercise) else 3 <= cases <= 8


@each_question
def test_diagnoses_are_sentences_of_their_own(exercise: Exercise) -> None:
    names = [m.name for m in exercise.mistakes]
    diagnoses = [m.diagnosis for m in exercise.mistakes]
    assert len(set(names)) == len(names)
    assert len(set(diagnoses)) == len(diagnoses)
    for text in (*diagnoses, *exercise.hints):
        assert text.rstrip(")")[-1] in ".?", text
        assert "  " not in text


@each_exercise
def test_numbers_of_an_exercise_are_sane(exercise: Exercise) -> None:
    assert exercise.id.isidentifier()
    assert exercise.points > 0
    assert 2 <= exercise.minutes <= 45
    assert exercise.difficulty in (1, 2, 3)


@each_worksheet
def test_a_worksheet_takes_two_to_three_hours(worksheet: Worksheet) -> None:
    items = (*worksheet.exercises, *worksheet.written)
    assert 60 <= sum(item.minutes for item in items) <= 180


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
    if not is_constant(exercise):
        for one, other in itertools.combinations(draws, 2):
            assert not all(
                np.array_equal(a.inputs[n], b.inputs[n])
                for a, b in zip(one, other, strict=True)
                for n in a.inputs.keys() & b.inputs.keys()
            )


def drawn(exercise: Exercise) -> Iterator[tuple[int, Case, dict[str, int]]]:
    """The cases of 20 draws, with the sizes of their axes."""
    for number in range(20):
        for case in exercise.draw(f"draw {number}"):
            specs = contracts.argument_specs(exercise.contract, case.script)
            sizes = contracts.sizes(specs, case.inputs)
            yield number, case, {k: v for k, v in sizes.items() if k in "NTDHMKV"}


def is_smallest(sizes: dict[str, int]) -> bool:
    return sizes.get("N", 1) == sizes.get("T", 1) == 1 and bool({"N", "T"} & sizes.keys())


@each_exercise
def test_sizes_are_unequal_so_that_no_axis_passes_for_another(exercise: Exercise) -> None:
    if exercise.id in ODD_SIZES:
        return
    for _, _, sizes in drawn(exercise):
        rest = {k: v for k, v in sizes.items() if not (k in "NT" and v == 1)}
        assert len(set(rest.values())) == len(rest), sizes
        assert all(size >= 2 for size in rest.values()), sizes
        assert rest.get("T", 3) >= 3, sizes


@each_exercise
def test_one_case_is_the_smallest_there_is(exercise: Exercise) -> None:
    """One example of one step, wherever there is a batch or time."""
    if exercise.id in NO_SMALLEST_CASE:
        return
    found = dict.fromkeys(range(20), 0)
    letters: set[str] = set()
    for number, _, sizes in drawn(exercise):
        found[number] += is_smallest(sizes)
        letters |= sizes.keys()
    assert set(found.values()) == ({1} if {"N", "T"} & letters else {0})


@each_exercise
def test_inputs_are_float64(exercise: Exercise) -> None:
    for _, case, _ in drawn(exercise):
        assert all(array.dtype == np.float64 for array in floats(exercise, case).values())


@each_exercise
def test_every_input_is_dense_and_random_in_some_case(exercise: Exercise) -> None:
    """No zero and no number seen twice, under which a wrong product or a wrong sum would hide."""
    dense: dict[tuple[int, str], bool] = {}
    for number, case, sizes in drawn(exercise):
        if is_smallest(sizes):
            continue  # a single number is always dense
        for name, array in floats(exercise, case).items():
            is_dense = bool(np.all(array)) and len(np.unique(array)) == array.size
            dense[number, name] = dense.get((number, name), False) or is_dense
    assert {name for (_, name), found in dense.items() if not found} <= NEVER_DENSE


def floats(exercise: Exercise, case: Case) -> dict[str, np.ndarray]:
    specs = contracts.argument_specs(exercise.contract, case.script)
    return {n: case.inputs[n] for n, spec in specs.items() if Spec.parse(spec).kind == "float"}


def test_exceptions_are_for_exercises_that_exist() -> None:
    known = {exercise.id for worksheet in WORKSHEETS for exercise in worksheet.exercises}
    assert ODD_SIZES.keys() | NO_SMALLEST_CASE.keys() <= known


# Written questions


@each_written
def test_samples_are_marked_by_the_rubric(question: Written) -> None:
    """Four answers: full marks, middling, weak, and one that is fluent and wrong."""
    assert 3 <= len(question.criteria) <= 5
    assert all(sample.comment and len(sample.text) > 100 for sample in question.samples)
    full, middling, weak, fluent = [question.mark(sample.met) for sample in question.samples]
    assert full == question.points > middling > weak >= fluent < question.points / 3


# What later worksheets ask for


def test_a_worksheet_withholds_what_later_ones_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exercises, "IDS", ("ps91", "ps92", "ps93"))
    asked = {
        "ps91": ("course.rnn", "torch"),
        "ps92": ("course.rnn", "course.flow"),
        "ps93": ("course.lstm", "torch"),
    }
    for id, withheld in asked.items():
        module = types.ModuleType(id)
        module.WORKSHEET = Worksheet(id, "toy", "A toy", (), (), withheld)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, f"autograder.exercises.{id}", module)
    worksheet = exercises.worksheet.__wrapped__
    assert worksheet("ps91").withheld == ("course.rnn", "torch", "course.flow", "course.lstm")
    assert worksheet("ps92").withheld == ("course.rnn", "course.flow", "course.lstm")
    assert worksheet("ps93").withheld == ("course.lstm", "torch")
