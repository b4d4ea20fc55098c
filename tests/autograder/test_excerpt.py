"""Code cut from a module: word for word, and whatever it needs is known."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from autograder.excerpt import ExcerptError, cut, missing

MODULE = '''\
"""A chapter."""

import functools

SIZES = (2, 3)  # of everything

@functools.cache
def area(shape):
    return shape[0] * shape[1]  # a comment stays


def twice(shape: Shape) -> int:
    halves = [part for part in shape if part]
    return SCALE * area(halves)
'''


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "some_chapter.py").write_text(MODULE)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return "some_chapter"


def test_definitions_stand_as_they_are_in_the_order_asked_for(module: str) -> None:
    function = (
        "@functools.cache\ndef area(shape):\n    return shape[0] * shape[1]  # a comment stays"
    )
    assert cut(module, ["area", "SIZES"]) == f"{function}\n\n\nSIZES = (2, 3)  # of everything"


def test_a_name_that_is_not_defined_there_is_told(module: str) -> None:
    with pytest.raises(ExcerptError, match="some_chapter defines no volume"):
        cut(module, ["area", "volume"])


def test_what_is_only_imported_there_is_no_definition_of_its_own(module: str) -> None:
    with pytest.raises(ExcerptError, match="some_chapter defines no functools"):
        cut(module, ["functools"])


def test_missing_names_are_those_that_nothing_defines(module: str) -> None:
    code = cut(module, ["twice"])
    assert missing(code, []) == ["SCALE", "Shape", "area"]
    assert missing(code, ["from shapes import Shape", "%matplotlib inline", "SCALE = 2"]) == [
        "area"
    ]
    assert missing(cut(module, ["area", "twice"]), ["Shape, SCALE = int, 2"]) == ["functools"]
