"""One exercise on trial: its mistakes, right answers, and mutants of its reference."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from autograder.contract import Call, Case, Choice, Class, Expression, Get, Set, Value
from autograder.driver import Answer
from autograder.exercise import Exercise, Mistake
from autograder.judge import Kind, Verdict, diagnose, judge
from autograder.prove.mutants import Mutant, choice_mutants, mutants, value_mutants
from autograder.prove.report import Misnamed, Report, Survivor
from course.derivation import families

FRESH_DRAWS = 20


def prove(
    exercise: Exercise, variants: Sequence[Any], equivalent: Mapping[str, str] | None = None
) -> Report:
    """Try an exercise's check on its mistakes, on right answers, and on mutants of its reference.

    Args:
        exercise: the exercise.
        variants: right answers, written in other ways than the reference.
        equivalent: for mutants that are as good as the reference, by their description: why.
    """
    equivalent = equivalent or {}
    trial = _Trial(exercise)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # wrong answers compute what one would be warned of
        undiagnosed = tuple(
            Misnamed(mistake.name, wrong)
            for mistake in exercise.mistakes
            if (wrong := trial.not_named(whole_answer(exercise, mistake), mistake.name))
        )
        refused = tuple(
            f"number {number}: {wrong}"
            for number, answer in enumerate(variants, 1)
            if (wrong := trial.refusal(answer))
        )
        tried = [trial.of_mutant(mutant) for mutant in mutants_of(exercise)]
    survivors = tuple(
        dataclasses.replace(result, reason=equivalent.get(result.mutant, ""))
        for result in tried
        if isinstance(result, Survivor)
    )
    named = [result for result in tried if isinstance(result, _Named)]
    return Report(
        exercise.id,
        is_value=isinstance(exercise.contract, Value | Choice),
        cases=len(trial.draws[0]),
        mistakes=len(exercise.mistakes),
        undiagnosed=undiagnosed,
        variants=len(variants),
        refused=refused,
        mutants=len(tried),
        survivors=survivors,
        diagnosed=len(named),
        wrong_diagnoses=tuple(Misnamed(n.mutant, n.wrongly) for n in named if n.wrongly),
        idle=tuple(sorted(equivalent.keys() - {survivor.mutant for survivor in survivors})),
    )


def whole_answer(exercise: Exercise, mistake: Mistake) -> Any:
    """What a student hands over who makes this mistake and no other."""
    if isinstance(exercise.contract, Choice):
        return {**exercise.reference, **mistake.answer}
    return mistake.answer


def mutants_of(exercise: Exercise) -> list[Mutant]:
    """The mutants of an exercise's reference.  Of a class, what its scripts reach."""
    contract = exercise.contract
    if isinstance(contract, Choice):
        return choice_mutants(exercise.reference, contract.options)
    if isinstance(contract, Value):
        return value_mutants(exercise.reference, exercise.rtol, exercise.atol)
    if isinstance(contract, Expression):
        return mutants(exercise.reference, attributes=tuple(families(contract.network)))
    if not isinstance(contract, Class):
        return mutants(exercise.reference)
    steps = [step for script in contract.scripts.values() for step in script]
    used = {step.method for step in steps if isinstance(step, Call)}
    used |= {step.attribute for step in steps if isinstance(step, Set | Get)}
    return mutants(exercise.reference, used)


@dataclasses.dataclass(frozen=True)
class _Named:
    """A mutant that got a specific diagnosis, and the name of it if it is wrong."""

    mutant: str
    wrongly: str


@dataclasses.dataclass(frozen=True)
class _Remembering(Exercise):
    """An exercise that drives its reference and its mistakes, and reads answers, once for each case."""

    driven: dict[tuple[int, int], tuple[Any, Case, Answer]] = dataclasses.field(
        default_factory=dict
    )
    seen: dict[tuple[int, int], tuple[Answer, Case, Answer]] = dataclasses.field(
        default_factory=dict
    )

    def drive(self, answer: Any, case: Case) -> Answer:
        key = id(answer), id(case)
        if key not in self.driven:
            # Answer and case are kept too: an id belongs to its object while that lives.
            self.driven[key] = answer, case, super().drive(answer, case)
        return self.driven[key][2]

    def read(self, answer: Answer, case: Case) -> Answer:
        key = id(answer), id(case)
        if key not in self.seen:
            self.seen[key] = answer, case, super().read(answer, case)
        return self.seen[key][2]


class _Trial:
    """An exercise with all draws of its cases: public, secret, and fresh ones."""

    def __init__(self, exercise: Exercise) -> None:
        fields = {f.name: getattr(exercise, f.name) for f in dataclasses.fields(exercise)}
        self.exercise = _Remembering(**fields)
        fresh = [exercise.draw("prove", str(number)) for number in range(FRESH_DRAWS)]
        self.draws = [exercise.draw(), exercise.draw("prove"), *fresh]
        self._drive = exercise.drive

    def verdict(self, answer: Any, cases: Sequence[Case]) -> Verdict:
        return judge(self.exercise, cases, [self._drive(answer, case) for case in cases])

    def not_named(self, answer: Any, name: str) -> str:
        """What an answer is taken for instead of the mistake of that name; empty if it is not."""
        for cases in self.draws:
            verdict = self.verdict(answer, cases)
            if verdict.kind == Kind.CORRECT or verdict.diagnosis != name:
                said = f"taken for {verdict.diagnosis!r}" if verdict.diagnosis else "no diagnosis"
                return f"{verdict.kind}, {said}"
        return ""

    def refusal(self, answer: Any) -> str:
        """Why an answer is not accepted; empty if it is, on all draws."""
        for cases in self.draws:
            verdict = self.verdict(answer, cases)
            if verdict.kind != Kind.CORRECT:
                return f"{verdict.kind}: {verdict.message}"
        return ""

    def of_mutant(self, mutant: Mutant) -> Survivor | _Named | None:
        """What becomes of a mutant; None if it is rejected without a specific word.

        To be rejected, the public and the secret inputs must both do it.
        """
        try:
            answer = mutant.build()
        except Exception:
            return None  # a class whose own body raises: there is no answer at all
        verdicts = [self.verdict(answer, cases) for cases in self.draws[:2]]
        if any(verdict.kind == Kind.CORRECT for verdict in verdicts):
            return Survivor(mutant.description, refuted=bool(self.refusal(answer)))
        names = [verdict.diagnosis for verdict in verdicts if verdict.diagnosis]
        if not names:
            return None
        wrong = [name for name in names if not self.is_mistake(answer, name)]
        return _Named(mutant.description, wrong[0] if wrong else "")

    def is_mistake(self, answer: Any, name: str) -> bool:
        """Does an answer give what the mistake of that name gives, on all draws?

        Values are compared even where a law judges: one law can be broken in two ways.
        """
        mistake = next(m for m in self.exercise.mistakes if m.name == name)
        alone = dataclasses.replace(self.exercise, mistakes=(mistake,), laws={})
        return all(
            diagnose(alone, cases, [self._drive(answer, case) for case in cases])
            for cases in self.draws
        )
