"""Many submissions: several at once, graded again when something has changed and not else."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from a_class import CLASS, FULL, HALF, PS02, SOLVED, dump, graded, points, put

from autograder.grade import Change, grade
from autograder.nbgrader_plugin.batch import Batch
from autograder.nbgrader_plugin.course import Course
from autograder.sandbox.work import run

pytestmark = pytest.mark.linux


# Several at once


def test_the_order_and_the_number_of_jobs_make_no_difference(
    course: Course, undisturbed: list[str]
) -> None:
    outcomes = graded(course, jobs=2)
    assert sorted(outcomes) == sorted(CLASS)
    assert outcomes["ada"].points == FULL
    assert dump(course) == undisturbed
    assert points(course) == {student: o.points for student, o in outcomes.items()}


def test_a_dump_tells_marks_apart(course: Course, undisturbed: list[str]) -> None:
    put(course, "dag", HALF)
    graded(course)
    assert dump(course) != undisturbed


def test_code_that_a_person_marks_is_not_wrong_before_it_is_written(course: Course) -> None:
    def append(path: Path, source: str) -> None:
        notebook = nbformat.read(path, as_version=4)
        cell = nbformat.v4.new_code_cell(source, id="essay")
        about = {"grade_id": "essay", "points": 2, "solution": True, "grade": True}
        cell.metadata.nbgrader = about | {"schema_version": 3, "task": False, "locked": False}
        notebook.cells.append(cell)
        nbformat.write(notebook, path)

    append(course.folder("source", ".", "ps02") / f"{PS02.notebook}.ipynb", "# yours")
    course.generate("ps02")
    append(put(course, "ben", HALF), "print('A gate opens.')")
    outcomes = graded(course)
    essays = {s: [r for r in o.rows if r.exercise == "essay"] for s, o in outcomes.items()}
    assert essays.pop("ben") == [], "a person has to mark it first"
    for (row,) in essays.values():
        assert (row.verdict, row.points, row.max_points) == ("not attempted", 0.0, 2.0)


# Grading again


def test_a_regrade_says_what_changed_and_why(course: Course) -> None:
    assert not graded(course)["cem"].why
    put(course, "cem", SOLVED)
    outcomes = graded(course)
    assert {s for s, o in outcomes.items() if o.graded} == {"cem"}
    before, after = ("wrong", 0.0), ("correct", PS02.exercise("rnn_output").points)  # type: ignore[union-attr]
    assert outcomes["cem"].why == ("the submission changed",)
    assert Change("rnn_output", before, after) in outcomes["cem"].changes


def test_a_regrade_without_a_change_says_so(course: Course) -> None:
    graded(course)
    again = graded(course, force=True)
    assert {o.why for o in again.values()} == {("it was asked for",)}
    assert {o.changes for o in again.values()} == {()}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("c.ExecuteInSandbox.memory_bytes = 1 << 30", "sandbox, budget or due date changed"),
        ("c.LateSubmissionPlugin.penalty_method = 'zero'", "sandbox, budget or due date changed"),
    ],
)
def test_a_setting_that_a_mark_depends_on_makes_it_stale(
    course: Course, change: str, why: str
) -> None:
    graded(course)
    config = course.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\n{change}\n")
    outcomes = graded(Course(course.root))
    assert {o.why for o in outcomes.values()} == {(why,)}


def test_a_lost_or_changed_result_is_made_again(course: Course, undisturbed: list[str]) -> None:
    graded(course)
    autograded = course.folder("autograded", "ada", "ps02") / f"{PS02.notebook}.ipynb"
    autograded.unlink()
    other = course.folder("autograded", "ben", "ps02") / f"{PS02.notebook}.ipynb"
    other.chmod(0o644)
    other.write_text("{}")
    outcomes = graded(course)
    assert {s for s, o in outcomes.items() if o.graded} == {"ada", "ben"}
    assert dump(course) == undisturbed


def test_a_submission_that_changes_while_it_is_graded_is_graded_again(course: Course) -> None:
    with course.ledger() as book:
        batch = Batch(course.directory, course.config, "ps02", book)
        plan = batch.plan("ben", force=False)
        assert plan is not None
        put(course, "ben", SOLVED)
        batch.record(plan, [run(job.work.encode()) for job in plan.jobs])
    outcomes = graded(course)
    assert outcomes["ben"].graded
    assert outcomes["ben"].points == FULL


def test_students_whom_the_settings_leave_out_are_left_out(course: Course) -> None:
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + '\nc.CourseDirectory.student_id_exclude = "ben,dag"\n')
    assert Course(course.root).submitters("ps02") == ["ada", "cem"]


def test_a_student_who_is_removed_while_grading_leaves_the_others_alone(course: Course) -> None:
    students = course.submitters("ps02")
    shutil.rmtree(course.folder("submitted", "ben", "ps02"))
    outcomes = {o.student: o for o in grade(course, "ps02", students)}
    assert "ben" in outcomes["ben"].trouble or "folder" in outcomes["ben"].trouble
    assert outcomes["ada"].points == FULL


# Files


@pytest.mark.parametrize("road", ["autograder", "nbgrader"])
def test_pages_that_were_handed_in_are_not_kept(course: Course, road: str) -> None:
    """The formgrader would serve them from its own origin."""
    folder = course.folder("submitted", "ada", "ps02")
    (folder / "plot.html").write_text("<script>alert(1)</script>")
    (folder / "notes").mkdir()
    (folder / "notes" / "Drawing.SVG").write_text("<svg/>")
    (folder / "notes" / "data.csv").write_text("1,2")
    if road == "autograder":
        list(grade(course, "ps02", ["ada"]))
    else:
        course.autograde("ps02", "ada")
    kept = course.folder("autograded", "ada", "ps02")
    assert {str(p.relative_to(kept)) for p in kept.rglob("*") if p.is_file()} == {
        f"{PS02.notebook}.ipynb",
        "notes/data.csv",
    }


def test_a_second_grading_leaves_nothing_of_the_first(course: Course) -> None:
    folder = course.folder("submitted", "ada", "ps02")
    (folder / "old").mkdir()
    (folder / "old" / "data.csv").write_text("1,2")
    list(grade(course, "ps02", ["ada"]))
    shutil.rmtree(folder / "old")
    list(grade(course, "ps02", ["ada"]))
    kept = course.folder("autograded", "ada", "ps02")
    assert [p.name for p in kept.iterdir()] == [f"{PS02.notebook}.ipynb"]
