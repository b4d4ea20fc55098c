"""Run a notebook in a child process and ask for its answers.

A pure function of cells, questions and budget: it knows no expected value and gives no verdict.

A cell or an answer that takes too long is stopped in the child, and the notebook goes on.  When one
will not stop, or kills the child, the notebook is run again without it; what was answered before stays,
so one exercise is lost and not the notebook.  When the sandbox itself goes away, the notebook is run
again as it is: that is no doing of its author's.
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
#: How often a submission is run again because its sandbox went away.
_FRESH_STARTS = 1
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
    Raises WorkerFailure if the child cannot be started, or its sandbox goes away twice.
    """
    begin = time.monotonic()
    start: float | None = None
    result = Execution()
    skip: set[str] = set()  # cells and questions that cost a child its life
    gone = 0
    while True:
        with slot.child(budget, told) as child:
            _put_files(child, files or {}, budget)
            if start is None:  # a first sandbox takes its time, which is not the notebook's
                start = time.monotonic()
            deadline = start + budget.notebook_seconds
            lost = _run_through(child, cells, result, skip, deadline, budget)
        if lost is None:
            break
        where, how = lost
        if how == "infrastructure":
            gone += 1
            if gone > _FRESH_STARTS:
                raise WorkerFailure(f"the sandbox went away while {where} ran, {gone} times.")
            start = None
            continue
        skip.add(where)
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
) -> tuple[str, str] | None:
    """One pass over the notebook; at which cell or question the child was lost, and how."""
    room = budget.notebook_output_bytes
    number = 0
    ran: dict[int, CellResult] = {}
    for cell in cells:
        key = f"cell {cell.id}"
        number += bool(cell.source.strip())  # as a kernel counts: what is empty has no number
        if key not in skip:
            if time.monotonic() >= deadline:
                _out_of_budget(cells, result)
                return None
            run = {"run": cell.source, "number": number, "asks": bool(cell.questions)}
            try:
                header, _ = child.ask(run, {}, budget.cell_seconds, deadline)
            except Lost as lost:
                if lost.how != "infrastructure":
                    _keep(result, cell, CellResult([], False, lost.how), deadline)
                return key, lost.how
            outputs = read_outputs(header.get("outputs"))
            room -= len(json.dumps(outputs)) + OUTPUT_COSTS * len(outputs)
            ended = "timed out" if header.get("timed_out") is True else ""
            outputs = outputs if room >= 0 else [_LEFT_OUT]
            ok = header.get("ok") is True and not ended
            _keep(result, cell, CellResult(outputs, ok, ended), deadline)
            if cell.source.strip():
                ran[number] = result.cells[cell.id]
            room -= _change(ran, header.get("changed"), room)
        for question in cell.questions:
            key = f"question {question.id}"
            if key in skip:
                continue
            if how := result.cells[cell.id].ended:  # stopped here, or skipped
                result.replies.setdefault(question.id, Reply(None, how))
                continue
            started = time.monotonic()
            if started >= deadline:
                _out_of_budget(cells, result)
                return None
            try:
                header, arrays = child.ask(*pack(question), budget.exercise_seconds, deadline)
            except Lost as lost:
                if lost.how != "infrastructure":
                    reply = Reply(None, lost.how, time.monotonic() - started)
                    result.replies.setdefault(question.id, reply)
                return key, lost.how
            seconds = time.monotonic() - started
            if header.get("timed_out") is True:
                reply = Reply(None, "timed out", seconds)
            else:
                reply = read_reply(question, header, arrays, seconds)
            result.replies.setdefault(question.id, reply)  # what was answered before stays
    return None


def _keep(result: Execution, cell: Cell, found: CellResult, deadline: float) -> None:
    """Keep a cell's result; of one that the notebook's own budget cut short, what it did before."""
    if found.ended and time.monotonic() >= deadline:
        result.cells.setdefault(cell.id, found)
    else:
        result.cells[cell.id] = found


def _change(ran: Mapping[int, CellResult], told: Any, room: int) -> int:
    """Change displays of earlier cells, where they are; how many bytes that takes."""
    taken = 0
    for item in told if isinstance(told, list) else []:
        match item:
            case [int(number), int(place), dict(data)] if number in ran and place >= 0:
                shown = ran[number].outputs
                made = read_outputs([{"output_type": "display_data", "data": data}])
                taken += len(json.dumps(made)) + OUTPUT_COSTS
                if taken > room:
                    break
                if place < len(shown) and shown[place]["output_type"] == "display_data":
                    shown[place] = made[0]
    return taken


def _out_of_budget(cells: Sequence[Cell], result: Execution) -> None:
    for cell in cells:
        result.cells.setdefault(cell.id, CellResult([], False, "budget"))
        for question in cell.questions:
            result.replies.setdefault(question.id, Reply(None, "timed out"))
