"""The class as a CSV file: id, first_name, last_name, email, and the LMS's own number, in any order."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from autograder.errors import UserError
from autograder.intake import Refused, check_student_id


@dataclass(frozen=True)
class Student:
    """A student as the roster and the gradebook know them.  What is not known is empty."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""

    @property
    def name(self) -> str:
        """Last name first, as registers have it; the id where there is no name."""
        return ", ".join(filter(None, (self.last_name, self.first_name))) or self.id

    def __str__(self) -> str:
        """`ada (Ada Lovelace)`."""
        name = f"{self.first_name} {self.last_name}".strip()
        return f"{self.id} ({name})" if name else self.id


COLUMNS = tuple(field.name for field in fields(Student))
MAX_BYTES = 10 << 20
_LONGEST = 128  # what the gradebook has room for


class RosterError(UserError):
    """The file is no roster; the message names the line."""


def read_roster(path: Path) -> list[Student]:
    """The students of a CSV file with a line of headings.  Raises RosterError.

    Commas, semicolons or tabs separate; a byte-order mark and lines without a word are passed over, and so
    are columns of other names.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise RosterError(f"{path} cannot be read ({error.strerror}).") from None
    except UnicodeError:
        raise RosterError(f"{path} is not text in UTF-8: save it as CSV UTF-8.") from None
    if len(data) > MAX_BYTES or "\0" in text:
        raise RosterError(f"{path} is no CSV file.")
    return _parse(text, path.name)


def _parse(text: str, name: str) -> list[Student]:
    heading = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] | None = None
    students: dict[str, tuple[int, Student]] = {}
    begins = 1  # a quoted cell may go over several lines
    try:
        for cells in reader:
            where, begins = f"{name}, line {begins}", reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = _columns(cells, where)
                continue
            if len(cells) != len(columns):
                raise RosterError(
                    f"{where} has {len(cells)} cells and the headings are {len(columns)}. "
                    "Is a cell with a comma in it quoted?"
                )
            student = _student(dict(zip(columns, cells, strict=True)), where)
            line, other = students.get(student.id.casefold(), (0, None))
            if other is not None:
                raise RosterError(f"{where}: the id {student.id} is in line {line} already.")
            students[student.id.casefold()] = (reader.line_num, student)
    except csv.Error as error:
        raise RosterError(f"{name}, line {reader.line_num} is no CSV ({error}).") from None
    if not students:
        raise RosterError(
            f"{name} holds no student. Its first line has to name the columns: {_named()}."
        )
    return [student for _, student in students.values()]


def _columns(cells: list[str], where: str) -> list[str]:
    found = ["_".join(cell.casefold().replace("-", " ").split()) for cell in cells]
    if "id" not in found:
        raise RosterError(
            f"{where} has no column id (it has: {', '.join(found)}). Wanted: {_named()}."
        )
    for column in COLUMNS:
        if found.count(column) > 1:
            raise RosterError(f"{where} has the column {column} twice.")
    return found


def _student(cells: Mapping[str, str], where: str) -> Student:
    told = {column: cells.get(column, "").strip() for column in COLUMNS}
    try:
        check_student_id(told["id"])
    except Refused as reason:
        raise RosterError(f"{where}: {told['id']!r} cannot be an id: {reason}") from None
    for column, value in told.items():
        if len(value) > _LONGEST or not value.isprintable():
            raise RosterError(f"{where}: the {column} {value[:40]!r} is too long or no text.")
    return Student(**told)


def _named() -> str:
    return ", ".join(COLUMNS)
