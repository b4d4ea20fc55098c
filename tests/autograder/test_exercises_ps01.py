"""What is particular to the exercises of ps01: the law of `order_blind`, cases, samples, sums."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from autograder.contract import Case
from autograder.exercises.ps01 import WORKSHEET
from autograder.exercises.ps01.order import ORDER_BLIND, same_words_another_order
from autograder.exercises.ps01.pencil import RIGHT, SENTENCES, B, U, W
from autograder.exercises.ps01.problem_types import KINDS, TASKS
from autograder.exercises.ps01.written import EARLIER_FRAMES
from autograder.judge import Kind, Verdict, judge

EXERCISES = WORKSHEET.exercises
DRAWS: list[tuple[str, ...]] = [(), *((f"course {i}", "student") for i in range(5))]


def cases_of(id: str, secret: tuple[str, ...]) -> list[Case]:
    exercise = WORKSHEET.exercise(id)
    assert exercise is not None
    return exercise.draw(*secret)


def verdict(answer: Any) -> Verdict:
    cases = ORDER_BLIND.public_cases
    return judge(ORDER_BLIND, cases, [ORDER_BLIND.drive(answer, case) for case in cases])


def test_the_worksheet_adds_up() -> None:
    assert sum(e.points for e in EXERCISES) == 40
    assert WORKSHEET.points == 50
    minutes = sum(e.minutes for e in EXERCISES) + EARLIER_FRAMES.minutes
    assert 120 <= minutes <= 150


def test_every_kind_of_problem_occurs() -> None:
    assert len(TASKS) == 12
    assert Counter(TASKS.values()) == dict(zip(KINDS, (2, 2, 2, 3, 2, 1), strict=True))


def test_the_law_of_another_order() -> None:
    given = {"words": np.array([3, 1, 3])}
    assert same_words_another_order(given, np.array([3.0, 3, 1])) is None
    for other, says in (([3, 1, 3], "word for word"), ([1, 1, 3], "number of times")):
        said = same_words_another_order(given, np.array(other, float))
        assert said is not None
        assert says in said


def test_a_sentence_can_be_handed_over_as_a_list_or_drawn() -> None:
    assert verdict(lambda words: [*words[1:], words[0]]).kind == Kind.CORRECT
    shuffled = verdict(lambda words: np.random.default_rng(3).permutation(words))
    assert shuffled.kind in (Kind.CORRECT, Kind.PARTLY)


def test_shuffling_anew_at_each_call_is_not_repeatable() -> None:
    rng = np.random.default_rng(0)

    def shuffle(words: np.ndarray) -> np.ndarray:
        other = words
        while np.array_equal(other, words):
            other = rng.permutation(words)
        return other

    assert verdict(shuffle).reason == "not repeatable"


def test_words_glued_to_a_text_are_told_apart_from_a_sentence() -> None:
    assert verdict(lambda words: " ".join(map(str, words))).reason == "wrong type"
    assert verdict(lambda words: words[:-1]).reason == "wrong shape"


@pytest.mark.parametrize("secret", DRAWS)
def test_a_real_step_of_zeros_is_among_the_cases(secret: tuple[str, ...]) -> None:
    for id in ("pad_and_mask", "unroll"):
        (case,) = [c for c in cases_of(id, secret) if c.about == "a real step of zeros"]
        steps = case.inputs["steps"] if id == "pad_and_mask" else case.inputs["x"][0, :3]
        assert np.any(~np.any(steps, axis=1))


@pytest.mark.parametrize("secret", DRAWS)
def test_padded_inputs_are_padded_as_the_worksheet_says(secret: tuple[str, ...]) -> None:
    for case in cases_of("unroll", secret):
        x, mask = case.inputs["x"], case.inputs["mask"]
        assert np.all(np.diff(mask, axis=1) <= 0)
        assert np.all(mask[:, 0] == 1)
        assert not np.any(x[mask == 0])


@pytest.mark.parametrize("secret", DRAWS)
def test_batches_come_out_even_with_a_rest_and_with_a_rest_of_one(secret: tuple[str, ...]) -> None:
    rests = [
        len(case.inputs["lengths"]) % int(case.inputs["size"])
        for case in cases_of("wasted_share", secret)
    ]
    assert {0, 1} < set(rests)


def test_the_pencil_s_numbers() -> None:
    h_4 = W[3] * 0 + U[3] * 2 + B[3]
    h_5 = W[4] * h_4 + U[4] * 5 + B[4]
    assert (RIGHT["after_x_1"], RIGHT["after_x_2"]) == (h_4, h_5) == (7, 23)
    assert sum(SENTENCES) == 1000
    assert (RIGHT["trains_layer_1"], RIGHT["trains_layer_4"]) == (10, 600)


def test_the_samples_are_marked_by_the_rubric() -> None:
    assert EARLIER_FRAMES.points == 10
    marks = [EARLIER_FRAMES.mark(sample.met) for sample in EARLIER_FRAMES.samples]
    assert marks == [10, 5, 2, 0]
