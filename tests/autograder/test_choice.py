"""Choices: options by their words, marked item by item, mistakes that are about some items only."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from autograder.contract import Case, Choice, from_json, to_json
from autograder.driver import Answer, drive
from autograder.exercise import Exercise, Mistake
from autograder.exercises.drawing import a_value
from autograder.judge import Kind, Verdict, judge
from autograder.prove import prove

KINDS = ("one-to-one", "one-to-many", "many-to-one")
CONTRACT = Choice("kinds", {"caption": KINDS, "mood": KINDS, "recurrent": ("True", "False")})
RIGHT = {"caption": "one-to-many", "mood": "many-to-one", "recurrent": "True"}
EXERCISE = Exercise(
    CONTRACT,
    "Kinds",
    points=3,
    minutes=5,
    difficulty=1,
    cases=a_value,
    reference=RIGHT,
    mistakes=(
        Mistake(
            "exchanged",
            {"caption": "many-to-one", "mood": "one-to-many"},
            "Which comes in?",
            "Kinds",
        ),
        Mistake("no state", {"recurrent": "False"}, "There is a state.", "Kinds"),
        Mistake("one word", {"mood": "one-to-one"}, "A text has many words.", "Kinds"),
    ),
    hints=("Count what comes in and what goes out.",),
)
ALONE = Choice("part", {"part": ("forget gate", "input gate")})


def verdict(answer: Any) -> Verdict:
    return judge(EXERCISE, EXERCISE.public_cases, [drive(CONTRACT, answer, {})])


def test_a_choice_survives_json() -> None:
    assert from_json(json.loads(json.dumps(to_json(CONTRACT)))) == CONTRACT


def test_an_option_crosses_as_its_number() -> None:
    outputs = drive(CONTRACT, RIGHT, {}).outputs
    assert {item: int(number) for item, number in outputs.items()} == {
        "caption": 1,
        "mood": 2,
        "recurrent": 0,
    }


@pytest.mark.parametrize("mood", ["many-to-one", "  Many-to-One ", "MANY-TO-ONE"])
def test_case_and_blanks_do_not_matter(mood: str) -> None:
    assert verdict({**RIGHT, "mood": mood, "recurrent": True}).kind == Kind.CORRECT


def test_one_item_alone_may_be_handed_over_bare() -> None:
    for answer in ("Input gate", {"part": "input gate"}):
        assert int(drive(ALONE, answer, {}).outputs["part"]) == 1
    assert drive(ALONE, None, {}).problem is not None


def test_untouched_is_not_attempted() -> None:
    for answer in (None, dict.fromkeys(RIGHT)):
        assert verdict(answer).kind == Kind.NOT_ATTEMPTED


def test_items_are_marked_one_by_one() -> None:
    found = verdict({**RIGHT, "mood": "one-to-many", "recurrent": None})
    assert (found.kind, found.passed, found.cases, found.points) == (Kind.PARTLY, 1, 3, 1)
    assert found.message == "mood: 'one-to-many' is not right."
    assert not found.numbers


def test_an_unknown_option_is_named_with_those_there_are() -> None:
    found = verdict({**RIGHT, "mood": "many to one"})
    assert (found.reason, found.passed) == ("wrong type", 2)
    assert "mood is 'many to one', which is no option" in found.message
    assert "'one-to-one', 'one-to-many', 'many-to-one'" in found.message


@pytest.mark.parametrize("answer", [3, "many-to-one", ["one-to-one"], {"moood": "one-to-one"}])
def test_what_is_no_table_is_refused_in_words(answer: Any) -> None:
    found = verdict(answer)
    assert (found.kind, found.points) == (Kind.WRONG, 0)
    assert "caption" in found.message


def test_a_mistake_is_about_its_own_items_only() -> None:
    both = verdict({"caption": "many-to-one", "mood": "one-to-many", "recurrent": "False"})
    assert both.diagnosis == "exchanged"
    assert verdict({**RIGHT, "recurrent": "False"}).diagnosis == "no state"
    assert verdict({**RIGHT, "caption": "many-to-one"}).diagnosis == ""


@pytest.mark.parametrize("forged", [np.array(99), np.array(-1), np.array([1, 2]), np.array(1.5)])
def test_a_forged_number_is_wrong_and_harmless(forged: np.ndarray) -> None:
    outputs = {**drive(CONTRACT, RIGHT, {}).outputs, "mood": forged}
    assert judge(EXERCISE, [Case({})], [Answer(outputs)]).passed == 2


def test_every_other_option_is_tried_and_refused() -> None:
    report = prove(EXERCISE, ())
    assert (report.mutants, report.survivors, report.broken) == (5, (), [])
