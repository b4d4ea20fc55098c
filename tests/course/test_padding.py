"""Padding keeps every step, the mask knows every pad, and pads change no loss and no gradient."""

from __future__ import annotations

import numpy as np
import pytest

from course.gradcheck import numerical_gradient
from course.padding import (
    masked_mean_loss,
    masked_mean_loss_backward,
    pad_and_mask,
    pad_and_mask_backward,
    wasted_share,
)

LENGTHS = np.array([3, 5, 1, 4])


def batch(T: int, D: int = 2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    steps = np.random.default_rng(0).standard_normal((LENGTHS.sum(), D))
    return steps, *pad_and_mask(steps, LENGTHS, T)


@pytest.mark.parametrize("T", [5, 8])
def test_each_sequence_stands_in_its_row_and_zeros_after_it(T: int) -> None:
    steps, x, mask = batch(T)
    assert x.shape == (4, T, 2)
    assert mask.shape == (4, T)
    start = 0
    for n, length in enumerate(LENGTHS):
        np.testing.assert_array_equal(x[n, :length], steps[start : start + length])
        np.testing.assert_array_equal(x[n, length:], 0)
        np.testing.assert_array_equal(mask[n], [1] * length + [0] * (T - length))
        start += length


def test_padding_agrees_with_torch() -> None:
    torch = pytest.importorskip("torch")
    steps, x, _ = batch(T=5)
    parts = torch.from_numpy(steps).split(LENGTHS.tolist())
    theirs = torch.nn.utils.rnn.pad_sequence(parts, batch_first=True)
    np.testing.assert_array_equal(x, theirs.numpy())


def test_padding_keeps_float32() -> None:
    x, mask = pad_and_mask(np.ones((3, 2), np.float32), np.array([1, 2]), 2)
    assert x.dtype == mask.dtype == np.float32


def test_backward_takes_the_steps_out_again() -> None:
    steps, x, mask = batch(T=7)
    np.testing.assert_array_equal(pad_and_mask_backward(x, mask), steps)


def test_backward_agrees_with_central_differences() -> None:
    steps, x, mask = batch(T=6)
    dx = np.random.default_rng(1).standard_normal(x.shape)  # at pads too, where it must be dropped
    numeric = numerical_gradient(lambda s: float(np.sum(dx * pad_and_mask(s, LENGTHS, 6).x)), steps)
    np.testing.assert_allclose(pad_and_mask_backward(dx, mask), numeric, atol=1e-8)


def test_lengths_that_do_not_fit_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="got 5 steps; the lengths add up to 6"):
        pad_and_mask(np.zeros((5, 2)), np.array([4, 2]), 4)
    with pytest.raises(ValueError, match=r"a sequence of 4 steps; only T = 3 fit in"):
        pad_and_mask(np.zeros((6, 2)), np.array([4, 2]), 3)


@pytest.mark.parametrize("in_pads", [0.0, 7.0, np.inf, np.nan])
def test_what_stands_in_a_pad_changes_no_loss(in_pads: float) -> None:
    rng = np.random.default_rng(0)
    _, _, mask = batch(T=6)
    loss = rng.uniform(size=mask.shape)
    expected = np.concatenate([row[:n] for row, n in zip(loss, LENGTHS, strict=True)]).mean()
    loss[mask == 0] = in_pads
    assert masked_mean_loss(loss, mask) == pytest.approx(expected, rel=1e-15)


def test_appending_pads_changes_no_loss() -> None:
    _, _, mask = batch(T=6)
    loss = np.random.default_rng(0).uniform(size=mask.shape)
    longer = [np.pad(a, ((0, 0), (0, 9))) for a in (loss, mask)]
    assert masked_mean_loss(*longer) == masked_mean_loss(loss, mask)


def test_the_gradient_of_the_masked_mean_agrees_with_central_differences() -> None:
    _, _, mask = batch(T=6)
    loss = np.random.default_rng(0).uniform(size=mask.shape)
    numeric = numerical_gradient(lambda a: masked_mean_loss(a, mask), loss)
    np.testing.assert_allclose(masked_mean_loss_backward(mask), numeric, atol=1e-9)


def test_a_loss_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"masked_mean_loss got mask of shape \(4,\)"):
        masked_mean_loss(np.ones((4, 4)), np.ones(4))


def test_wasted_share_counts_the_pads_of_each_batch() -> None:
    assert wasted_share(np.array([1, 4, 2, 3]), 2) == pytest.approx(1 - 10 / 14)
    assert wasted_share(np.array([1, 2, 3, 4]), 2) == pytest.approx(1 - 10 / 12)
    assert wasted_share(np.array([1, 2, 3, 4, 9]), 2) == pytest.approx(2 / 21)  # the last one alone
    assert wasted_share(np.array([3, 3, 3]), 2) == 0
    _, _, mask = batch(T=5)
    assert wasted_share(LENGTHS, 4) == pytest.approx(1 - mask.mean())


def test_sorting_by_length_saves_most_pads() -> None:
    """The numbers of the worksheet."""
    rng = np.random.default_rng(0)
    lengths = 1 + rng.lognormal(mean=2.7, sigma=0.6, size=4096).astype(int)
    assert wasted_share(lengths, 32) == pytest.approx(0.65, abs=0.03)
    assert wasted_share(np.sort(lengths), 32) < 0.04
