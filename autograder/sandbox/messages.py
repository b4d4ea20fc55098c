"""What is sent to the child, and how its answers are read: as data, key by key.

The child runs student code, so its word is taken for nothing but outputs and arrays; whatever does not
have the form of an answer is no answer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograder.contract import (
    Arrays,
    Case,
    Contract,
    argument_specs,
    from_json,
    output_specs,
    to_json,
)
from autograder.driver import MAX_TEXT, Answer, Problem


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
    """What a cell put out; `ended` says how, if it did not end by itself.

    "timed out", "died", "out of memory", "too many files", or "budget": the notebook's time was over.
    """

    outputs: list[dict[str, Any]]
    ok: bool
    ended: str = ""


@dataclasses.dataclass(frozen=True)
class Reply:
    """The answers to a question, case by case; `ended` says why there are none.

    "not handed", or one of the words that a cell may end with.
    """

    answers: list[Answer] | None
    ended: str = ""
    seconds: float = 0.0


def pack(question: Question) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What is sent: of each case the inputs that the contract reads, and no other."""
    sent = [list(argument_specs(question.contract, case.script)) for case in question.cases]
    cases = [
        {"script": case.script, "inputs": names}
        for case, names in zip(question.cases, sent, strict=True)
    ]
    arrays = {
        f"{number}/{name}": np.asarray(case.inputs[name])
        for number, (case, names) in enumerate(zip(question.cases, sent, strict=True))
        for name in names
    }
    contract = to_json(question.contract)
    return {"ask": question.id, "contract": contract, "cases": cases}, arrays


def unpack(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Question:
    """The question that `pack` made."""
    cases = [
        Case({n: arrays[f"{number}/{n}"] for n in case["inputs"]}, script=case["script"])
        for number, case in enumerate(header["cases"])
    ]
    return Question(header["ask"], from_json(header["contract"]), cases)


def pack_answers(answers: Sequence[Answer]) -> tuple[list[dict[str, Any]], Arrays]:
    """Answers, case by case, in the form that `read_reply` takes."""
    packed = [answer.pack(number) for number, answer in enumerate(answers)]
    arrays = {name: value for _, found in packed for name, value in found.items()}
    return [told for told, _ in packed], arrays


def read_reply(
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
        names = output_specs(question.contract, case.script)
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
    kind, text, error = (_text(part)[: 2 * MAX_TEXT] for part in told)
    return Problem(
        kind if kind in ("not attempted", "raised", "type", "memory") else "raised", text, error
    )


def read_outputs(told: Any) -> list[dict[str, Any]]:
    """The outputs of a cell, rebuilt key by key: the child's word is not trusted for their form."""
    outputs: list[dict[str, Any]] = []
    for item in told if isinstance(told, list) else []:
        kind = item.get("output_type") if isinstance(item, dict) else None
        if kind == "stream" and item.get("name") in ("stdout", "stderr"):
            outputs.append(
                {"output_type": kind, "name": item["name"], "text": _text(item.get("text"))}
            )
        elif kind in ("display_data", "execute_result") and isinstance(item.get("data"), dict):
            data = {_text(m): _text(v) for m, v in item["data"].items() if isinstance(v, str)}
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
    """A string that can be written as UTF-8, and into any database."""
    if not isinstance(told, str):
        return ""
    return told.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
