"""A notebook as bytes: what is sent and what comes back is what was meant, and runs anywhere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder import exercises
from autograder.contract import output_specs
from autograder.driver import Answer, Problem
from autograder.sandbox.child import Budget
from autograder.sandbox.execute import Execution
from autograder.sandbox.frames import BadFrame, decode, encode
from autograder.sandbox.launch import Level, NoSandbox
from autograder.sandbox.messages import Cell, CellResult, Question, Reply
from autograder.sandbox.pool import Place
from autograder.sandbox.work import Work, read_execution, run, write_execution

PS02 = exercises.worksheet("ps02")


def work(**changes: object) -> Work:
    asked = tuple(Question(e.id, e.contract, e.public_cases) for e in PS02.exercises)
    made = {
        "place": Place("ps02", PS02.withheld, Level.NONE, ("matplotlib",), fresh=True),
        "cells": (Cell("a", "1 + 1"), Cell("b", "check('x', 2)", asked)),
        "budget": Budget(cell_seconds=5.0),
        "told": {"student": "ada", "questions": {}},
        "files": {"data/x.csv": b"1,2\n", "empty": b""},
    }
    return Work(**{**made, **changes})  # type: ignore[arg-type]


def test_work_comes_out_as_it_went_in() -> None:
    sent = work()
    got = Work.decode(sent.encode())
    assert (got.place, got.budget, got.told, got.files) == (
        *(sent.place, sent.budget, sent.told, sent.files),
    )
    assert [(c.id, c.source) for c in got.cells] == [(c.id, c.source) for c in sent.cells]
    for there, here in zip(got.questions, sent.questions, strict=True):
        assert (there.id, there.contract) == (here.id, here.contract)
        for a, b in zip(there.cases, here.cases, strict=True):
            assert a.script == b.script
            for name, value in a.inputs.items():
                np.testing.assert_array_equal(value, b.inputs[name])
                assert value.dtype == np.asarray(b.inputs[name]).dtype


def test_what_is_sent_holds_no_expected_value() -> None:
    """The references are not even asked."""
    sent = work().encode()
    header, _ = decode(sent)
    assert b"mistake" not in sent
    assert set(header) == {"place", "budget", "told", "files", "cells"}
    for cell in header["cells"]:
        for asked in cell["questions"]:
            assert set(asked) == {"ask", "contract", "cases"}


arrays = hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=3))


@given(arrays, arrays, st.text(max_size=20), st.booleans())
def test_an_execution_comes_back_as_it_was(
    one: np.ndarray, other: np.ndarray, text: str, late: bool
) -> None:
    exercise = PS02.exercise("rnn_step")
    assert exercise is not None
    (h,) = output_specs(exercise.contract)
    text = text.encode(errors="replace").decode().replace("\0", "")
    question = Question("rnn_step", exercise.contract, exercise.public_cases[:2])
    asked = work(cells=(Cell("a", "", (question,)),))
    answers = [
        Answer({h: one}, again={h: other}, changed=("x",)),
        Answer(problem=Problem("raised", text, "ValueError")),
    ]
    reply = Reply(None, "timed out", 1.5) if late else Reply(answers, "", 0.5)
    outputs = [{"output_type": "stream", "name": "stdout", "text": text}]
    done = Execution({"a": CellResult(outputs, True)}, {"rnn_step": reply}, 2.0)
    got = read_execution(asked, write_execution(done))
    assert (got.cells, got.seconds) == (done.cells, done.seconds)
    there = got.replies["rnn_step"]
    assert (there.ended, there.seconds) == (reply.ended, reply.seconds)
    if late:
        assert there.answers is None
        return
    assert there.answers is not None
    np.testing.assert_array_equal(there.answers[0].outputs[h], one)
    np.testing.assert_array_equal(there.answers[0].again[h], other)  # type: ignore[index]
    assert there.answers[0].changed == ("x",)
    assert there.answers[1].problem == answers[1].problem


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"x" * 7, b"x" * 100),
        encode({}),
        encode({"cells": {"a": None}, "replies": {}, "seconds": 1}),
        encode({"cells": {}, "replies": {"unasked": {"answers": [], "ended": "", "seconds": 1}},
                "seconds": 1}),
    ],
)  # fmt: skip
def test_what_is_no_execution_is_refused(data: bytes) -> None:
    with pytest.raises(BadFrame):
        read_execution(work(), data)


def test_a_machine_that_cannot_confine_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.sandbox.work.why_not", lambda level: "there is no bubblewrap.")
    with pytest.raises(NoSandbox, match="there is no bubblewrap"):
        run(work(place=Place("ps02", (), Level.FULL)).encode())


def test_files_lie_beside_the_notebook() -> None:
    source = "print(open('data/x.csv').read(), open('empty').read() == '', end='')"
    sent = work(cells=(Cell("a", source),), place=Place("own", (), Level.NONE))
    done = read_execution(sent, run(sent.encode()))
    assert done.cells["a"].outputs == [
        {"output_type": "stream", "name": "stdout", "text": "1,2\n True"}
    ]
