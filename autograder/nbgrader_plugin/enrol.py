"""Takes a roster into the gradebook: adds who is new, updates who is not, removes nobody."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.nbgrader_plugin.course import Course
from autograder.nbgrader_plugin.marks import read_students
from autograder.roster import Student


def roster(course: Course) -> list[Student]:
    """Whom the gradebook knows, by id."""
    with course.gradebook() as gradebook:
        return read_students(gradebook.db.connection())


def enrol(course: Course, students: Sequence[Student]) -> str:
    """Take these into the gradebook; a sentence about what changed.

    What a line leaves empty stays as it is.
    """
    before = {student.id: student for student in roster(course)}
    added = updated = 0
    with course.gradebook() as gradebook:
        for student in students:
            told = {name: value for name, value in vars(student).items() if value}
            known = before.get(student.id)
            if known and all(getattr(known, name) == value for name, value in told.items()):
                continue
            added, updated = added + (known is None), updated + (known is not None)
            gradebook.update_or_create_student(told.pop("id"), **told)
    said = f"{added} added, {updated} updated, {len(students) - added - updated} unchanged"
    if gone := sorted(before.keys() - {student.id for student in students}):
        few = ", ".join(gone[:5]) + (" ..." if len(gone) > 5 else "")
        said += f"; {len(gone)} in the gradebook alone, and left there: {few}"
    return said
