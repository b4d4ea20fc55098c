"""Both ways to clip a gradient: what they bound, what they keep, what they leave alone."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from course.optim import clip_by_global_norm, clip_by_value
from course.shapes import Array


def gradients(scale: float = 1.0) -> dict[str, Array]:
    rng = np.random.default_rng(0)
    return {"W": scale * rng.standard_normal((3, 4)), "b": scale * rng.standard_normal(4)}


def flat(arrays: dict[str, Array]) -> Array:
    return np.concatenate([a.ravel() for a in arrays.values()])


def test_clip_by_value_bounds_every_number_and_keeps_the_small_ones() -> None:
    g, clipped = flat(gradients()), flat(clip_by_value(gradients(), 0.5))
    assert np.max(np.abs(clipped)) == 0.5
    assert_allclose(clipped, np.sign(g) * np.minimum(np.abs(g), 0.5))


def test_clip_by_value_can_turn_the_gradient() -> None:
    assert_allclose(clip_by_value({"g": np.array([10.0, 0.5])}, 1.0)["g"], [1.0, 0.5])


def test_clip_by_global_norm_bounds_one_norm_over_all_arrays_and_keeps_the_direction() -> None:
    g, clipped = flat(gradients(100)), flat(clip_by_global_norm(gradients(100), 2.0))
    assert_allclose(np.linalg.norm(clipped), 2.0)
    assert_allclose(clipped / 2.0, g / np.linalg.norm(g))


def test_a_gradient_within_the_limit_stays() -> None:
    for clip in (clip_by_value, clip_by_global_norm):
        assert_allclose(flat(clip(gradients(), 1e3)), flat(gradients()))
        assert_allclose(clip({"g": np.zeros(3)}, 1.0)["g"], 0)


def test_clip_by_global_norm_agrees_with_torch() -> None:
    torch = pytest.importorskip("torch")
    ours = gradients(10)
    theirs = [torch.zeros(g.shape, dtype=torch.float64) for g in ours.values()]
    for parameter, g in zip(theirs, ours.values(), strict=True):
        parameter.grad = torch.from_numpy(g.copy())
    torch.nn.utils.clip_grad_norm_(theirs, 3.0)
    wanted = np.concatenate([p.grad.numpy().ravel() for p in theirs])
    # torch divides by norm + 1e-6, which its documentation calls an approximation.
    assert_allclose(flat(clip_by_global_norm(ours, 3.0)), wanted, rtol=1e-6)


@pytest.mark.parametrize("clip", [clip_by_value, clip_by_global_norm])
def test_clipping_is_pure_and_keeps_the_type(clip) -> None:  # type: ignore[no-untyped-def]
    g = {name: a.astype(np.float32) for name, a in gradients(10).items()}
    before = {name: a.copy() for name, a in g.items()}
    clipped = clip(g, 1.0)
    for name in g:
        assert_allclose(g[name], before[name])
        assert clipped[name].dtype == np.float32
