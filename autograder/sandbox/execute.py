"""Run a notebook in a child process and ask for its answers.

A pure function of cells, questions and budget: it knows no expected value and gives no verdict.  When
a cell or an answer hangs or kills the child, the notebook is run again without it; what was answered
before stays, so one exercise is lost and not the notebook.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograder.sandbox.child import Budget, Child, Lost, WorkerFailure
from autograder.sandbox.messages import Cell, CellResult, Reply, pack, read_outputs, read_reply
from autograder.sandbox.slot import Slot

_LEFT_OUT = {
    "output_type": "stream",
    "name": "stdout",
    "text": "... left out: this notebook's output is too long\n",
}
#: Bytes that an output costs beside its text: reading, checking and writing it takes time.
OUTPUT_COSTS = 1000


@dataclasses.dataclass
class Execution:
    """All that came of running one notebook."""

    cells: dict[str, CellResult] = dataclasses.field(default_factory=dict)
    replies: dict[str, Reply] = dataclasses.field(default_factory=dict)
    seconds: float = 0.0


def execute(
    cells: Sequence[Cell],
    slot: Slot,
    budget: Budget,
    told: Mapping[str, Any] | None = None,
    files: Mapping[str, bytes] | None = None,
) -> Execution:
    """Run the cells in order, asking each one's questions after it.

    `told` is what the notebook may know of its student (see `Slot.child`); `files` lie beside the
    notebook.
    Raises WorkerFailure if the child cannot be started.
    """
    begin = time.monotonic()
    result = Execution()
    skip: set[str] = set()  # cells and questions that cost a child its life
    while True:
        deadline = begin + budget.notebook_seconds
        with slot.child(budget, told) as child:
            _put_files(child, files or {}, budget)
            lost = _run_through(child, cells, result, skip, deadline, budget)
        if lost is None:
            break
        skip.add(lost)
        if time.monotonic() >= deadline:
            _out_of_budget(cells, result)
            break
    result.seconds = time.monotonic() - begin
    return result


def _put_files(child: Child, files: Mapping[str, bytes], budget: Budget) -> None:
    """Data files and helper modules, into the child's working folder.  Raises WorkerFailure."""
    for name, data in files.items():
        deadline = time.monotonic() + budget.start_seconds
        contents = {"data": np.frombuffer(data, np.uint8)}
        try:
            header, _ = child.ask({"file": name}, contents, budget.start_seconds, deadline)
        except Lost as lost:
            raise WorkerFailure(f"the worker {lost.how} when it was given {name}.") from None
        if header.get("written") is not True:
            raise WorkerFailure(f"{name} does not fit into the sandbox ({len(data)} bytes).")


def _run_through(
    child: Child,
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
            run = {"run": cell.source, "asks": bool(cell.questions)}
            try:
                header, _ = child.ask(run, {}, budget.cell_seconds, deadline)
                outputs = read_outputs(header.get("outputs"))
                room -= len(json.dumps(outputs)) + OUTPUT_COSTS * len(outputs)
                outputs = outputs if room >= 0 else [_LEFT_OUT]
                result.cells[cell.id] = CellResult(outputs, header.get("ok") is True)
            except Lost as lost:
                ended = CellResult([], False, lost.how)
                if time.monotonic() < deadline:
                    result.cells[cell.id] = ended
                result.cells.setdefault(cell.id, ended)  # out of budget: what it did before stays
                return key
        for question in cell.questions:
            key = f"question {question.id}"
            if key in skip:
                continue
            if f"cell {cell.id}" in skip:
                result.replies.setdefault(question.id, Reply(None, result.cells[cell.id].ended))
                continue
            started = time.monotonic()
            try:
                header, arrays = child.ask(*pack(question), budget.exercise_seconds, deadline)
                reply = read_reply(question, header, arrays, time.monotonic() - started)
                result.replies.setdefault(question.id, reply)  # what was answered before stays
            except Lost as lost:
                seconds = time.monotonic() - started
                result.replies.setdefault(question.id, Reply(None, lost.how, seconds))
                return key
    return None


def _out_of_budget(cells: Sequence[Cell], result: Execution) -> None:
    for cell in cells:
        result.cells.setdefault(cell.id, CellResult([], False, "budget"))
        for question in cell.questions:
            result.replies.setdefault(question.id, Reply(None, "timed out"))
