"""ps03: what is special about its exercises; the rules for all are in `test_exercises.py`."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.contract import Case, Function, Spec
from autograder.driver import drive
from autograder.exercise import Exercise
from autograder.exercises.ps03 import WORKSHEET
from autograder.judge import Verdict, judge
from course import flow, gradcheck, rnn, softmax
from course.autodiff import Tape

Array = np.ndarray


def exercise(id: str) -> Exercise:
    found = WORKSHEET.exercise(id)
    assert found is not None
    return found


def verdict(id: str, answer: object, *secret: str) -> Verdict:
    asked = exercise(id)
    cases = asked.draw(*secret)
    return judge(asked, cases, [asked.drive(answer, case) for case in cases], secret=bool(secret))


# An input that becomes a function

LOSS = Function("call", {"f": "function D H", "x": "D H"}, {"value": ""})
C: Array = np.array([[1.0, -2.0], [0.5, 3.0]])


def test_a_function_input_is_called_with_an_array_and_gives_a_number() -> None:
    answer = drive(LOSS, lambda f, x: f(x), {"f": C, "x": C / 2})
    assert answer.outputs["value"] == pytest.approx(np.exp(np.mean(np.sin(C * C / 2))))


def test_a_function_input_is_called_one_where_contracts_are_listed() -> None:
    assert str(Spec.parse("function D H")) == "a function of (D, H)"


def test_a_function_input_refuses_another_shape_in_words() -> None:
    answer = drive(LOSS, lambda f, x: f(x[0]), {"f": C, "x": C})
    assert answer.problem is not None
    assert "called with shape (2,); it takes (2, 2)" in answer.problem.text


def test_every_slope_of_a_function_input_depends_on_all_numbers() -> None:
    """Else a number that is not put back would not be noticed."""

    def slope(f: object, x: Array) -> float:
        return float(gradcheck.numerical_gradient(f, x)[0, 0])  # type: ignore[arg-type]

    values = [
        drive(LOSS, slope, {"f": C, "x": x}).outputs["value"]
        for x in (C, C + 0.1 * np.diag([0, 1]))
    ]
    assert abs(values[0] - values[1]) > 1e-3


# References that stand in an exercise


def test_grad_check_is_the_package_s() -> None:
    for case in exercise("grad_check").public_cases:
        c, x, gradient, eps = (case.inputs[name] for name in ("f", "x", "gradient", "eps"))
        answer = exercise("grad_check").drive(exercise("grad_check").reference, case)

        def f(x: Array, c: Array = c) -> float:
            return float(np.exp(np.mean(np.sin(c * x))))

        numerical = gradcheck.numerical_gradient(f, x, float(eps))
        np.testing.assert_allclose(answer.outputs["numerical"], numerical, rtol=1e-10)
        error = gradcheck.relative_error(gradient, numerical)
        assert answer.outputs["error"] == pytest.approx(error, rel=1e-9)


def test_softmax_is_the_package_s() -> None:
    asked = exercise("softmax_xent_backward")
    for case in asked.public_cases:
        answer = asked.drive(asked.reference, case)
        wanted = softmax.softmax_xent_backward(*case.inputs.values())
        np.testing.assert_allclose(answer.outputs["dlogits"], wanted, rtol=1e-12, atol=1e-300)


# Cases


@pytest.mark.parametrize("seed", range(20))
def test_a_graph_has_two_ways_to_a_number(seed: int) -> None:
    for case in exercise("accumulate").draw(str(seed))[:3]:
        used, made = case.inputs["used"], case.inputs["made"]
        assert np.all(used < made)
        assert np.sum(used == 0) >= 2


@pytest.mark.parametrize("seed", range(20))
def test_a_mask_hides_something_and_leaves_something(seed: int) -> None:
    for case in exercise("softmax_xent_backward").draw(str(seed)):
        mask = case.inputs["mask"]
        assert mask.any()
        assert mask.size == 1 or not mask.all()


def test_windows_leave_a_rest_fit_and_reach_beyond() -> None:
    for seed in range(20):
        found = [
            (case.inputs["x"].shape[1], int(case.inputs["window"]))
            for case in exercise("truncated_bptt").draw(str(seed))
        ]
        assert any(window < T and T % window for T, window in found)
        assert any(1 < window < T and T % window == 0 for T, window in found)
        assert any(window > T for T, window in found)


# What students see


def test_overwriting_leaves_the_earliest_share_which_is_zero_from_a_state_of_zeros() -> None:
    """The number in the worksheet: each copy of the weight has a name of its own."""
    for h_0, earliest, whole in ((0.2, 0.0030, 0.1158), (0.0, 0.0, 0.1101)):
        tape = Tape()
        W_xh, b_h, h = tape.number(0.5), tape.number(0.1), tape.number(h_0)
        copies = [tape.number(-0.8) for _ in range(4)]
        for x_t, copy in zip((1.0, 2.0, -1.0, 0.5), copies, strict=True):
            h = (tape.number(x_t) * W_xh + h * copy + b_h).tanh()
        error = h - tape.number(1.0)
        tape.number(0.5) * error * error
        shares = [tape.gradients()[copy.index] for copy in copies]
        assert shares[0] == pytest.approx(earliest, abs=5e-5)
        assert sum(shares) == pytest.approx(whole, abs=5e-5)
        assert (shares[0] == 0) == (h_0 == 0)


def test_the_overwriting_mistake_of_rnn_backward_has_no_gradient_from_zeros() -> None:
    asked = exercise("rnn_backward")
    (overwrites,) = [m for m in asked.mistakes if m.name == "overwritten at every step"]
    inputs = dict(asked.public_cases[0].inputs)
    inputs["h0"] = np.zeros_like(inputs["h0"])
    answer = asked.drive(overwrites.answer, Case(inputs))
    assert not answer.outputs["dW_hh"].any()
    assert answer.outputs["dW_xh"].any()


def test_an_overflow_is_told_as_one_although_its_outputs_are_no_numbers() -> None:
    def naive(logits: Array, target: Array, mask: Array) -> Array:
        e = np.exp(logits)
        p = e / e.sum(axis=2, keepdims=True)
        found: Array = (p - np.eye(logits.shape[2])[target]) * mask[..., None] / mask.sum()
        return found

    for secret in ((), ("a secret",)):
        result = verdict("softmax_xent_backward", naive, *secret)
        assert (result.passed, result.diagnosis) == (3, "exp overflows")


def test_moving_x_without_putting_it_back_exactly_is_a_change_of_the_input() -> None:
    def sloppy(f, x, gradient, eps):  # type: ignore[no-untyped-def]
        numerical = np.empty(x.shape)
        for i in np.ndindex(x.shape):
            x[i] += eps
            up = f(x)
            x[i] -= 2 * eps
            numerical[i] = (up - f(x)) / (2 * eps)
            x[i] += eps
        return numerical, np.max(np.abs(gradient - numerical)) / np.max(np.abs(numerical))

    assert verdict("grad_check", sloppy).reason == "changed its input"


def test_a_guard_against_a_division_by_zero_is_no_mistake() -> None:
    def guarded(f, x, gradient, eps):  # type: ignore[no-untyped-def]
        numerical = gradcheck.numerical_gradient(f, x, eps)
        error = np.max(np.abs(gradient - numerical)) / (np.max(np.abs(numerical)) + 1e-8)
        return numerical, error

    for secret in ((), ("a secret",), ("another",)):
        assert verdict("grad_check", guarded, *secret).points == 4


def test_adding_to_dh_in_place_is_told_as_such() -> None:
    """The most natural way to do it: what comes back is added to the dh of the step before."""

    def in_place(dh, x, h0, h, W_xh, W_hh):  # type: ignore[no-untyped-def]
        dx, sums = np.empty(x.shape), [0.0, 0.0, 0.0]
        for t in reversed(range(x.shape[1])):
            before = h[:, t - 1] if t else h0
            dx[:, t], back, *shares = rnn.rnn_step_backward(
                dh[:, t], x[:, t], before, h[:, t], W_xh, W_hh
            )
            if t:
                dh[:, t - 1] += back
            sums = [a + b for a, b in zip(sums, shares, strict=True)]
        return dx, back, *sums

    assert verdict("rnn_backward", in_place).diagnosis == "dh is overwritten"


def test_a_backward_pass_without_its_recurrence_is_told_as_such() -> None:
    def alone(dh, x, h0, h, W_xh, W_hh):  # type: ignore[no-untyped-def]
        dx, sums = np.empty(x.shape), [0.0, 0.0, 0.0]
        for t in reversed(range(x.shape[1])):
            before = h[:, t - 1] if t else h0
            dx[:, t], back, *shares = rnn.rnn_step_backward(
                dh[:, t], x[:, t], before, h[:, t], W_xh, W_hh
            )
            sums = [a + b for a, b in zip(sums, shares, strict=True)]
        return dx, back, *sums

    diagnosis = verdict("rnn_backward", alone).diagnosis
    assert diagnosis == "what later steps send back is not added"


def test_readings_that_mix_are_off_by_what_the_worksheet_says() -> None:
    """Total times total counts a way over k steps k + 1 times; direct times immediate has k = 0 alone."""
    total, immediate = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        T, D, H = 10, 3, 8
        W_xh = rng.standard_normal((D, H)) / np.sqrt(D)
        W_hh = rng.standard_normal((H, H)) / np.sqrt(H)
        x, h0, dh = (rng.standard_normal(shape) for shape in ((1, T, D), (1, H), (1, T, H)))
        h = rnn.rnn_forward(x, h0, W_xh, W_hh, np.zeros(H))
        shares = flow.per_distance(dh, x, h0, h, W_xh, W_hh)
        whole = shares.sum(axis=0)
        counted = np.einsum("k,kij->ij", np.arange(1, T + 1), shares)
        total.append(np.linalg.norm(counted - whole) / np.linalg.norm(whole))
        immediate.append(np.linalg.norm(shares[0] - whole) / np.linalg.norm(whole))
    assert np.median(total) == pytest.approx(0.91, abs=0.005)
    assert np.median(immediate) == pytest.approx(0.63, abs=0.005)
