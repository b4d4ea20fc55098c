"""The tasks are what they say, the optimisers follow their rule, and the network learns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from course.optim import Adam, sgd_step
from course.rnn import VanillaRNN, loss_and_gradients, sequence_loss
from course.shapes import Array
from course.tasks import guess_blend, guess_last, guess_zero, running_mean
from course.training import train


def test_running_mean_target_is_the_mean_so_far() -> None:
    x, target = running_mean(np.random.default_rng(0), N=3, T=5)
    assert x.shape == target.shape == (3, 5, 1)
    assert np.abs(x).max() <= 1
    for t in range(5):
        np.testing.assert_allclose(target[:, t], x[:, : t + 1].mean(axis=1), rtol=1e-14)


def test_running_mean_is_drawn_from_its_generator_alone() -> None:
    one, _ = running_mean(np.random.default_rng(7), 4, 6)
    same, _ = running_mean(np.random.default_rng(7), 4, 6)
    other, _ = running_mean(np.random.default_rng(8), 4, 6)
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_guesses_score_what_the_variance_of_a_mean_predicts() -> None:
    T = 20
    x, target = running_mean(np.random.default_rng(0), 20_000, T)
    t = np.arange(1, T + 1)
    # x_t has variance 1/3, a mean of t of them 1/(3t), and x_t minus that mean 1/3 - 1/(3t).
    assert sequence_loss(guess_zero(x), target).total == pytest.approx(sum(1 / t) / 6, rel=0.01)
    assert sequence_loss(guess_last(x), target).total == pytest.approx(sum(1 - 1 / t) / 6, rel=0.01)
    np.testing.assert_array_equal(guess_blend(x, keep=0), guess_last(x))


def test_sgd_step_goes_down_the_gradient() -> None:
    p = {"w": np.array([1.0, 2.0])}
    new = sgd_step(p, {"w": np.array([10.0, -10.0])}, learning_rate=0.1)
    np.testing.assert_allclose(new["w"], [0, 3])
    np.testing.assert_array_equal(p["w"], [1, 2])


def test_adam_agrees_with_torch() -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    start = rng.standard_normal((3, 2))
    tensor = torch.from_numpy(start.copy()).requires_grad_()
    theirs = torch.optim.Adam([tensor], lr=0.01)
    ours = Adam(learning_rate=0.01)
    parameters: dict[str, Array] = {"w": start}
    for _ in range(5):
        g = rng.standard_normal((3, 2))
        tensor.grad = torch.from_numpy(g)
        theirs.step()
        parameters = ours.step(parameters, {"w": g})
    np.testing.assert_allclose(parameters["w"], tensor.detach().numpy(), rtol=1e-12)


def test_adam_keeps_float32_and_leaves_its_arguments_alone() -> None:
    p, g = {"w": np.ones(2, np.float32)}, {"w": np.full(2, 3, np.float32)}
    new = Adam(0.1).step(p, g)
    assert new["w"].dtype == np.float32
    np.testing.assert_array_equal(p["w"], 1)
    np.testing.assert_array_equal(g["w"], 3)


def test_network_learns_the_running_mean() -> None:
    """The protocol of the worksheet's lab: H = 16, T = 20, 2000 batches of 64, Adam at 0.01."""
    rng = np.random.default_rng(0)
    model = VanillaRNN(1, 16, 1, rng)
    result = train(
        model.parameters,
        loss_and_gradients,
        draw_batch=lambda: running_mean(rng, N=64, T=20),
        update=Adam(learning_rate=0.01).step,
        steps=2000,
    )
    assert result.losses.shape == (2000,)

    x, target = running_mean(np.random.default_rng(1), 2000, 20)  # never seen in training
    loss, _ = loss_and_gradients(result.parameters, x, target)
    zero = sequence_loss(guess_zero(x), target).total
    blends = (sequence_loss(guess_blend(x, k), target).total for k in np.linspace(0, 1, 51))
    assert zero / loss > 40  # about 150 where it was measured
    assert min(blends) / loss > 10  # it beats the best unit that cannot count


def test_train_starts_where_it_is_told_and_changes_nothing_there() -> None:
    rng = np.random.default_rng(0)
    model = VanillaRNN(1, 4, 1, rng)
    before = {name: p.copy() for name, p in model.parameters.items()}
    seen: list[int] = []

    def progress(steps: Iterable[int]) -> Iterator[int]:
        for step in steps:
            seen.append(step)
            yield step

    x, target = running_mean(rng, 8, 5)
    result = train(
        model.parameters,
        loss_and_gradients,
        lambda: (x, target),
        lambda p, g: sgd_step(p, g, 0.1),
        steps=30,
        progress=progress,
    )
    assert seen == list(range(30))
    assert result.losses[0] == loss_and_gradients(before, x, target)[0]
    assert result.losses[-1] < result.losses[0] / 2
    for name, p in model.parameters.items():
        np.testing.assert_array_equal(p, before[name])
    model.parameters = result.parameters
    assert model.W_hh is result.parameters["W_hh"]


def test_train_stops_when_the_loss_is_not_a_number() -> None:
    def diverge(p: dict[str, Array], x: Array, t: Array) -> tuple[float, dict[str, Array]]:
        return float(p["w"]), {"w": -np.array(np.inf)}

    with pytest.raises(FloatingPointError, match=r"loss is inf at step 1\. Lower"):
        train(
            {"w": np.array(1.0)},
            diverge,
            lambda: (np.ones(1), np.ones(1)),
            lambda p, g: sgd_step(p, g, 1.0),
            steps=5,
        )
