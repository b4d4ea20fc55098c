"""Marks for learning management systems: a row a student, a column an assignment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from traitlets import Bool, Dict, Enum, Unicode

from autograder.nbgrader_plugin.exports.common import (
    Constant,
    Export,
    ExportError,
    csv_text,
    number,
    plain_id,
    unambiguous,
)
from autograder.nbgrader_plugin.marks import Marks, Submission
from autograder.roster import Student

#: Canvas reads no marks from a column with one of these in its name.
_NOT_CANVAS = re.compile("(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)")
_CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_CANVAS_POINTS = "Points Possible"
#: Moodle takes nothing above this without a setting of its administrator's.
_MOODLE_MOST = 100


class _Import(Export):
    """What a learning management system reads in: a row a student, a column an assignment."""

    columns = Dict(
        help="What an assignment's column is called there, where it is not by the assignment's name."
    ).tag(config=True)

    def titles(self, marks: Marks) -> dict[str, str]:
        """The columns' names by assignment.  Raises ExportError if two are the same, or one is none."""
        found = {
            sheet.name: str(self.columns.get(sheet.name, sheet.name)) for sheet in marks.sheets
        }
        for name, title in found.items():
            if not title.strip() or list(found.values()).count(title) > 1:
                raise ExportError(
                    f"the column of {name} would be called {title!r}, which is empty or another's. "
                    f"Name it in c.{type(self).__name__}.columns."
                )
        return found


class CanvasExport(_Import):
    """What Canvas's gradebook imports; an empty cell is no mark."""

    default_name = "canvas.csv"
    login = Enum(["id", "email"], "id", help="What students log in to Canvas with.").tag(
        config=True
    )
    lms_user_id = Enum(
        ["ID", "SIS User ID"],
        "ID",
        help="Which of Canvas's columns the gradebook's lms_user_id is.",
    ).tag(config=True)
    section = Unicode("", help="The section's name, if there is one for all.").tag(config=True)

    def text(self, marks: Marks) -> str:
        titles = self.titles(marks)
        for name, title in titles.items():
            if _NOT_CANVAS.search(title) or title in _CANVAS_COLUMNS:
                raise ExportError(
                    f"Canvas keeps the name {title!r} for a column of its own. Give the column of {name} "
                    f'another one: c.CanvasExport.columns = {{"{name}": "..."}}.'
                )
        rows: list[list[object]] = [[*_CANVAS_COLUMNS, *titles.values()]]
        points = [number(sheet.max_points) for sheet in marks.sheets]
        rows.append([f"    {_CANVAS_POINTS}", *[""] * (len(_CANVAS_COLUMNS) - 1), *points])
        for person in marks.people:
            scores = [self.score(marks, sheet, person) for sheet in marks.sheets]
            rows.append([*self._whose(person), self.section, *scores])
        unambiguous("Canvas", [(row[1], row[2], row[3]) for row in rows[2:]])
        return csv_text(rows)

    def _whose(self, person: Student) -> list[str]:
        """Name, ID, SIS User ID and SIS Login ID.  Canvas goes by the first of the ids that it knows."""
        ids = dict.fromkeys(("ID", "SIS User ID"), "")
        ids[self.lms_user_id] = plain_id(person.lms_user_id)
        if ids["ID"] and not re.fullmatch("[0-9]+", ids["ID"]):
            raise ExportError(
                f"{person.id} has the lms_user_id {person.lms_user_id!r}, and an ID of Canvas's is a "
                "number. If it is the SIS user id, set c.CanvasExport.lms_user_id = 'SIS User ID'."
            )
        login = plain_id(person.email if self.login == "email" else person.id)
        if not (login or any(ids.values())):
            raise ExportError(
                f"{person.id} has no email in the gradebook, by which Canvas would know them."
            )
        # Canvas takes a row that says so in the first column for the one with the points.
        name = person.id if _CANVAS_POINTS in person.name else person.name
        return [name, *ids.values(), login]


class MoodleExport(_Import):
    """What Moodle's "Import grades from CSV" reads; `-` is no mark."""

    default_name = "moodle.csv"
    identify_by = Enum(
        ["email", "id number", "username"],
        "email",
        help="Which of Moodle's fields students are found by: their email, the gradebook's lms_user_id as "
        "ID number, or their id in the gradebook as username.",
    ).tag(config=True)
    feedback = Bool(False, help="Add a column of feedback for each assignment.").tag(config=True)

    def text(self, marks: Marks) -> str:
        titles = self.titles(marks)
        head, attribute = _MOODLE_FIELDS[self.identify_by]
        header: list[object] = [head]
        for title in titles.values():
            header += [title, f"{title} (feedback)"] if self.feedback else [title]
        if len(set(header)) < len(header):
            raise ExportError(f"two columns would have the same name: {header}.")
        rows = [header]
        for person in marks.people:
            row: list[object] = [plain_id(getattr(person, attribute))]
            if not row[0]:
                # Moodle would give the marks to whoever stands in the row above.
                raise ExportError(
                    f"{person.id} has no {attribute} in the gradebook, by which Moodle would find them. Add "
                    f"it (nbgrader db student add {person.id} ...), or set c.MoodleExport.identify_by."
                )
            for sheet in marks.sheets:
                score = self.score(marks, sheet, person)
                row.append(NO_MARK if score is None else score)
                if self.feedback:
                    row.append(_told(marks.of(sheet.name, person.id)))
            rows.append(row)
        unambiguous("Moodle", [(row[0],) for row in rows[1:]])
        return csv_text(rows)

    def warnings(self, marks: Marks) -> Iterator[str]:
        yield from super().warnings(marks)
        scores = (self.score(marks, sheet, who) for sheet in marks.sheets for who in marks.people)
        if any((score or 0) > _MOODLE_MOST for score in scores):
            yield f"Moodle refuses marks above {_MOODLE_MOST} unless its setting unlimitedgrades is on."


_MOODLE_FIELDS = {
    "email": ("Email address", "email"),
    "id number": ("ID number", "lms_user_id"),
    "username": ("Username", "id"),
}

#: An empty cell would become a mark, without a value, in a column that is new to Moodle.
NO_MARK = Constant("-")


def _told(found: Submission | None) -> str:
    """What became of each exercise, on one line."""
    parts: list[str] = []
    for mark in found.marks if found else ():
        got = "waits for a person" if mark.points is None else f"{number(mark.points)}"
        about = ": ".join(filter(None, (mark.verdict, mark.diagnosis)))
        what = f" ({about})" if about else ""
        parts.append(f"{mark.exercise}: {got} of {number(mark.max_points)}{what}")
    return "; ".join(parts)
