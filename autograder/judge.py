"""The verdict: a pure function of an exercise, its cases and the answers that came back.

The judge runs on the trusted side.  It knows expected values; nothing that it is given can change
them, because an `Answer` is plain data.  It finds the first trouble of each case (`compare`), then
compares the answer with the known mistakes, and only an exact match is named.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Sequence

import numpy as np

from autograder.compare import REASONS, Finding, alike, compare, find_trouble
from autograder.contract import (
    Arrays,
    Case,
    Choice,
    Spec,
    Value,
    argument_specs,
    output_specs,
)
from autograder.driver import Answer
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


def diagnose(
    exercise: Exercise, cases: Sequence[Case], answers: Sequence[Answer]
) -> Mistake | None:
    """The known mistake that gives exactly these answers on every case, if there is one.

    Of a `Choice`, a mistake holds the items that it is about; the others may be answered anyhow.
    """
    seen = [exercise.read(a, case) for case, a in zip(cases, answers, strict=True)]
    for mistake in exercise.mistakes:
        if all(
            alike(exercise, case, answer, exercise.read(exercise.drive(mistake.answer, case), case))
            for case, answer in zip(cases, seen, strict=True)
        ):
            return mistake
    return None


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


def _entries_right(
    exercise: Exercise, case: Case, answer: Answer, expected: Arrays
) -> tuple[int, int]:
    """A table of values is marked entry by entry."""
    names = list(output_specs(exercise.contract))
    wrong = [n for n in names if compare(exercise, case, n, answer.outputs, expected)]
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
        rows.append((where, *_told_apart(float(got[at]), float(expected[at]))))
    return tuple(rows)


def _told_apart(got: float, expected: float) -> tuple[str, str]:
    """Both numbers with six digits, or with as many as it takes to see that they differ."""
    for digits in (6, 9, 12, 17):
        texts = f"{got + 0.0:.{digits}g}", f"{expected + 0.0:.{digits}g}"  # + 0.0: no minus zero
        if texts[0] != texts[1]:
            break
    return texts


def _size(exercise: Exercise, case: Case) -> float:
    """How much there is to look at: few numbers and small ones come first.  A seed is no size."""
    specs = argument_specs(exercise.contract, case.script)
    seen = [case.inputs[name] for name, spec in specs.items() if Spec.parse(spec).kind != "rng"]
    return sum(float(np.sum(np.abs(value))) for value in seen)
