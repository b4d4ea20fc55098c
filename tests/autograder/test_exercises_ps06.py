"""The references of ps06 against the package: a derivative is one by central differences."""

from __future__ import annotations

import numpy as np

from autograder.exercises.ps06.by_pencil import PENCIL, pencil
from autograder.exercises.ps06.carry import carry_jacobian
from autograder.exercises.ps06.timescale import timescale
from course.lstm import lstm_step, split, stack

N, D, H = 3, 2, 4


def test_direct_and_total_carry_are_the_derivatives_of_the_package_s_cell() -> None:
    """Direct: h held fixed. Total: h = o tanh(C), with the output gate of the step before fixed."""
    rng = np.random.default_rng(0)
    x, C, o = rng.standard_normal((N, D)), rng.standard_normal((N, H)), rng.uniform(size=(N, H))
    U, W, b = (rng.standard_normal(s) for s in ((D, 4 * H), (H, 4 * H), (4 * H,)))

    def next_cell(C: np.ndarray, C_of_h: np.ndarray) -> np.ndarray:
        return lstm_step(x, o * np.tanh(C_of_h), C, U, W, b).c

    gates = split(lstm_step(x, o * np.tanh(C), C, U, W, b).gates)
    weights = split(W)
    direct, total = carry_jacobian(C, o, gates.f, gates.i, gates.g, weights.f, weights.i, weights.g)
    eps = 1e-6
    for j in range(H):
        step = eps * np.eye(H)[j]
        by_line = (next_cell(C + step, C) - next_cell(C - step, C)) / (2 * eps)
        by_both = (next_cell(C + step, C + step) - next_cell(C - step, C - step)) / (2 * eps)
        np.testing.assert_allclose(by_line, direct * np.eye(H)[j], atol=1e-9)
        np.testing.assert_allclose(by_both, total[:, :, j], atol=1e-9)


def test_the_pencil_s_numbers_are_a_case_of_one_unit() -> None:
    arrays = [np.array([[value]]) for value in PENCIL.values()]
    direct, total = carry_jacobian(*arrays)
    assert direct.item() == pencil()["direct"]
    np.testing.assert_allclose(total.item(), pencil()["total"], rtol=1e-12)


def test_the_package_s_order_of_gates_is_the_one_that_the_test_assumes() -> None:
    parts = [np.full(2, k) for k in range(4)]
    assert split(stack(*parts)).i[0] == 1


def test_noise_has_no_memory_and_a_slow_state_has_one() -> None:
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((20, 500, 2))
    assert np.all(np.abs(timescale(noise)) < 0.05)
    slow = np.zeros_like(noise)
    for t in range(1, 500):
        slow[:, t] = 0.9 * slow[:, t - 1] + noise[:, t]
    np.testing.assert_allclose(timescale(slow), 0.9, atol=0.02)
