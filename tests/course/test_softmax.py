"""Softmax cross-entropy agrees with torch and with differences, however large the scores are."""

from __future__ import annotations

import numpy as np
import pytest

from course.gradcheck import check_gradients
from course.shapes import Array
from course.softmax import Words, softmax, softmax_cross_entropy, softmax_xent_backward

N, T, V = 3, 5, 4


def draw(shape: tuple[int, ...], scale: float = 1.0) -> tuple[Array, Words, Words]:
    rng = np.random.default_rng(len(shape))
    mask = rng.integers(2, size=shape[:-1])
    mask.flat[0] = 1
    return (
        scale * rng.standard_normal(shape),
        rng.integers(shape[-1], size=shape[:-1]),
        mask,
    )


@pytest.mark.parametrize("shape", [(N, T, V), (N, V), (1, 1, 2)])
@pytest.mark.parametrize("scale", [1.0, 1e3])
def test_loss_and_gradient_agree_with_torch(shape: tuple[int, ...], scale: float) -> None:
    torch = pytest.importorskip("torch")
    logits, target, mask = draw(shape, scale)
    z = torch.from_numpy(logits).requires_grad_()
    ignored = np.where(mask == 1, target, -100)
    loss = torch.nn.functional.cross_entropy(
        z.reshape(-1, shape[-1]), torch.from_numpy(ignored).reshape(-1)
    )
    loss.backward()
    wanted = z.grad.numpy()
    got = softmax_xent_backward(logits, target, mask)
    assert softmax_cross_entropy(logits, target, mask) == pytest.approx(loss.item(), rel=1e-12)
    assert np.max(np.abs(got - wanted)) <= 1e-12 * np.max(np.abs(wanted))


def test_the_gradient_is_that_of_the_loss() -> None:
    logits, target, mask = draw((N, T, V))
    check_gradients(
        lambda logits: softmax_cross_entropy(logits, target, mask),
        {"logits": logits},
        {"logits": softmax_xent_backward(logits, target, mask)},
    )


def test_without_a_mask_every_place_counts() -> None:
    logits, target, _ = draw((N, T, V))
    ones = np.ones((N, T))
    every = softmax_cross_entropy(logits, target, ones)
    assert softmax_cross_entropy(logits, target) == pytest.approx(every, rel=1e-14)
    np.testing.assert_allclose(
        softmax_xent_backward(logits, target),
        softmax_xent_backward(logits, target, ones),
        rtol=1e-14,
    )


def test_masked_places_have_no_say() -> None:
    logits, target, mask = draw((N, T, V))
    other = np.where(mask[..., None] == 1, logits, 7.0)
    for f in (softmax_cross_entropy, softmax_xent_backward):
        np.testing.assert_array_equal(f(other, target, mask), f(logits, target, mask))
    assert not softmax_xent_backward(logits, target, mask)[mask == 0].any()


def test_a_mask_of_zeros_is_refused_in_words() -> None:
    logits, target, mask = draw((N, T, V))
    for f in (softmax_cross_entropy, softmax_xent_backward):
        with pytest.raises(ValueError, match=f"{f.__name__} got a mask of zeros"):
            f(logits, target, 0 * mask)


@pytest.mark.parametrize("shift", [-1e4, 0.0, 1e4])
def test_a_common_shift_changes_nothing_and_warns_of_nothing(shift: float) -> None:
    logits, target, mask = draw((N, T, V))
    np.testing.assert_allclose(softmax(logits + shift), softmax(logits), rtol=1e-9)
    assert softmax_cross_entropy(logits + shift, target, mask) == pytest.approx(
        softmax_cross_entropy(logits, target, mask)
    )


def test_two_scores_of_very_different_size() -> None:
    logits, target = np.array([[1e4, -1e4]]), np.array([1])
    assert softmax_cross_entropy(logits, target) == 2e4
    np.testing.assert_array_equal(softmax_xent_backward(logits, target), [[1, -1]])


def test_float32_stays_float32_and_inputs_are_left_alone() -> None:
    logits, target, mask = draw((N, T, V))
    small, before = logits.astype(np.float32), logits.copy()
    assert softmax(small).dtype == softmax_xent_backward(small, target, mask).dtype == np.float32
    softmax_xent_backward(logits, target, mask)
    softmax_cross_entropy(logits, target, mask)
    np.testing.assert_array_equal(logits, before)


def test_a_wrong_shape_is_refused_in_words() -> None:
    logits, target, mask = draw((N, T, V))
    with pytest.raises(ValueError, match=r"softmax_cross_entropy got target of shape \(3, 4\)"):
        softmax_cross_entropy(logits, target[:, :-1], mask)
    with pytest.raises(ValueError, match="softmax_xent_backward got mask of shape"):
        softmax_xent_backward(logits, target, mask[:, :1])
