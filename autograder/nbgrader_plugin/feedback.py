"""Feedback pages of a course: by nbgrader's own command, and for a whole class at once.

    nbgrader generate_feedback ps02    one page after the other, through `FeedbackExporter`
    autograder feedback ps02           the same pages: one session, one template, and only what has changed

A page rests on the marked notebook, on what the gradebook says of it, on the release and on this code.
Their digest is kept in the page, and while it is the same the page is left alone.
"""

from __future__ import annotations

import dataclasses
import hashlib
import logging
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import Exporter
from nbgrader.api import MissingEntry
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from traitlets import default

from autograder.build import grade_id
from autograder.feedback import Report, basis_of, is_given, look_digest, page
from autograder.files import write_whole
from autograder.fingerprint import code_digest
from autograder.intake import Refused, check_student_id
from autograder.nbgrader_plugin.assignment import files_in
from autograder.nbgrader_plugin.course import Course, CourseError, student_folders
from autograder.nbgrader_plugin.ledger import Ledger
from autograder.nbgrader_plugin.records import Who
from autograder.nbgrader_plugin.results import read_report


class FeedbackExporter(Exporter):
    """What `nbgrader generate_feedback` makes its pages with: `c.GenerateFeedback.exporter_class`."""

    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]
        self, nb: Any, resources: Any = None, **more: Any
    ) -> tuple[str, Any]:
        nb, resources = super().from_notebook_node(nb, resources, **more)
        about = resources["nbgrader"]
        who = Who(about["assignment"], about["student"], about["notebook"])
        directory = CourseDirectory(config=self.config)
        folder = directory.format_path(directory.release_directory, ".", who.assignment)
        released = released_sources(Path(folder) / f"{who.notebook}.ipynb")
        with Ledger(about["db_url"], directory.course_id) as ledger, ledger.transaction():
            report = read_report(ledger.connection, who, released)
        return page(nb, report), resources


def released_sources(path: Path) -> dict[str, str]:
    """The sources of a released notebook's given cells, by their ids; none if there is no such file."""
    if not path.is_file():
        return {}
    notebook = nbformat.read(path, as_version=4)
    return {grade_id(cell): cell.source for cell in notebook.cells if is_given(cell)}


@dataclasses.dataclass(frozen=True)
class Fed:
    """What became of one student's pages."""

    student: str
    written: int = 0
    unchanged: int = 0
    trouble: str = ""


def write_feedback(
    course: Course, assignment: str, students: Sequence[str] = (), *, force: bool = False
) -> Iterator[Fed]:
    """Write the pages of these students, or of all whose work is graded; one result a student.

    Raises CourseError for a student without graded work, and if the gradebook has no such assignment.
    """
    course.require_assignment(assignment)
    known = graded_students(course, assignment)
    if missing := [student for student in students if student not in known]:
        folder = course.folder("autograded", missing[0], assignment)
        raise CourseError(
            f"nothing of {missing[0]} is graded: there is no {folder}. Run `autograder grade {assignment}`."
        )
    with course.ledger() as ledger:
        writer = _Writer(course, assignment, ledger, force)
        for student in students or known:
            yield writer.write(student)


def graded_students(course: Course, assignment: str) -> list[str]:
    """Who has a folder with marked work, sorted."""
    names = (folder.name for folder in student_folders(course.directory, "autograded", assignment))
    return sorted(name for name in names if course.folder("autograded", name, assignment).is_dir())


class _Writer:
    """A class's feedback on its way."""

    def __init__(self, course: Course, assignment: str, ledger: Ledger, force: bool) -> None:
        self._course, self._assignment, self._ledger = course, assignment, ledger
        self._force = force
        # Permissions are nbgrader's: its settings, its default, its folders for a group.
        self._step: Any = GenerateFeedback(coursedir=course.directory, config=course.config)
        self._step.log = logging.getLogger("autograder.nbgrader")
        self._notebooks = ledger.notebooks(assignment)
        self._released = {path.stem: released_sources(path) for path in course.released(assignment)}

    def write(self, student: str) -> Fed:
        try:
            check_student_id(student)
            return self._write(student)
        except (Refused, MissingEntry, ValueError, KeyError, AttributeError) as error:
            # One damaged notebook is no reason to leave the others without their pages.
            return Fed(student, trouble=f"no page could be made: {error}")

    def _write(self, student: str) -> Fed:
        source = self._course.folder("autograded", student, self._assignment)
        target = self._course.folder("feedback", student, self._assignment)
        written = unchanged = 0
        for name in self._notebooks:
            path = source / f"{name}.ipynb"
            if not path.is_file():
                continue
            data = path.read_bytes()
            with self._ledger.transaction():
                who = Who(self._assignment, student, name)
                connection = self._ledger.connection
                report = read_report(connection, who, self._released.get(name, {}))
            basis = _basis(data, report)
            made = target / f"{name}.html"
            if not self._force and _basis_of_file(made) == basis:
                unchanged += 1
                continue
            notebook = nbformat.v4.reads(data.decode("utf-8"))
            write_whole(made, page(notebook, report, basis).encode())
            written += 1
        if written:
            self._copy_what_lies_beside(source, target)
            self._step.set_permissions(self._assignment, student)
        return Fed(student, written, unchanged)

    def _copy_what_lies_beside(self, source: Path, target: Path) -> None:
        """Pictures that a notebook shows, the time of handing in: what nbgrader's step copies."""
        for name, path in files_in(self._course.directory, source).items():
            copy = target / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.unlink(missing_ok=True)  # a link that lies there is not followed
            shutil.copy(path, copy)


def _basis(notebook: bytes, report: Report) -> str:
    digest = hashlib.sha256(notebook)
    for part in (repr(report), look_digest(), code_digest()):
        digest.update(b"\0" + part.encode())
    return digest.hexdigest()


def _basis_of_file(path: Path) -> str:
    """The digest that a page rests on, or nothing."""
    try:
        with path.open(encoding="utf-8") as file:
            return basis_of(file.read(2000))
    except (OSError, UnicodeDecodeError):
        return ""
