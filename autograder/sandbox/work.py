"""One notebook to run, as bytes that any machine with a sandbox can take; bytes come back.

    run(work.encode()) -> bytes -> read_execution(...)

`run` is all that happens on such a machine.  It knows cells, contracts and inputs; what comes back is
outputs and arrays, which are judged where the expected values are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from autograder.contract import Arrays
from autograder.sandbox import frames
from autograder.sandbox.child import Budget
from autograder.sandbox.execute import Execution, execute
from autograder.sandbox.launch import NoSandbox, why_not
from autograder.sandbox.messages import (
    Cell,
    CellResult,
    Question,
    Reply,
    pack,
    pack_answers,
    read_outputs,
    read_reply,
    unpack,
)
from autograder.sandbox.pool import POOL, Place


@dataclasses.dataclass(frozen=True)
class Work:
    """A notebook, where it may run, and what it may use."""

    place: Place
    cells: tuple[Cell, ...]
    budget: Budget
    told: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    files: Mapping[str, bytes] = dataclasses.field(default_factory=dict)  # beside the notebook

    def encode(self) -> bytes:
        """This work as bytes."""
        arrays = {
            f"file/{name}": np.frombuffer(data, np.uint8) for name, data in self.files.items()
        }
        cells = []
        for at, cell in enumerate(self.cells):
            asked = []
            for number, question in enumerate(cell.questions):
                header, inputs = pack(question)
                asked.append(header)
                arrays |= _within(f"cell/{at}/{number}", inputs)
            cells.append({"id": cell.id, "source": cell.source, "questions": asked})
        header = {
            "place": vars(self.place),
            "budget": vars(self.budget),
            "told": dict(self.told),
            "files": list(self.files),
            "cells": cells,
        }
        return frames.encode(header, arrays)

    @classmethod
    def decode(cls, data: bytes) -> Work:
        """The work that `encode` made."""
        header, arrays = frames.decode(data)
        cells = [
            Cell(
                cell["id"],
                cell["source"],
                tuple(
                    unpack(asked, _inside(f"cell/{at}/{number}", arrays))
                    for number, asked in enumerate(cell["questions"])
                ),
            )
            for at, cell in enumerate(header["cells"])
        ]
        return cls(
            Place.from_json(header["place"]),
            tuple(cells),
            Budget(**header["budget"]),
            header["told"],
            {name: arrays[f"file/{name}"].tobytes() for name in header["files"]},
        )

    @property
    def questions(self) -> Iterator[Question]:
        """Every question that is asked, in order."""
        for cell in self.cells:
            yield from cell.questions


def run(data: bytes) -> bytes:
    """Run a notebook in a sandbox of this machine.

    Raises NoSandbox or SandboxLeaks where this machine cannot confine student code as well as is asked
    for, WorkerFailure if the sandbox fails by no fault of the notebook's.
    """
    work = Work.decode(data)
    if reason := why_not(work.place.level):
        raise NoSandbox(f"a machine that runs notebooks cannot confine them: {reason}")
    with POOL.lend(work.place) as slot:
        done = execute(work.cells, slot, work.budget, work.told, work.files)
    return write_execution(done)


def write_execution(done: Execution) -> bytes:
    """What came of a notebook, as bytes."""
    arrays: Arrays = {}
    replies = {}
    for number, (name, reply) in enumerate(done.replies.items()):
        told = None
        if reply.answers is not None:
            told, found = pack_answers(reply.answers)
            arrays |= _within(str(number), found)
        replies[name] = {"answers": told, "ended": reply.ended, "seconds": reply.seconds}
    cells = {name: vars(result) for name, result in done.cells.items()}
    return frames.encode({"cells": cells, "replies": replies, "seconds": done.seconds}, arrays)


def read_execution(work: Work, data: bytes) -> Execution:
    """What `run` returned for this work.  Raises BadFrame if it is something else."""
    header, arrays = frames.decode(data)
    asked = {question.id: question for question in work.questions}
    try:
        cells = {
            name: CellResult(read_outputs(told["outputs"]), told["ok"] is True, str(told["ended"]))
            for name, told in header["cells"].items()
        }
        replies = {}
        for number, (name, told) in enumerate(header["replies"].items()):
            seconds = float(told["seconds"])
            if told["answers"] is None:
                replies[name] = Reply(None, str(told["ended"]), seconds)
            else:
                given = {"handed": True, "answers": told["answers"]}
                inside = _inside(str(number), arrays)
                replies[name] = read_reply(asked[name], given, inside, seconds)
        return Execution(cells, replies, float(header["seconds"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise frames.BadFrame(f"no execution of this work: {error!r}") from error


def _within(folder: str, arrays: Mapping[str, np.ndarray]) -> Arrays:
    return {f"{folder}/{name}": value for name, value in arrays.items()}


def _inside(folder: str, arrays: Mapping[str, np.ndarray]) -> Arrays:
    start = f"{folder}/"
    return {name[len(start) :]: a for name, a in arrays.items() if name.startswith(start)}
