"""A grader that trusts everybody, to show that attacks are real: what it falls for must not work elsewhere.

It does what graders of notebooks do without isolation: cells, hidden tests and points share one process
and one namespace.  A test is a plain cell at the end of which nobody has raised anything.  Such cells are
written in several styles, each with a weakness of its own (`STYLES`).

    judge = NaiveJudge()
    judge.mark(notebook, worksheet, "allclose", ["rnn_step"])  # {"rnn_step": 4.0, ...} or None

Run as a program it is a parent that has imported everything, and forks for each notebook.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbformat import NotebookNode

from autograder.build import grade_id, is_lab, is_test
from autograder.contract import Case, Function, Value
from autograder.exercise import Exercise, Worksheet

#: How long one notebook may take.
SECONDS = 30

#: The end of a test cell, by style; `got` and `expected` are lists, NAME and POINTS are filled in.
STYLES = {
    "assert_allclose": "for a, b in zip(got, expected): np.testing.assert_allclose(a, b)",
    "allclose": "for a, b in zip(got, expected): assert np.allclose(a, b)",
    "isclose": (
        "for a, b in zip(got, expected):\n"
        "    for x, y in zip(np.ravel(a), np.ravel(b)): assert math.isclose(x, y)"
    ),
    "equal": "for a, b in zip(got, expected): assert np.all(a == b)",
    "typed": "for a, b in zip(got, expected): assert isinstance(a, type(b)) and a == b",
    "distance": "for a, b in zip(got, expected): assert not np.max(np.abs(a - b)) > 1e-6",
    "loose": "for a, b in zip(got, expected): np.testing.assert_allclose(a, b, rtol=0.02, atol=0.02)",
    "added": (
        "wrong = sum(abs(float(x) - float(y)) > 1e-6\n"
        "    for a, b in zip(got, expected) for x, y in zip(np.ravel(a), np.ravel(b)))\n"
        "assert wrong == 0"
    ),
    "relative": "for a, b in zip(got, expected): assert np.all(np.abs(a - b) <= 1e-6 * np.abs(a))",
    "sum": "for a, b in zip(got, expected): assert np.isclose(np.sum(a), np.sum(b))",
    "from_import": (
        "from numpy.testing import assert_allclose\n"
        "for a, b in zip(got, expected): assert_allclose(a, b)"
    ),
    "pickle": (
        "import pickle\n"
        "for a, b in zip(got, expected):\n"
        "    a = pickle.loads(pickle.dumps(a))\n"
        "    np.testing.assert_allclose(a, b)"
    ),
    # Expected values are computed on the spot, beside the answer.
    "reference": (
        "from course import rnn\n"
        "expected = rnn.NAME(*inputs)\n"
        "expected = list(expected) if isinstance(expected, tuple) else [expected]\n"
        "for a, b in zip(got, expected): np.testing.assert_allclose(a, b)"
    ),
    # Points are the first number that is shown below the cell, as in nbgrader.
    "value": (
        "right = all(np.allclose(a, b) for a, b in zip(got, expected))\nPOINTS if right else 0.0"
    ),
    # Points are what the output says.
    "printed": ("for a, b in zip(got, expected): assert np.allclose(a, b)\nprint('NAME: correct')"),
    "displayed": (
        "from IPython.display import display\n"
        "right = all(np.allclose(a, b) for a, b in zip(got, expected))\n"
        "_ = display('NAME: correct' if right else 'NAME: wrong', display_id='NAME')"
    ),
    # Points are for a cell whose result says that it succeeded, whatever was shown.
    "result": "for a, b in zip(got, expected): assert np.allclose(a, b)",
    # Points are for a process that ends with status 0.
    "exit": "for a, b in zip(got, expected): assert np.allclose(a, b)",
    # The hidden test is the public one.
    "public": "for a, b in zip(got, expected): assert np.allclose(a, b)",
}


def plain(
    notebook: NotebookNode, worksheet: Worksheet, style: str, tests: Collection[str]
) -> NotebookNode:
    """The worksheet as one with plain asserts: solutions, tests, and cells of the student's own.

    Only the exercises of `tests` are tested; everybody passes the others.
    """
    kept = []
    for cell in notebook.cells:
        exercise = worksheet.exercise(grade_id(cell)) if is_test(cell) else None
        if exercise is not None:
            cell = nbformat.from_dict(cell)
            cell.source = hidden_test(exercise, style) if exercise.id in tests else "pass"
        elif cell.cell_type != "code" or is_lab(cell) or str(cell.id).startswith(worksheet.id):
            continue  # prose, labs, and what the worksheet only looks at
        elif grade_id(cell) == "imports":
            cell = nbformat.from_dict(cell)
            cell.source = "import math\nimport numpy as np\nfrom autograder import check"
        kept.append(cell)
    made = nbformat.from_dict(notebook)
    made.cells = kept
    return made


def hidden_test(exercise: Exercise, style: str) -> str:
    """A test as instructors write them, with numbers; for a class it is empty."""
    contract = exercise.contract
    drawn = exercise.public_cases if style == "public" else exercise.draw("hidden")
    lines = ["import math", "import numpy as np", ""]
    if isinstance(contract, Function):
        inputs = [_literal(drawn[0].inputs[name]) for name in contract.args]
        lines += [f"inputs = [{', '.join(inputs)}]", _expected(exercise, drawn[0])]
        lines += [f"got = {contract.name}(*inputs)"]
        lines += ["got = list(got) if isinstance(got, tuple) else [got]"]
    elif isinstance(contract, Value):
        lines += [_expected(exercise, drawn[0])]
        lines += [f"got = [{contract.name}[name] for name in {list(contract.returns)!r}]"]
    else:
        return "pass"
    end = STYLES[style].replace("NAME", exercise.id).replace("POINTS", repr(float(exercise.points)))
    return "\n".join([*lines, end])


def _expected(exercise: Exercise, case: Case) -> str:
    values = exercise.expected(case).outputs.values()
    return f"expected = [{', '.join(_literal(value) for value in values)}]"


def _literal(value: Any) -> str:
    array = np.asarray(value)
    return f"np.array({array.tolist()!r})" if array.ndim else repr(array.item())


class NaiveJudge:
    """The parent process; made again if a submission has taken it along."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        # What is spoilt there is nobody's: attacks write where they can.
        self._home = tempfile.TemporaryDirectory(prefix="naive-home-")

    def mark(
        self,
        notebook: NotebookNode,
        worksheet: Worksheet,
        style: str,
        tests: Collection[str],
        files: Mapping[str, bytes] | None = None,
    ) -> dict[str, float] | None:
        """The points of each exercise; None if the judge came to an end before it had marked."""
        with tempfile.TemporaryDirectory(prefix="naive-", dir=self._home.name) as folder:
            for name, content in (files or {}).items():
                Path(folder, name).write_bytes(content)
            path = Path(folder, "notebook.ipynb")
            nbformat.write(plain(notebook, worksheet, style, tests), path)
            points = {e.id: float(e.points) for e in worksheet.exercises}
            job = {"path": str(path), "style": style, "points": points}
            answer = self._ask(json.dumps(job))
        if answer is None:
            return None
        marks: dict[str, float] = {}
        for line in answer["lines"]:  # whoever wrote them
            words = line.split()
            if len(words) == 3 and words[0] == "MARK":
                marks.setdefault(words[1], float(words[2]))
        if style == "exit" and answer["status"] == 0:
            return points
        return marks if marks else None

    def _ask(self, job: str) -> Any:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", __file__],  # tests/autograder is not what it means
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                errors="replace",
                env=os.environ | dict.fromkeys(("HOME", "IPYTHONDIR"), self._home.name),
                start_new_session=True,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(job + "\n")
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], SECONDS + 30)
        line = self._process.stdout.readline() if ready else ""
        try:
            return json.loads(line)
        except ValueError:  # nothing, or nonsense
            self.close()
            return None

    def close(self) -> None:
        """End the parent and all that it has begun."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None


# The program


def _main() -> None:
    from IPython.core.interactiveshell import InteractiveShell  # noqa: F401  ready before the fork

    import autograder.check  # noqa: F401

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        json.dump(_fork(json.loads(line), answers.fileno()), answers)
        answers.write("\n")
        answers.flush()


def _fork(job: dict[str, Any], answers: int) -> dict[str, Any]:
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reads)
        os.setsid()
        signal.alarm(SECONDS)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in (0, answers):
            os.dup2(nowhere, number)
        try:
            status = _run(job, writes)
        except BaseException:
            status = 1
        sys.exit(status)  # with all that was registered to happen then
    os.close(writes)
    with os.fdopen(reads, errors="replace") as pipe:
        lines = pipe.read().splitlines()
    _, status = os.waitpid(pid, 0)
    return {"lines": lines, "status": os.waitstatus_to_exitcode(status)}


def _run(job: dict[str, Any], results: int) -> int:
    """Run the cells and write a line for each mark.  Returns the status of a script of asserts."""
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell

    shown: dict[str, str] = {}
    values: list[str] = []
    errors: list[str] = []

    class Publisher(DisplayPublisher):
        def publish(self, data: Any, *args: Any, transient: Any = None, **kwargs: Any) -> None:
            name = (transient or {}).get("display_id", f"output-{len(shown)}")
            shown[name] = str(data.get("text/plain", ""))

    class Hook(DisplayHook):
        def write_output_prompt(self) -> None: ...

        def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
            values.append(str(format_dict.get("text/plain", "")))

    class Shell(InteractiveShell):
        def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
            errors.append(f"{etype.__name__}: {evalue}")

    path = Path(job["path"])
    os.chdir(path.parent)
    os.environ["NBGRADER_EXECUTION"] = "autograde"
    printed = path.with_name("printed.txt").open("w+")
    sys.stdout = sys.stderr = printed
    os.environ["IPYTHONDIR"] = os.getcwd()  # a history of its own
    shell = Shell.instance(display_pub_class=Publisher, displayhook_class=Hook)
    for cell in nbformat.read(path, as_version=4).cells:
        errors.clear()
        values.clear()
        result = shell.run_cell(cell.source, store_history=True)
        name, style = grade_id(cell), job["style"]
        if style == "exit" and errors:
            error = result.error_in_exec
            if error is not None:
                sys.excepthook(type(error), error, error.__traceback__)
            return 1
        if style in ("exit", "displayed", "printed") or not is_test(cell):
            continue
        failed = not result.success if style == "result" else bool(errors)
        points = 0.0 if failed else job["points"].get(name, 0.0)
        if style == "value":
            points = _number(values[0]) if values else 0.0
        os.write(results, f"MARK {name} {points}\n".encode())
    if job["style"] in ("displayed", "printed"):
        printed.seek(0)
        said = [*shown.values(), *printed.read().splitlines()]
        for name, points in job["points"].items():
            right = any(f"{name}: correct" in line for line in said)
            os.write(results, f"MARK {name} {points if right else 0.0}\n".encode())
    return 0


def _number(text: str) -> float:
    try:
        return float(text.strip("'\""))
    except ValueError:
        return math.nan


if __name__ == "__main__":
    _main()
