"""A course folder, with nbgrader's steps as methods: release, autograde, feedback, export."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from alembic.util import CommandError
from jupyter_core.paths import jupyter_config_path
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory
from nbgrader.plugins import CsvExportPlugin
from nbgrader.utils import capture_log
from sqlalchemy import make_url
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from traitlets.config import Config, PyFileConfigLoader

from autograder.errors import UserError
from autograder.nbgrader_plugin.ledger import Ledger

_Book = TypeVar("_Book", Gradebook, Ledger)

_SQLITE = "sqlite:///"
_ENDS_TRACEBACK = re.compile(r"[\w.]+(Error|Exception|Failure|Sandbox|Warning): ")

CONFIG_FILE = "nbgrader_config.py"


class CourseError(UserError):
    """The course is not as it should be; the message says what to do."""


class StepFailed(UserError):
    """One of nbgrader's steps failed; the message is the last thing that it logged."""


class Course:
    """The folder that holds `nbgrader_config.py`, and what nbgrader does there.

    Raises CourseError if it holds none.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        _find_alembic()
        if not (self.root / CONFIG_FILE).is_file():
            raise CourseError(
                f"{self.root} is not a course: it has no {CONFIG_FILE}. "
                "Go to the course's folder, or name it with --course."
            )
        self.config: Config = _load_config(self.root)
        self.config.CourseDirectory.root = str(self.root)
        self.directory = CourseDirectory(config=self.config)

    @property
    def db_url(self) -> str:
        url: str = self.directory.db_url
        return url

    @property
    def database_file(self) -> Path | None:
        """The SQLite file that the gradebook is; None if it is on a server."""
        return Path(self.db_url[len(_SQLITE) :]) if self.db_url.startswith(_SQLITE) else None

    @property
    def database_exists(self) -> bool:
        """Is there a file?  Of a server's, opening it tells."""
        return self.database_file is None or self.database_file.is_file()

    def folder(self, step: str, student: str, assignment: str) -> Path:
        """The folder of a step (`source`, `release`, `submitted`, `autograded`, `feedback`)."""
        name = getattr(self.directory, f"{step}_directory")
        return Path(self.directory.format_path(name, student, assignment))

    def released(self, assignment: str) -> list[Path]:
        """The released notebooks of an assignment."""
        return sorted(self.folder("release", ".", assignment).glob("*.ipynb"))

    def submitters(self, assignment: str) -> list[str]:
        """Who has a folder for this assignment, sorted."""
        return submitters(self.directory, assignment)

    def require_assignment(self, assignment: str) -> None:
        """Raise CourseError unless the gradebook knows the assignment and its notebooks exist."""
        mend = f"Run `autograder init`, or `nbgrader generate_assignment {assignment}`."
        if not self.database_exists:
            raise CourseError(f"there is no gradebook at {self._shown_url()} yet. {mend}")
        with self.gradebook() as gradebook:
            try:
                gradebook.find_assignment(assignment)
            except MissingEntry:
                known = ", ".join(a.name for a in gradebook.assignments) or "none"
                raise CourseError(
                    f"the gradebook has no assignment {assignment!r} (it has: {known}). {mend}"
                ) from None
        if not self.released(assignment):
            folder = self.folder("release", ".", assignment)
            raise CourseError(f"there is no released notebook in {folder}. {mend}")

    @contextlib.contextmanager
    def gradebook(self) -> Iterator[Gradebook]:
        """nbgrader's gradebook.  Raises CourseError where it cannot be opened."""
        with self._opened(Gradebook) as gradebook:
            yield gradebook

    @contextlib.contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """The gradebook for a whole batch.  Raises CourseError where it cannot be opened."""
        with self._opened(Ledger) as ledger:
            yield ledger

    def _opened(self, kind: type[_Book]) -> _Book:
        if shutil.which("alembic") is None:
            raise CourseError(
                "nbgrader needs the command `alembic` on PATH: activate the environment "
                "(`source .venv/bin/activate`)."
            )
        try:
            return kind(self.db_url, self.directory.course_id)
        except (SQLAlchemyError, CommandError, ImportError) as error:
            said = str(getattr(error, "orig", None) or error).splitlines()[0]
            if isinstance(error, ImportError):
                mend = 'Is its driver installed? pip install -c constraints.txt -e ".[postgresql]"'
            elif self.db_url.startswith(_SQLITE):
                mend = "Restore it from a backup, or move it away and run `autograder init`."
            else:
                mend = "Is its server running, and is c.CourseDirectory.db_url right?"
            raise CourseError(
                f"the gradebook {self._shown_url()} cannot be opened ({said}). {mend}"
            ) from error

    def extend(self, assignment: str, student: str, days: float) -> datetime:
        """Give a student `days` in all after the due date; when the work is due then, in UTC.

        Raises CourseError for a student who is not on the roster, and where nothing is due.
        """
        self.require_assignment(assignment)
        try:
            with self.ledger() as ledger, ledger.transaction():
                due = ledger.extend(assignment, student, days)
        except MissingEntry:
            raise CourseError(
                f"{student} is not on the roster. Add: nbgrader db student add {student}"
            ) from None
        if due is None:
            mend = f"nbgrader db assignment add {assignment} --duedate ..."
            raise CourseError(f"{assignment} has no due date. Set one: {mend}")
        return due

    def generate(self, assignment: str) -> None:
        """`nbgrader generate_assignment`.  Raises StepFailed, and then leaves the old release."""
        folder = self.folder("release", ".", assignment)
        with tempfile.TemporaryDirectory(prefix="unrolled-release-") as kept:
            if folder.is_dir():
                shutil.copytree(folder, kept, dirs_exist_ok=True)
            try:
                self._run(GenerateAssignment, assignment, ".")
            except StepFailed:
                if any(Path(kept).iterdir()):  # nbgrader removes the old one before it begins
                    shutil.copytree(kept, folder, dirs_exist_ok=True)
                raise

    def release(self, assignment: str) -> None:
        """`nbgrader release_assignment`, into the exchange.  Raises StepFailed."""
        self._run(ExchangeFactory(config=self.config).ReleaseAssignment, assignment, ".")

    def autograde(self, assignment: str, student: str) -> None:
        """`nbgrader autograde`, for one student.  Raises StepFailed."""
        self._run(Autograde, assignment, student)

    def feedback(self, assignment: str, student: str) -> None:
        """`nbgrader generate_feedback`, for one student.  Raises StepFailed."""
        self._run(GenerateFeedback, assignment, student)

    def export(self, path: Path) -> None:
        """`nbgrader export`: the gradebook as CSV."""
        plugin = CsvExportPlugin(config=self.config)
        plugin.to = str(path)
        plugin.log = _quiet_log()
        with self.gradebook() as gradebook:
            plugin.export(gradebook)

    def _run(self, step_class: Any, assignment: str, student: str) -> None:
        """Run one of nbgrader's steps afresh, whatever it made before."""
        directory = CourseDirectory(config=self.config)
        directory.assignment_id, directory.student_id = assignment, student
        step = step_class(coursedir=directory, config=self.config)
        step.log = _quiet_log()
        step.force = True
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=SAWarning)  # about nbgrader's own sessions
            result = capture_log(step)
        if not result["success"]:
            if "KeyboardInterrupt" in result["error"].splitlines()[-1]:
                raise KeyboardInterrupt
            raise StepFailed(_last_error(result.get("log", "")) or result["error"].splitlines()[-1])

    def _shown_url(self) -> str:
        """The gradebook's address without its password."""
        try:
            return make_url(self.db_url).render_as_string(hide_password=True)
        except SQLAlchemyError:
            return "at c.CourseDirectory.db_url"


def submitters(directory: CourseDirectory, assignment: str) -> list[str]:
    """Who has a folder for this assignment, sorted."""
    folders = student_folders(directory, "submitted", assignment)
    return sorted(folder.name for folder in folders if _may_hold(folder, assignment))


def student_folders(directory: CourseDirectory, step: str, assignment: str) -> list[Path]:
    """The students' folders of one step of nbgrader's (`submitted`, `autograded`, ...).

    Without those of `c.CourseDirectory.student_id_exclude`.
    """
    pattern = directory.format_path(getattr(directory, f"{step}_directory"), "*", assignment)
    base = Path(pattern.partition("*")[0])
    left_out = directory.student_id_exclude.split(",")
    return [p for p in base.iterdir() if p.name not in left_out] if base.is_dir() else []


def _may_hold(folder: Path, assignment: str) -> bool:
    """Is there work of this assignment in a student's folder, or no way to tell?"""
    return os.path.lexists(folder / assignment) or (
        folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK)
    )


def _load_config(root: Path) -> Config:
    """The course's settings over the user's and the machine's, as nbgrader's own commands have them."""
    found = Config()
    try:
        for folder in [*reversed(jupyter_config_path()), str(root)]:
            if Path(folder, CONFIG_FILE).is_file():
                found.merge(PyFileConfigLoader(CONFIG_FILE, folder).load_config())
        return found
    except Exception as error:  # it is a Python file: anything can be wrong with it
        said = f"{type(error).__name__}: {error}"
        raise CourseError(
            f"{root / CONFIG_FILE} cannot be read ({said}). Mend it first."
        ) from error


def _find_alembic() -> None:
    """nbgrader calls `alembic` by its bare name: let it be found in an environment not activated."""
    folder = Path(sys.executable).parent
    if shutil.which("alembic") is None and (folder / "alembic").exists():
        os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"


def _quiet_log() -> logging.Logger:
    log = logging.getLogger("autograder.nbgrader")
    log.setLevel(logging.INFO)
    log.propagate = False
    return log


def _last_error(log: str) -> str:
    """The sentence of a log that says what went wrong: what a traceback ends with, else an error."""
    lines = [line for line in log.splitlines() if line.strip()]
    raised = [
        line
        for line in lines
        if _ENDS_TRACEBACK.match(line.strip()) and "above traceback" not in line
    ]
    errors = [
        line for line in lines if line.startswith("[ERROR]") and "above traceback" not in line
    ]
    return (raised or errors or [""])[-1].removeprefix("[ERROR]").strip()
