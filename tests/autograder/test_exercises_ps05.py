"""ps05: the right answers agree with the package and with torch, and the classic blind spots are seen."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from autograder.exercise import Exercise
from autograder.exercises.ps05 import WORKSHEET, arrows, by_pencil
from autograder.exercises.ps05.backward import EQUATIONS, LSTM_BACKWARD, lstm_backward
from autograder.exercises.ps05.gates import LSTM_GATES, in_order, lstm_gates
from autograder.exercises.ps05.sequence import LSTM_FORWARD, lstm_forward
from autograder.exercises.ps05.step import LSTM_STEP, lstm_step
from autograder.judge import Kind, Verdict, judge
from course import lstm

N, T, D, H = 4, 6, 3, 5


def draw(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).standard_normal(shape)


X, H0, C0 = draw(N, T, D), draw(N, H), draw(H, N).T
WEIGHTS = draw(4, D, H), draw(4, H, H), draw(4, H)
STACKED = tuple(lstm.stack(*array) for array in WEIGHTS)


def assert_same(got: object, expected: np.ndarray) -> None:
    assert np.shape(got) == expected.shape
    assert np.abs(got - expected).max() <= 1e-13 * np.abs(expected).max()


def verdict(exercise: Exercise, answer: object) -> Verdict:
    cases = exercise.draw("a course", "a student")
    return judge(exercise, cases, [exercise.drive(answer, case) for case in cases])


# One implementation, in two layouts


def test_the_right_answers_are_those_of_the_package() -> None:
    states = lstm.lstm_forward(X, H0, C0, *STACKED)
    h, C = lstm_forward(X, H0, C0, *WEIGHTS)
    assert_same(h, states.h)
    assert_same(C, states.c)
    step = lstm.lstm_step(X[:, 0], H0, C0, *STACKED)
    assert_same(lstm_step(X[:, 0], H0, C0, *WEIGHTS)[0], step.h)
    for gate, expected in zip(
        lstm_gates(X[:, 0], H0, *WEIGHTS), lstm.split(step.gates), strict=True
    ):
        assert_same(gate, expected)


def test_the_gradients_are_those_of_the_package() -> None:
    states = lstm.lstm_forward(X, H0, C0, *STACKED)
    dh, dC_last = draw(N, T, H), draw(N, H)
    mine = lstm_backward(dh, dC_last, X, H0, C0, states.h, states.c, *WEIGHTS)
    theirs = lstm.lstm_backward(dh, dC_last, X, H0, C0, states, *STACKED[:2])
    for got, expected in zip(mine[:3], theirs[:3], strict=True):
        assert_same(got, expected)
    for by_gate, stacked in zip(mine[3:], theirs[3:], strict=True):
        assert_same(lstm.stack(*by_gate), stacked)


def test_every_arrow_agrees_with_autograd() -> None:
    torch = pytest.importorskip("torch")
    arrays = (draw(N, D), draw(N, H), draw(H, N).T, *WEIGHTS)
    x, h, C, U, W, b = (torch.tensor(array, requires_grad=True) for array in arrays)
    sums = [x @ U[k] + h @ W[k] + b[k] for k in range(4)]
    gates = [torch.tanh(a) if k == 3 else torch.sigmoid(a) for k, a in enumerate(sums)]
    f, i, o, g = gates
    C_next = f * C + i * g
    h_next = o * torch.tanh(C_next)
    for tensor in (*sums, *gates, C_next):
        tensor.retain_grad()
    dh, dC_later = draw(N, H), draw(H, N).T
    ((h_next * torch.tensor(dh)).sum() + (C_next * torch.tensor(dC_later)).sum()).backward()

    values = [gate.detach().numpy() for gate in gates]
    before, after = arrays[2], C_next.detach().numpy()
    dC = arrows.immediate_dC(dh, dC_later, values[2], after)
    do = arrows.immediate_do(dh, values[2], after)
    df, di, dg = arrows.immediate_dgates(dC, before, values[0], values[1], values[3])
    assert_same(dC, C_next.grad.numpy())
    for got, gate in zip((df, di, do, dg), gates, strict=True):
        assert_same(got, gate.grad.numpy())
    for got, a in zip(arrows.immediate_da(df, di, do, dg, *values), sums, strict=True):
        assert_same(got, a.grad.numpy())
    *_, dW_g = arrows.lstm_immediate(dh, dC_later, arrays[1], before, *values)
    assert_same(dW_g, W.grad[3].numpy())


def test_the_pencil_agrees_with_the_package() -> None:
    U, W = (
        np.array([[weights[gate] for gate in lstm.GATES]]) for weights in (by_pencil.U, by_pencil.W)
    )
    one = np.ones((1, 1))
    step = lstm.lstm_step(one, 0.5 * one, 2 * one, U, W)
    answer = by_pencil.pencil()
    assert step.h.item() == pytest.approx(answer["h"])
    assert step.c.item() == pytest.approx(answer["C"])


# Blind spots of published checks


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[1:], ids=str)
def test_gates_in_any_other_order_are_rejected(order: tuple[int, ...]) -> None:
    places = list(order)
    assert verdict(LSTM_GATES, in_order(*order)).kind == Kind.WRONG

    def step(x, h, C, U, W, b):  # type: ignore[no-untyped-def]
        return lstm_step(x, h, C, U[places], W[places], b[places])

    def forward(x, h0, C0, U, W, b):  # type: ignore[no-untyped-def]
        return lstm_forward(x, h0, C0, U[places], W[places], b[places])

    def backward(*inputs):  # type: ignore[no-untyped-def]
        dx, dh0, dC0, dU, dW, db = lstm_backward(*inputs)
        return dx, dh0, dC0, dU[places], dW[places], db[places]

    assert verdict(LSTM_STEP, step).kind == Kind.WRONG
    assert verdict(LSTM_FORWARD, forward).kind == Kind.WRONG
    assert verdict(LSTM_BACKWARD, backward).kind == Kind.WRONG


@pytest.mark.parametrize("name", EQUATIONS)
def test_every_equation_of_the_backward_pass_matters(name: str) -> None:
    """Each of them set to zero is rejected."""
    from autograder.exercises.ps05.backward import _with

    right = EQUATIONS[name]
    assert verdict(LSTM_BACKWARD, _with()).kind == Kind.CORRECT
    assert verdict(LSTM_BACKWARD, _with(**{name: lambda s: 0 * right(s)})).kind != Kind.CORRECT


def test_gradients_of_one_case_come_from_the_last_step_alone() -> None:
    alone = [case for case in LSTM_BACKWARD.public_cases if "last step alone" in case.about]
    assert len(alone) == 1
    assert not alone[0].inputs["dh"][:, :-1].any()
    assert alone[0].inputs["dh"][:, -1].all()


def test_the_worksheet_adds_up() -> None:
    assert sum(exercise.points for exercise in WORKSHEET.exercises) == 40
    assert WORKSHEET.points == 50
    minutes = sum(item.minutes for item in (*WORKSHEET.exercises, *WORKSHEET.written))
    assert 120 <= minutes <= 180
