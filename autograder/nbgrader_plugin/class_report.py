"""Reads what a report on an assignment needs: marks, verdicts, and what was handed in."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from nbgrader.api import Notebook

from autograder import exercises
from autograder.contract import Choice, Value
from autograder.exercise import Worksheet
from autograder.intake import Refused, check_student_id, examine, read_notebook
from autograder.judge import Kind
from autograder.nbgrader_plugin import records
from autograder.nbgrader_plugin.assignment import all_files, digest_of
from autograder.nbgrader_plugin.course import Course
from autograder.nbgrader_plugin.marks import Mark, Submission, read_marks
from autograder.report.page import ClassReport, Score
from autograder.report.statistics import Answer

_TROUBLE = (Kind.REFUSED, Kind.INFRASTRUCTURE)


def class_report(course: Course, assignment: str) -> ClassReport:
    """How the class did on an assignment.  Raises CourseError if there is no such assignment."""
    course.require_assignment(assignment)
    with course.gradebook() as gradebook:
        connection = gradebook.db.connection()
        marks = read_marks(connection, [assignment])
        (sheet,) = marks.sheets
        explanations = _explanations(connection, assignment)
        names = sa.select(Notebook.name).where(Notebook.assignment.has(name=assignment))
        notebooks = sorted(connection.execute(names).scalars())
    known = exercises.worksheet(assignment) if assignment in exercises.IDS else None
    submissions = {found.student: found for found in marks.submissions.values()}

    def name(mark: Mark) -> str:
        return f"{mark.notebook}/{mark.exercise}" if len(notebooks) > 1 else mark.exercise

    answers, cells = [], {}
    for found in submissions.values():
        for mark in found.marks:
            told = (mark.points, mark.max_points, mark.verdict, mark.diagnosis)
            answers.append(Answer(found.student, name(mark), *told))
            cells[name(mark)] = mark
    asked = [*(e.id for e in known.exercises), *(w.id for w in known.written)] if known else []
    order = {id: place for place, id in enumerate(asked)}
    answers.sort(key=lambda answer: order.get(answer.exercise, len(order)))
    return ClassReport(
        assignment=assignment,
        title=known.title if known else "",
        made=datetime.datetime.now().astimezone(),
        roster=len(marks.people),
        max_points=sheet.max_points,
        answers=answers,
        scores={
            student: Score(max(0.0, found.points - found.penalty), found.waiting)
            for student, found in submissions.items()
        },
        marked_by={name: _marked_by(known, cell) for name, cell in cells.items()},
        by_machine=frozenset(name for name, cell in cells.items() if not cell.written),
        explanations=explanations,
        attention=_attention(course, assignment, submissions, notebooks),
        late=sum(found.penalty > 0 for found in submissions.values()),
        levels=Counter(level for found in submissions.values() for level in found.levels),
    )


def _marked_by(worksheet: Worksheet | None, mark: Mark) -> str:
    """What stands behind an exercise's marks, in words."""
    exercise = worksheet.exercise(mark.exercise) if worksheet else None
    if mark.written:
        return "a person"
    if exercise is None:
        return "the outputs of its own cell"  # hidden tests ran beside the student's code: weaker
    return "a key" if isinstance(exercise.contract, Value | Choice) else "secret inputs"


def _explanations(
    connection: sa.Connection, assignment: str
) -> dict[tuple[str, str], tuple[str, str]]:
    """What a diagnosis says and where to read again, by exercise and diagnosis."""
    table = records.VERDICTS
    if not sa.inspect(connection).has_table(table.name):
        return {}
    what = (table.c.exercise, table.c.diagnosis)
    told = (sa.func.max(table.c.explanation), sa.func.max(table.c.read))
    chosen = (table.c.assignment == assignment, table.c.diagnosis != "")
    query = sa.select(*what, *told).where(*chosen).group_by(*what)
    return {(row[0], row[1]): (row[2], row[3]) for row in connection.execute(query)}


def _attention(
    course: Course,
    assignment: str,
    submissions: Mapping[str, Submission],
    notebooks: Sequence[str],
) -> dict[str, str]:
    """Whose work has no mark, or not the mark of what is there now, and why."""
    found = {
        student: f"{mark.exercise}: {mark.verdict}"
        for student, submission in submissions.items()
        for mark in submission.marks
        if mark.verdict in _TROUBLE
    }
    for student in course.submitters(assignment):
        folder = course.folder("submitted", student, assignment)
        submission = submissions.get(student)
        try:
            check_student_id(student)
            paths = examine(folder, notebooks)
            if submission is None:
                for path in paths.values():
                    read_notebook(path.name, path.read_bytes())
                found[student] = "handed in, not graded yet"
            elif submission.digest and submission.digest != digest_of(all_files(folder)):
                found[student] = "handed in again since it was graded"
        except Refused as refused:
            found[student] = f"refused: {refused}"
        except OSError as error:
            found[student] = f"cannot be read ({error.strerror})"
    return dict(sorted(found.items()))
