"""Run a notebook in a child process and ask for its answers.

A pure function of cells, questions and budget: it knows no expected value and gives no verdict.  When
a cell or an answer hangs or kills the child, the notebook is run again without it; what was answered
before stays, so one exercise is lost and not the notebook.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import queue
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from autograder import contract as contracts
from autograder.contract import Answer, Contract, Problem
from autograder.exercise import Case
from autograder.sandbox import launch
from autograder.sandbox.frames import BadFrame, read_frame, write_frame
from autograder.sandbox.launch import Level


@dataclasses.dataclass(frozen=True)
class Budget:
    """What one submission may use.  Seconds are of wall-clock time."""

    cell_seconds: float = 30.0
    exercise_seconds: float = 30.0
    notebook_seconds: float = 600.0
    start_seconds: float = 60.0
    memory_bytes: int = 2 << 30
    file_bytes: int = 64 << 20
    output_bytes: int = 1 << 20  # per cell
    notebook_output_bytes: int = 32 << 20
    processes: int = 64  # threads too; where the child has a user of its own


@dataclasses.dataclass(frozen=True)
class Question:
    """An exercise as the child may know it: contract and inputs."""

    id: str
    contract: Contract
    cases: Sequence[Case]


@dataclasses.dataclass(frozen=True)
class Cell:
    """A code cell to run; `questions` are asked when it has run."""

    id: str
    source: str
    questions: tuple[Question, ...] = ()


@dataclasses.dataclass(frozen=True)
class CellResult:
    """What a cell put out; `ended` says how, if it did not end by itself."""

    outputs: list[dict[str, Any]]
    ok: bool
    ended: str = ""  # "", "timed out", "died", "budget"


@dataclasses.dataclass(frozen=True)
class Reply:
    """The answers to a question, case by case; `ended` says why there are none."""

    answers: list[Answer] | None
    ended: str = ""  # "", "not handed", "timed out", "died", "budget"
    seconds: float = 0.0


@dataclasses.dataclass
class Execution:
    """All that came of running one notebook."""

    cells: dict[str, CellResult] = dataclasses.field(default_factory=dict)
    replies: dict[str, Reply] = dataclasses.field(default_factory=dict)
    seconds: float = 0.0


_LEFT_OUT = {
    "output_type": "stream",
    "name": "stdout",
    "text": "... left out: this notebook's output is too long\n",
}
#: Notebooks hold JSON under such a type, and text under any other.
_JSON_MIME = re.compile(r"application/(.*\+)?json")


class WorkerFailure(Exception):
    """The child did not start: not the student's doing."""


class _Lost(Exception):
    """The child is gone or silent."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


def execute(cells: Sequence[Cell], library: Path, level: Level, budget: Budget) -> Execution:
    """Run the cells in order, asking each one's questions after it.

    Raises WorkerFailure if the child cannot be started.
    """
    begin = time.monotonic()
    result = Execution()
    skip: set[str] = set()  # cells and questions that cost a child its life
    while True:
        deadline = begin + budget.notebook_seconds
        with _child(library, level, budget) as child:
            lost = _run_through(child, cells, result, skip, deadline, budget)
        if lost is None:
            break
        skip.add(lost)
        if time.monotonic() >= deadline:
            _out_of_budget(cells, result)
            break
    result.seconds = time.monotonic() - begin
    return result


def _run_through(
    child: _Child,
    cells: Sequence[Cell],
    result: Execution,
    skip: set[str],
    deadline: float,
    budget: Budget,
) -> str | None:
    """One pass over the notebook; the key of the cell or question at which the child was lost."""
    room = budget.notebook_output_bytes
    for cell in cells:
        key = f"cell {cell.id}"
        if key not in skip:
            try:
                header, _ = child.ask({"run": cell.source}, {}, budget.cell_seconds, deadline)
                outputs = _outputs(header.get("outputs"))
                room -= len(json.dumps(outputs))
                outputs = outputs if room >= 0 else [_LEFT_OUT]
                result.cells[cell.id] = CellResult(outputs, header.get("ok") is True)
            except _Lost as lost:
                result.cells[cell.id] = CellResult([], False, lost.how)
                return key
        for question in cell.questions:
            key = f"question {question.id}"
            if key in skip:
                continue
            if f"cell {cell.id}" in skip:
                result.replies[question.id] = Reply(None, result.cells[cell.id].ended)
                continue
            started = time.monotonic()
            try:
                header, arrays = child.ask(*_pack(question), budget.exercise_seconds, deadline)
                reply = _unpack(question, header, arrays, time.monotonic() - started)
                result.replies.setdefault(question.id, reply)  # what was answered before stays
            except _Lost as lost:
                seconds = time.monotonic() - started
                result.replies.setdefault(question.id, Reply(None, lost.how, seconds))
                return key
    return None


def _out_of_budget(cells: Sequence[Cell], result: Execution) -> None:
    for cell in cells:
        result.cells.setdefault(cell.id, CellResult([], False, "budget"))
        for question in cell.questions:
            result.replies.setdefault(question.id, Reply(None, "timed out"))


def _pack(question: Question) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    cases = [{"script": case.script, "inputs": list(case.inputs)} for case in question.cases]
    arrays = {
        f"{number}/{name}": np.asarray(value)
        for number, case in enumerate(question.cases)
        for name, value in case.inputs.items()
    }
    contract = contracts.to_json(question.contract)
    return {"ask": question.id, "contract": contract, "cases": cases}, arrays


def _unpack(
    question: Question, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray], seconds: float
) -> Reply:
    """Read a reply as data: whatever does not have the form of an answer is no answer."""
    if header.get("handed") is not True:
        return Reply(None, "not handed", seconds)
    told = header.get("answers")
    if not isinstance(told, list) or len(told) != len(question.cases):
        return Reply(None, "died", seconds)
    answers = []
    for number, (case, item) in enumerate(zip(question.cases, told, strict=True)):
        if not isinstance(item, dict):
            return Reply(None, "died", seconds)
        names = contracts.output_specs(question.contract, case.script)
        found = {
            part: {n: a for n in names if (a := arrays.get(f"{number}/{part}/{n}")) is not None}
            for part in ("outputs", "again")
        }
        changed = item.get("changed")
        answers.append(
            Answer(
                outputs=found["outputs"],
                again=found["again"] if item.get("again") is True else None,
                changed=tuple(n for n in case.inputs if isinstance(changed, list) and n in changed),
                problem=_problem(item.get("problem")),
            )
        )
    return Reply(answers, "", seconds)


def _problem(told: Any) -> Problem | None:
    if not isinstance(told, list) or len(told) != 3:
        return None
    kind, text, error = (str(part)[: 2 * contracts.MAX_TEXT] for part in told)
    return Problem(
        kind if kind in ("not attempted", "raised", "type", "memory") else "raised", text, error
    )


def _outputs(told: Any) -> list[dict[str, Any]]:
    """The outputs of a cell, rebuilt key by key: the child's word is not trusted for their form."""
    outputs: list[dict[str, Any]] = []
    for item in told if isinstance(told, list) else []:
        kind = item.get("output_type") if isinstance(item, dict) else None
        if kind == "stream" and item.get("name") in ("stdout", "stderr"):
            outputs.append(
                {"output_type": kind, "name": item["name"], "text": _text(item.get("text"))}
            )
        elif kind in ("display_data", "execute_result") and isinstance(item.get("data"), dict):
            data = {
                _text(mime): _plain(value)
                for mime, value in item["data"].items()
                if isinstance(value, str) or _JSON_MIME.fullmatch(mime)
            }
            output = {"output_type": kind, "data": data, "metadata": {}}
            outputs.append(output | ({"execution_count": None} if kind == "execute_result" else {}))
        elif kind == "error":
            trace = item.get("traceback")
            outputs.append(
                {
                    "output_type": kind,
                    "ename": _text(item.get("ename")),
                    "evalue": _text(item.get("evalue")),
                    "traceback": [_text(line) for line in trace] if isinstance(trace, list) else [],
                }
            )
    return outputs


def _text(told: Any) -> str:
    """A string that can be written as UTF-8."""
    return told.encode(errors="replace").decode() if isinstance(told, str) else ""


def _plain(told: Any, depth: int = 20) -> Any:
    """JSON without what no file could hold, and without what is nested too deep to be copied."""
    if isinstance(told, str):
        return _text(told)
    if isinstance(told, list):
        return [_plain(value, depth - 1) for value in told] if depth else None
    if isinstance(told, dict):
        return {_text(k): _plain(v, depth - 1) for k, v in told.items()} if depth else None
    return told


class _Child:
    """One running child: frames out, frames in, and a deadline for each."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._requests: BinaryIO = process.stdin  # type: ignore[assignment]
        self._frames: queue.Queue[Any] = queue.Queue(maxsize=2)
        self._closed = threading.Event()
        self._sent = False
        self._writer = threading.Thread()
        # A thread reads, because pipes cannot be waited for with a timeout on every system.
        self._reader = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        self._reader.start()

    def ask(
        self,
        header: Mapping[str, Any],
        arrays: Mapping[str, np.ndarray],
        seconds: float,
        deadline: float,
    ) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Send a frame and wait for the answer.  Raises _Lost if none comes in time."""
        seconds = min(seconds, deadline - time.monotonic())
        begin = time.monotonic()
        # A thread writes too: a child that has stopped to read would hold the host for ever.
        self._writer = threading.Thread(target=self._write, args=(header, arrays), daemon=True)
        self._writer.start()
        self._writer.join(timeout=max(seconds, 0.0))
        if self._writer.is_alive():
            raise _Lost("timed out")
        if not self._sent:
            raise _Lost("died")
        return self.receive(seconds - (time.monotonic() - begin))

    def _write(self, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        self._sent = False
        with contextlib.suppress(BadFrame, OSError, ValueError):
            write_frame(self._requests, header, arrays)
            self._sent = True

    def receive(self, seconds: float) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        try:
            frame = self._frames.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            raise _Lost("timed out") from None
        if frame is None:
            raise _Lost("died")
        found: tuple[dict[str, Any], dict[str, np.ndarray]] = frame
        return found

    def _read(self, pipe: BinaryIO) -> None:
        frame: Any = True
        while frame is not None and not self._closed.is_set():
            try:
                frame = read_frame(pipe)
            except (BadFrame, OSError, ValueError):
                frame = None
            self._put(frame)

    def _put(self, frame: Any) -> None:
        """Hand a frame on; a child that sends more than it was asked for has to wait."""
        while not self._closed.is_set():
            with contextlib.suppress(queue.Full):
                return self._frames.put(frame, timeout=0.1)

    def close(self) -> None:
        """End the child and all that it started."""
        self._closed.set()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()
        self._reader.join(timeout=1.0)
        if self._writer.is_alive():
            self._writer.join(timeout=1.0)
        if not self._writer.is_alive():
            with contextlib.suppress(OSError, ValueError):
                self._requests.close()
        if not self._reader.is_alive() and self._process.stdout is not None:
            self._process.stdout.close()


@contextlib.contextmanager
def _child(library: Path, level: Level, budget: Budget) -> Iterator[_Child]:
    with (
        tempfile.TemporaryDirectory(prefix="unrolled-", ignore_cleanup_errors=True) as scratch,
        tempfile.TemporaryFile() as log,
    ):
        command, environment = launch.command(level, library, Path(scratch))
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=scratch,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        child = _Child(process)
        try:
            _await_ready(child, library, level, budget, log)
            yield child
        finally:
            child.close()


def _await_ready(child: _Child, library: Path, level: Level, budget: Budget, log: BinaryIO) -> None:
    fonts = "/library/fonts" if level == Level.NAMESPACES else str(library / "fonts")
    settings = {
        "memory_bytes": budget.memory_bytes,
        "file_bytes": budget.file_bytes,
        "output_bytes": budget.output_bytes,
        "processes": budget.processes if level == Level.NAMESPACES else 0,
        "fonts": fonts,
    }
    try:
        child.ask(settings, {}, budget.start_seconds, time.monotonic() + budget.start_seconds)
    except _Lost as lost:
        log.seek(0)
        said = log.read(2000).decode(errors="replace")
        raise WorkerFailure(f"the worker {lost.how} before it began. {said}".strip()) from None
