"""The record of a grading: the inputs and answers that each verdict was made from, and the verdict.

    .unrolled/records/ps02/20270301T101500Z-4711.frames

One file a batch, to which entries are appended and in which nothing is changed; each entry carries the
digest of the one before it.  From an entry the verdict can be made again without running student code,
whatever has become of the random streams that the inputs were drawn from.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from autograder.contract import Arrays, Case
from autograder.errors import UserError
from autograder.exercise import Worksheet
from autograder.judge import Kind, Verdict
from autograder.marking import Evidence, Marked
from autograder.questions import named
from autograder.sandbox.frames import BadFrame, decode, encode
from autograder.sandbox.messages import Question, pack_answers, read_reply

_LENGTH = 8  # bytes before each entry
_NO_DIGEST = "0" * 64


class DamagedRecord(UserError):
    """A batch's file is not as it was written."""


@dataclasses.dataclass(frozen=True)
class Entry:
    """One notebook's evidence, as it was recorded."""

    header: dict[str, Any]
    arrays: Arrays
    digest: str


class Batch:
    """The file of one batch; it comes into being with its first entry."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds the batches of an assignment."""
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        self._path = folder / f"{now}-{os.getpid()}.frames"
        self._last = _NO_DIGEST

    @property
    def name(self) -> str:
        return self._path.name

    def append(self, assignment: str, student: str, notebook: str, marked: Marked) -> str:
        """Write down what a notebook's verdicts were made from; the digest of the entry."""
        exercises: list[dict[str, Any]] = []
        arrays: Arrays = {}
        for number, (verdict, evidence) in enumerate(
            zip(marked.verdicts, marked.evidence, strict=True)
        ):
            told, found = _pack(evidence)
            exercises.append(told | {"verdict": _plain(verdict)})
            arrays |= {f"{number}/{name}": value for name, value in found.items()}
        header = {
            "assignment": assignment,
            "student": student,
            "notebook": notebook,
            "level": str(marked.level),
            "previous": self._last,
            "exercises": exercises,
        }
        entry = encode(header, arrays)
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(len(entry).to_bytes(_LENGTH, "big") + entry)
            file.flush()
            os.fsync(file.fileno())
        self._last = hashlib.sha256(entry).hexdigest()
        return self._last


def entries(path: Path) -> Iterator[Entry]:
    """The entries of a batch, in order.  An unfinished last one is left out.

    Raises DamagedRecord if one is not what it was, or if one is missing.
    """
    previous = _NO_DIGEST
    with path.open("rb") as file:
        while len(length := file.read(_LENGTH)) == _LENGTH:
            data = file.read(int.from_bytes(length, "big"))
            if len(data) < int.from_bytes(length, "big"):
                return  # the grader was ended while it wrote
            try:
                header, arrays = decode(data)
            except BadFrame as error:
                raise DamagedRecord(
                    f"{path} holds an entry that cannot be read: {error}."
                ) from error
            if header.get("previous") != previous:
                raise DamagedRecord(f"{path} has been changed: an entry is missing or another.")
            previous = hashlib.sha256(data).hexdigest()
            yield Entry(header, arrays, previous)


def replay(entry: Entry, worksheet: Worksheet) -> Iterator[tuple[dict[str, Any], Verdict | None]]:
    """Each verdict as recorded, and as today's judge gives it from the same inputs and answers.

    None where there was no answer to judge, or the worksheet has no such exercise any more.
    """
    for number, told in enumerate(entry.header["exercises"]):
        exercise = worksheet.exercise(told["id"])
        if exercise is None or told["answers"] is None:
            yield told["verdict"], None
            continue
        prefix = f"{number}/"
        arrays = {n[len(prefix) :]: a for n, a in entry.arrays.items() if n.startswith(prefix)}
        cases = [
            Case(
                {name: arrays[f"in/{at}/{name}"] for name in case["inputs"]},
                case["about"],
                case["script"],
            )
            for at, case in enumerate(told["cases"])
        ]
        question = Question(told["id"], exercise.contract, cases)
        reply = read_reply(question, {"handed": True, "answers": told["answers"]}, arrays, 0.0)
        drawn = named(exercise, told["question"], told["drawn_for"])
        yield told["verdict"], drawn.judge(cases, reply.answers or [])


def same(recorded: dict[str, Any], verdict: Verdict) -> bool:
    """Is a verdict what is on record?  A cell left as it was given is judged by that alone."""
    untouched = recorded["kind"] == Kind.NOT_ATTEMPTED and not verdict.points
    return untouched or recorded == _plain(verdict)


def _pack(evidence: Evidence) -> tuple[dict[str, Any], Arrays]:
    cases: Sequence[Case] = evidence.cases
    arrays = {
        f"in/{at}/{name}": np.asarray(value)
        for at, case in enumerate(cases)
        for name, value in case.inputs.items()
    }
    told = None
    if evidence.answers is not None:
        told, answers = pack_answers(evidence.answers)
        arrays |= answers
    about = [{"about": c.about, "script": c.script, "inputs": list(c.inputs)} for c in cases]
    return {
        "id": evidence.drawn.exercise.id,
        "question": evidence.drawn.name,
        "drawn_for": evidence.drawn.student,
        "cases": about,
        "answers": told,
    }, arrays


def _plain(verdict: Verdict) -> dict[str, Any]:
    """The part of a verdict that counts."""
    return {
        "exercise": verdict.exercise,
        "kind": str(verdict.kind),
        "points": verdict.points,
        "max_points": verdict.max_points,
        "reason": verdict.reason,
        "message": verdict.message,
        "diagnosis": verdict.diagnosis,
    }
