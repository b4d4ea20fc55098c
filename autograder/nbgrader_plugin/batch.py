"""What nbgrader's autograde step does to submissions, for `autograder grade`.

    plan    look at a submission, restore its notebooks, and say what there is to run
    record  write the marked notebooks, then marks and verdicts in one transaction

Neither runs student code.  Files come first and are replaced whole; the row that vouches for them, by
their digest, comes last.  So whenever this is ended, a rerun finds out what is missing.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbgrader.api import InvalidEntry
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import IntegrityError
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from autograder.files import write_whole
from autograder.intake import Refused, check_student_id, examine, read_notebook
from autograder.marking import Key, Marked, Prepared, prepare, settle
from autograder.nbgrader_plugin import records
from autograder.nbgrader_plugin.assignment import (
    Assignment,
    files_in,
    is_page,
    notebook_bytes,
    read_files,
)
from autograder.nbgrader_plugin.course import CourseError
from autograder.nbgrader_plugin.ledger import Ledger, Score
from autograder.nbgrader_plugin.preprocessors import ExecuteInSandbox
from autograder.nbgrader_plugin.records import Basis, Graded, Who
from autograder.nbgrader_plugin.secret import course_secret
from autograder.restore import is_empty_handed
from autograder.sandbox.work import Work, read_execution

#: Steps of nbgrader's lists, and ours, that `Batch` and `Assignment` do for all submissions at once,
#: or that restoring the notebook makes needless.
_DONE_HERE = {
    *("ClearOutput", "DeduplicateIds", "RestoreNotebook"),
    *("OverwriteKernelspec", "OverwriteCells", "CheckCellMetadata"),
    *("Execute", "ExecuteInSandbox", "ClearMetadataPreprocessor"),
    *("SaveAutoGrades", "AssignLatePenalties", "RecordMarks"),
}

_ATTEMPTS = 3


@dataclasses.dataclass(frozen=True)
class Job:
    """One notebook of a submission, ready to be run."""

    who: Who
    basis: Basis
    prepared: Prepared
    work: Work


@dataclasses.dataclass(frozen=True)
class Plan:
    """One student's submission, ready to be run."""

    student: str
    jobs: tuple[Job, ...]
    files: Mapping[str, Path]  # what lies beside the notebooks, the instructor's over the student's
    timestamp: datetime.datetime | None
    why: tuple[str, ...]  # why it is graded again; empty if it is for the first time


@dataclasses.dataclass(frozen=True)
class Found:
    """What is on record of one notebook: its verdicts, and the marks of all its code cells."""

    notebook: str
    handed_in: bool
    verdicts: Sequence[Mapping[str, Any]]
    scores: Mapping[str, Score]


class Batch:
    """An assignment that is being graded."""

    def __init__(
        self, directory: CourseDirectory, config: Config, assignment: str, ledger: Ledger
    ) -> None:
        """Raises what `Assignment` raises."""
        settings = ExecuteInSandbox(config=config)
        self.assignment = Assignment(assignment, directory, config, ledger, settings)
        self._ledger = ledger
        self._secret = course_secret(Path(directory.root))
        self._places = {
            name: settings.place(assignment, master.worksheet, master.released)
            for name, master in self.assignment.masters.items()
        }
        self._step: Any = Autograde(coursedir=directory, config=config)
        self._before = _other_steps(self._step.sanitize_preprocessors, config)
        self._after = _other_steps(self._step.autograde_preprocessors, config)

    def plan(self, student: str, *, force: bool) -> Plan | None:
        """What there is to run; None if nothing has changed since it was graded.

        Raises Refused for a submission that is not fit to be graded.
        """
        check_student_id(student)
        folder = self.assignment.folder("submitted", student)
        notebooks = examine(folder, sorted(self.assignment.masters))
        with self._ledger.transaction():
            # Before they are read: what changes meanwhile is graded again the next time.
            bases = self.assignment.bases(student, notebooks)
            known = {who: records.find(self._ledger.connection, who) for who in bases}
        why = self._why(student, bases, known)
        if not (why or force):
            return None
        own = files_in(self.assignment.directory, folder)
        files = {n: path for n, path in own.items() if not is_page(n)} | self.assignment.files
        jobs = tuple(
            self._job(who, basis, notebooks[who.notebook], files) for who, basis in bases.items()
        )
        timestamp = self.assignment.directory.get_existing_timestamp(str(folder))
        if any(known.values()):
            return Plan(student, jobs, files, timestamp, why or ("it was asked for",))
        return Plan(student, jobs, files, timestamp, ())

    def record(self, plan: Plan, executions: Sequence[bytes]) -> list[Found]:
        """Judge what came of a submission, write its notebooks and its marks; what is on record then."""
        assignment = self.assignment
        marked = {}
        for job, data in zip(plan.jobs, executions, strict=True):
            found = settle(job.prepared, read_execution(job.work, data), assignment.level)
            notebook = self._run_steps(self._after, job.who, found.notebook)
            marked[job.who] = dataclasses.replace(found, notebook=notebook)
        files = {who: notebook_bytes(found.notebook) for who, found in marked.items()}
        self._write_files(plan, files)
        for _ in range(_ATTEMPTS - 1):
            # Another grader may just have made the same rows.
            with contextlib.suppress(IntegrityError, InvalidEntry):
                return self._save(plan, marked, files)
        return self._save(plan, marked, files)

    def _save(
        self, plan: Plan, marked: Mapping[Who, Marked], files: Mapping[Who, bytes]
    ) -> list[Found]:
        assignment = self.assignment
        with self._ledger.transaction():
            self._ledger.open_submission(
                assignment.name,
                plan.student,
                plan.timestamp,
                create_student=self._step.create_student,
            )
            for job in plan.jobs:
                assignment.save(job.who, job.basis, marked[job.who], files[job.who])
            for name in set(assignment.notebooks) - {job.who.notebook for job in plan.jobs}:
                who = Who(assignment.name, plan.student, name)
                self._ledger.save_absence(who)
                records.forget(self._ledger.connection, who)
            return self._found(plan.student)

    def found(self, student: str) -> list[Found]:
        """What is on record of a student's notebooks."""
        with self._ledger.transaction():
            return self._found(student)

    def _found(self, student: str) -> list[Found]:
        connection = self._ledger.connection
        return [
            Found(
                who.notebook,
                records.find(connection, who) is not None,
                records.verdicts(connection, who),
                self._ledger.scores(who),
            )
            for name in self.assignment.notebooks
            for who in [Who(self.assignment.name, student, name)]
        ]

    def _why(
        self, student: str, bases: Mapping[Who, Basis], known: Mapping[Who, Graded | None]
    ) -> tuple[str, ...]:
        """Why this submission has to be graded, in words; empty if it has not."""
        why: list[str] = []
        autograded = self.assignment.folder("autograded", student)
        for who, basis in bases.items():
            graded = known[who]
            if graded is None:
                why.append("it had not been graded to the end")
                continue
            why += basis.differences(graded.basis)
            path = autograded / f"{who.notebook}.ipynb"
            if not path.is_file() or _digest(path) != graded.file:
                why.append("its autograded notebook was missing or another")
        return tuple(dict.fromkeys(why))

    def _job(self, who: Who, basis: Basis, path: Path, files: Mapping[str, Path]) -> Job:
        master = self.assignment.masters[who.notebook]
        data = path.read_bytes()
        notebook = read_notebook(path.name, data)
        if is_empty_handed(master.released, notebook):
            raise Refused(
                f"{path.name} has none of the worksheet's cells; were they copied into a new "
                "notebook? The file that was handed out has to be filled in."
            )
        restored = self._run_steps(self._before, who, master.restore(notebook)[0])
        key = Key(self._secret, who.student, hashlib.sha256(data).digest())
        prepared = prepare(restored, master.released, master.worksheet, key)
        beside = {} if master.worksheet else read_files(files)
        budget = self.assignment.settings.budget()
        work = Work(self._places[who.notebook], prepared.cells, budget, prepared.told, beside)
        return Job(who, basis, prepared, work)

    def _run_steps(
        self, steps: Sequence[Preprocessor], who: Who, notebook: NotebookNode
    ) -> NotebookNode:
        about = vars(who) | {"db_url": self.assignment.directory.db_url}
        resources = {"unique_key": who.notebook, "nbgrader": about}
        for step in steps:
            notebook, resources = step(notebook, resources)
        return notebook

    def _write_files(self, plan: Plan, notebooks: Mapping[Who, bytes]) -> None:
        """The folder `autograded`: these files and nothing else."""
        folder = self.assignment.folder("autograded", plan.student)
        contents = {name: path.read_bytes() for name, path in plan.files.items()}
        contents |= {f"{who.notebook}.ipynb": data for who, data in notebooks.items()}
        for name, data in contents.items():
            write_whole(folder / name, data)
        for path in sorted(folder.rglob("*"), reverse=True):
            if path.is_dir() and not path.is_symlink():
                if not any(path.iterdir()):
                    path.rmdir()
            elif str(path.relative_to(folder)) not in contents:
                path.unlink()
        self._step.set_permissions(self.assignment.name, plan.student)


def _other_steps(configured: Sequence[str | type], config: Config) -> list[Preprocessor]:
    """The steps of one of nbgrader's lists that are not done here: `LimitOutput`, an instructor's own.

    Raises CourseError for one that there is not.
    """
    try:
        found = [import_item(step) if isinstance(step, str) else step for step in configured]
    except ImportError as error:
        raise CourseError(
            f"nbgrader_config.py names a step of c.Autograde that is not there ({error}). Compare its lists "
            "with those of the nbgrader_config.py that comes with the course."
        ) from error
    return [step(config=config) for step in found if step.__name__ not in _DONE_HERE]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
