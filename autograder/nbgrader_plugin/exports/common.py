"""What all exports share: how far a mark is, tables as text, files whole or not at all."""

from __future__ import annotations

import csv
import enum
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import ExportPlugin
from traitlets import Bool

from autograder.errors import UserError
from autograder.files import write_whole
from autograder.nbgrader_plugin.course import submitters
from autograder.nbgrader_plugin.marks import Marks, Sheet, read_marks
from autograder.roster import Student
from autograder.sandbox.launch import Level

#: What a spreadsheet takes for a formula, or drops so that one follows: OWASP, "CSV Injection".
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class ExportError(UserError):
    """The marks cannot be written in a way that the other program would read rightly."""


class State(enum.StrEnum):
    """How far a mark is."""

    SETTLED = "settled"
    WAITS = "waits for a person"
    NOT_GRADED = "not graded"  # handed in; it may have been refused
    MISSING = "not handed in"


class Export(ExportPlugin):
    """What the formats share: read, warn, write whole or not at all."""

    zero_if_missing = Bool(False, help="Give 0 points for work that was not handed in.").tag(
        config=True
    )
    default_name = ""
    #: Who has a folder of submitted work, by assignment.
    handed_in: Mapping[str, set[str]] = MappingProxyType({})

    def export(self, gradebook: Gradebook) -> None:
        """Write the file.  Raises UserError, or as a command ends with status 1 and a sentence."""
        try:
            self._export(gradebook)
        except UserError as error:
            if self.parent is None:
                raise
            self.log.error("%s Nothing was written.", error)
            raise SystemExit(1) from None

    def _export(self, gradebook: Gradebook) -> None:
        marks = read_marks(
            gradebook.db.connection(), map(str, self.assignment), map(str, self.student)
        )
        directory = CourseDirectory(parent=self)
        self.handed_in = {s.name: set(submitters(directory, s.name)) for s in marks.sheets}
        path = Path(self.to or self.default_name)
        data = self.text(marks).encode("utf-8", "replace")
        try:
            write_whole(path, data)
        except OSError as error:
            raise ExportError(f"{path} cannot be written ({error.strerror}).") from error
        self.log.info("Exported the marks of %d students to %s", len(marks.people), path)
        for warning in self.warnings(marks):
            self.log.warning("%s", warning)

    def text(self, marks: Marks) -> str:
        """The whole file."""
        raise NotImplementedError

    def state(self, marks: Marks, sheet: Sheet, person: Student) -> State:
        """How far a mark is."""
        found = marks.of(sheet.name, person.id)
        if found is not None:
            return State.WAITS if found.waiting else State.SETTLED
        handed_in = person.id in self.handed_in.get(sheet.name, ())
        return State.NOT_GRADED if handed_in else State.MISSING

    def score(self, marks: Marks, sheet: Sheet, person: Student) -> float | None:
        """The mark, if it is settled."""
        found = marks.of(sheet.name, person.id)
        if found is not None:
            return None if found.score is None else number(found.score)
        missing = self.state(marks, sheet, person) == State.MISSING
        return 0 if missing and self.zero_if_missing else None

    def warnings(self, marks: Marks) -> Iterator[str]:
        """What somebody should know of marks that were left out, or are worth less than others."""
        known = {person.id for person in marks.people}
        for sheet in marks.sheets:
            count = Counter(self.state(marks, sheet, person) for person in marks.people)
            if not self.student:
                count[State.NOT_GRADED] += len(self.handed_in.get(sheet.name, set()) - known)
            zero = "given 0 points" if self.zero_if_missing else "left out"
            for state, what, advice in (
                (State.WAITS, "left out", " Grade them in the formgrader, then export again."),
                (State.NOT_GRADED, "left out", f" See `autograder grade {sheet.name}`."),
                (State.MISSING, zero, ""),
            ):
                if count[state]:
                    yield f"{sheet.name}: {count[state]} {what}: {state}.{advice}"
        low = Counter(
            level
            for submission in marks.submissions.values()
            for level in submission.levels
            if level != Level.FULL
        )
        for level, times in sorted(low.items()):
            yield f"graded in a sandbox of level {level!r}, not 'full': {times}."


class Constant(str):
    """A cell of our own, which is no formula whatever it begins with."""


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """RFC 4180: commas, CRLF, quotes doubled; no cell of text is taken for a formula."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows([[*map(_cell, row)] for row in rows])
    return buffer.getvalue()


def _cell(value: object) -> object:
    """Text with an apostrophe before what a spreadsheet would take for a formula; numbers as they are."""
    if value is None or isinstance(value, int | float | Constant):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def number(value: float) -> float:
    """Points to four decimals, as an integer where they are one."""
    rounded = round(value, 4)
    return int(rounded) if rounded == int(rounded) else rounded


def plain_id(text: str) -> str:
    """An id as the other program knows it.  Raises ExportError where it would have to be changed."""
    if text.strip() != text or not text.isprintable() or text.startswith(_FORMULA):
        raise ExportError(
            f"the gradebook has {text!r} as somebody's id or email, which a table cannot hold safely. "
            "Mend it there (nbgrader db student add)."
        )
    return text


def unambiguous(where: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Raise ExportError if two rows would be taken for the same student."""
    for column in zip(*rows, strict=True):
        for value, times in Counter(filter(None, column)).items():
            if times > 1:
                raise ExportError(
                    f"{times} students would be {value!r} to {where}. Mend that in the gradebook."
                )
