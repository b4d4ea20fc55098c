"""The prover of checks: a weak check is found out, a strong one passes, and ours are strong."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from autograder.contract import Case, Function, Value
from autograder.exercise import Exercise, Mistake
from autograder.exercises import IDS, worksheet
from autograder.prove import prove
from autograder.prove.__main__ import load_equivalent, load_variants, main
from autograder.prove.report import Misnamed, Report, Survivor
from course.shapes import Array

ARGS = {"x": "N D", "h": "N H", "W": "D H", "U": "H H"}


def step(x: Array, h: Array, W: Array, U: Array) -> Array:
    return x @ W + h @ U


def loss(y: Array, target: Array) -> Any:
    error = y - target
    return (error * error).sum() / len(y)


VARIANTS = (
    lambda x, h, W, U: h @ U + x @ W,
    lambda x, h, W, U: np.einsum("nd,dh->nh", x, W) + h.dot(U),
    lambda x, h, W, U: np.concatenate([x, h], axis=1) @ np.concatenate([W, U]),
)
MISTAKES = tuple(
    Mistake(name, answer, f"It looks like {name}.", "One step")
    for name, answer in {
        "no h": lambda x, h, W, U: x @ W,
        "no x": lambda x, h, W, U: h @ U,
        "U transposed": lambda x, h, W, U: x @ W + h @ U.T,
        "minus": lambda x, h, W, U: x @ W - h @ U,
        "tanh": lambda x, h, W, U: np.tanh(x @ W + h @ U),
        "h overwritten": lambda x, h, W, U: np.add(x @ W, h @ U, out=h),
    }.items()
)


def draw(rng: np.random.Generator) -> list[Case]:
    """Unequal sizes, random numbers."""
    cases = []
    for _ in range(2):
        N, D, H = (int(size) for size in 2 + rng.permutation(4)[:3])
        shapes = {"x": (N, D), "h": (N, H), "W": (D, H), "U": (H, H)}
        cases.append(Case({name: rng.standard_normal(shape) for name, shape in shapes.items()}))
    return cases


def draw_single_numbers(rng: np.random.Generator) -> list[Case]:
    """N = D = H = 1: a product is a product, and nothing has a transpose."""
    return [Case({name: rng.standard_normal((1, 1)) for name in ARGS})]


def draw_constant_weights(rng: np.random.Generator) -> list[Case]:
    """Every weight is the same number, as in many published checks."""
    return [Case({**case.inputs, "U": np.full_like(case.inputs["U"], 0.1)}) for case in draw(rng)]


def draw_pairs(rng: np.random.Generator) -> list[Case]:
    y, target = rng.standard_normal((2, 4, 3))
    return [Case({"y": y, "target": target})]


STEP = Exercise(
    Function("step", ARGS, {"a": "N H"}),
    "One step",
    points=1,
    minutes=5,
    difficulty=1,
    cases=draw,
    reference=step,
    mistakes=MISTAKES,
    hints=("Add.",),
)
LOSS = dataclasses.replace(
    STEP,
    contract=Function("loss", {"y": "N M", "target": "N M"}, {"L": ""}),
    cases=draw_pairs,
    reference=loss,
    mistakes=(),
)
GOOD = Report(
    exercise="step",
    is_value=False,
    cases=2,
    mistakes=6,
    undiagnosed=(),
    variants=3,
    refused=(),
    mutants=40,
    survivors=(Survivor("a -> b", "they are equal"),),
    diagnosed=8,
    wrong_diagnoses=(Misnamed("a -> c", "no h"), Misnamed("a -> d", "no h")),
    idle=(),
)


def test_strong_check_passes() -> None:
    report = prove(STEP, VARIANTS)
    assert report.broken == []
    assert (report.mistakes, report.variants, report.cases) == (6, 3, 2)
    assert report.mutants == report.rejected > 20
    assert report.diagnosed >= 4  # no h, no x, U transposed and minus are mutants too
    assert report.wrong_diagnoses == ()


@pytest.mark.parametrize(
    ("cases", "survivor"),
    [
        (draw_single_numbers, "line 2: h @ U -> U @ h"),
        (draw_single_numbers, "line 2: x @ W -> x @ W.T"),
        (draw_constant_weights, "line 2: h @ U -> h @ U.T"),
    ],
)
def test_weak_check_is_found_out(cases: Any, survivor: str) -> None:
    report = prove(dataclasses.replace(STEP, cases=cases), VARIANTS)
    assert survivor in [s.mutant for s in report.survivors]
    assert f"a mutant survives without an explanation: {survivor}" in report.broken


def test_weak_check_rejects_too_few_mutants() -> None:
    report = prove(dataclasses.replace(STEP, cases=draw_single_numbers), VARIANTS)
    assert any("it should reject 95%" in sentence for sentence in report.broken)


def test_mistake_that_is_not_named_as_itself_is_told() -> None:
    twin = dataclasses.replace(MISTAKES[0], name="twin")
    right = dataclasses.replace(MISTAKES[0], name="not wrong at all", answer=step)
    report = prove(dataclasses.replace(STEP, mistakes=(*MISTAKES, twin, right)), VARIANTS)
    assert [m.answer for m in report.undiagnosed] == ["twin", "not wrong at all"]
    assert "taken for 'no h'" in report.undiagnosed[0].diagnosis
    assert "correct" in report.undiagnosed[1].diagnosis


def test_right_answer_that_is_refused_is_told() -> None:
    report = prove(STEP, (*VARIANTS, lambda x, h, W, U: x @ W))
    assert len(report.refused) == 1
    assert report.refused[0].startswith("number 4: ")
    assert any("a right answer is refused" in sentence for sentence in report.broken)


def test_wrong_diagnosis_is_counted() -> None:
    """A law that says one sentence of everything takes all that break it for one mistake."""

    def law(inputs: Any, a: Array) -> str | None:
        return None if np.allclose(a, step(**inputs)) else "That is wrong."

    judged_by_law = dataclasses.replace(
        STEP, contract=dataclasses.replace(STEP.contract, pure=False), laws={"a": law}
    )
    report = prove(judged_by_law, VARIANTS)
    named = {m.answer: m.diagnosis for m in report.wrong_diagnoses}
    assert named["line 2: x @ W + h @ U -> x @ W - h @ U"] == "no h"
    assert "line 2: x @ W + h @ U -> x @ W" not in named
    assert any("wrongly; at most 5% may be" in sentence for sentence in report.broken)


def test_law_never_sees_an_array_of_the_wrong_shape() -> None:
    def law(inputs: Any, a: Array) -> str | None:
        assert a.shape == step(**inputs).shape
        return None if np.allclose(a, step(**inputs)) else "That is wrong."

    report = prove(dataclasses.replace(STEP, laws={"a": law}), VARIANTS)
    assert report.rejected == report.mutants


def test_survivor_needs_an_explanation() -> None:
    survivors = {
        "line 2: y - target -> target - y": "the error is squared",
        "line 3: len(y) -> len(target)": "they have one shape",
        "line 3: len(y) -> len(error)": "they have one shape",
    }
    unexplained = prove(LOSS, ())
    assert {s.mutant for s in unexplained.survivors} == survivors.keys()
    assert sum("without an explanation" in sentence for sentence in unexplained.broken) == 3
    explained = prove(LOSS, (), survivors)
    assert {s.mutant: s.reason for s in explained.survivors} == survivors
    assert not any("explanation" in sentence for sentence in explained.broken)


def test_explanation_without_a_survivor_is_told() -> None:
    report = prove(STEP, VARIANTS, {"line 2: x @ W -> x @ x": "no reason"})
    assert report.broken == ["explained as equivalent, but no survivor: line 2: x @ W -> x @ x"]


def test_explanation_is_refuted_where_a_draw_tells_the_two_apart() -> None:
    def mostly_symmetric(rng: np.random.Generator) -> list[Case]:
        """U is symmetric in nine draws of ten, the public and the secret one among them."""
        symmetric = rng.random() < 0.9
        return [
            Case(case.inputs | {"U": case.inputs["U"] + symmetric * case.inputs["U"].T})
            for case in draw(rng)
        ]

    transposed = "line 2: h @ U -> h @ U.T"
    report = prove(
        dataclasses.replace(STEP, cases=mostly_symmetric), VARIANTS, {transposed: "U = U.T"}
    )
    assert Survivor(transposed, "U = U.T", refuted=True) in report.survivors
    assert f"a mutant explained as equivalent is not: {transposed}" in report.broken


def test_value_is_tried_with_perturbed_entries() -> None:
    table = Exercise(
        Value("table", {"a": "", "shape": "int 2"}),
        "A table",
        points=1,
        minutes=1,
        difficulty=1,
        cases=lambda rng: [Case({})],
        reference={"a": 0.25, "shape": (3, 4)},
        mistakes=tuple(
            Mistake(name, value, "No.", "By pencil")
            for name, value in {
                "sign": {"a": -0.25, "shape": (3, 4)},
                "order": {"a": 0.25, "shape": (4, 3)},
                "both": {"a": -0.25, "shape": (4, 3)},
            }.items()
        ),
        hints=(),
        rtol=0.0,
        atol=1e-3,
    )
    report = prove(table, ())
    assert report.broken == []
    assert report.rejected == report.mutants > 8
    assert report.diagnosed == 2
    loose = prove(dataclasses.replace(table, rtol=4.0), ())
    assert loose.survivors  # as if a tolerance were too wide for the whole numbers beside


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"mistakes": 5}, "it knows 5 mistakes; it should know 6"),
        ({"variants": 2}, "it is tried on 2 right answers; it should be on 3"),
        (
            {"wrong_diagnoses": (*GOOD.wrong_diagnoses, Misnamed("a -> e", "no x"))},
            "it names 3 of 40 mutants wrongly; at most 5% may be",
        ),
        (
            {"mutants": 19, "wrong_diagnoses": ()},
            "it rejects 18 of 19 mutants, which is 94.7%; it should reject 95%",
        ),
    ],
)
def test_each_rule_is_told_by_a_sentence(change: dict[str, Any], sentence: str) -> None:
    assert GOOD.broken == []
    assert dataclasses.replace(GOOD, **change).broken == [sentence]


def test_table_of_values_needs_three_mistakes_and_no_variants() -> None:
    assert dataclasses.replace(GOOD, is_value=True, mistakes=3, variants=0).broken == []


def test_missing_variants_are_told_by_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"There is no .*variants_ps02\.py"):
        load_variants("ps02", tmp_path)


def test_unknown_worksheet_is_misuse() -> None:
    result = CliRunner().invoke(main, ["ps99"])
    assert result.exit_code == 2
    assert "ps99" in result.output


@pytest.mark.parametrize(
    ("report", "status"), [(GOOD, 0), (dataclasses.replace(GOOD, variants=0), 1)]
)
def test_exit_status_says_whether_a_rule_is_broken(
    monkeypatch: pytest.MonkeyPatch, report: Report, status: int
) -> None:
    monkeypatch.setattr("autograder.prove.__main__.prove_worksheet", lambda id: [report])
    result = CliRunner().invoke(main, ["ps02"])
    assert result.exit_code == status
    assert "39/40" in result.output
    assert "they are equal" in result.output
    assert ("it should be on 3" in result.output) == (status == 1)


@pytest.mark.parametrize(
    ("id", "exercise"),
    [
        # All of them take minutes; `make check-the-checks` shows them as a table.
        pytest.param(id, e, id=f"{id}-{e.id}", marks=[] if id == "ps02" else pytest.mark.slow)
        for id in IDS
        for e in worksheet(id).exercises
    ],
)
def test_check_of_each_exercise_holds(id: str, exercise: Exercise) -> None:
    variants, equivalent = load_variants(id), load_equivalent(id)
    report = prove(exercise, variants.get(exercise.id, ()), equivalent.get(exercise.id))
    assert report.broken == []


@pytest.mark.parametrize("id", IDS)
def test_only_exercises_have_variants_and_equivalent_mutants(id: str) -> None:
    known = {exercise.id for exercise in worksheet(id).exercises}
    assert load_variants(id).keys() <= known
    assert load_equivalent(id).keys() <= known
