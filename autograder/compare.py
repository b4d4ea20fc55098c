"""What is wrong with an answer to one case, and whether two answers show the same.

It looks in the order of a patient reader: raised, wrong type or shape (before any value, so nothing is
broadcast), changed its inputs, wrong values.  `judge` makes a verdict of what is found here.
"""

from __future__ import annotations

import dataclasses
import re

import numpy as np

from autograder.contract import (
    Arrays,
    Case,
    Choice,
    Class,
    Expression,
    Function,
    Spec,
    Value,
    argument_specs,
    output_specs,
    sizes,
)
from autograder.driver import Answer, Problem
from autograder.exercise import Exercise


@dataclasses.dataclass(frozen=True)
class Finding:
    """What is wrong with one case.  Findings are ranked by `reason`, as REASONS lists them.

    `bare` is the text without the numbers of the case, where it has any.
    """

    reason: str
    text: str
    case: Case
    output: str = ""
    bare: str = ""
    got: np.ndarray | None = None
    expected: np.ndarray | None = None


#: In the order in which they are told.
REASONS = (
    "raised",
    "out of memory",
    "wrong type",
    "wrong shape",
    "changed its input",
    "wrong values",
    "not filled in",
    "not repeatable",
)


#: Messages of Python that hold a name and no number.
_NAMES_A_NAME = re.compile(
    r"^\w+: (name '[A-Za-z_]\w{0,39}' is not defined|No module named '[\w.]{1,60}'|"
    r"[\w.]+ is withheld while \w+ is graded|"
    r"('\w+' object|module '[\w.]+') has no attribute '[A-Za-z_]\w{0,39}')"
)


def find_trouble(
    exercise: Exercise, case: Case, answer: Answer, expected: Arrays
) -> Finding | None:
    """What is wrong with an answer to one case, or None."""
    answer = exercise.read(answer, case)
    if answer.problem is not None:
        reason = {"type": "wrong type", "memory": "out of memory"}.get(
            answer.problem.kind, "raised"
        )
        # A formula is written without the numbers of the case, so its errors can hold none.
        blind = isinstance(exercise.contract, Expression)
        bare = "" if blind else _without_message(answer.problem)
        return Finding(reason, answer.problem.text, case, bare=bare)
    if isinstance(exercise.contract, Expression):
        return _compare_formula(exercise, case, answer.outputs, expected)
    findings = [
        finding
        for name in output_specs(exercise.contract, case.script)
        if (finding := compare(exercise, case, name, answer.outputs, expected)) is not None
    ]
    first = min(findings, key=lambda f: REASONS.index(f.reason), default=None)
    if first is not None and first.reason in ("wrong type", "wrong shape"):
        return first
    if answer.changed:
        names = " and ".join(answer.changed)
        text = f"It overwrites {names}, which it was given. Make a new array instead."
        return Finding("changed its input", text, case)
    if first is not None:
        return first
    if answer.again is not None and not _agree_all(exercise, answer.again, answer.outputs):
        text = (
            "A second call with the same inputs gives another answer. "
            "Does it draw at random, or keep something from the first call?"
        )
        return Finding("not repeatable", text, case)
    return None


def alike(exercise: Exercise, case: Case, a: Answer, b: Answer) -> bool:
    """Do two answers show the same symptom on a case?"""
    if isinstance(exercise.contract, Choice):
        picked = a.outputs
        return all(i in picked and np.array_equal(picked[i], b.outputs[i]) for i in b.outputs)
    if a.problem or b.problem:
        return (
            a.problem is not None
            and b.problem is not None
            and a.problem.kind == b.problem.kind
            # As words in any order: which of two shapes NumPy names first is the order of a sum.
            and sorted(a.problem.error.split()) == sorted(b.problem.error.split())
            and (a.problem.kind != "type" or a.problem.text == b.problem.text)
        )
    if a.changed != b.changed or a.outputs.keys() != b.outputs.keys():
        return False
    if (a.again is None) != (b.again is None):
        return False
    if a.again is not None and b.again is not None and not _agree_all(exercise, a.again, b.again):
        return False
    for name, array in a.outputs.items():
        if name in exercise.laws:
            # What is said of each, by shape and type first: a law may count on those.
            one, other = (compare(exercise, case, name, o, o) for o in (a.outputs, b.outputs))
            if (one and one.text) != (other and other.text):
                return False
        elif not _agree(exercise, array, b.outputs[name]):
            return False
    return True


def close(a: np.ndarray, b: np.ndarray, rtol: float, atol: float) -> bool:
    """`max|a - b| <= rtol * max|b| + atol`, for finite arrays of one shape."""
    if a.shape != b.shape or a.dtype.kind not in "fiub" or not np.all(np.isfinite(a)):
        return False
    if b.size == 0:
        return True
    with np.errstate(over="ignore"):
        distance = np.max(np.abs(a.astype(np.float64) - b.astype(np.float64)))
        return bool(distance <= rtol * np.max(np.abs(b)) + atol)


def compare(
    exercise: Exercise, case: Case, name: str, outputs: Arrays, expected: Arrays
) -> Finding | None:
    if name not in outputs:
        return Finding("not filled in", f"{name} is not filled in yet.", case, name)
    text = output_specs(exercise.contract, case.script)[name]
    spec, got = Spec.parse(text), outputs[name]
    bound = sizes(argument_specs(exercise.contract, case.script), case.inputs)
    alone = len(expected) == 1 and not isinstance(exercise.contract, Class)
    shape, what = spec.shape(bound), exercise.id if alone else name
    # A tuple of whole numbers may itself be a shape, so "has shape" would mislead.
    listed = isinstance(exercise.contract, Value) and spec.kind == "int" and len(shape) == 1
    if got.shape != shape and listed:
        yours = {0: "a single number", 1: f"of length {got.size}"}.get(got.ndim, "nested")
        text = f"{what} should be a tuple of length {shape[0]}; yours is {yours}."
        return Finding("wrong shape", text, case, name)
    if got.shape != shape:
        said = f"{spec} = {shape}" if shape and spec.dims != tuple(map(str, shape)) else str(spec)
        text = f"{what} has shape {got.shape}; it should be {said}."
        bare = f"{what} has the wrong shape; it should be {spec}."
        question = " Is something transposed?" if got.shape == shape[::-1] != shape else ""
        return Finding("wrong shape", text + question, case, name, bare + question)
    wanted = "iu" if spec.kind == "int" else "fiu"
    if got.dtype.kind not in wanted:
        text = f"{what} holds {got.dtype}; it should hold {'whole ' * (wanted == 'iu')}numbers."
        return Finding("wrong type", text, case, name)
    if got.dtype.kind == "f" and got.dtype.itemsize < 8:
        text = f"{what} holds {got.dtype}, which loses digits; the inputs are float64: keep that."
        return Finding("wrong type", text, case, name)
    if not np.all(np.isfinite(got)):
        return Finding("wrong values", f"{what} holds NaN or infinity.", case, name)
    if name in exercise.laws:
        with np.errstate(all="ignore"):  # what is far too large is for the law to say
            said_by_law = exercise.laws[name](case.inputs, got.astype(np.float64))  # integers wrap
        return Finding("wrong values", said_by_law, case, name) if said_by_law else None
    if close(got, expected[name], exercise.rtol, exercise.atol):
        return None
    if listed:
        text = f"{what} has the right length but wrong numbers"
    elif isinstance(exercise.contract, Choice):
        options = exercise.contract.options[name]
        picked = repr(options[int(got)]) if 0 <= int(got) < len(options) else "that"
        text = f"{name}: {picked} is not right"
    elif not shape:
        text = f"{what} has the wrong value"
    else:
        text = f"{what} has the right shape but wrong values"
    text += f" ({case.about})" if case.about else ""
    return Finding(
        "wrong values",
        f"{text}{_numbers_given(exercise, case)}.",
        case,
        name,
        f"{text}.",
        got,
        expected[name],
    )


def _compare_formula(
    exercise: Exercise, case: Case, outputs: Arrays, expected: Arrays
) -> Finding | None:
    value = outputs.get("value")
    if value is not None and close(value, expected["value"], exercise.rtol, exercise.atol):
        return None
    text = f"{exercise.id} does not have the gradient's value."
    if value is None:
        text = f"The matrices of {exercise.id} do not fit together to the shape of the gradient."
    return Finding("wrong values", text, case, "value")


def _numbers_given(exercise: Exercise, case: Case) -> str:
    """The whole numbers that a function was given: without them a wrong count cannot be redone."""
    if not isinstance(exercise.contract, Function):
        return ""
    numbers = [name for name, spec in exercise.contract.args.items() if spec == "int"]
    given = ", ".join(f"{name} = {int(case.inputs[name])}" for name in numbers)
    return given and f" for {given}"


def _without_message(problem: Problem) -> str:
    """What to say of an exception on a secret case: its message can hold numbers of the inputs."""
    if not problem.error or not problem.text.startswith(problem.error):
        return ""
    if _NAMES_A_NAME.search(problem.error):
        return problem.text
    return problem.error.partition(":")[0] + problem.text.removeprefix(problem.error)


def _agree_all(exercise: Exercise, a: Arrays, b: Arrays) -> bool:
    return a.keys() == b.keys() and all(_agree(exercise, a[name], b[name]) for name in a)


def _agree(exercise: Exercise, a: np.ndarray, b: np.ndarray) -> bool:
    """Close; or close where they are finite, with NaN and infinity at the same places."""
    if a.shape == b.shape and a.dtype.kind == b.dtype.kind == "f":
        finite = np.isfinite(b)
        if not np.array_equal(a[~finite], b[~finite], equal_nan=True):
            return False
        a, b = a[finite], b[finite]
    return close(a, b, exercise.rtol, exercise.atol)
