"""The sandbox: student code runs in it, gives answers, and can spoil nothing but itself.

Toy exercises stand for the worksheets.  Every test that says nothing else holds at both levels: with
bubblewrap, and without any confinement, where at least the marks are safe.
"""

from __future__ import annotations

import base64
import dataclasses
import itertools
import json
import os
import signal
import socket
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from safetensors.numpy import save

import autograder.sandbox.library as library_module
from autograder.contract import Call, Case, Class, Function, Get, New, Value
from autograder.exercise import Exercise
from autograder.judge import Kind, Verdict, judge
from autograder.sandbox import launch
from autograder.sandbox.child import Budget, WorkerFailure
from autograder.sandbox.execute import Execution, execute
from autograder.sandbox.launch import Level, NoSandbox, choose_level, why_not_full, why_not_reduced
from autograder.sandbox.library import library
from autograder.sandbox.messages import Cell, CellResult, Question, pack
from autograder.sandbox.slot import slot

FULL = pytest.param(
    Level.FULL,
    marks=[
        pytest.mark.linux,
        pytest.mark.skipif(bool(why_not_full()), reason=why_not_full() or "-"),
    ],
)
REDUCED = pytest.param(
    Level.REDUCED,
    marks=[
        pytest.mark.linux,
        pytest.mark.skipif(bool(why_not_reduced()), reason=why_not_reduced() or "-"),
    ],
)
#: Budgets as short as a slow machine allows; what ends by itself never waits for them.
BUDGET = Budget(
    cell_seconds=20, exercise_seconds=20, notebook_seconds=60, start_seconds=30, processes=64
)
HASTY = dataclasses.replace(BUDGET, cell_seconds=1.5, exercise_seconds=1.5)


# Toy exercises.


def one_case(**inputs: Any) -> Callable[[np.random.Generator], list[Case]]:
    return lambda rng: [Case(inputs)]


def exercise(contract: Any, reference: Any, cases: Any) -> Exercise:
    return Exercise(contract, "a toy", 4, 1, 1, cases, reference, (), ("think",))


class Counter:
    def __init__(self, start: float) -> None:
        self.total = start

    def add(self, amount: float) -> float:
        self.total = self.total + amount
        return self.total


DOUBLE = exercise(
    Function("double", {"x": "N D"}, {"y": "N D"}),
    lambda x: 2 * x,
    lambda rng: [Case({"x": rng.normal(size=(2 + i, 3))}) for i in range(4)],
)
SQUARE = exercise(
    Function("square", {"a": ""}, {"b": ""}),
    lambda a: a * a,
    lambda rng: [Case({"a": rng.normal()}) for _ in range(2)],
)
TABLE = exercise(
    Value("table", {"count": "int", "sizes": "int 2"}),
    {"count": 3, "sizes": (4, 5)},
    one_case(),
)
COUNTER = exercise(
    Class(
        "Counter",
        {
            "main": (
                New({"start": ""}),
                Call("add", {"amount": ""}, {"first": ""}),
                Get("total", "total", ""),
            )
        },
    ),
    Counter,
    lambda rng: [Case({"start": rng.normal(), "amount": rng.normal()})],
)

RIGHT = {
    "double": "def double(x): return 2 * x",
    "square": "def square(a): return a ** 2",
    "table": "table = {'count': 3, 'sizes': (4, 5)}",
    "Counter": """
        class Counter:
            def __init__(self, start): self.total = start
            def add(self, amount):
                self.total += amount
                return self.total
    """,
}


# What runs them.


@pytest.fixture(params=[FULL, REDUCED, Level.NONE])
def level(request: pytest.FixtureRequest) -> Level:
    found: Level = request.param
    return found


@pytest.fixture(scope="module")
def packages() -> Iterator[Path]:
    """The library of a worksheet that withholds a chapter and torch."""
    with library("toy", ("course.rnn", "torch")) as folder:
        yield folder


class Notebook:
    """Runs cells: each a source, or a source and the exercise that it hands over."""

    def __init__(self, packages: Path, level: Level) -> None:
        self.packages, self.level = packages, level
        self.execution = Execution()

    def run(self, *cells: str | tuple[str, Exercise], budget: Budget = BUDGET) -> list[CellResult]:
        made = []
        for number, cell in enumerate(cells):
            source, questions = (cell, ()) if isinstance(cell, str) else (cell[0], (ask(cell[1]),))
            made.append(Cell(f"cell-{number}", textwrap.dedent(source), questions))
        with slot(self.packages, self.level) as own:
            self.execution = execute(made, own, budget)
        return [self.execution.cells[cell.id] for cell in made]

    def verdict(self, asked: Exercise) -> Verdict | str:
        """The judge's word on the answers, or how the exercise ended without any."""
        reply = self.execution.replies[asked.id]
        return reply.ended if reply.answers is None else judge(asked, drawn(asked), reply.answers)

    def kind(self, asked: Exercise) -> Kind | str:
        found = self.verdict(asked)
        return found if isinstance(found, str) else found.kind


@pytest.fixture
def notebook(packages: Path, level: Level) -> Notebook:
    return Notebook(packages, level)


@pytest.fixture(params=[FULL])
def confined(packages: Path) -> Notebook:
    """A notebook in a real sandbox."""
    return Notebook(packages, Level.FULL)


def linux(test: Any) -> Any:
    """What only bubblewrap can promise."""
    for mark in FULL.marks:
        test = mark(test)
    return test


def drawn(asked: Exercise) -> list[Case]:
    return asked.draw("a secret of the tests")


def ask(asked: Exercise) -> Question:
    return Question(asked.id, asked.contract, drawn(asked))


def handing(asked: Exercise, answer: str | None = None) -> tuple[str, Exercise]:
    """A cell that defines an answer (the right one by default) and checks it."""
    source = textwrap.dedent(RIGHT[asked.id] if answer is None else answer)
    return f"from autograder import check\n{source}\ncheck('{asked.id}', {asked.id})", asked


def text_of(result: CellResult, name: str = "stdout") -> str:
    return "".join(o["text"] for o in result.outputs if o.get("name") == name)


def error_of(result: CellResult) -> str:
    errors = [o for o in result.outputs if o["output_type"] == "error"]
    assert errors, f"no error in {result}"
    return f"{errors[-1]['ename']}: {errors[-1]['evalue']}"


def as_notebook(result: CellResult) -> Any:
    """A cell's outputs in a notebook, as they will be written."""
    cell = nbformat.v4.new_code_cell("")
    cell.outputs = [nbformat.from_dict(output) for output in result.outputs]
    return nbformat.v4.new_notebook(cells=[cell])


# Outputs.


def test_outputs_come_in_order_and_in_the_shape_of_a_notebook(notebook: Notebook) -> None:
    (result,) = notebook.run("""
        import sys
        from IPython.display import HTML, display
        print("one")
        print("two", file=sys.stderr)
        display(HTML("<b>three</b>"))
        print("four")
        "five"
    """)
    assert result.ok
    assert result.outputs == [
        {"output_type": "stream", "name": "stdout", "text": "one\n"},
        {"output_type": "stream", "name": "stderr", "text": "two\n"},
        {
            "output_type": "display_data",
            "data": {
                "text/html": "<b>three</b>",
                "text/plain": "<IPython.core.display.HTML object>",
            },
            "metadata": {},
        },
        {"output_type": "stream", "name": "stdout", "text": "four\n"},
        {
            "output_type": "execute_result",
            "data": {"text/plain": "'five'"},
            "metadata": {},
            "execution_count": None,
        },
    ]
    nbformat.validate(as_notebook(result))


def test_cells_share_one_namespace_and_run_in_order(notebook: Notebook) -> None:
    first, second, third = notebook.run("n = 1", "n += 1; n", "n * 10")
    assert first.outputs == []
    assert second.outputs[0]["data"]["text/plain"] == "2"
    assert third.outputs[0]["data"]["text/plain"] == "20"


def test_figures_are_shown_as_pictures(notebook: Notebook) -> None:
    (result,) = notebook.run("""
        import matplotlib.pyplot as plt
        plt.plot([1, 2])
        plt.show()
    """)
    pictures = [o["data"] for o in result.outputs if o["output_type"] == "display_data"]
    assert len(pictures) == 1
    assert base64.b64decode(pictures[0]["image/png"]).startswith(b"\x89PNG")


def test_an_error_is_told_by_name_and_the_next_cell_runs(notebook: Notebook) -> None:
    failed, after = notebook.run("print('before')\n1 / 0", "print('after')")
    assert not failed.ok
    assert text_of(failed) == "before\n"
    assert error_of(failed) == "ZeroDivisionError: division by zero"
    assert "1 / 0" in "".join(failed.outputs[-1]["traceback"])
    assert text_of(after) == "after\n"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("def broken(:", "SyntaxError"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("import sys; sys.exit(3)", "SystemExit"),
        ("def f(): f()\nf()", "RecursionError"),
        ("raise type('Odd', (BaseException,), {})()", "Odd"),
    ],
)
def test_no_exception_ends_the_process(packages: Path, source: str, name: str) -> None:
    notebook = Notebook(packages, Level.NONE)
    failed, after = notebook.run(source, "print('after')")
    assert error_of(failed).startswith(name)
    assert text_of(after) == "after\n"


@pytest.mark.parametrize("command", ["!ls", "files = !ls", "%pip install numpy"])
def test_shell_commands_say_that_they_do_not_run(packages: Path, command: str) -> None:
    """The rest of the cell is the student's work, and is run."""
    notebook = Notebook(packages, Level.NONE)
    answered, after = notebook.run(f"{command}\nmine = 1", "print('after', mine)")
    assert answered.ok
    assert "shell commands do not run" in text_of(answered)
    assert text_of(after) == "after 1\n"


def test_matplotlib_inline_may_be_asked_for(packages: Path) -> None:
    (result,) = Notebook(packages, Level.NONE).run("%matplotlib inline\nprint('on')")
    assert (result.ok, text_of(result)) == (True, "on\n")


@pytest.mark.parametrize("source", ["input('your name? ')", "import sys; input()"])
def test_nobody_answers_input(notebook: Notebook, source: str) -> None:
    failed, after = notebook.run(source, "print('after')")
    assert error_of(failed).startswith("EOFError")
    assert text_of(after) == "after\n"


def test_a_flood_of_text_is_cut_and_the_error_still_told(notebook: Notebook) -> None:
    small = dataclasses.replace(BUDGET, output_bytes=10_000)
    flooded, after = notebook.run(
        "for n in range(20_000): print('a line of text', n)\n1 / 0", "print('after')", budget=small
    )
    assert text_of(flooded).startswith("a line of text 0\n")
    assert "left out" in text_of(flooded)
    assert len(text_of(flooded).encode()) < 11_000
    assert error_of(flooded).startswith("ZeroDivisionError")
    assert text_of(after) == "after\n"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("print('x' * 30_000_000)", id="one long line"),
        pytest.param("display(HTML('x' * 3_000_000))", id="one large display"),
        pytest.param("for n in range(30_000): display({'text/plain': ''}, raw=True)", id="many"),
        pytest.param(
            "for n in range(30_000): print('a', end=''), print('b', end='', file=sys.stderr)",
            id="two streams by turns",
        ),
    ],
)
def test_every_kind_of_flood_is_cut(packages: Path, source: str) -> None:
    notebook = Notebook(packages, Level.NONE)
    (flooded,) = notebook.run(
        f"import sys\nfrom IPython.display import HTML, display\n{source}\n1 / 0"
    )
    streams = "".join(o["text"] for o in flooded.outputs if o["output_type"] == "stream")
    assert streams.count("left out") == 1
    assert "   " not in streams
    assert error_of(flooded).startswith("ZeroDivisionError")


def test_a_notebook_has_room_for_so_much_output_and_no_more(packages: Path) -> None:
    notebook = Notebook(packages, Level.NONE)
    small = dataclasses.replace(BUDGET, notebook_output_bytes=25_000)
    results = notebook.run(*["print('x' * 10_000)"] * 4, budget=small)
    assert [len(text_of(result)) > 5000 for result in results] == [True, True, False, False]
    assert "left out" in text_of(results[-1])


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("print('\\ud800')", id="half a character printed"),
        pytest.param("raise ValueError('\\udfff')", id="half a character raised"),
        pytest.param("display({'text/plain': {'a': 1}}, raw=True)", id="a table as text"),
        pytest.param("display({'image/png': 7, 'text/plain': 'x'}, raw=True)", id="a number"),
        pytest.param("display({'application/json': nested(900)}, raw=True)", id="nested deep"),
        pytest.param("display({'application/json': nested(9)}, raw=True)", id="nested"),
        pytest.param("display({'\\ud800/x': 'a', '': 'b'}, raw=True)", id="odd types"),
    ],
)
def test_whatever_is_displayed_can_be_written(packages: Path, source: str) -> None:
    notebook = Notebook(packages, Level.NONE)
    (result,) = notebook.run(f"""
from IPython.display import display
def nested(depth): return [nested(depth - 1)] if depth else "end"
{source}""")
    written = as_notebook(result)
    nbformat.validate(written)
    assert nbformat.writes(written).encode("utf-8")


# Answers.


@pytest.mark.parametrize("asked", [DOUBLE, SQUARE, TABLE, COUNTER], ids=lambda e: e.id)
def test_right_answers_come_back_and_judge_right(
    packages: Path, level: Level, asked: Exercise
) -> None:
    notebook = Notebook(packages, level)
    notebook.run(handing(asked))
    assert notebook.kind(asked) == Kind.CORRECT


def test_all_questions_of_a_notebook_are_answered(notebook: Notebook) -> None:
    everything = [DOUBLE, SQUARE, TABLE, COUNTER]
    notebook.run(*map(handing, everything))
    assert [notebook.kind(asked) for asked in everything] == [Kind.CORRECT] * 4
    assert all(reply.seconds >= 0 for reply in notebook.execution.replies.values())


WRONG = {
    "wrong values": ("def double(x): return 3 * x", "wrong values"),
    "NaN": ("def double(x): return x * float('nan')", "wrong values"),
    "infinity": ("def double(x): return x * float('inf')", "wrong values"),
    "wrong shape": ("def double(x): return 2 * x.T", "wrong shape"),
    "a number to be broadcast": ("def double(x): return 2.0", "wrong shape"),
    "nothing": ("def double(x): pass", "wrong type"),
    "text": ("def double(x): return 'right'", "wrong type"),
    "objects": (
        "import numpy as np\ndef double(x): return (2 * x).astype(object)",
        "wrong type",
    ),
    "complex numbers": ("def double(x): return 2 * x + 0j", "wrong type"),
    "too few digits": (
        "import numpy as np\ndef double(x): return (2 * x).astype(np.float16)",
        "wrong type",
    ),
    "more digits than can be sent": (
        "import numpy as np\ndef double(x): return np.array(2 * x, dtype='>f16')"
        if hasattr(np, "float128")
        else "def double(x): return 2 * x + 0j",
        "wrong type",
    ),
    "far too large": (
        "import numpy as np\ndef double(x): return np.zeros((3000, 3000))",
        "wrong type",
    ),
    "no function": ("double = 2", "wrong type"),
    "always equal": (
        """
        class Yes(float):
            def __eq__(self, other): return True
            def __sub__(self, other): return 0.0
            __rsub__ = __sub__
        def double(x): return [[Yes(1) for _ in row] for row in x]
        """,
        "wrong values",
    ),
    "an array with its own arithmetic": (
        """
        import numpy as np
        class Yes(np.ndarray):
            def __array_ufunc__(self, *args, **kwargs): return True
            def __array_function__(self, *args, **kwargs): return True
        def double(x): return (3 * x).view(Yes)
        """,
        "wrong values",
    ),
    "not the same twice": (
        """
        calls = []
        def double(x):
            calls.append(1)
            return 2 * x + len(calls)
        """,
        "wrong values",
    ),
    "overwrites its input": ("def double(x):\n    x *= 2\n    return x", "changed its input"),
}


@pytest.mark.parametrize(("answer", "reason"), WRONG.values(), ids=WRONG)
def test_wrong_answers_are_data_and_judged_wrong(packages: Path, answer: str, reason: str) -> None:
    notebook = Notebook(packages, Level.NONE)
    notebook.run(handing(DOUBLE, answer))
    verdict = notebook.verdict(DOUBLE)
    assert isinstance(verdict, Verdict)
    assert (verdict.kind, verdict.reason) == (Kind.WRONG, reason)
    assert verdict.points == 0


def test_what_an_array_is_called_does_not_matter(notebook: Notebook) -> None:
    notebook.run(
        handing(
            DOUBLE,
            """
            import numpy as np
            class Mine(np.ndarray): ...
            def double(x):
                print("noise")
                return np.asfortranarray(2 * x).view(Mine)
            """,
        )
    )
    assert notebook.kind(DOUBLE) == Kind.CORRECT


def test_an_answer_that_raises_is_told_with_its_own_line(notebook: Notebook) -> None:
    notebook.run(handing(DOUBLE, "def double(x):\n    return x @ x  # shapes do not fit"))
    verdict = notebook.verdict(DOUBLE)
    assert isinstance(verdict, Verdict)
    assert verdict.kind == Kind.RAISED
    answers = notebook.execution.replies["double"].answers or []
    problem = answers[0].problem
    assert problem is not None
    assert "x @ x" in problem.text
    assert problem.error.startswith("ValueError")


def test_an_answer_that_is_not_handed_over_is_said_to_be_missing(notebook: Notebook) -> None:
    notebook.run(("print('no check here')", DOUBLE), handing(SQUARE))
    assert notebook.kind(DOUBLE) == "not handed"
    assert notebook.kind(SQUARE) == Kind.CORRECT


def test_only_the_cell_that_is_asked_can_hand_over(notebook: Notebook) -> None:
    notebook.run("from autograder import check\ncheck('double', lambda x: 2 * x)", ("pass", DOUBLE))
    assert notebook.kind(DOUBLE) == "not handed"


# What hangs or dies costs itself and nothing else.


def test_an_endless_cell_costs_that_cell_only(notebook: Notebook) -> None:
    before, hung, after = notebook.run(
        handing(DOUBLE), "while True: pass", handing(SQUARE), budget=HASTY
    )
    assert before.ok
    assert (hung.ok, hung.ended) == (False, "timed out")
    assert after.ok
    assert notebook.kind(DOUBLE) == Kind.CORRECT
    assert notebook.kind(SQUARE) == Kind.CORRECT


@pytest.mark.parametrize(
    "loop",
    [
        pytest.param("while True: print('more')", id="printing"),
        pytest.param(
            """
            import signal
            for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM"):
                if hasattr(signal, name):
                    signal.signal(getattr(signal, name), signal.SIG_IGN)
            while True:
                try:
                    while True: pass
                except BaseException: pass
            """,
            id="catching everything and deaf to signals",
        ),
    ],
)
def test_nothing_saves_an_endless_cell(packages: Path, loop: str) -> None:
    notebook = Notebook(packages, Level.NONE)
    hung, after = notebook.run(loop, "1 + 1", budget=HASTY)
    assert hung.ended == "timed out"
    assert after.ok


def test_an_endless_answer_costs_that_exercise_only(notebook: Notebook) -> None:
    hung, *_ = notebook.run(
        handing(DOUBLE, "def double(x):\n    while True: pass"), handing(SQUARE), budget=HASTY
    )
    assert hung.ok  # the cell itself ended well
    assert notebook.kind(DOUBLE) == "timed out"
    assert notebook.kind(SQUARE) == Kind.CORRECT


DEATHS = {"os._exit": "import os; os._exit(0)", "abort": "import os; os.abort()"}
if sys.platform != "win32":  # there, these are exceptions or do not exist
    DEATHS["a null pointer"] = "import ctypes; ctypes.string_at(0)"
    DEATHS["a signal to itself"] = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"


@pytest.mark.parametrize("death", DEATHS.values(), ids=DEATHS)
def test_a_cell_that_kills_the_process_costs_that_cell_only(notebook: Notebook, death: str) -> None:
    before, dead, after = notebook.run(handing(DOUBLE), death, handing(SQUARE))
    assert before.ok
    assert (dead.ok, dead.ended) == (False, "died")
    assert after.ok
    assert notebook.kind(DOUBLE) == Kind.CORRECT
    assert notebook.kind(SQUARE) == Kind.CORRECT


@pytest.mark.parametrize(
    "death", [*DEATHS.values(), "raise KeyboardInterrupt"], ids=[*DEATHS, "^C"]
)
def test_an_answer_that_kills_the_process_costs_that_exercise_only(
    packages: Path, death: str
) -> None:
    notebook = Notebook(packages, Level.NONE)
    notebook.run(handing(DOUBLE, f"def double(x): {death}"), handing(SQUARE))
    assert notebook.kind(DOUBLE) == "died"
    assert notebook.kind(SQUARE) == Kind.CORRECT


def test_sys_exit_in_an_answer_is_an_exception_like_others(notebook: Notebook) -> None:
    notebook.run(handing(DOUBLE, "import sys\ndef double(x): sys.exit()"), handing(SQUARE))
    assert notebook.kind(DOUBLE) == Kind.RAISED
    assert notebook.kind(SQUARE) == Kind.CORRECT


def test_a_check_whose_cell_dies_is_not_answered(notebook: Notebook) -> None:
    source, asked = handing(DOUBLE)
    notebook.run((f"{source}\n__import__('os')._exit(1)", asked), handing(SQUARE))
    assert notebook.kind(DOUBLE) == "died"
    assert notebook.kind(SQUARE) == Kind.CORRECT


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")
def test_memory_has_an_end(notebook: Notebook) -> None:
    small = dataclasses.replace(BUDGET, memory_bytes=1 << 30)
    greedy, after = notebook.run(
        "import numpy as np\nx = np.ones(3 << 27)",
        handing(DOUBLE, "def double(x):\n    return bytearray(3 << 30)"),
        budget=small,
    )
    assert error_of(greedy).startswith(
        ("MemoryError", "numpy._core._exceptions._ArrayMemoryError", "_ArrayMemoryError")
    )
    assert after.ok
    assert notebook.kind(DOUBLE) == Kind.OUT_OF_MEMORY


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")
@pytest.mark.parametrize("at_once", [1 << 24, 1 << 16])
def test_memory_that_leaks_away_is_told_and_costs_that_cell_only(
    notebook: Notebook, at_once: int
) -> None:
    small = dataclasses.replace(BUDGET, memory_bytes=1 << 30)
    leaks = f"kept = []\nwhile True: kept.append(bytearray({at_once}))"
    greedy, _ = notebook.run(leaks, handing(SQUARE), budget=small)
    assert error_of(greedy).startswith("MemoryError")
    assert notebook.kind(SQUARE) in (Kind.CORRECT, Kind.OUT_OF_MEMORY)  # `kept` is still there


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")
@pytest.mark.parametrize("least", [1 << 16, 1 << 10])
def test_a_cell_that_leaves_no_memory_is_told_of_and_the_next_one_runs(
    notebook: Notebook, least: int
) -> None:
    small = dataclasses.replace(BUDGET, memory_bytes=1 << 30)
    fills = f"""\
kept, size = [], 1 << 24
while size > {least}:
    try: kept.append(bytearray(size))
    except MemoryError: size //= 2
"""
    full, failed, after = notebook.run(fills, "1 / 0", "kept = 0", budget=small)
    assert full.ok
    assert error_of(failed).startswith(("ZeroDivisionError", "MemoryError"))
    assert after.ok


def test_the_budget_of_a_notebook_holds(notebook: Notebook) -> None:
    short = dataclasses.replace(HASTY, cell_seconds=30, notebook_seconds=2.0)
    first, hung, never = notebook.run(
        handing(DOUBLE), "while True: pass", handing(SQUARE), budget=short
    )
    assert first.ok
    assert hung.ended == "timed out"
    assert never.ended == "budget"
    assert notebook.kind(DOUBLE) == Kind.CORRECT
    assert notebook.kind(SQUARE) == "timed out"
    assert notebook.execution.seconds < 2 + 15  # a hard stop, not a measurement


def test_many_deaths_share_one_budget(packages: Path) -> None:
    notebook = Notebook(packages, Level.NONE)
    short = dataclasses.replace(BUDGET, notebook_seconds=2.0)
    results = notebook.run(*["import os; os._exit(0)"] * 200, budget=short)
    assert {result.ended for result in results} <= {"died", "timed out", "budget"}
    assert results[-1].ended == "budget"
    assert notebook.execution.seconds < 2 + 15


# Frames that nobody asked for.

#: Finds the pipe to the host without knowing where it is: it writes to everything that is open.
FORGE = """
import json, os, struct, sys
def forge(data, body=b""):
    head = data if isinstance(data, bytes) else json.dumps(data).encode()
    for descriptor in range(3, 64):
        try: os.write(descriptor, struct.pack(">II", len(head), len(body)) + head + body)
        except OSError: pass
def spray(data):
    for descriptor in range(0, 64):
        try: os.write(descriptor, data)
        except OSError: pass
"""


@pytest.mark.parametrize(
    "garbage",
    [
        pytest.param(b"\xff" * 1000, id="too large"),
        pytest.param(b"\0\0\0\2\0\0\0\0xx", id="no JSON"),
        pytest.param(b"\0\0\0\2\0\0\0\0[]", id="no table"),
        pytest.param(b"\0\0\1\0\0\0\1\0", id="cut short"),
        pytest.param(b"\0\0\0\2\0\0\0\4{}body", id="no arrays"),
        pytest.param(b"\0\0\0\2\0\0\0\0{}", id="an empty answer"),
    ],
)
def test_garbage_on_every_descriptor_spoils_only_the_own_submission(
    packages: Path, garbage: bytes
) -> None:
    notebook = Notebook(packages, Level.NONE)
    notebook.run(f"{FORGE}\nspray({garbage!r})", handing(DOUBLE), handing(SQUARE), budget=HASTY)
    for asked in (DOUBLE, SQUARE):
        found = notebook.verdict(asked)
        assert found in ("died", "timed out", "not handed") or isinstance(found, Verdict)
    notebook.run(handing(DOUBLE), handing(SQUARE))
    assert notebook.kind(DOUBLE) == notebook.kind(SQUARE) == Kind.CORRECT


def answer_frame(outputs: Mapping[str, np.ndarray], count: int) -> tuple[bytes, bytes]:
    told = {"handed": True, "answers": [{"problem": None, "changed": [], "again": False}] * count}
    return json.dumps(told).encode(), save(dict(outputs)) if outputs else b""


def test_a_forged_answer_is_compared_like_any_other(notebook: Notebook) -> None:
    """The positive control is below: the same frame with the right values would be believed."""
    cases = drawn(DOUBLE)
    outputs = {f"{n}/outputs/y": np.zeros_like(case.inputs["x"]) for n, case in enumerate(cases)}
    head, body = answer_frame(outputs, len(cases))
    notebook.run(
        (f"{FORGE}\nforge({{'outputs': [], 'ok': True}}); forge({head!r}, {body!r})", DOUBLE)
    )
    verdict = notebook.verdict(DOUBLE)
    assert isinstance(verdict, Verdict)
    assert (verdict.kind, verdict.points) == (Kind.WRONG, 0)


def test_the_forgery_arrives_so_only_its_values_keep_it_from_being_right(packages: Path) -> None:
    cases = drawn(DOUBLE)
    outputs = {f"{n}/outputs/y": 2 * case.inputs["x"] for n, case in enumerate(cases)}
    head, body = answer_frame(outputs, len(cases))
    notebook = Notebook(packages, Level.NONE)
    notebook.run(
        (f"{FORGE}\nforge({{'outputs': [], 'ok': True}}); forge({head!r}, {body!r})", DOUBLE)
    )
    assert notebook.kind(DOUBLE) == Kind.CORRECT


@pytest.mark.parametrize(
    "forged",
    [
        {"handed": True, "verdict": "correct", "points": 4},
        {"handed": True, "answers": []},
        {"handed": True, "answers": [1, 2, 3, 4]},
        {"handed": True, "answers": [{}, {}, {}, {}]},
        {"handed": True, "answers": [{"problem": [1], "changed": 5, "again": "x"}] * 4},
        {"handed": True, "answers": [{"problem": ["a", {}, []], "changed": [[]]}] * 4},
        {"handed": "yes", "answers": None},
        {"handed": {}, "answers": {"0": "correct"}},
    ],
)
def test_a_frame_of_another_form_is_no_answer(packages: Path, forged: dict[str, Any]) -> None:
    notebook = Notebook(packages, Level.NONE)
    notebook.run((f"{FORGE}\nforge({{'outputs': [], 'ok': True}}); forge({forged!r})", DOUBLE))
    found = notebook.verdict(DOUBLE)
    if isinstance(found, Verdict):
        assert found.points == 0
    else:
        assert found in ("died", "not handed")


@pytest.mark.parametrize(
    "outputs",
    [
        "text",
        [1, None, "x", []],
        [{"output_type": "execute_result", "data": {"text/plain": ["4"]}}],
        [{"output_type": "display_data", "data": {"text/html": {"a": 1}, "image/png": 3}}],
        [{"output_type": "stream", "name": "stdout", "text": {"a": 1}}],
        [{"output_type": "stream", "name": "elsewhere", "text": "x"}],
        [{"output_type": "error", "ename": [1], "evalue": None, "traceback": [{}, 1]}],
        [{"output_type": "error", "traceback": "text"}],
        [{"output_type": "pyout"}],
    ],
)
def test_forged_outputs_take_the_form_of_outputs(packages: Path, outputs: Any) -> None:
    notebook = Notebook(packages, Level.NONE)
    (result,) = notebook.run(f"{FORGE}\nforge({{'outputs': {outputs!r}, 'ok': True}})")
    nbformat.validate(as_notebook(result))


@pytest.mark.skipif(sys.platform != "linux", reason="reads the host's memory from /proc")
def test_frames_that_nobody_asked_for_do_not_fill_the_hosts_memory(notebook: Notebook) -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    most, done = [resident()], threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            most.append(resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        notebook.run(
            f"{FORGE}\nwhile True: forge(b'{{\"outputs\": []}}', bytes(1 << 22))",
            "import time; time.sleep(1e6)",
            budget=HASTY,
        )
    finally:
        done.set()
        watcher.join()
    assert max(most) - most[0] < 300 << 20


def test_a_child_that_stops_reading_is_given_up(notebook: Notebook) -> None:
    """A cell that answers for itself and then sleeps, while the host has much to send."""
    forging, long = notebook.run(
        f"{FORGE}\nforge({{'outputs': [], 'ok': True}})\nimport time; time.sleep(1e6)",
        f"text = {'x' * 500_000!r}",
        budget=HASTY,
    )
    assert forging.ok
    assert long.ended == "timed out"


def test_a_cell_too_long_to_be_sent_costs_that_cell_only(packages: Path) -> None:
    notebook = Notebook(packages, Level.NONE)
    long, after = notebook.run("#" * (17 << 20), handing(DOUBLE))
    assert long.ended == "died"
    assert after.ok
    assert notebook.kind(DOUBLE) == Kind.CORRECT


# What student code finds around it.


def test_a_withheld_chapter_says_why_it_is_not_there(notebook: Notebook) -> None:
    results = notebook.run(
        "import course.rnn",
        "from course.rnn import rnn_step",
        "import importlib; importlib.import_module('course.rnn')",
        "import torch",
        "from torch import nn",
        "from course import gradcheck",
    )
    for result in results[:3]:
        assert error_of(result) == "ImportError: course.rnn is withheld while toy is graded"
    for result in results[3:5]:
        assert error_of(result) == "ImportError: torch is withheld while toy is graded"
    assert results[5].ok


@pytest.mark.parametrize(
    "module",
    [
        "autograder.judge",
        "autograder.exercise",
        "autograder.exercises",
        "autograder.exercises.ps02",
        "autograder.check",
        "autograder.marking",
        "autograder.nbgrader_plugin",
        "autograder.sandbox.execute",
    ],
)
def test_the_trusted_side_cannot_be_imported(packages: Path, module: str) -> None:
    notebook = Notebook(packages, Level.NONE)
    (result,) = notebook.run(f"import {module}")
    assert error_of(result).startswith("ModuleNotFoundError")


@linux
def test_nothing_withheld_is_found_by_another_path(confined: Notebook) -> None:
    (result,) = confined.run("""
        import os, sys
        sys.path.remove("/library")
        print([os.path.join(folder, top) for folder in sys.path for top in ("course", "autograder", "torch")
               if os.path.isdir(os.path.join(folder, top)) and os.listdir(os.path.join(folder, top))])
        for name in [name for name in sys.modules if name.split(".")[0] in ("course", "autograder")]:
            del sys.modules[name]
        found = []
        for name in ("course.rnn", "autograder.judge", "autograder.exercises.ps02", "torch.nn"):
            try: __import__(name)
            except ImportError: continue
            found.append(name)
        print(found)
    """)
    assert text_of(result) == "[]\n[]\n"


@pytest.mark.skipif(bool(why_not_reduced()), reason=why_not_reduced() or "-")
@pytest.mark.linux
def test_a_withheld_package_cannot_be_read_where_it_is_installed(packages: Path) -> None:
    torch = pytest.importorskip("torch")
    reduced = Notebook(packages, Level.REDUCED)
    (result,) = reduced.run(f"open({torch.__file__!r}).read()")
    assert error_of(result).startswith("PermissionError")
    (result,) = reduced.run(f"print(len(open({np.__file__!r}).read()) > 0)")  # others can
    assert text_of(result) == "True\n"


def test_check_hint_and_rubric_do_nothing_but_hand_over(notebook: Notebook) -> None:
    (result,) = notebook.run("""
        import autograder
        from autograder import check, hint, rubric
        print(check("double", 1), hint("double"), rubric("x", attempted=True), rubric("x", met=[1]))
        print(sorted(autograder.__all__))
    """)
    names = ["check", "draw_questions", "hint", "question", "rubric", "student"]
    assert text_of(result) == f"None None None None\n{names}\n"


def test_the_environment_holds_nothing_of_the_hosts(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNROLLED_TEST_SECRET", "a-password-of-the-tests")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("PYTHONSTARTUP", "/somewhere/startup.py")
    (result,) = notebook.run("import os\nfor pair in os.environ.items(): print(*pair)")
    assert "a-password-of-the-tests" not in text_of(result)
    names = {line.split()[0] for line in text_of(result).splitlines()}
    allowed = {*launch._ENVIRONMENT, "HOME", "TMPDIR", "MPLCONFIGDIR", "PWD", "LC_CTYPE"}
    allowed |= {"__CF_USER_TEXT_ENCODING"}  # macOS adds it
    if notebook.level == Level.NONE:
        allowed |= {"SYSTEMROOT", "TEMP", "TMP"}
    allowed |= {"KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK"}  # NumPy's builds may set these
    assert names <= allowed


@linux
def test_bubblewraps_own_environment_is_as_clean(
    confined: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever could read the first process would see what bubblewrap was started with."""
    monkeypatch.setenv("UNROLLED_TEST_SECRET", "a-password-of-the-tests")
    with launch.parent_command(Level.FULL, confined.packages, Path("/nowhere"), 0) as started:
        assert "a-password-of-the-tests" not in started[1].values()
    (result,) = confined.run("import os; print(os.path.exists('/proc/1/environ'))")
    assert text_of(result) == "False\n"


@linux
def test_nothing_of_the_hosts_files_can_be_read(
    confined: Notebook, checkout: Path, tmp_path: Path
) -> None:
    gradebook = tmp_path / "gradebook.db"
    gradebook.write_text("marks")
    tmp_path.chmod(0o777)
    gradebook.chmod(0o666)
    secrets = [
        "/etc/passwd",
        "/etc/shadow",
        "/etc/hosts",
        "/root",
        "/home",
        "/var",
        "/sys",
        "/proc/self",
        "/proc/1",
        str(gradebook),
        str(tmp_path),
        str(checkout / "autograder"),
        str(checkout / "course"),
        str(checkout / "solutions"),
        str(checkout / "pyproject.toml"),
        str(Path.home() / ".ssh"),
        tempfile.gettempdir(),
    ]
    (result,) = confined.run(f"""
        import json, os
        found = {{}}
        for path in {secrets!r}:
            try: found[path] = os.listdir(path) if os.path.isdir(path) else open(path).read()
            except OSError: pass
        print(json.dumps(found))
    """)
    # A folder on the way to the interpreter or to NumPy shows this one way and nothing beside it.
    ways = [Path(sys.base_prefix).resolve(), *map(Path, launch._package_folders())]
    for folder, names in json.loads(text_of(result)).items():
        for name in names:
            assert any(way.is_relative_to(Path(folder, name)) for way in ways), (folder, name)


@linux
def test_nothing_can_be_written_outside_the_scratch_folder(confined: Notebook) -> None:
    (result,) = confined.run("""
        import os, sys, numpy
        open("mine", "w").write("fine")
        open("relative", "w").write("fine")
        for folder in ("/", "/usr", "/library", "/library/course", "/proc", "/dev", "/etc", "/lib",
                       "/parent", "/scratch", sys.base_prefix, os.path.dirname(numpy.__file__)):
            try: open(os.path.join(folder, "written"), "w")
            except OSError: continue
            print("wrote into", folder)
        for path in ("/library/autograder/__init__.py", os.__file__, numpy.__file__):
            try: open(path, "a")
            except OSError: continue
            print("could change", path)
        print(sorted(os.listdir(".")))
    """)
    assert text_of(result) == "['mine', 'relative']\n"


@linux
def test_there_is_no_network(confined: Notebook) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        control = socket.create_connection(("127.0.0.1", port), timeout=5)  # it does listen
        control.close()
        (result,) = confined.run(f"""
            import socket
            for address in (("127.0.0.1", {port}), ("10.0.0.1", 80), ("192.0.2.1", 53)):
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    try:
                        with socket.socket(socket.AF_INET, kind) as s:
                            s.settimeout(2)
                            s.connect(address)
                            s.send(b"x")
                            print("reached", address, kind)
                    except OSError: pass
            try: print(socket.getaddrinfo("example.org", 80))
            except OSError: pass
        """)
    # A datagram to one's own machine goes nowhere, as the sandbox has a machine of its own.
    assert "SOCK_STREAM" not in text_of(result)
    assert "10.0.0.1" not in text_of(result)
    assert "192.0.2.1" not in text_of(result)
    assert "example" not in text_of(result)


@linux
def test_student_code_runs_as_nobody(confined: Notebook) -> None:
    (result,) = confined.run("""
        import os
        print(os.getuid() in (0, 1000), os.getgid() == 0, os.getgroups())
        for attempt in (lambda: os.setuid(0), lambda: os.chroot("/"), lambda: os.nice(-5)):
            try: attempt()
            except OSError: continue
            print("allowed")
    """)
    first, *rest = text_of(result).splitlines()
    assert first.startswith("False False")
    assert rest == []


@linux
def test_no_other_process_can_be_seen_or_signalled(confined: Notebook) -> None:
    (result,) = confined.run(f"""
        import os, signal
        for number in ({os.getpid()}, {os.getppid()}):
            try: os.kill(number, 0)
            except OSError: continue
            print("found", number)
    """)
    assert text_of(result) == ""


@pytest.mark.parametrize(
    "start",
    [
        "os.fork()",
        "os.system('true')",
        "subprocess.run(['true'])",
        "multiprocessing.Process(target=print).start()",
        "get_ipython().run_cell_magic('bash', '', 'true')",
    ],
)
def test_no_process_can_be_started_and_it_is_said_why(confined: Notebook, start: str) -> None:
    (result,) = confined.run(f"import multiprocessing, os, subprocess\n{start}")
    assert "no other process can be started while a notebook is graded" in error_of(result)


def test_a_process_cannot_be_started_by_the_kernels_own_names_either(confined: Notebook) -> None:
    (result,) = confined.run("""
        import ctypes, errno
        libc = ctypes.CDLL(None, use_errno=True)
        null = ctypes.c_void_p()
        for name, number, *arguments in (
            ("fork", 57), ("vfork", 58), ("clone", 56, 17, 0, 0, 0, 0), ("clone3", 435, null, 88),
            ("execve", 59, b"/usr/bin/true", null, null),
            ("execveat", 322, -1, b"/usr/bin/true", null, null, 0),
        ):
            print(name, libc.syscall(number, *arguments), errno.errorcode[ctypes.get_errno()])
    """)
    assert text_of(result).splitlines() == [
        "fork -1 EPERM", "vfork -1 EPERM", "clone -1 EPERM", "clone3 -1 ENOSYS",
        "execve -1 EPERM", "execveat -1 EPERM",
    ]  # fmt: skip


def test_a_thread_bomb_is_bounded(confined: Notebook) -> None:
    gentle = dataclasses.replace(BUDGET, processes=40)
    bomb, after = confined.run(
        """
        import threading, time
        count = 0
        try:
            for _ in range(200):
                threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
                count += 1
        except RuntimeError as error:
            print(error)
        print(5 < count < 60)
        """,
        handing(DOUBLE),
        budget=gentle,
    )
    assert text_of(bomb) == "can't start new thread\nTrue\n"
    assert after.ok
    assert confined.kind(DOUBLE) == Kind.CORRECT


# Nothing is left behind.


def running(marker: str) -> list[int]:
    """The processes whose command line or environment holds a marker."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if marker.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def gone(marker: str) -> bool:
    """Has every process with the marker ended?  The kernel may take a moment to bury them."""
    for _ in range(100):
        if not running(marker):
            return True
        time.sleep(0.05)
    return False


_markers = itertools.count()


@pytest.fixture
def marker() -> Iterator[str]:
    """A text that marks a test's own processes; what is left of them is ended."""
    text = f"left-behind-{os.getpid()}-{next(_markers)}"
    yield text
    for number in running(text):
        os.kill(number, signal.SIGKILL)


SPAWN = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)  # {marker}"])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize("ending", ["pass", "while True: pass", "import os; os._exit(0)"])
def test_no_process_outlives_the_run(notebook: Notebook, marker: str, ending: str) -> None:
    notebook.run(SPAWN.format(marker=marker) + ending, "1", budget=HASTY)
    assert gone(marker)


def test_scratch_folders_are_removed(
    notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    notebook.run(
        """
        import os
        os.makedirs("a/b/c")
        open("a/b/c/file", "w").write("x" * 1000)
        os.chmod("a/b", 0)
        """,
        "import os; os._exit(0)",
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_file_can_only_grow_so_large(notebook: Notebook) -> None:
    small = dataclasses.replace(BUDGET, file_bytes=1 << 20)
    (result,) = notebook.run("open('big', 'wb').write(bytes(1 << 22))", budget=small)
    assert error_of(result).startswith("OSError")


def test_the_library_goes_with_its_context() -> None:
    with library("toy", ("course.rnn",)) as folder:
        assert (folder / "autograder" / "sandbox" / "worker.py").is_file()
    assert not folder.exists()


# Faults of our own are told apart.


def test_a_worker_that_does_not_start_is_not_the_students_fault(
    tmp_path: Path, level: Level
) -> None:
    (tmp_path / "run.py").write_text("raise SystemExit('the library is broken')")
    (tmp_path / "fonts").mkdir()
    tmp_path.chmod(0o755)
    with (
        slot(tmp_path, level) as own,
        pytest.raises(WorkerFailure, match="died before it began") as failure,
    ):
        execute([Cell("a", "1")], own, BUDGET)
    assert "the library is broken" in str(failure.value)


def test_a_worker_that_hangs_at_its_start_is_not_the_students_fault(tmp_path: Path) -> None:
    (tmp_path / "run.py").write_text("import time; time.sleep(600)")
    short = dataclasses.replace(BUDGET, start_seconds=1.0)
    with (
        slot(tmp_path, Level.NONE) as own,
        pytest.raises(WorkerFailure, match="timed out before it began"),
    ):
        execute([Cell("a", "1")], own, short)


def test_nothing_to_run_is_no_fault(notebook: Notebook) -> None:
    assert notebook.run() == []


def test_a_level_is_never_lowered_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "why_not_full", lambda: "bubblewrap is not installed.")
    monkeypatch.setattr(launch, "why_not_reduced", lambda: "Landlock needs Linux.")
    with pytest.raises(NoSandbox, match="--unsafe-no-sandbox") as refusal:
        choose_level(reduced=True)
    assert "bubblewrap is not installed." in str(refusal.value)
    assert "c.ExecuteInSandbox.unsafe_no_sandbox" in str(refusal.value)
    assert choose_level(unsafe=True) == Level.NONE


def test_the_best_level_is_taken_even_where_less_is_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(launch, "why_not_full", lambda: "")
    assert choose_level() == choose_level(unsafe=True, reduced=True) == Level.FULL


def test_the_reduced_level_has_to_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "why_not_full", lambda: "bubblewrap is not installed.")
    monkeypatch.setattr(launch, "why_not_reduced", lambda: "")
    with pytest.raises(NoSandbox, match="--reduced-sandbox"):
        choose_level()
    assert choose_level(reduced=True) == choose_level(reduced=True, unsafe=True) == Level.REDUCED


def test_a_machine_without_bubblewrap_is_told_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(launch.shutil, "which", lambda name: None)
    monkeypatch.setattr(launch.sys, "platform", "linux")
    assert "apt-get install bubblewrap" in launch.why_no_bubblewrap.__wrapped__()
    monkeypatch.setattr(launch.sys, "platform", "darwin")
    assert "Linux" in launch.why_no_bubblewrap.__wrapped__()


def test_the_child_is_told_no_expected_value() -> None:
    """The whole of what is sent for a question: its contract and its inputs."""
    header, arrays = pack(ask(DOUBLE))
    assert header.keys() == {"ask", "contract", "cases"}
    assert [case.keys() for case in header["cases"]] == [{"script", "inputs"}] * 4
    assert arrays.keys() == {f"{n}/x" for n in range(4)}


def test_the_library_holds_what_it_should_and_nothing_else(packages: Path) -> None:
    held = {str(p.relative_to(packages)) for p in packages.rglob("*.py")}
    ours = {name for name in held if name.startswith("autograder")}
    assert ours == {
        "autograder/__init__.py",
        "autograder/contract.py",
        "autograder/driver.py",
        *(
            f"autograder/sandbox/{name}.py"
            for name in (
                "__init__",
                "alarm",
                "confine",
                "frames",
                "large_pages",
                "memory",
                "parent",
                "raw",
                "scratch",
                "shell",
                "worker",
            )
        ),
    }
    assert (packages / "autograder/__init__.py").read_bytes() == (
        library_module._AUTOGRADER / "sandbox" / "stub.py"
    ).read_bytes()
