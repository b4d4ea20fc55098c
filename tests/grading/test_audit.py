"""What is on record can be made again, and what has been tampered with is found."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess

import pytest
from a_class import CLASS, command, environment, graded

from autograder import evidence
from autograder.nbgrader_plugin import audit
from autograder.nbgrader_plugin.course import Course
from autograder.sandbox.pool import Pool

pytestmark = pytest.mark.linux


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
