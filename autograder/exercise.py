"""What an exercise is: data and small pure functions, used in five places.

The same `Exercise` serves `check()` in a notebook, grading with secret inputs, the diagnosis of a
wrong answer, the tests of the check itself, and the table of contracts in the documentation.
A `Worksheet` gathers exercises, written questions, and the chapters that students must not import.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from autograder.contract import Arrays, Case, Contract
from autograder.driver import Answer, drive


@dataclasses.dataclass(frozen=True)
class Mistake:
    """A wrong answer that students give: how to recognise it, what to say, where to read again.

    The diagnosis is read after a sentence such as "rnn_step has the right shape but wrong values."  It
    says what seems to have happened and how to see it, and leaves the repair to the student.  Only an
    answer that agrees with this one on every case gets it.  Of a `Choice`, `answer` holds only the items
    that the mistake is about.
    """

    name: str
    answer: Any
    diagnosis: str
    read: str  # the heading of the worksheet's section


#: Judges an output that has no single right value: a sentence if it is wrong, None if it is right.
Law = Callable[[Mapping[str, np.ndarray], np.ndarray], str | None]


class Told(NamedTuple):
    """What a reading has to say of an answer, and how it shows it: a heading and lines."""

    sentences: str = ""
    heading: str = ""
    lines: tuple[str, ...] = ()


class Reading(Protocol):
    """Makes sense of answers that cannot be compared as they cross, such as an `Expression`'s."""

    def value(self, answer: Answer, case: Case) -> Answer:
        """The answer with outputs that can be compared, or with a problem.

        A right answer's are those that are expected; answers of the same outputs are the same mistake.
        """

    def expected(self, case: Case) -> Arrays:
        """The outputs of a right answer."""

    def tell(self, cases: Sequence[Case], answers: Sequence[Answer], right: bool) -> Told:
        """What there is to say beside that the answer is right on these cases, or wrong on these."""


@dataclasses.dataclass(frozen=True)
class Exercise:
    """An autograded exercise.

    `cases(rng)` draws its inputs: the same number for public and for secret use.  `reference` is a
    right answer of the contract's kind.  `laws` judge outputs by a rule and not by the reference's
    value.  `given` is what the student starts from when that is more than a stub.  `reading` makes
    values of answers that cannot be compared as they come.  `questions`, by name, are those of which a
    student may get one (see `questions.py`); this exercise is the first of them.
    Values agree when `max|a - b| <= rtol * max|b| + atol`, per output.
    """

    contract: Contract
    title: str
    points: float
    minutes: int
    difficulty: int  # 1 to 3
    cases: Callable[[np.random.Generator], Sequence[Case]]
    reference: Any
    mistakes: tuple[Mistake, ...]
    hints: tuple[str, ...]
    laws: Mapping[str, Law] = dataclasses.field(default_factory=dict)
    given: Any = None
    reading: Reading | None = None
    questions: Mapping[str, Exercise] = dataclasses.field(default_factory=dict)
    rtol: float = 1e-7
    atol: float = 1e-12

    @classmethod
    def one_of(cls, questions: Mapping[str, Exercise]) -> Exercise:
        """The exercise whose question may differ from student to student.

        They are of the same contract, title, points and cases; without draws it is the first one.
        """
        first = next(iter(questions.values()))
        for name, question in questions.items():
            for field in ("contract", "title", "points", "minutes", "difficulty", "cases"):
                if getattr(question, field) != getattr(first, field):
                    raise ValueError(f"{first.id}: the question {name!r} has another {field}")
        return dataclasses.replace(first, questions=questions)

    @property
    def id(self) -> str:
        """The exercise's name: in heading, check, hint, grade cell and gradebook alike."""
        return self.contract.name

    def drive(self, answer: Any, case: Case) -> Answer:
        """Run an answer on a case."""
        return drive(self.contract, answer, case.inputs, case.script)

    def read(self, answer: Answer, case: Case) -> Answer:
        """An answer as the judge compares it."""
        return self.reading.value(answer, case) if self.reading else answer

    def expected(self, case: Case) -> Answer:
        """What a right answer gives on a case, as the judge compares it."""
        if self.reading:
            return Answer(self.reading.expected(case))
        return self.drive(self.reference, case)

    def draw(self, *secret: str | bytes) -> list[Case]:
        """The cases whose random stream is keyed by `secret`; the public ones without a secret."""
        digest = hashlib.sha256(self.id.encode())
        for part in secret:
            digest.update(b"\0" + (part if isinstance(part, bytes) else part.encode()))
        return list(self.cases(np.random.default_rng(int.from_bytes(digest.digest()[:16], "big"))))

    @functools.cached_property
    def public_cases(self) -> list[Case]:
        """What `check()` uses in a notebook."""
        return self.draw()


@dataclasses.dataclass(frozen=True)
class Criterion:
    """One thing that a written answer should say, and what it is worth."""

    points: float
    text: str


@dataclasses.dataclass(frozen=True)
class Sample:
    """A written answer, marked: which criteria it meets (counted from 1), and why."""

    text: str
    met: tuple[int, ...]
    comment: str


@dataclasses.dataclass(frozen=True)
class Written:
    """A question that a person marks, with its rubric."""

    id: str
    title: str
    minutes: int
    difficulty: int
    criteria: tuple[Criterion, ...]
    samples: tuple[Sample, ...]

    @property
    def points(self) -> float:
        return sum(criterion.points for criterion in self.criteria)

    def mark(self, met: Sequence[int]) -> float:
        """The points for the criteria met, counted from 1.  Raises ValueError for one unknown."""
        for number in met:
            if not 1 <= number <= len(self.criteria):
                raise ValueError(f"{self.id} has criteria 1 to {len(self.criteria)}, not {number}")
        return sum(self.criteria[number - 1].points for number in set(met))


@dataclasses.dataclass(frozen=True)
class Worksheet:
    """A worksheet: what it asks, and which modules its students may not import while graded.

    `withheld` names the modules that hold the answers, and others that would spare students the work
    (torch).  What later worksheets withhold of `course` is added by `exercises.worksheet`.
    """

    id: str
    subject: str
    title: str
    exercises: tuple[Exercise, ...]
    written: tuple[Written, ...]
    withheld: tuple[str, ...]

    @property
    def notebook(self) -> str:
        """The notebook's name, without suffix: `ps02_vanilla_rnn`."""
        return f"{self.id}_{self.subject}"

    @property
    def points(self) -> float:
        return sum(e.points for e in self.exercises) + sum(w.points for w in self.written)

    def exercise(self, id: str) -> Exercise | None:
        """The exercise of that name, or None (a written question, an instructor's own cell)."""
        return next((exercise for exercise in self.exercises if exercise.id == id), None)
