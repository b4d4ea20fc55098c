"""Many submissions: in one transaction each, several at once, ended at any moment, audited afterwards."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from autograder import build as builder
from autograder import evidence, exercises
from autograder.grade import Change, GradingStopped, Outcome, grade
from autograder.nbgrader_plugin import audit, ledger
from autograder.nbgrader_plugin.batch import Batch
from autograder.nbgrader_plugin.course import Course
from autograder.sandbox.child import WorkerFailure
from autograder.sandbox.pool import Pool
from autograder.sandbox.work import run
from autograder.submissions import fill_in

pytestmark = pytest.mark.linux

CHECKOUT = Path(__file__).parents[2]
PS02 = exercises.worksheet("ps02")
FULL = sum(exercise.points for exercise in PS02.exercises)
SOLVED = "# base: solved\n"
HALF = """\
# base: released

# %% solution rnn_step
def rnn_step(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h @ W_hh + b_h)
"""
FORGETS_BIAS = (
    SOLVED
    + """
# %% solution rnn_output
def rnn_output(h, W_hy, b_y):
    return h @ W_hy
"""
)
CLASS = {"ada": SOLVED, "ben": HALF, "cem": FORGETS_BIAS, "dag": "# base: released\n"}


def put(course: Course, student: str, text: str) -> Path:
    path = course.folder("submitted", student, "ps02") / f"{PS02.notebook}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    released = nbformat.read(builder.released_path(CHECKOUT, PS02), as_version=4)
    solved = nbformat.read(builder.solved_path(CHECKOUT, PS02), as_version=4)
    nbformat.write(fill_in(text, released, solved), path)
    return path


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with a gradebook, a secret and a class that has handed in."""
    root = tmp_path_factory.mktemp("template")
    for name in ("solutions", "notebooks"):
        shutil.copytree(CHECKOUT / name / "ps02", root / name / "ps02")
    settings = (CHECKOUT / "nbgrader_config.py").read_text()
    (root / "nbgrader_config.py").write_text(
        settings + "\nc.ExecuteInSandbox.cell_seconds = c.ExecuteInSandbox.exercise_seconds = 20\n"
    )
    course = Course(root)
    course.generate("ps02")
    for student, text in CLASS.items():
        put(course, student, text)
    (root / ".unrolled").mkdir()
    (root / ".unrolled" / "secret").write_bytes(bytes(range(32)))
    return root


@pytest.fixture
def course(template: Path, tmp_path: Path) -> Course:
    shutil.copytree(template, tmp_path / "course")
    return Course(tmp_path / "course")


def graded(course: Course, **options: object) -> dict[str, Outcome]:
    found = grade(course, "ps02", course.submitters("ps02"), **options)  # type: ignore[arg-type]
    return {outcome.student: outcome for outcome in found}


def dump(course: Course) -> list[str]:
    return list(audit.dumped(course, "ps02"))


def points(course: Course) -> dict[str, float]:
    """What nbgrader's own gradebook says."""
    with course.gradebook() as gradebook:
        return {s.student.id: s.score for s in gradebook.assignment_submissions("ps02")}


def command(course: Course, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "autograder.cli", *arguments, "--course", str(course.root)]


def environment() -> dict[str, str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return os.environ | {"PATH": path, "PYTHONPATH": str(CHECKOUT)}


@pytest.fixture(scope="module")
def undisturbed(template: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The dump of a gradebook after a run in which nothing went wrong."""
    root = tmp_path_factory.mktemp("undisturbed") / "course"
    shutil.copytree(template, root)
    course = Course(root)
    graded(course)
    return dump(course)


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


def test_a_student_who_is_removed_while_grading_leaves_the_others_alone(course: Course) -> None:
    students = course.submitters("ps02")
    shutil.rmtree(course.folder("submitted", "ben", "ps02"))
    outcomes = {o.student: o for o in grade(course, "ps02", students)}
    assert "ben" in outcomes["ben"].trouble or "folder" in outcomes["ben"].trouble
    assert outcomes["ada"].points == FULL


# Faults


def test_a_grader_s_own_fault_keeps_the_mark_that_was_there(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = graded(course)

    def broken(self: Pool, place: object) -> Iterator[None]:
        raise WorkerFailure("the sandbox went away")

    with monkeypatch.context() as patched:
        patched.setattr(Pool, "lend", broken)
        outcomes = graded(course, force=True)
    for outcome in outcomes.values():
        assert "the sandbox went away" in outcome.trouble
        assert {row.verdict for row in outcome.rows} == {"infrastructure"}
        assert {row.as_json()["points"] for row in outcome.rows} == {None}
    assert points(course) == {s: o.points for s, o in before.items()}


def test_a_locked_gradebook_stops_grading_with_a_sentence(
    course: Course, undisturbed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "LOCK_SECONDS", 0.2)
    graded(course)
    put(course, "ben", SOLVED)
    put(course, "ben", HALF)
    held = sqlite3.connect(course.root / "gradebook.db", isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    with pytest.raises(GradingStopped, match=r"locked.*run the same command again"):
        graded(course, force=True)
    held.execute("ROLLBACK")
    held.close()
    graded(course, force=True)
    assert dump(course) == undisturbed


def in_a_small_world(course: Course, *mounts: str) -> subprocess.CompletedProcess[str]:
    """Grade where the folder `autograded` is not as it should be."""
    (course.root / "autograded").mkdir()
    caps = ["--cap-add", "ALL"] if os.geteuid() == 0 else []
    world = ["bwrap", "--dev-bind", "/", "/", *caps, *mounts, "--"]
    return subprocess.run(
        [*world, *command(course, "grade", "ps02")],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")
@pytest.mark.parametrize("kind", ["full disk", "read-only"])
def test_a_disk_that_takes_nothing_stops_grading_with_a_sentence(
    course: Course, undisturbed: list[str], kind: str
) -> None:
    folder = str(course.root / "autograded")
    mounts = (
        ["--size", "65536", "--tmpfs", folder]
        if kind == "full disk"
        else ["--ro-bind", folder, folder]
    )
    done = in_a_small_world(course, *mounts)
    assert done.returncode in (1, 2), done.stdout + done.stderr
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 3
    graded(course)
    assert dump(course) == undisturbed


@pytest.mark.slow
def test_killed_at_any_moment_and_resumed_it_gives_the_same_gradebook(
    course: Course, undisturbed: list[str]
) -> None:
    """Twenty times kill -9, at moments from the start to the end of a run."""
    begin = time.monotonic()
    first = subprocess.run(
        command(course, "grade", "ps02", "--jobs", "2", "--force"),
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    whole = time.monotonic() - begin
    assert first.returncode == 0, first.stderr
    moments = random.Random(7)
    killed = 0
    for round in range(20):
        if round % 4 == 0:  # from nothing, as well as over what is there
            shutil.rmtree(course.root / "autograded", ignore_errors=True)
            with contextlib.closing(sqlite3.connect(course.root / "gradebook.db")) as book:
                book.execute("DELETE FROM unrolled_notebook")
                book.commit()
        process = subprocess.Popen(
            command(course, "grade", "ps02", "--jobs", "2", *["--force"] * (round % 2)),
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=whole * moments.uniform(0.3, 1.0))
        killed += process.poll() is None
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
        if round % 5 == 4:
            graded(course)
            assert dump(course) == undisturbed
    assert killed >= 10
    assert all(finding.well for finding in audit.replayed(course, "ps02"))


@pytest.mark.slow
def test_two_graders_at_once_give_the_same_gradebook(
    course: Course, undisturbed: list[str]
) -> None:
    both = [
        subprocess.Popen(
            command(course, "grade", "ps02", "--jobs", "1"),
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=300) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert dump(course) == undisturbed
    assert {o.graded for o in graded(course).values()} <= {True, False}
    assert dump(course) == undisturbed


# Audit


def test_recorded_verdicts_are_made_again_without_student_code(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    graded(course)
    monkeypatch.setattr(Pool, "lend", None)  # nothing may be run
    findings = list(audit.replayed(course, "ps02"))
    assert all(finding.well for finding in findings), findings
    assert "verdicts made again and found the same" in findings[-1].said


def test_an_edited_mark_is_found(course: Course) -> None:
    graded(course)
    with contextlib.closing(sqlite3.connect(course.root / "gradebook.db")) as book:
        book.execute("UPDATE unrolled_verdict SET points = 4 WHERE student = 'dag'")
        book.commit()
    findings = [finding for finding in audit.replayed(course, "ps02") if not finding.well]
    assert findings
    assert all("dag" in finding.said for finding in findings)


def test_an_edited_record_is_found(course: Course) -> None:
    graded(course)
    (batch,) = (course.root / ".unrolled" / "records" / "ps02").iterdir()
    assert batch.stat().st_mode & 0o777 == 0o600
    data = bytearray(batch.read_bytes())
    at = data.index(b'"kind": "wrong"')
    data[at : at + 15] = b'"kind": "right"'
    batch.write_bytes(data)
    findings = [finding for finding in audit.replayed(course, "ps02") if not finding.well]
    assert findings


def test_an_unfinished_entry_is_left_out(course: Course) -> None:
    graded(course)
    (batch,) = (course.root / ".unrolled" / "records" / "ps02").iterdir()
    whole = list(evidence.entries(batch))
    assert len(whole) == len(CLASS)
    batch.write_bytes(batch.read_bytes()[:-10])
    assert len(list(evidence.entries(batch))) == len(CLASS) - 1
    assert any("missing" in f.said for f in audit.replayed(course, "ps02") if not f.well)


def test_the_commands_say_what_they_find(course: Course, undisturbed: list[str]) -> None:
    graded(course)

    def said(*arguments: str) -> str:
        done = subprocess.run(
            command(course, "audit", *arguments),
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "found the same" in said()
    assert said("--dump").splitlines() == undisturbed
    kinds = {json.loads(line)["kind"] for line in undisturbed}
    assert kinds == {"submission", "grade", "comment", "graded", "verdict"}
