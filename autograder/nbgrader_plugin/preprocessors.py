"""Steps of nbgrader's pipelines: one class, one step.

Releasing: `ClearSolutionsByName`, `DrawQuestions`.
Marking: `RestoreNotebook`, `ExecuteInSandbox`, `RecordVerdicts`.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearSolutions, NbGraderPreprocessor
from traitlets import Bool, Float, Integer, Unicode

from autograder import exercises
from autograder.build import is_locked
from autograder.exercise import Worksheet
from autograder.marker import SOLUTION_SUFFIX
from autograder.marking import DRAWS, Key, mark
from autograder.nbgrader_plugin.records import Records, fingerprint, hidden_source
from autograder.nbgrader_plugin.secret import course_secret
from autograder.restore import restore
from autograder.sandbox.child import Budget
from autograder.sandbox.launch import Level, choose_level
from autograder.sandbox.pool import POOL, single_use
from autograder.sandbox.slot import Slot

_IMPORTS_TORCH = re.compile(r"^\s*(import|from) torch\b", re.MULTILINE)
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

    def _folder(self, step: str, student: str, resources: ResourcesDict) -> Path:
        """The folder of a step (`release`, `submitted`, `autograded`)."""
        course = CourseDirectory(config=self.config)
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

    def _worksheet(self, resources: ResourcesDict) -> Worksheet | None:
        about = resources["nbgrader"]
        if about["assignment"] not in exercises.IDS:
            return None
        found = exercises.worksheet(about["assignment"])
        return found if found.notebook == about["notebook"] else None


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
        found = self._worksheet(resources)
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
        with Records(about["db_url"]) as records:  # a run that is killed leaves nothing "current"
            records.forget(about["assignment"], about["student"], about["notebook"])
        restored, notes = restore(nbformat.read(released, as_version=4), nb)
        for note in notes:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], note)
        return restored, resources


class ExecuteInSandbox(_Step):
    """Run the notebook in a child process and judge its answers out here."""

    unsafe_no_sandbox = Bool(
        False, help="Run student code unconfined where this machine has no sandbox."
    ).tag(config=True)
    reduced_sandbox = Bool(
        False, help="Accept a weaker sandbox where bubblewrap cannot work, as in some containers."
    ).tag(config=True)
    cell_seconds = Float(30.0, help="Wall-clock time that one cell may take.").tag(config=True)
    exercise_seconds = Float(30.0, help="Time that all cases of one exercise may take.").tag(
        config=True
    )
    notebook_seconds = Float(600.0, help="Time for one notebook, reruns included.").tag(config=True)
    memory_bytes = Integer(2 << 30, help="Memory of one submission.").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        released, submitted = self._paths(resources)
        found = self._worksheet(resources)
        about = resources["nbgrader"]
        level = choose_level(reduced=self.reduced_sandbox, unsafe=self.unsafe_no_sandbox)
        budget = Budget(
            cell_seconds=self.cell_seconds,
            exercise_seconds=self.exercise_seconds,
            notebook_seconds=self.notebook_seconds,
            memory_bytes=self.memory_bytes,
        )
        root = Path(CourseDirectory(config=self.config).root)
        digest = hashlib.sha256(submitted.read_bytes()).digest()
        key = Key(course_secret(root), about["student"], digest)
        master = nbformat.read(released, as_version=4)
        with self._slot(found, about, resources, level, uses_torch(master)) as slot:
            marked = mark(nb, master, found, key, slot, budget)
        resources["unrolled"] = {
            "marked": marked,
            "fingerprint": fingerprint(
                submitted,
                released,
                level,
                hidden_source(about["db_url"], about["assignment"], about["notebook"]),
            ),
        }
        return marked.notebook, resources

    def _slot(
        self,
        found: Worksheet | None,
        about: Any,
        resources: ResourcesDict,
        level: Level,
        torch: bool,
    ) -> contextlib.AbstractContextManager[Slot]:
        """A slot that serves the whole assignment, or one of its own where there are other files."""
        withheld = found.withheld if found else ()
        warm = ("matplotlib", "torch") if torch and "torch" not in withheld else ("matplotlib",)
        files = None if found else self._folder("autograded", about["student"], resources)
        if files is not None and any(path.suffix != ".ipynb" for path in files.iterdir()):
            return single_use(about["assignment"], withheld, level, files)
        return contextlib.nullcontext(POOL.slot(about["assignment"], withheld, level, warm))


def uses_torch(notebook: NotebookNode) -> bool:
    """Does a cell of this notebook import torch?"""
    return any(_IMPORTS_TORCH.search(c.source) for c in notebook.cells if c.cell_type == "code")


class RecordVerdicts(_Step):
    """Keep the verdicts beside nbgrader's marks, in tables of our own in its database."""

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        about, ours = resources["nbgrader"], resources["unrolled"]
        with Records(about["db_url"]) as records:
            records.save(
                about["assignment"],
                about["student"],
                about["notebook"],
                ours["fingerprint"],
                ours["marked"],
            )
        return nb, resources

    def preprocess_cell(self, cell: NotebookNode, resources: Any, cell_index: int) -> Any:
        return cell, resources
