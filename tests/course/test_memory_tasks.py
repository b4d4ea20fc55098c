"""Tasks for long memories: what is in them, and what a guess scores."""

from __future__ import annotations

import numpy as np
import pytest

from course.tasks import adding, recall


@pytest.mark.parametrize("T", [2, 5, 40])
def test_adding_asks_for_the_sum_of_one_marked_number_in_each_half(T: int) -> None:
    x, target = adding(np.random.default_rng(0), N=50, T=T)
    assert x.shape == (50, T, 2)
    assert target.shape == (50, 1)
    numbers, marks = x[..., 0], x[..., 1]
    assert set(np.unique(marks)) <= {0, 1}
    np.testing.assert_array_equal(marks[:, : T // 2].sum(axis=1), 1)
    np.testing.assert_array_equal(marks[:, T // 2 :].sum(axis=1), 1)
    assert numbers.min() >= 0
    assert numbers.max() <= 1
    np.testing.assert_allclose(
        target[:, 0], [n[m == 1].sum() for n, m in zip(numbers, marks, strict=True)]
    )


def test_adding_marks_every_step_now_and_then() -> None:
    x, _ = adding(np.random.default_rng(0), N=1000, T=7)
    assert x[..., 1].sum(axis=0).min() > 150  # 1000/3 in the first half, 1000/4 in the second


def test_the_best_constant_guess_of_adding_has_an_error_of_a_sixth() -> None:
    _, target = adding(np.random.default_rng(0), N=20_000, T=10)
    assert np.mean((target - 1) ** 2) == pytest.approx(1 / 6, rel=0.02)
    assert target.mean() == pytest.approx(1, rel=0.01)


def test_adding_needs_room_for_two_marks() -> None:
    with pytest.raises(ValueError, match=r"adding got T = 1; two marks need at least 2 steps\."):
        adding(np.random.default_rng(0), N=1, T=1)


@pytest.mark.parametrize("distract", [False, True])
def test_recall_asks_for_the_first_of_all_symbols(distract: bool) -> None:
    x, target = recall(np.random.default_rng(0), N=600, T=6, symbols=3, distract=distract)
    assert x.shape == (600, 6, 4)
    assert set(np.unique(x)) == {0, 1}
    np.testing.assert_array_equal(x.sum(axis=2), 1)
    np.testing.assert_array_equal(target, x[:, 0].argmax(axis=1))
    np.testing.assert_allclose(np.bincount(target) / 600, 1 / 3, atol=0.06)


def test_recall_is_blank_after_the_first_step() -> None:
    x, _ = recall(np.random.default_rng(0), N=5, T=4, symbols=3)
    np.testing.assert_array_equal(x[:, 1:, 3], 1)
    np.testing.assert_array_equal(x[:, 0, 3], 0)


def test_distracting_symbols_are_never_blank_and_say_nothing_of_the_first() -> None:
    x, target = recall(np.random.default_rng(0), N=4000, T=3, symbols=4, distract=True)
    assert not x[..., 4].any()
    for t in (1, 2):
        assert np.mean(x[:, t].argmax(axis=1) == target) == pytest.approx(1 / 4, abs=0.03)


@pytest.mark.parametrize("task", [adding, recall])
def test_tasks_are_drawn_from_their_generator_alone(task: object) -> None:
    one, same, other = (task(np.random.default_rng(seed), 4, 6)[0] for seed in (7, 7, 8))  # type: ignore[operator]
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
