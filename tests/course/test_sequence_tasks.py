"""The tasks of ps01 are what they say, and views of fixed size fail on them as the worksheet tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from course.sequences import bag_of_words, fixed_window
from course.tasks import NEGATION_WORDS, key_at_a_distance, negation

V = len(NEGATION_WORDS)
Task = tuple[Any, Any]


def share_right(view: Callable[[Any], Any], learn: Task, test: Task) -> float:
    """Of a linear map on what `view` shows, fitted by least squares: the lab's classifier."""

    def rows(x: Any) -> Any:
        return np.column_stack([view(x).reshape(len(x), -1), np.ones(len(x))])

    weights, *_ = np.linalg.lstsq(rows(learn[0]), np.eye(learn[1].max() + 1)[learn[1]], rcond=None)
    return float(np.mean((rows(test[0]) @ weights).argmax(axis=1) == test[1]))


def test_the_key_stands_where_it_should_and_nowhere_else() -> None:
    x, target = key_at_a_distance(
        np.random.default_rng(0), N=50, T=9, distance=4, keys=3, fillers=5
    )
    assert x.shape == (50, 9)
    np.testing.assert_array_equal(x[:, -4], target)
    assert set(target) == {0, 1, 2}
    others = np.delete(x, -4, axis=1)
    assert set(others.ravel()) == {3, 4, 5, 6, 7}


@pytest.mark.parametrize("distance", [1, 6])
def test_the_key_may_be_the_last_word_or_the_first(distance: int) -> None:
    x, target = key_at_a_distance(np.random.default_rng(0), N=4, T=6, distance=distance)
    np.testing.assert_array_equal(x[:, 6 - distance], target)


@pytest.mark.parametrize("distance", [0, 7])
def test_a_key_outside_of_the_sentence_is_refused(distance: int) -> None:
    with pytest.raises(ValueError, match=f"got distance {distance}; it must be from 1 to 6"):
        key_at_a_distance(np.random.default_rng(0), N=4, T=6, distance=distance)


@pytest.mark.parametrize(
    "task", [lambda rng: key_at_a_distance(rng, 5, 8, 3), lambda rng: negation(rng, 5)]
)
def test_tasks_are_drawn_from_their_generator_alone(task: Callable[[Any], Task]) -> None:
    one, same, other = (task(np.random.default_rng(seed)) for seed in (7, 7, 8))
    np.testing.assert_array_equal(one[0], same[0])
    assert not np.array_equal(one[0], other[0])


def test_phrases_are_words_and_then_nothing() -> None:
    x, target = negation(np.random.default_rng(0), N=500, T=10)
    assert x.shape == (500, 10)
    assert set(target) == {0, 1}
    assert NEGATION_WORDS[0] == ""
    for row in x:
        length = np.count_nonzero(row)
        assert 3 <= length <= 8
        assert np.all(row[:length] > 0)
        assert not np.any(row[length:])


def test_each_phrase_has_a_twin_of_the_same_words_that_means_the_opposite() -> None:
    x, target = negation(np.random.default_rng(0), N=20_000)
    of_bag: dict[tuple[int, ...], Counter[int]] = {}
    for row, label in zip(x, target, strict=True):
        of_bag.setdefault(tuple(np.sort(row)), Counter())[int(label)] += 1
    for labels in of_bag.values():
        assert labels[0] > 0
        assert labels[1] > 0


def test_what_the_phrases_say() -> None:
    x, target = negation(np.random.default_rng(0), N=500)
    said = {
        " ".join(NEGATION_WORDS[i] for i in row if i): int(label)
        for row, label in zip(x, target, strict=True)
    }
    assert said.get("not dull but clever", 1) == 1
    assert any("not" in phrase.split() for phrase in said)
    for phrase, label in said.items():
        words = phrase.split()
        after = words[words.index("not" if "not" in words else "never") + 1]
        assert label == (after in {"bad", "dull", "cold", "grim"})


def test_short_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="T = 7; its longest phrases have 8 words"):
        negation(np.random.default_rng(0), N=1, T=7)


def test_a_bag_of_words_is_at_chance_on_negation_and_pairs_are_not() -> None:
    """The numbers of the worksheet."""
    rng = np.random.default_rng(0)
    learn, test = negation(rng, 2000), negation(rng, 5000)
    assert share_right(lambda x: bag_of_words(x, V), learn, test) == pytest.approx(0.5, abs=0.03)
    assert share_right(lambda x: bag_of_words(x[:, :-1] * V + x[:, 1:], V * V), learn, test) == 1


@pytest.mark.parametrize(("k", "share"), [(4, 0.25), (11, 0.25), (12, 1), (16, 1)])
def test_a_window_sees_the_key_from_its_distance_on(k: int, share: float) -> None:
    rng = np.random.default_rng(0)
    learn, test = (key_at_a_distance(rng, 2000, T=20, distance=12) for _ in range(2))
    assert share_right(lambda x: fixed_window(x, k, 10), learn, test) == pytest.approx(
        share, abs=0.04
    )


def test_what_a_window_learns_does_not_move_with_the_key() -> None:
    rng = np.random.default_rng(0)
    learn = key_at_a_distance(rng, 2000, T=8, distance=7)  # position 2
    same, moved = (key_at_a_distance(rng, 2000, T=8, distance=d) for d in (7, 4))
    window = lambda x: fixed_window(x, 8, 10)  # noqa: E731
    assert share_right(window, learn, same) == 1
    assert share_right(window, learn, moved) == pytest.approx(0.25, abs=0.04)
    assert share_right(lambda x: bag_of_words(x, 10), learn, moved) == 1
