"""Every worksheet, from handing in to marks: its solution gets all points, its release none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from autograder import build as builder
from autograder import exercises
from autograder.exercise import Worksheet
from autograder.grade import grade
from autograder.marking import Key, mark
from autograder.nbgrader_plugin.course import Course
from autograder.sandbox.child import Budget
from autograder.sandbox.launch import choose_level
from autograder.sandbox.library import library
from autograder.sandbox.slot import slot

CHECKOUT = Path(__file__).parents[2]
WORKSHEETS = [exercises.worksheet(id) for id in exercises.IDS]

each_worksheet = pytest.mark.parametrize("worksheet", WORKSHEETS, ids=lambda w: w.id)


@pytest.mark.slow
@pytest.mark.linux
@each_worksheet
def test_nbgrader_and_our_command_give_the_same_marks(
    course: Course,
    hand_in: Callable[..., Path],
    marks: Callable[..., dict[str, float]],
    worksheet: Worksheet,
) -> None:
    full = {exercise.id: exercise.points for exercise in worksheet.exercises}
    expected = {"solver": full, "idler": dict.fromkeys(full, 0.0)}
    hand_in("solver", "# base: solved\n", worksheet.id)
    hand_in("idler", "# base: released\n", worksheet.id)
    course.generate(worksheet.id)
    by_nbgrader = {}
    for student in expected:
        course.autograde(worksheet.id, student)
        by_nbgrader[student] = marks(course, student, worksheet.id)
    assert by_nbgrader == expected
    for outcome in grade(course, worksheet.id, list(expected), force=True):
        assert {row.exercise: row.points for row in outcome.rows} == expected[outcome.student]
        assert marks(course, outcome.student, worksheet.id) == expected[outcome.student]
        if outcome.student == "idler":
            assert {row.verdict for row in outcome.rows} == {"not attempted"}


@each_worksheet
def test_a_solved_worksheet_without_its_labs_keeps_to_a_tenth_of_the_budget(
    worksheet: Worksheet,
) -> None:
    """And no cell of it raises, though chapters are withheld: those that need one pass by."""
    notebooks = [
        nbformat.read(path(CHECKOUT, worksheet), as_version=4)
        for path in (builder.solved_path, builder.released_path)
    ]
    whole = Budget()
    tenth = Budget(
        cell_seconds=whole.cell_seconds / 2,
        exercise_seconds=whole.exercise_seconds / 2,
        notebook_seconds=whole.notebook_seconds / 10,
    )
    key = Key(b"secret", "solver", b"submission")
    level = choose_level(unsafe=True)
    with library(worksheet.id, worksheet.withheld) as packages, slot(packages, level) as own:
        marked = mark(*notebooks, worksheet, key, own, tenth)
    assert {v.exercise: v.points for v in marked.verdicts} == {
        exercise.id: exercise.points for exercise in worksheet.exercises
    }
    raised = [
        (cell.id, output.ename, output.evalue)
        for cell in marked.notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]
    assert raised == []
