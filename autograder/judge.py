"""The verdict: a pure function of an exercise, its cases and the answers that came back.

The judge runs on the trusted side.  It knows expected values; nothing that it is given can change
them, because an `Answer` is plain data.  It looks in the order of a patient reader: not attempted,
raised, wrong type or shape (before any value, so nothing is broadcast), changed its inputs, wrong
values; then it compares the answer with the known mistakes, and only an exact match is named.
"""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Sequence

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
from autograder.exercise import Exercise, Mistake, Told


class Kind(enum.StrEnum):
    """What became of an answer.  The last two are not the student's doing or not yet judged."""

    CORRECT = "correct"
    PARTLY = "partly"
    WRONG = "wrong"
    NOT_ATTEMPTED = "not attempted"
    RAISED = "raised"
    TIMED_OUT = "timed out"
    OUT_OF_MEMORY = "out of memory"
    DIED = "died"
    REFUSED = "refused"
    INFRASTRUCTURE = "infrastructure"


@dataclasses.dataclass(frozen=True)
class Verdict:
    """A mark with its reason.

    `numbers` holds rows (where, got, expected) of the smallest failing case; it is empty where the
    cases are secret.  `shown` is the answer as it was understood, in lines under a heading, if its
    exercise has a reading.
    """

    exercise: str
    kind: Kind
    points: float
    max_points: float
    reason: str = ""  # "wrong shape", "changed its input", ...
    message: str = ""  # what is wrong, in a sentence
    diagnosis: str = ""  # the name of the mistake that gives just these answers
    explanation: str = ""  # what it looks like the student did
    read: str = ""  # the section to read again
    numbers: tuple[tuple[str, str, str], ...] = ()
    passed: int = 0
    cases: int = 0
    tried: tuple[tuple[str, bool], ...] = ()  # what each case looks at, and whether it is right
    shown: tuple[str, tuple[str, ...]] = ("", ())

    @property
    def headline(self) -> str:
        """Two or three words: what a table shows."""
        return self.reason if self.kind == Kind.WRONG and self.reason else str(self.kind)


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


def judge(
    exercise: Exercise,
    cases: Sequence[Case],
    answers: Sequence[Answer],
    *,
    untouched: bool = False,
    secret: bool = True,
) -> Verdict:
    """Compare answers with the reference, case by case, and say what the first trouble is.

    `untouched` says that the student left the cell as it was given.  With `secret` the message shows
    no number of the inputs or of the expected values.
    """
    if len(answers) != len(cases):
        raise ValueError(f"{exercise.id}: {len(cases)} cases but {len(answers)} answers")
    idle = [a.problem for a in answers if a.problem and a.problem.kind == "not attempted"]
    if untouched or len(idle) == len(answers):
        text = idle[0].text if idle else "The cell is as it was given."
        return Verdict(
            exercise.id, Kind.NOT_ATTEMPTED, 0.0, exercise.points, "", text, cases=len(cases)
        )
    references = [exercise.expected(case) for case in cases]
    if broken := next((r.problem for r in references if r.problem), None):
        text = f"The check itself cannot run here ({broken.text}) Restart the kernel and try again."
        return Verdict(
            exercise.id, Kind.INFRASTRUCTURE, 0.0, exercise.points, "", text, cases=len(cases)
        )
    troubles = [
        finding
        for case, answer, reference in zip(cases, answers, references, strict=True)
        if (finding := find_trouble(exercise, case, answer, reference.outputs)) is not None
    ]
    if isinstance(exercise.contract, Value | Choice):
        passed, total = _entries_right(exercise, cases[0], answers[0], references[0].outputs)
    else:
        passed, total = len(cases) - len(troubles), len(cases)
    if not troubles:
        told = _told(exercise, cases, answers, ())
        return Verdict(
            exercise.id,
            Kind.CORRECT,
            exercise.points,
            exercise.points,
            message=told.sentences,
            passed=total,
            cases=total,
            shown=told[1:],
        )
    first = min(troubles, key=lambda f: (REASONS.index(f.reason), _size(exercise, f.case)))
    mistake = diagnose(exercise, cases, answers)
    told = _told(exercise, cases, answers, troubles)
    text = first.bare if secret and first.bare else first.text
    return Verdict(
        exercise.id,
        _kind(first, passed),
        round(exercise.points * passed / total, 2),
        exercise.points,
        first.reason,
        f"{text} {told.sentences}".rstrip(),
        mistake.name if mistake else "",
        mistake.diagnosis if mistake else "",
        mistake.read if mistake else "",
        () if secret else _numbers(first, exercise),
        passed,
        total,
        _tried(exercise, cases, troubles),
        told[1:],
    )


def is_right(exercise: Exercise, cases: Sequence[Case], answers: Sequence[Answer]) -> bool:
    """Is there no trouble with any case?"""
    return all(
        find_trouble(exercise, case, answer, exercise.expected(case).outputs) is None
        for case, answer in zip(cases, answers, strict=True)
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
        if (finding := _compare(exercise, case, name, answer.outputs, expected)) is not None
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


def diagnose(
    exercise: Exercise, cases: Sequence[Case], answers: Sequence[Answer]
) -> Mistake | None:
    """The known mistake that gives exactly these answers on every case, if there is one.

    Of a `Choice`, a mistake holds the items that it is about; the others may be answered anyhow.
    """
    seen = [exercise.read(a, case) for case, a in zip(cases, answers, strict=True)]
    for mistake in exercise.mistakes:
        if all(
            _alike(
                exercise, case, answer, exercise.read(exercise.drive(mistake.answer, case), case)
            )
            for case, answer in zip(cases, seen, strict=True)
        ):
            return mistake
    return None


def close(a: np.ndarray, b: np.ndarray, rtol: float, atol: float) -> bool:
    """`max|a - b| <= rtol * max|b| + atol`, for finite arrays of one shape."""
    if a.shape != b.shape or a.dtype.kind not in "fiub" or not np.all(np.isfinite(a)):
        return False
    if b.size == 0:
        return True
    with np.errstate(over="ignore"):
        distance = np.max(np.abs(a.astype(np.float64) - b.astype(np.float64)))
        return bool(distance <= rtol * np.max(np.abs(b)) + atol)


def _compare(
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


def _told(
    exercise: Exercise,
    cases: Sequence[Case],
    answers: Sequence[Answer],
    troubles: Sequence[Finding],
) -> Told:
    """What a reading says: of the cases that the answer fails or, if there are none, of all."""
    if exercise.reading is None or any(f.reason != "wrong values" for f in troubles):
        return Told()
    failed = {id(finding.case) for finding in troubles}
    told = [
        (case, answer)
        for case, answer in zip(cases, answers, strict=True)
        if id(case) in failed or not troubles
    ]
    return exercise.reading.tell([c for c, _ in told], [a for _, a in told], right=not troubles)


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


def _alike(exercise: Exercise, case: Case, a: Answer, b: Answer) -> bool:
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
            one, other = (_compare(exercise, case, name, o, o) for o in (a.outputs, b.outputs))
            if (one and one.text) != (other and other.text):
                return False
        elif not _agree(exercise, array, b.outputs[name]):
            return False
    return True


def _entries_right(
    exercise: Exercise, case: Case, answer: Answer, expected: Arrays
) -> tuple[int, int]:
    """A table of values is marked entry by entry."""
    names = list(output_specs(exercise.contract))
    wrong = [n for n in names if _compare(exercise, case, n, answer.outputs, expected)]
    return len(names) - len(wrong), len(names)


def _kind(first: Finding, passed: int) -> Kind:
    if passed:
        return Kind.PARTLY
    if first.reason == "out of memory":
        return Kind.OUT_OF_MEMORY
    return Kind.RAISED if first.reason == "raised" else Kind.WRONG


def _tried(
    exercise: Exercise, cases: Sequence[Case], troubles: Sequence[Finding]
) -> tuple[tuple[str, bool], ...]:
    failed = {id(finding.case) for finding in troubles}
    if isinstance(exercise.contract, Value | Choice) or not all(case.about for case in cases):
        return ()
    return tuple((case.about, id(case) not in failed) for case in cases)


def _numbers(first: Finding, exercise: Exercise) -> tuple[tuple[str, str, str], ...]:
    """Up to three entries that differ: where, what came, what was expected.

    None of a value: there the expected number is the answer.
    """
    if first.got is None or first.expected is None or isinstance(exercise.contract, Value | Choice):
        return ()
    got, expected = first.got, first.expected
    limit = exercise.rtol * np.max(np.abs(expected), initial=0.0) + exercise.atol
    rows = []
    for index in np.argwhere(np.abs(got - expected) > limit)[:3]:
        at = tuple(int(i) for i in index)
        where = first.output + (f"[{', '.join(map(str, at))}]" if at else "")
        rows.append((where, f"{got[at]:.6g}", f"{expected[at]:.6g}"))
    return tuple(rows)


def _size(exercise: Exercise, case: Case) -> float:
    """How much there is to look at: few numbers and small ones come first.  A seed is no size."""
    specs = argument_specs(exercise.contract, case.script)
    seen = [case.inputs[name] for name, spec in specs.items() if Spec.parse(spec).kind != "rng"]
    return sum(float(np.sum(np.abs(value))) for value in seen)
