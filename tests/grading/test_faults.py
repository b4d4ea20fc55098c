"""Faults of the grader's own world: whatever ends a run, the next one finishes its work."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator

import pytest
from a_class import (
    HALF,
    SOLVED,
    command,
    dump,
    environment,
    grade_twice_at_once,
    graded,
    make_tables_at_once,
    points,
    put,
)

from autograder.grade import GradingStopped
from autograder.nbgrader_plugin import audit, ledger
from autograder.nbgrader_plugin.course import Course
from autograder.sandbox.child import WorkerFailure
from autograder.sandbox.pool import Pool

pytestmark = pytest.mark.linux


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
@pytest.mark.long
def test_killed_at_any_moment_and_resumed_it_gives_the_same_gradebook(
    course: Course, undisturbed: list[str]
) -> None:
    """Twenty times kill -9, at moments from the start to the end of a run, each time resumed."""
    moments, whole, killed = random.Random(7), 6.0, 0
    for round in range(60):
        if killed == 20:
            break
        if round % 2:  # from nothing, as well as over what is there
            shutil.rmtree(course.root / "autograded", ignore_errors=True)
            with contextlib.closing(sqlite3.connect(course.root / "gradebook.db")) as book:
                book.execute("DELETE FROM unrolled_notebook")
                book.commit()
        begin = time.monotonic()
        process = subprocess.Popen(
            command(course, "grade", "ps02", "--jobs", "2", "--force"),
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            assert process.wait(timeout=whole * moments.uniform(0.2, 1.0)) == 0
        except subprocess.TimeoutExpired:
            killed += 1
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            graded(course)
        else:
            whole = time.monotonic() - begin  # it was quicker
        assert dump(course) == undisturbed
    assert killed == 20
    assert all(finding.well for finding in audit.replayed(course, "ps02"))


def test_graders_who_open_a_gradebook_at_once_do_not_disturb_each_other(course: Course) -> None:
    for _ in range(5):
        make_tables_at_once(course)


@pytest.mark.slow
def test_two_graders_at_once_give_the_same_gradebook(
    course: Course, undisturbed: list[str]
) -> None:
    grade_twice_at_once(course)
    assert dump(course) == undisturbed
    graded(course)  # where the two wrote each other's files, it is done once more
    assert dump(course) == undisturbed
