"""What came of trying a check: plain data, the rules that it has to meet, and how to print it."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

REJECTED_AT_LEAST = 0.95
WRONG_DIAGNOSES_AT_MOST = 0.05

#: How many mistakes and variants an exercise has to have; a table of values has no variants.
MISTAKES, MISTAKES_OF_A_VALUE, VARIANTS = 6, 3, 3


@dataclasses.dataclass(frozen=True)
class Survivor:
    """A mutant that the check accepts on some draw.

    `reason` says why it is as good as the reference, if that is known; `refuted` that on one of the
    draws the check tells the two apart.
    """

    mutant: str
    reason: str = ""
    refuted: bool = False


@dataclasses.dataclass(frozen=True)
class Misnamed:
    """An answer that was taken for a mistake that it is not, or not for the one that it is."""

    answer: str
    diagnosis: str


@dataclasses.dataclass(frozen=True)
class Report:
    """What came of trying one exercise's check.

    `idle` are mutants explained as equivalent that do not survive, or do not exist.
    """

    exercise: str
    is_value: bool
    cases: int
    mistakes: int
    undiagnosed: tuple[Misnamed, ...]
    variants: int
    refused: tuple[str, ...]
    mutants: int
    survivors: tuple[Survivor, ...]
    diagnosed: int
    wrong_diagnoses: tuple[Misnamed, ...]
    idle: tuple[str, ...]

    @property
    def rejected(self) -> int:
        return self.mutants - len(self.survivors)

    @property
    def broken(self) -> list[str]:
        """A sentence for each rule that is broken; none for a good check."""
        mistakes = MISTAKES_OF_A_VALUE if self.is_value else MISTAKES
        variants = 0 if self.is_value else VARIANTS
        told = []
        if self.mistakes < mistakes:
            told.append(f"it knows {self.mistakes} mistakes; it should know {mistakes}")
        told += [f"{m.answer!r} is not named as itself: {m.diagnosis}" for m in self.undiagnosed]
        if self.variants < variants:
            told.append(f"it is tried on {self.variants} right answers; it should be on {variants}")
        told += [f"a right answer is refused: {text}" for text in self.refused]
        if self.rejected < REJECTED_AT_LEAST * self.mutants:
            told.append(
                f"it rejects {self.rejected} of {self.mutants} mutants, which is "
                f"{self.rejected / self.mutants:.1%}; it should reject {REJECTED_AT_LEAST:.0%}"
            )
        for survivor in self.survivors:
            if not survivor.reason:
                told.append(f"a mutant survives without an explanation: {survivor.mutant}")
            elif survivor.refuted:
                told.append(f"a mutant explained as equivalent is not: {survivor.mutant}")
        told += [f"explained as equivalent, but no survivor: {mutant}" for mutant in self.idle]
        if len(self.wrong_diagnoses) > WRONG_DIAGNOSES_AT_MOST * self.mutants:
            told.append(
                f"it names {len(self.wrong_diagnoses)} of {self.mutants} mutants wrongly; "
                f"at most {WRONG_DIAGNOSES_AT_MOST:.0%} may be"
            )
        return told


def reports_table(title: str, reports: Sequence[Report]) -> Table:
    """One row for each exercise; red where a rule is broken."""
    table = Table(
        title=title,
        title_justify="left",
        header_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    table.add_column("exercise", no_wrap=True)
    for column in (
        "cases",
        "mistakes\nnamed",
        "variants\naccepted",
        "mutants\nrejected",
        "survivors",
        "wrong\ndiagnoses",
    ):
        table.add_column(column, justify="right", no_wrap=True)
    for report in reports:
        table.add_row(
            report.exercise,
            str(report.cases),
            f"{report.mistakes - len(report.undiagnosed)}/{report.mistakes}",
            f"{report.variants - len(report.refused)}/{report.variants}",
            f"{report.rejected}/{report.mutants}",
            str(len(report.survivors)),
            f"{len(report.wrong_diagnoses)}/{report.diagnosed}",
            style="red" if report.broken else "",
        )
    return table


def tell(console: Console, title: str, reports: Sequence[Report]) -> None:
    """Print the table, what survives and why, and what is wrong."""
    say = functools.partial(console.print, markup=False, highlight=False)
    console.print(reports_table(title, reports))
    say("Wrong diagnoses are given of the mutants that got a specific one. Survivors:")
    for report in reports:
        by_reason: dict[str, list[str]] = {}
        for survivor in report.survivors:
            by_reason.setdefault(survivor.reason, []).append(survivor.mutant)
        for reason, described in by_reason.items():
            say(f"\n{report.exercise}: {reason or 'not explained'}")
            for mutant in described:
                say(Padding(Text(mutant, style="bright_black"), (0, 0, 0, 4)))
    for report in reports:
        for wrong in report.wrong_diagnoses:
            say(f"\n{report.exercise}: {wrong.answer}\n    is not {wrong.diagnosis!r}")
        for sentence in report.broken:
            say(f"\n! {report.exercise}: {sentence}", style="red")
