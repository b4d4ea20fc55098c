"""Marks for people and programs that know no more than a table, or JSON."""

from __future__ import annotations

import json
from typing import Any

from autograder.nbgrader_plugin.exports.common import Export, csv_text, number
from autograder.nbgrader_plugin.marks import Marks, Sheet
from autograder.roster import Student


class CsvExport(Export):
    """A row for each student and assignment, with nbgrader's columns and how far each mark is."""

    default_name = "grades.csv"

    def text(self, marks: Marks) -> str:
        rows: list[list[object]] = [[*_COLUMNS]]
        for sheet in marks.sheets:
            for person in marks.people:
                found = marks.of(sheet.name, person.id)
                row = {
                    "assignment": sheet.name,
                    "duedate": sheet.duedate,
                    "student_id": person.id,
                    "last_name": person.last_name,
                    "first_name": person.first_name,
                    "email": person.email,
                    "score": self.score(marks, sheet, person),
                    "max_score": number(sheet.max_points),
                    "state": self.state(marks, sheet, person),
                }
                if found is not None:
                    row |= {
                        "timestamp": found.timestamp,
                        "raw_score": number(found.points),
                        "late_submission_penalty": number(found.penalty),
                        "waiting": found.waiting,
                        "sandbox": "+".join(found.levels),
                    }
                rows.append([row.get(name) for name in _COLUMNS])
        return csv_text(rows)


_COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score", "state", "waiting", "sandbox"),
)


class JsonExport(Export):
    """An array with one object for each student and assignment, exercises and verdicts included."""

    default_name = "grades.json"

    def text(self, marks: Marks) -> str:
        objects = (
            json.dumps(self._object(marks, sheet, person), ensure_ascii=False)
            for sheet in marks.sheets
            for person in marks.people
        )
        return "[\n" + ",\n".join(objects) + "\n]\n"

    def _object(self, marks: Marks, sheet: Sheet, person: Student) -> dict[str, Any]:
        found = marks.of(sheet.name, person.id)
        timestamp = found.timestamp if found else None
        return {
            "student": person.id,
            "last_name": person.last_name,
            "first_name": person.first_name,
            "assignment": sheet.name,
            "state": str(self.state(marks, sheet, person)),
            "score": self.score(marks, sheet, person),
            "points": number(found.points) if found else None,
            "max_points": number(sheet.max_points),
            "late_penalty": number(found.penalty) if found else None,
            "needs_manual_grade": bool(found and found.waiting),
            "submitted": f"{timestamp.isoformat()}Z" if timestamp else None,
            "sandbox": list(found.levels) if found else [],
            "exercises": [
                {
                    "notebook": mark.notebook,
                    "exercise": mark.exercise,
                    "verdict": mark.verdict or None,
                    "points": None if mark.points is None else number(mark.points),
                    "max_points": number(mark.max_points),
                    "diagnosis": mark.diagnosis or None,
                    "needs_manual_grade": mark.points is None,
                }
                for mark in (found.marks if found else ())
            ],
        }
