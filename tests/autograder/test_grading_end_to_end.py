"""From submitted notebooks to marks: nbgrader's own commands and `autograder grade`, for real."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from autograder import exercises
from autograder.grade import Outcome, grade
from autograder.nbgrader_plugin.course import Course

pytestmark = pytest.mark.linux

PS02 = exercises.worksheet("ps02")
FULL = {exercise.id: exercise.points for exercise in PS02.exercises}
NONE = dict.fromkeys(FULL, 0.0)

HandIn = Callable[[str, str], Path]
Marks = Callable[..., dict[str, float]]

SOLVED = "# base: solved\n"
UNTOUCHED = "# base: released\n"
HALF = """\
# base: released

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)

# %% solution rnn_output
def rnn_output(h, W_hy, b_y):
    return h @ W_hy
"""


def _run(course: Course, *command: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=course.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def _points(outcome: Outcome) -> dict[str, float]:
    return {row.exercise: row.points for row in outcome.rows}


def test_every_road_gives_the_same_marks(marks: Marks, course: Course, hand_in: HandIn) -> None:
    """`nbgrader autograde` and `autograder grade`: full points, none, and the same in between."""
    for student, text in (("solver", SOLVED), ("idler", UNTOUCHED), ("halfway", HALF)):
        hand_in(student, text)
    course.generate("ps02")
    by_nbgrader = _run(course, "nbgrader", "autograde", "ps02")
    assert by_nbgrader.returncode == 0, by_nbgrader.stderr
    theirs = {s: marks(course, s) for s in ("solver", "idler", "halfway")}
    assert theirs["solver"] == FULL
    assert theirs["idler"] == NONE
    assert theirs["halfway"] == NONE | {"rnn_step": FULL["rnn_step"]}

    ours = _run(course, "autograder.cli", "grade", "ps02", "--json", "--force")
    assert ours.returncode == 0, ours.stderr
    rows = [json.loads(line) for line in ours.stdout.splitlines()]
    assert list(rows[0]) == [
        *("student", "assignment", "exercise", "verdict", "points", "max_points"),
        *("diagnosis", "seconds", "level"),
    ]
    for student, wanted in theirs.items():
        assert {r["exercise"]: r["points"] for r in rows if r["student"] == student} == wanted
        assert marks(course, student) == wanted


@pytest.mark.long
def test_nbgrader_commands_work_in_a_fresh_clone(course: Course, hand_in: HandIn) -> None:
    """As nbgrader documents them, with what `autograder init` prepares."""
    prepared = _run(course, "autograder.cli", "init")
    assert prepared.returncode == 0, prepared.stderr
    secret = course.root / ".unrolled" / "secret"
    assert secret.stat().st_size == 32
    assert secret.stat().st_mode & 0o777 == 0o600
    path = hand_in("ada", HALF)
    for command in (
        ("generate_assignment", "ps02"),
        ("release_assignment", "ps02"),
        ("autograde", "ps02"),
        ("generate_feedback", "ps02"),
        ("export", "--to", "grades.csv"),
    ):
        done = _run(course, "nbgrader", *command)
        assert done.returncode == 0, (command, done.stderr)
    page = course.folder("feedback", "ada", "ps02") / f"{PS02.notebook}.html"
    assert "forgets the bias" in page.read_text() or "bias" in page.read_text()
    with (course.root / "grades.csv").open(newline="") as file:
        scores = {
            (r["student_id"], r["assignment"]): float(r["score"]) for r in csv.DictReader(file)
        }
    assert scores["ada", "ps02"] == FULL["rnn_step"]
    validated = _run(course, "nbgrader", "validate", str(path))
    assert "VALIDATION FAILED" in validated.stdout
    solved = hand_in("ben", SOLVED)
    validated = _run(course, "nbgrader", "validate", str(solved))
    assert "Success" in validated.stdout, validated.stdout


def test_bad_submissions_get_a_reason_and_stop_nobody(course: Course, hand_in: HandIn) -> None:
    hand_in("ada", SOLVED)
    hand_in("zoe", HALF)
    corrupt = hand_in("jun", SOLVED)
    corrupt.write_text('{"cells": [')
    hand_in("ivo", SOLVED).unlink()
    linked = hand_in("lin", SOLVED)
    linked.unlink()
    linked.symlink_to(course.root / "solutions" / "ps02" / linked.name)
    course.generate("ps02")
    outcomes = {o.student: o for o in grade(course, "ps02", course.submitters("ps02"))}
    assert sorted(outcomes) == ["ada", "ivo", "jun", "lin", "zoe"]
    assert _points(outcomes["ada"]) == FULL
    assert _points(outcomes["zoe"])["rnn_step"] == FULL["rnn_step"]
    for student, reason in (("jun", "damaged"), ("ivo", "missing"), ("lin", "link")):
        assert reason in outcomes[student].trouble
        assert {row.verdict for row in outcomes[student].rows} == {"refused"}
        assert not course.folder("autograded", student, "ps02").exists()
    done = _run(course, "autograder.cli", "grade", "ps02")
    assert done.returncode == 1, done.stderr
    alone = _run(course, "autograder.cli", "grade", "ps02", "--student", "ada")
    assert alone.returncode == 0, alone.stderr


def test_second_grading_skips_what_has_not_changed(course: Course, hand_in: HandIn) -> None:
    hand_in("ada", SOLVED)
    hand_in("zoe", HALF)
    course.generate("ps02")
    first = list(grade(course, "ps02", ["ada", "zoe"]))
    second = list(grade(course, "ps02", ["ada", "zoe"]))
    assert [o.graded for o in first] == [True, True]
    assert [o.graded for o in second] == [False, False]
    assert [o.rows for o in first] == [o.rows for o in second]
    hand_in("zoe", SOLVED)
    third = list(grade(course, "ps02", ["ada", "zoe"]))
    assert [o.graded for o in third] == [False, True]
    assert _points(third[1]) == FULL


def test_forging_student_code_gains_nothing(
    marks: Marks, course: Course, hand_in: HandIn, checkout: Path
) -> None:
    """Patched comparisons, imitated panels, edited tests, the reference by import: no points."""
    hand_in("kai", (checkout / "demo" / "submissions" / "kai.py").read_text(encoding="utf-8"))
    course.generate("ps02")
    (outcome,) = grade(course, "ps02", ["kai"])
    assert outcome.points == 0
    assert marks(course, "kai") == NONE


def test_endless_loop_costs_one_exercise(course: Course, hand_in: HandIn, checkout: Path) -> None:
    hand_in("hana", (checkout / "demo" / "submissions" / "hana.py").read_text(encoding="utf-8"))
    course.generate("ps02")
    (outcome,) = grade(course, "ps02", ["hana"])
    verdicts = {row.exercise: row.verdict for row in outcome.rows}
    assert verdicts.pop("rnn_forward") == "timed out"
    assert set(verdicts.values()) == {"correct"}


def test_written_answer_waits_for_a_person(course: Course, hand_in: HandIn) -> None:
    text = (
        SOLVED
        + "\n# %% [markdown] written state_limits 10 points\n# It is bounded, since tanh is.\n"
    )
    hand_in("ada", text)
    course.generate("ps02")
    list(grade(course, "ps02", ["ada"]))
    with course.gradebook() as gradebook:
        submission = gradebook.find_submission("ps02", "ada")
        assert submission.needs_manual_grade
        assert submission.max_score == PS02.points
        written = gradebook.find_grade("state_limits", PS02.notebook, "ps02", "ada")
        written.manual_score = 7.0
        gradebook.db.commit()
    list(grade(course, "ps02", ["ada"], force=True))
    with course.gradebook() as gradebook:
        assert (
            gradebook.find_grade("state_limits", PS02.notebook, "ps02", "ada").manual_score == 7.0
        )


def test_work_beside_an_untouched_stub_counts(course: Course, hand_in: HandIn) -> None:
    text = (
        UNTOUCHED
        + """
# %% solution rnn_output
def rnn_output(h, W_hy, b_y):
    raise NotImplementedError("rnn_output is not written yet")

# %%
def rnn_output(h, W_hy, b_y):
    return h @ W_hy + b_y
"""
    )
    hand_in("ada", text)
    course.generate("ps02")
    (outcome,) = grade(course, "ps02", ["ada"])
    assert _points(outcome) == NONE | {"rnn_output": FULL["rnn_output"]}


OWN_TEST = """\
assert double(2) == 4
### BEGIN HIDDEN TESTS
assert double(0.5) == 1
### END HIDDEN TESTS"""
OWN = {
    "right": ("def double(x):\n    return 2 * x", 3.0),
    "wrong": ("def double(x):\n    return 4", 0.0),
    "silent": (
        "g = get_ipython()\ng._showtraceback = g.showtraceback = lambda *a, **k: None\n"
        "def double(x):\n    return 4",
        0.0,
    ),
    "forged": ("get_ipython().displayhook(3.0)\ndef double(x):\n    return 4", 0.0),
}


def test_instructor_s_own_asserts_are_graded_by_their_outputs(course: Course) -> None:
    """An assignment without exercises of ours: plain asserts, hidden ones among them."""
    new = nbformat.v4
    answer = new.new_code_cell("### BEGIN SOLUTION\ndouble = lambda x: 2 * x\n### END SOLUTION")
    test = new.new_code_cell(OWN_TEST)
    base = {"schema_version": 3, "task": False}
    answer.metadata.nbgrader = base | {
        "grade_id": "double",
        "solution": True,
        "grade": False,
        "locked": False,
    }
    test.metadata.nbgrader = base | {
        "grade_id": "test",
        "solution": False,
        "grade": True,
        "locked": True,
        "points": 3,
    }
    notebook = new.new_notebook(cells=[answer, test])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "P", "language": "python"}
    path = course.root / "solutions" / "own1" / "own.ipynb"
    path.parent.mkdir()
    nbformat.write(notebook, path)
    course.generate("own1")
    released = nbformat.read(course.released("own1")[0], as_version=4)
    assert "HIDDEN" not in nbformat.writes(released)
    for student, (source, _) in OWN.items():
        released.cells[0].source = source
        folder = course.folder("submitted", student, "own1")
        folder.mkdir(parents=True)
        nbformat.write(released, folder / "own.ipynb")
    outcomes = {o.student: o for o in grade(course, "own1", sorted(OWN))}
    assert {s: o.points for s, o in outcomes.items()} == {s: p for s, (_, p) in OWN.items()}


@pytest.mark.slow
def test_stock_nbgrader_agrees_on_honest_work(
    marks: Marks, course: Course, hand_in: HandIn
) -> None:
    """Without our preprocessors the same worksheet gives the same marks."""
    for student, text in (("solver", SOLVED), ("idler", UNTOUCHED), ("halfway", HALF)):
        hand_in(student, text)
    course.generate("ps02")
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + "\ndel c['Autograde']\n")
    done = _run(course, "nbgrader", "autograde", "ps02")
    assert done.returncode == 0, done.stderr
    assert marks(course, "solver") == FULL
    assert marks(course, "idler") == NONE
    assert marks(course, "halfway") == NONE | {"rnn_step": FULL["rnn_step"]}


@pytest.mark.slow
def test_demo_gives_its_table_twice(checkout: Path, tmp_path: Path) -> None:
    before = _tracked(checkout)
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    command = [sys.executable, "-m", "autograder.cli", "demo", "--keep", str(tmp_path)]
    for said in ("graded: 12", "graded: 0"):
        done = subprocess.run(
            command, cwd=checkout, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert said in done.stdout
        assert "marks are as demo/expected.csv says" in done.stdout
    assert (tmp_path / "course" / "gradebook.csv").is_file()
    assert len(list((tmp_path / "course" / "feedback").glob("*/ps02/*.html"))) == 12
    assert _tracked(checkout) == before


def _tracked(checkout: Path) -> str:
    done = subprocess.run(
        ["git", "status", "--porcelain"], cwd=checkout, capture_output=True, text=True, check=False
    )
    return done.stdout


def test_a_variable_named_check_is_not_in_the_way(course: Course, hand_in: HandIn) -> None:
    text = SOLVED + "\n# %% locked imports\nimport numpy as np\n\n# %%\ncheck = 'all my numbers'\n"
    hand_in("ada", text)
    course.generate("ps02")
    (outcome,) = grade(course, "ps02", ["ada"])
    assert _points(outcome) == FULL
