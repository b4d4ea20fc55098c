"""On honest work our marks equal stock nbgrader's, cell by cell.

One class, graded in three copies of a course: by stock `nbgrader autograde`, by the same command with our
steps, and by `autograder grade`.  All that nbgrader's gradebook says of it is compared, and the files.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import honest_class as honest
import nbformat
import our_lists
import pytest
from honest_class import ASSIGNMENT, NOTEBOOKS, STUDENTS
from nbgrader.api import Gradebook

# One worker grades the class for all tests here.
pytestmark = [pytest.mark.slow, pytest.mark.linux, pytest.mark.xdist_group("honest")]

CHECKOUT = our_lists.CHECKOUT
ROADS = ("nbgrader", "autograder")

#: Marks that differ from stock's on purpose: (student, notebook, cell) -> (stock's, ours).
#: Warnings on stderr cost a cell of plain asserts its points, here as there, and are not on the list.
DIFFERENT = {
    # Answers that call a command of the shell: none runs inside.
    ("lea", "words", "test_count"): (2.0, 0.0),
    ("lea", "words", "test_share"): (3.0, 0.0),
}

#: Files of `autograded/` that stock has and we do not, with the reason.
NOT_KEPT = {
    ("nia", "result.txt"): "what student code writes stays in the sandbox and goes with it",
}

SETTINGS = f"""\
c = get_config()
c.CourseDirectory.course_id = "own"
c.AssignLatePenalties.plugin_class = "late_plugin.ByHours"
c.Autograde.exclude_overwriting = {{"{ASSIGNMENT}": ["{honest.THEIRS}"]}}
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = "{honest.HINT}"
"""
GROUP = "c.CourseDirectory.groupshared = True\n"


Rows = dict[tuple[str, ...], dict[str, Any]]


@dataclasses.dataclass
class Graded:
    """A course after grading: what its gradebook says, and what lies in `autograded/`."""

    rows: Rows
    files: dict[str, str]
    cells: dict[str, list[tuple[str, str, str]]]
    said: str


Courses = dict[str, dict[str, Graded]]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Courses:
    """The class, graded on each road, and once more after a person marked what waited."""
    root = tmp_path_factory.mktemp("honest")
    first = root / "stock"
    _make_course(first)
    for road in ROADS:
        shutil.copytree(first, root / road)
        with (root / road / "nbgrader_config.py").open("a") as file:
            file.write(our_lists.settings())
    found: Courses = {}
    found["first"] = _grade_all(root)
    for road in ("stock", *ROADS):
        _mark_by_hand(root / road)
        (root / road / "submitted" / "ben" / ASSIGNMENT / "words.ipynb").unlink()
        for student, submission in honest.SECOND.items():
            _hand_in(root / road, student, submission)
        with (root / road / "nbgrader_config.py").open("a") as file:
            file.write(GROUP)
    found["again"] = _grade_all(root)
    return found


def _make_course(root: Path) -> None:
    honest.write_source(root / "source" / ASSIGNMENT)
    (root / "nbgrader_config.py").write_text(SETTINGS)
    (root / "late_plugin.py").write_text(honest.LATE_PLUGIN)
    _run(root, "nbgrader", "db", "assignment", "add", ASSIGNMENT, "--duedate", honest.DUE)
    _run(root, "nbgrader", "generate_assignment", ASSIGNMENT)
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        gradebook.add_student("ada", first_name="Ada", last_name="A.", email="ada@example.org")
    for student, submission in STUDENTS.items():
        _hand_in(root, student, submission)


def _hand_in(root: Path, student: str, submission: honest.Submission) -> None:
    honest.hand_in(
        root / "release" / ASSIGNMENT, root / "submitted" / student / ASSIGNMENT, submission
    )


def _mark_by_hand(root: Path) -> None:
    """What a person does in the formgrader: scores, comments, extra credit."""
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        for student, cell, score in (
            ("ada", "why", 3.5),
            ("ada", "report", 6.0),
            ("ben", "why", 0.0),
        ):
            gradebook.find_grade(cell, "sums", ASSIGNMENT, student).manual_score = score
        gradebook.find_grade("test_mean", "sums", ASSIGNMENT, "cem").manual_score = 1.0
        gradebook.find_grade("bonus", "sums", ASSIGNMENT, "fay").extra_credit = 2.0
        gradebook.find_comment("why", "sums", ASSIGNMENT, "ada").manual_comment = "Say why."
        for student in ("ada", "dora"):
            for notebook in gradebook.find_submission(ASSIGNMENT, student).notebooks:
                for grade in notebook.grades:
                    grade.needs_manual_grade = False
        gradebook.db.commit()


def _grade_all(root: Path) -> dict[str, Graded]:
    """All three roads at once: stock takes longest, and mostly waits for kernels."""
    commands = {
        "stock": ("nbgrader", "autograde", ASSIGNMENT, "--force"),
        "nbgrader": ("nbgrader", "autograde", ASSIGNMENT, "--force"),
        "autograder": ("autograder.cli", "grade", ASSIGNMENT, "--force"),
    }
    logs = {road: (root / f"{road}.log").open("w+") for road in commands}
    running = {
        road: subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=root / road,
            env=_environment(root / road),
            stdout=logs[road],
            stderr=subprocess.STDOUT,
        )
        for road, command in commands.items()
    }
    found = {}
    try:
        for road, process in running.items():
            status = process.wait(timeout=1200)
            said = (root / f"{road}.log").read_text()
            # 1 says that a submission needs attention; the gradebook shows whether it is marked all the same.
            assert status == 0 or (road, status) == ("autograder", 1), f"{road}: {status}\n{said}"
            found[road] = _look(root / road, said)
    finally:
        for road, process in running.items():
            process.kill()
            process.wait()
            logs[road].close()
    return found


def _run(root: Path, *command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=root,
        env=_environment(root),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


def _environment(root: Path) -> dict[str, str]:
    """The code beside this test, nbgrader's helpers on PATH, and the course's late plugin."""
    paths = [str(CHECKOUT), str(root), os.environ.get("PYTHONPATH", "")]
    return os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
    }


def _look(root: Path, said: str) -> Graded:
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        rows = dict(_rows(gradebook))
    autograded = root / "autograded"
    files, cells = {}, {}
    for path in sorted(autograded.rglob("*")):
        name = str(path.relative_to(autograded))
        what = path.suffix if path.is_dir() or path.suffix == ".ipynb" else path.read_text()
        files[name] = f"{path.stat().st_mode:o} {what}"
        if path.suffix == ".ipynb":
            cells[name] = [
                (
                    cell.cell_type,
                    cell.source,
                    repr(sorted(cell.metadata.get("nbgrader", {}).items())),
                )
                for cell in nbformat.read(path, as_version=4).cells
            ]
    return Graded(rows, files, cells, said)


def _rows(gradebook: Gradebook) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """All that the gradebook knows of the assignment but surrogate keys."""

    def of(thing: Any, *names: str) -> dict[str, Any]:
        return {name: getattr(thing, name) for name in names}

    for student in gradebook.students:
        yield ("student", student.id), of(student, "first_name", "last_name", "email", "score")
    sums = ("score", "max_score", "code_score", "written_score", "task_score")
    waits = ("needs_manual_grade",)
    for submission in gradebook.assignment_submissions(ASSIGNMENT):
        who = submission.student.id
        late = ("timestamp", "extension", "total_seconds_late")
        yield ("submission", who), of(submission, *sums, *waits, *late)
        for notebook in submission.notebooks:
            extra = ("late_submission_penalty", "failed_tests")
            yield ("notebook", who, notebook.name), of(notebook, *sums, *waits, *extra)
            for grade in notebook.grades:
                yield (
                    ("grade", who, notebook.name, grade.name),
                    of(
                        grade,
                        *("auto_score", "manual_score", "extra_credit", "score", "max_score"),
                        *("needs_manual_grade", "failed_tests"),
                    ),
                )
            for comment in notebook.comments:
                yield (
                    ("comment", who, notebook.name, comment.name),
                    of(comment, "auto_comment", "manual_comment", "comment"),
                )


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("time", ["first", "again"])
def test_gradebook_says_the_same(graded: Courses, road: str, time: str) -> None:
    """Grades, comments, sums, penalties and what waits for a person: every row, every column."""
    stock, ours = _as_listed(graded[time]["stock"].rows), graded[time][road].rows
    assert sorted(ours) == sorted(stock)
    different = {
        f"{' '.join(key)}: {name}": (stock[key][name], ours[key][name])
        for key in stock
        for name in stock[key]
        if stock[key][name] != ours[key][name]
    }
    assert different == {}, "(stock, ours)"


def _as_listed(rows: Rows) -> Rows:
    """Stock's rows with the marks of `DIFFERENT` in them, and the sums that follow from these."""
    rows = {key: dict(row) for key, row in rows.items()}
    for (student, notebook, cell), (theirs, mine) in DIFFERENT.items():
        grade = rows["grade", student, notebook, cell]
        assert grade["auto_score"] == grade["score"] == theirs, (student, cell)
        grade |= {"auto_score": mine, "score": mine, "failed_tests": mine == 0}
        rows["notebook", student, notebook]["failed_tests"] |= mine == 0
        for key in (("notebook", student, notebook), ("submission", student), ("student", student)):
            for name in {"score", "code_score"} & set(rows[key]):
                rows[key][name] += mine - theirs
    return rows


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("time", ["first", "again"])
def test_autograded_folders_hold_the_same_files(graded: Courses, road: str, time: str) -> None:
    """Names, contents and modes; of the notebooks their modes."""
    stock, ours = dict(graded[time]["stock"].files), graded[time][road].files
    for student, name in NOT_KEPT:
        assert stock.pop(f"{student}/{ASSIGNMENT}/{name}", None) is not None
    assert ours == stock


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("time", ["first", "again"])
def test_autograded_notebooks_hold_the_same_cells(graded: Courses, road: str, time: str) -> None:
    """Types, sources and nbgrader's marks of all cells, in the same order."""
    stock, ours = graded[time]["stock"].cells, graded[time][road].cells
    assert sorted(ours) == sorted(stock)
    for name in stock:
        assert ours[name] == stock[name], name


def test_stock_tells_the_class_apart(graded: Courses) -> None:
    """The comparison would be worth little if everybody had the same marks."""
    rows = graded["first"]["stock"].rows
    scores = {who: rows["submission", who]["score"] for who in STUDENTS}
    assert scores["ben"] == 0
    assert scores["ada"] > scores["cem"] > scores["ben"]
    assert rows["grade", "cem", "sums", "test_spread"]["auto_score"] not in (0, 4)
    assert rows["notebook", "fay", "sums"]["late_submission_penalty"] == 6
    assert rows["grade", "emil", "words", "test_count"]["auto_score"] == 0
    assert rows["grade", "mia", "sums", "test_mean"]["auto_score"] == 0
    assert rows["grade", "mia", "words", "test_count"]["auto_score"] == 2
    again = graded["again"]["stock"].rows
    assert again["submission", "ben"]["score"] > 0
    assert again["grade", "fay", "sums", "bonus"]["score"] == 2
    assert set(NOTEBOOKS) == {key[2] for key in rows if key[0] == "notebook"}
