"""Steps of nbgrader's pipelines: one class, one step.

Releasing: `ClearSolutionsByName`, `DrawQuestions`.
Marking: `RestoreNotebook`, `ExecuteInSandbox`, `RecordMarks`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearSolutions, Execute, NbGraderPreprocessor
from traitlets import Unicode

from autograder.build import is_locked
from autograder.marker import SOLUTION_SUFFIX
from autograder.marking import DRAWS, Key, prepare, settle
from autograder.nbgrader_plugin import records
from autograder.nbgrader_plugin.assignment import (
    Assignment,
    files_in,
    is_page,
    read_files,
    worksheet_of,
)
from autograder.nbgrader_plugin.ledger import Ledger
from autograder.nbgrader_plugin.records import Who
from autograder.nbgrader_plugin.secret import course_secret
from autograder.nbgrader_plugin.settings import SandboxSettings
from autograder.restore import restore
from autograder.sandbox.work import Work, read_execution, run

_REGION_AT_MARGIN = re.compile(r"^### BEGIN SOLUTION", re.MULTILINE)


class ClearSolutionsByName(ClearSolutions):
    """nbgrader's step, with a stub that names what is missing.

    A region inside a function becomes `raise NotImplementedError(...)`.  One at the margin, where
    values are filled in or a class is repaired, becomes a comment: such a cell must run as it is.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: ResourcesDict, cell_index: int
    ) -> tuple[NotebookNode, ResourcesDict]:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix(SOLUTION_SUFFIX)
        at_margin = cell.cell_type == "code" and _REGION_AT_MARGIN.search(cell.source)
        comment = (
            "# Fill in, or change, the lines above."
            if at_margin
            else "# Your code replaces the next line."
        )
        raising = f'raise NotImplementedError("{name} is not written yet")'
        stub = comment if at_margin else f"{comment}\n{raising}"
        self.code_stub = {"python": stub}
        return super().preprocess_cell(cell, resources, cell_index)


class _Step(NbGraderPreprocessor):
    """A step that needs to find the course's files."""

    def _directory(self) -> CourseDirectory:
        return CourseDirectory(config=self.config)

    def _ledger(self, about: Any) -> Ledger:
        return Ledger(about["db_url"], self._directory().course_id)

    def _folder(self, step: str, student: str, resources: ResourcesDict) -> Path:
        """The folder of a step (`release`, `submitted`, `autograded`)."""
        course = self._directory()
        name = getattr(course, f"{step}_directory")
        return Path(course.format_path(name, student, resources["nbgrader"]["assignment"]))

    def _paths(self, resources: ResourcesDict) -> tuple[Path, Path]:
        """The released and the submitted notebook of what is being marked."""
        about = resources["nbgrader"]
        name = f"{about['notebook']}.ipynb"
        released = self._folder("release", ".", resources) / name
        submitted = self._folder("submitted", about["student"], resources) / name
        if not released.is_file():
            raise FileNotFoundError(
                f"the released notebook {released} is missing: run "
                f"`nbgrader generate_assignment {about['assignment']}` first."
            )
        return released, submitted


class DrawQuestions(_Step):
    """Let each student have questions of their own, where a worksheet has several (see `questions.py`).

    The name of the course goes into the released notebook: into its metadata, where the grader reads
    it, and into the locked cell that imports `check`, which tells it to the notebook.
    """

    course = Unicode(
        "", help="The course's name and term; with a name, students have questions of their own."
    ).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        about = resources["nbgrader"]
        found = worksheet_of(about["assignment"], about["notebook"])
        if not self.course or found is None or not any(e.questions for e in found.exercises):
            return nb, resources
        first = next(
            (
                cell
                for cell in nb.cells
                if is_locked(cell) and "from autograder import" in cell.source
            ),
            None,
        )
        if first is None:
            raise ValueError(
                f"{found.notebook} has no locked cell that imports from autograder; there the name of "
                "the course belongs that draws questions."
            )
        call = f"from autograder import draw_questions\n\ndraw_questions({self.course!r})"
        first.source = f"{first.source}\n\n{call}"
        nb.metadata[DRAWS] = self.course
        return nb, resources


class RestoreNotebook(_Step):
    """Rebuild the submission in the order of the released notebook."""

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        released, _ = self._paths(resources)
        about = resources["nbgrader"]
        with self._ledger(about) as ledger, ledger.transaction():
            # A run that is ended before it records leaves nothing that looks current.
            records.forget(
                ledger.connection, Who(about["assignment"], about["student"], about["notebook"])
            )
        self._remove_pages(about, resources)
        restored, notes = restore(nbformat.read(released, as_version=4), nb)
        for note in notes:
            self.log.warning("%s: %s", about["student"], note)
        return restored, resources

    def _remove_pages(self, about: Any, resources: ResourcesDict) -> None:
        """What nbgrader has copied of a student's that the formgrader would serve as a page."""
        directory = self._directory()
        source = directory.format_path(directory.source_directory, ".", about["assignment"])
        copied = files_in(directory, self._folder("autograded", about["student"], resources))
        for name in set(copied) - set(files_in(directory, Path(source))):
            if is_page(name):
                copied[name].unlink()


class ExecuteInSandbox(SandboxSettings, _Step):
    """Run the notebook in a child process and judge its answers out here."""

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        if not Execute(config=self.config).enabled:
            self.log.warning(
                "The notebook is run in spite of --no-execute: outputs that a student saved are no marks."
            )
        released, submitted = self._paths(resources)
        about = resources["nbgrader"]
        found = worksheet_of(about["assignment"], about["notebook"])
        root = Path(self._directory().root)
        digest = hashlib.sha256(submitted.read_bytes()).digest()
        key = Key(course_secret(root), about["student"], digest)
        master = nbformat.read(released, as_version=4)
        prepared = prepare(nb, master, found, key)
        files = {} if found else self._files(resources)
        place = self.place(about["assignment"], found, master)
        work = Work(place, prepared.cells, self.budget(), prepared.told, files)
        marked = settle(prepared, read_execution(work, run(work.encode())), place.level)
        resources["unrolled"] = marked
        return marked.notebook, resources

    def _files(self, resources: ResourcesDict) -> dict[str, bytes]:
        """What nbgrader has put beside the notebook."""
        folder = self._folder("autograded", resources["nbgrader"]["student"], resources)
        return read_files(files_in(self._directory(), folder))


class RecordMarks(_Step):
    """Write marks, comments, lateness and verdicts into the gradebook, in one transaction.

    It takes the place of nbgrader's `SaveAutoGrades` and `AssignLatePenalties`, and follows their rules.
    """

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        about, marked = resources["nbgrader"], resources["unrolled"]
        with self._ledger(about) as ledger:
            settings = ExecuteInSandbox(config=self.config)
            assignment = Assignment(
                about["assignment"], self._directory(), self.config, ledger, settings
            )
            with ledger.transaction():
                bases = assignment.bases(about["student"], [about["notebook"]])
                ledger.open_submission(
                    about["assignment"], about["student"], None, create_student=False
                )
                for who, basis in bases.items():
                    done = dataclasses.replace(marked, notebook=nb)
                    assignment.save(who, basis, done, _as_nbgrader_writes(nb))
        return nb, resources

    def preprocess_cell(self, cell: NotebookNode, resources: Any, cell_index: int) -> Any:
        return cell, resources


def _as_nbgrader_writes(notebook: NotebookNode) -> bytes:
    """The file that nbgrader's exporter makes of a notebook after its last step."""
    text: str = nbformat.writes(notebook)
    return (text if text.endswith("\n") else f"{text}\n").encode()
