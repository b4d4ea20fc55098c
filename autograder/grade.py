"""Marks many submissions: each is planned and recorded here, and run wherever there is room.

Every submission ends with a verdict and a reason, and none stops the others.  What has not changed
since it was graded last is not graded again.  One process records; it may be ended at any moment, and a
rerun goes on from there.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import errno
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import Any

from sqlalchemy.exc import OperationalError

from autograder.errors import UserError
from autograder.executors import executor, run_all
from autograder.intake import Refused
from autograder.judge import Kind
from autograder.nbgrader_plugin.batch import Batch, Found, Plan
from autograder.nbgrader_plugin.course import Course
from autograder.nbgrader_plugin.preprocessors import ExecuteInSandbox
from autograder.sandbox.child import WorkerFailure
from autograder.sandbox.launch import Level
from autograder.sandbox.pool import POOL

#: How often a submission is sent out when machines fail it.
_ATTEMPTS = 3


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One student's mark for one exercise: an object of `--json`, with its fields in this order."""

    student: str
    assignment: str
    exercise: str
    verdict: str
    points: float
    max_points: float
    diagnosis: str
    seconds: float
    level: str
    # What the table tells beside these.
    message: str = dataclasses.field(default="", repr=False)
    read: str = dataclasses.field(default="", repr=False)
    reason: str = dataclasses.field(default="", repr=False)

    def as_json(self) -> dict[str, Any]:
        hidden = ("message", "read", "reason")
        told = {k: v for k, v in dataclasses.asdict(self).items() if k not in hidden}
        if self.verdict in (Kind.REFUSED, Kind.INFRASTRUCTURE):
            told["points"] = None  # not marked, which is not the same as worth nothing
        return told


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """A mark that a regrade has changed."""

    exercise: str
    before: tuple[str, float]  # verdict and points
    after: tuple[str, float]


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one student's submission."""

    student: str
    rows: tuple[Row, ...]
    trouble: str = ""  # why it needs attention: refused, or the grader's own fault
    graded: bool = True  # False where nothing had changed
    changes: tuple[Change, ...] = ()  # what a regrade made different
    why: tuple[str, ...] = ()  # why it was graded again

    @property
    def points(self) -> float:
        return sum(row.points for row in self.rows)


class GradingStopped(UserError):
    """Nothing more can be graded: no room on the disk, no way into the gradebook."""


def sandbox_level(course: Course) -> Level:
    """How student code will be confined.  Raises NoSandbox where it cannot be and has to be."""
    return ExecuteInSandbox(config=course.config).level()


def grade(
    course: Course,
    assignment: str,
    students: Sequence[str],
    *,
    force: bool = False,
    jobs: int = 1,
    scheduler: str = "",
) -> Iterator[Outcome]:
    """Grade the submissions of an assignment, yielding each outcome as it comes.

    `jobs` notebooks run at once on this machine, or as many as a Dask `scheduler` has room for.
    Raises UserError where nothing can be graded (any more): no gradebook, no such assignment, no
    sandbox, no room on the disk.
    """
    course.require_assignment(assignment)
    with course.ledger() as ledger, executor(jobs, scheduler) as (pool, at_once):
        batch = Batch(course.directory, course.config, assignment, ledger)
        yield from _Grading(batch, pool, force).run(students, 2 * at_once)


class _Grading:
    """One batch on its way."""

    def __init__(self, batch: Batch, pool: Executor, force: bool) -> None:
        self._batch, self._pool, self._force = batch, pool, force
        self._running: dict[Future[list[bytes]], tuple[Plan, int]] = {}

    def run(self, students: Sequence[str], most: int) -> Iterator[Outcome]:
        """Keep `most` submissions on their way; record each as it comes back."""
        waiting = collections.deque(students)
        try:
            while waiting or self._running:
                while waiting and len(self._running) < most:
                    outcome = self._begin(waiting.popleft())
                    if outcome is not None:
                        yield outcome
                done, _ = wait(self._running, return_when=FIRST_COMPLETED)
                for future in [sent for sent in self._running if sent in done]:
                    outcome = self._end(future)
                    if outcome is not None:
                        yield outcome
        except BaseException:
            for future in self._running:
                future.cancel()
            POOL.close()  # what still runs is not waited for
            raise

    def _begin(self, student: str) -> Outcome | None:
        """Send a submission out; an outcome if there is nothing to be sent."""
        try:
            with _stopping_for_good():
                plan = self._batch.plan(student, force=self._force)
                if plan is None:
                    rows = self._rows(student, self._batch.found(student))
                    return Outcome(student, rows, graded=False)
                self._send(plan, 1)
                return None
        except Refused as refused:
            return self._without_marks(student, Kind.REFUSED, str(refused), f"refused: {refused}")
        except UserError:
            raise
        except Exception as error:
            return self._failed(student, error)

    def _send(self, plan: Plan, attempt: int) -> None:
        works = [job.work.encode() for job in plan.jobs]
        self._running[self._pool.submit(run_all, works)] = plan, attempt

    def _end(self, future: Future[list[bytes]]) -> Outcome | None:
        """Record a submission that came back; None if it has been sent out again."""
        plan, attempt = self._running.pop(future)
        try:
            executions = future.result()
        except (UserError, KeyboardInterrupt):
            raise  # no sandbox, or one that leaks: that is so for everybody
        except WorkerFailure as error:
            return self._failed(plan.student, error)  # the sandbox has been tried again already
        except BaseException as error:
            if attempt < _ATTEMPTS:  # a machine of the cluster is gone
                self._send(plan, attempt + 1)
                return None
            return self._failed(plan.student, error)
        try:
            with _stopping_for_good():
                before = self._marks(plan.student) if plan.why else {}
                rows = self._rows(plan.student, self._batch.record(plan, executions))
        except UserError:
            raise
        except Exception as error:
            return self._failed(plan.student, error)
        changes = _changes(before, rows) if plan.why else ()
        return Outcome(plan.student, rows, changes=changes, why=plan.why)

    def _marks(self, student: str) -> dict[str, tuple[str, float]]:
        rows = self._rows(student, self._batch.found(student))
        return {row.exercise: (row.verdict, row.points) for row in rows}

    def _rows(self, student: str, found: Sequence[Found]) -> tuple[Row, ...]:
        assignment = self._batch.assignment
        return rows_of(student, assignment.name, found, assignment.level)

    def _failed(self, student: str, error: BaseException) -> Outcome:
        why = f"the grader failed: {_first_line(error)}"
        return self._without_marks(student, Kind.INFRASTRUCTURE, why, why)

    def _without_marks(self, student: str, kind: Kind, message: str, trouble: str) -> Outcome:
        assignment = self._batch.assignment
        worksheets = [master.worksheet for master in assignment.masters.values()]
        asked = [(e.id, float(e.points)) for w in worksheets if w for e in w.exercises]
        rows = tuple(
            Row(
                *(student, assignment.name, name, kind, 0.0, points, message, 0.0),
                str(assignment.level),
            )
            for name, points in asked or [("", 0.0)]
        )
        return Outcome(student, rows, trouble)


def rows_of(student: str, assignment: str, found: Sequence[Found], level: Level) -> tuple[Row, ...]:
    """The verdicts on record, and marks of cells that nobody but their outputs judged."""
    rows = []
    fields = {field.name for field in dataclasses.fields(Row)}
    for notebook in found:
        rows += [
            Row(**{name: _shared(value) for name, value in verdict.items() if name in fields})
            for verdict in notebook.verdicts
        ]
        judged = {verdict["exercise"] for verdict in notebook.verdicts}
        for cell, score in notebook.scores.items():
            if cell in judged or score.points is None:
                continue
            name = f"{notebook.notebook}/{cell}" if len(found) > 1 else cell
            share = score.points / score.maximum if score.maximum else 1.0
            kind = Kind.CORRECT if share == 1 else Kind.PARTLY if share else Kind.WRONG
            said = ""
            if not notebook.handed_in and not share:
                kind, said = Kind.NOT_ATTEMPTED, f"{notebook.notebook}.ipynb was not handed in."
            elif score.untouched:
                kind, said = Kind.NOT_ATTEMPTED, "The cell is as it was given."
            rows.append(
                Row(
                    *(student, assignment, name, kind, score.points, score.maximum, "", 0.0),
                    str(level),
                    message=said,
                )
            )
    return tuple(rows)


def _shared(value: Any) -> Any:
    """One string for all rows that have it: a large class has the same words many times."""
    return sys.intern(value) if isinstance(value, str) else value


def _changes(before: Mapping[str, tuple[str, float]], rows: Sequence[Row]) -> tuple[Change, ...]:
    """What a regrade made different, exercise by exercise."""
    nothing = ("", 0.0)
    after = {row.exercise: (str(row.verdict), row.points) for row in rows}
    return tuple(
        Change(name, before.get(name, nothing), after.get(name, nothing))
        for name in dict.fromkeys([*before, *after])
        if before.get(name, nothing) != after.get(name, nothing)
    )


@contextlib.contextmanager
def _stopping_for_good() -> Iterator[None]:
    """Turn what would meet every submission alike into one sentence.  Raises GradingStopped."""
    again = "Nothing is lost: mend that, and run the same command again."
    try:
        yield
    except OperationalError as error:
        raise GradingStopped(f"the gradebook cannot be used ({error.orig}). {again}") from error
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM):
            raise
        raise GradingStopped(
            f"{error.filename or 'a file'} cannot be written ({error.strerror}). {again}"
        ) from error


def _first_line(error: BaseException) -> str:
    """An error's own sentence, with the name of its class where it was not made for people."""
    said = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
    return (said.splitlines() or [""])[0]
