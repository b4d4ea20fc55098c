"""The table that a grading prints, and its rows as plain text."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.grade import Outcome, Row
from autograder.judge import Kind
from autograder.panel import OTHER, SYMBOLS

#: Columns of a terminal from which on everything fits side by side.
WIDE = 120

#: Anything that could move the cursor, change colours or turn the direction of writing.
_CONTROL = re.compile(
    r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)
_STYLES = {Kind.CORRECT: "green", Kind.PARTLY: "yellow", Kind.NOT_ATTEMPTED: "bright_black"}


def console(**options: Any) -> Console:
    """A console that is wide enough for the table where nobody's window says how wide it is."""
    found = Console(**options)
    return found if found.is_terminal else Console(width=150, **options)


def plain(text: str) -> str:
    """Text of a student, safe for a terminal, on one line."""
    return " ".join(_CONTROL.sub("", text).encode(errors="replace").decode().split())


def grades_table(outcomes: Sequence[Outcome], look: dict[str, str], width: int = WIDE) -> Table:
    """Student, points per exercise, verdict, diagnosis, and where to look next.

    `look` names the file to open for a student.  Where there is no room for the last three side by
    side, they stand below each other.
    """
    names = list(dict.fromkeys(row.exercise for outcome in outcomes for row in outcome.rows))
    table = Table(box=box.SIMPLE_HEAD, padding=0, pad_edge=False, header_style="bold")
    table.add_column("student", no_wrap=True)
    for number, _ in enumerate(names, 1):
        table.add_column(str(number), justify="right", no_wrap=True)
    table.add_column("sum", justify="right", no_wrap=True)
    if width >= WIDE:
        table.add_column("verdict", no_wrap=True)
        table.add_column("diagnosis", ratio=3)
        table.add_column("look next", ratio=2)
    else:
        table.add_column("verdict, diagnosis, look next")
    for outcome in outcomes:
        by_name = {row.exercise: row for row in outcome.rows}
        marks = [_points(by_name.get(name)) for name in names]
        where = where_next(first_trouble(outcome), plain(look.get(outcome.student, "")))
        told = [summary(outcome), diagnosis(outcome), where]
        table.add_row(
            Text(plain(outcome.student)),
            *marks,
            Text(f"{outcome.points:g}", style="bold"),
            *(map(Text, told) if width >= WIDE else [Text("\n".join(filter(None, told)))]),
        )
    return table


def changes_table(outcomes: Sequence[Outcome]) -> Table:
    """What a regrade has changed, and why it graded again."""
    table = Table(box=box.SIMPLE_HEAD, padding=0, pad_edge=False, header_style="bold")
    for name in ("student", "exercise", "before", "now", "why it was graded again"):
        table.add_column(name, no_wrap=name in ("student", "before", "now"))
    for outcome in outcomes:
        for number, change in enumerate(outcome.changes):
            cells = [
                outcome.student if number == 0 else "",
                change.exercise,
                _verdict(change.before),
                _verdict(change.after),
                "; ".join(outcome.why) if number == 0 else "",
            ]
            table.add_row(*(Text(plain(cell)) for cell in cells))
    return table


def legend(outcomes: Sequence[Outcome]) -> str:
    """What the numbered columns are."""
    rows = {row.exercise: row for outcome in outcomes for row in outcome.rows}
    parts = [f"{n} {name} ({row.max_points:g})" for n, (name, row) in enumerate(rows.items(), 1)]
    total = sum(row.max_points for row in rows.values())
    return (
        "columns: " + " · ".join(parts) + f" · sum ({total:g}); written answers wait for a person"
    )


def summary(outcome: Outcome) -> str:
    """A student's verdict in a few words."""
    if outcome.trouble:
        return "! " + plain(outcome.trouble.partition(":")[0])
    kinds = [row.verdict for row in outcome.rows]
    right = kinds.count(Kind.CORRECT)
    if right == len(kinds):
        return f"{SYMBOLS[Kind.CORRECT][0]} all correct"
    if set(kinds) == {Kind.NOT_ATTEMPTED}:
        return f"{SYMBOLS[Kind.NOT_ATTEMPTED][0]} not attempted"
    symbol = SYMBOLS[Kind.PARTLY if outcome.points else Kind.WRONG][0]
    return f"{symbol} {right} of {len(kinds)} correct"


def first_trouble(outcome: Outcome) -> Row | None:
    """The row to look at first: one with a diagnosis, else one that was attempted."""
    wrong = [row for row in outcome.rows if row.verdict != Kind.CORRECT]
    for wanted in (
        [row for row in wrong if row.diagnosis],
        [row for row in wrong if row.verdict != Kind.NOT_ATTEMPTED],
        wrong,
    ):
        if wanted:
            return wanted[0]
    return None


def diagnosis(outcome: Outcome) -> str:
    """What seems to have happened: the first trouble, and how many more there are."""
    if outcome.trouble:
        return plain(outcome.trouble.partition(": ")[2])
    first = first_trouble(outcome)
    if first is None or all(row.verdict == Kind.NOT_ATTEMPTED for row in outcome.rows):
        return ""
    more = [
        row
        for row in outcome.rows
        if row.verdict not in (Kind.CORRECT, Kind.NOT_ATTEMPTED) and row is not first
    ]
    what = first.diagnosis or first.message or str(first.verdict)
    what = what.removeprefix(f"{first.exercise}: ")
    told = f"{first.exercise}: {textwrap.shorten(plain(what), 90, placeholder=' ...')}"
    return told + (f" (and {len(more)} more)" if more else "")


def where_next(first: Row | None, path: str) -> str:
    parts = [f"“{first.read}”" if first and first.read else "", path]
    return "\n".join(part for part in parts if part)


def _verdict(mark: tuple[str, float]) -> str:
    kind, points = mark
    return f"{kind}, {points:g}" if kind else "–"


def _points(row: Row | None) -> Text:
    if row is None:
        return Text("")
    if row.verdict in (Kind.REFUSED, Kind.INFRASTRUCTURE):
        return Text("–")
    symbol = SYMBOLS.get(Kind(row.verdict), OTHER)[0]
    shown = f"{row.points:g}" if row.points else symbol
    return Text(shown, style=_STYLES.get(Kind(row.verdict), "red"))
