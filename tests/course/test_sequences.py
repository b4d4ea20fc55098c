"""Bags forget the order, windows the beginning, and the loop stops where each sequence stops."""

from __future__ import annotations

import numpy as np
import pytest

from course.padding import pad_and_mask
from course.rnn import rnn_forward
from course.sequences import (
    bag_of_words,
    count_parameters,
    fixed_window,
    layer,
    unroll,
)


def test_a_bag_counts_every_word() -> None:
    x = np.array([[2, 0, 2], [1, 1, 1]])
    np.testing.assert_array_equal(bag_of_words(x, 4), [[1, 0, 2, 0], [0, 3, 0, 0]])


def test_a_bag_forgets_the_order() -> None:
    x = np.random.default_rng(0).integers(6, size=(3, 9))
    np.testing.assert_array_equal(bag_of_words(x, 6), bag_of_words(x[:, ::-1], 6))


def test_a_window_shows_the_last_words_in_order() -> None:
    x = np.random.default_rng(0).integers(5, size=(4, 7))
    features = fixed_window(x, 3, 5)
    np.testing.assert_array_equal(features.sum(axis=2), 1)
    np.testing.assert_array_equal(features.argmax(axis=2), x[:, -3:])


def test_a_window_is_empty_where_there_is_no_word() -> None:
    expected = [[[0, 0, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0]]]
    np.testing.assert_array_equal(fixed_window(np.array([[2, 0]]), 3, 4), expected)


def test_a_bag_of_what_a_window_shows_is_the_bag_of_the_last_words() -> None:
    x = np.random.default_rng(0).integers(5, size=(4, 7))
    np.testing.assert_array_equal(fixed_window(x, 4, 5).sum(axis=1), bag_of_words(x[:, -4:], 5))


def test_shared_weights_do_not_grow_with_the_length() -> None:
    assert count_parameters(T=5, D=3, H=2) == (60, 12)
    W, b = np.zeros((100 + 50, 100)), np.zeros(100)
    assert count_parameters(T=50, D=50, H=100) == (50 * (W.size + b.size), W.size + b.size)


def weights(D: int, H: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    return rng.standard_normal((H + D, H)), rng.standard_normal(H)


def test_the_loop_without_pads_is_a_vanilla_rnn() -> None:
    rng = np.random.default_rng(0)
    N, T, D, H = 3, 6, 2, 4
    x, h0, (W, b) = rng.standard_normal((N, T, D)), rng.standard_normal((N, H)), weights(D, H)
    h = unroll(x, np.ones((N, T)), h0, W, b)
    np.testing.assert_allclose(h, rnn_forward(x, h0, W[H:], W[:H], b)[:, -1], rtol=1e-14)


@pytest.mark.parametrize("T", [5, 50])
def test_each_sequence_ends_as_it_would_alone(T: int) -> None:
    rng = np.random.default_rng(0)
    lengths, D, H = np.array([3, 5, 1]), 2, 4
    steps, h0, (W, b) = rng.standard_normal((9, D)), rng.standard_normal((3, H)), weights(D, H)
    h = unroll(*pad_and_mask(steps, lengths, T), h0, W, b)
    for n, sequence in enumerate(np.split(steps, np.cumsum(lengths)[:-1])):
        alone = h0[n : n + 1]
        for x_t in sequence:
            alone = layer(alone, x_t[None], W, b)
        np.testing.assert_allclose(h[n : n + 1], alone, rtol=1e-14)


def test_the_loop_agrees_with_torch_on_packed_sequences() -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    lengths, D, H = np.array([3, 5, 1]), 2, 4
    steps, h0, (W, b) = rng.standard_normal((9, D)), rng.standard_normal((3, H)), weights(D, H)
    x, mask = pad_and_mask(steps, lengths, 6)
    theirs = torch.nn.RNN(D, H, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        theirs.weight_hh_l0.copy_(torch.from_numpy(W[:H].T))
        theirs.weight_ih_l0.copy_(torch.from_numpy(W[H:].T))
        theirs.bias_ih_l0.copy_(torch.from_numpy(b))
        theirs.bias_hh_l0.zero_()
        packed = torch.nn.utils.rnn.pack_padded_sequence(
            torch.from_numpy(x), lengths, batch_first=True, enforce_sorted=False
        )
        _, h = theirs(packed, torch.from_numpy(h0)[None])
    difference = np.abs(unroll(x, mask, h0, W, b) - h[0].numpy()).max()
    assert difference <= 1e-12 * np.abs(h.numpy()).max()


def test_a_shape_that_does_not_fit_is_refused_in_words() -> None:
    W, b = weights(2, 4)
    with pytest.raises(ValueError, match=r"unroll got mask of shape \(6, 3\)"):
        unroll(np.zeros((3, 6, 2)), np.ones((6, 3)), np.zeros((3, 4)), W, b)
