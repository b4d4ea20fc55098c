"""The formgrader, ours and nbgrader's as it comes, and what its pages load."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import sys
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.nbgrader_plugin.course import CONFIG_FILE, Course
from benchmarks.classes import environment
from benchmarks.fixtures import STOCK
from benchmarks.servers import served


def as_it_comes(course: Path, folder: Path) -> Path:
    """A copy of a course that knows nothing of us; the notebooks are not copied but linked."""
    shutil.copytree(
        course, folder, copy_function=_link, ignore=lambda *_: ["gradebook.db", CONFIG_FILE]
    )
    shutil.copyfile(course / "gradebook.db", folder / "gradebook.db")
    (folder / CONFIG_FILE).write_text(STOCK, encoding="utf-8")
    return folder


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


def pages(course: Course, assignment: str) -> dict[str, tuple[str, ...]]:
    """Every page of the formgrader that shows the class or one of it, with what its scripts ask for."""
    (notebook,) = (path.stem for path in course.released(assignment))
    student = course.submitters(assignment)[0]
    with course.gradebook() as gradebook:
        submission = gradebook.find_submission_notebook(notebook, assignment, student).id
    here, whose = f"{assignment}/{notebook}", f"submission_id={submission}"
    return {
        "manage assignments": ("manage_assignments", "api/assignments"),
        "gradebook": ("gradebook", "api/assignments"),
        "an assignment": (f"gradebook/{assignment}", f"api/notebooks/{assignment}"),
        "a notebook": (f"gradebook/{here}", f"api/submitted_notebooks/{here}"),
        "manage submissions": (f"manage_submissions/{assignment}", f"api/submissions/{assignment}"),
        "manage students": ("manage_students", "api/students"),
        "a student": (f"manage_students/{student}", f"api/student_submissions/{student}"),
        "a submission, to be graded": (
            f"submissions/{submission}/?index=0",
            f"api/grades?{whose}",
            f"api/comments?{whose}",
        ),
    }


@dataclasses.dataclass(frozen=True)
class Formgrader:
    """One that runs."""

    address: str

    def load(self, paths: Iterable[str]) -> None:
        """Fetch a page and what it asks for.  Raises urllib.error.HTTPError."""
        for path in paths:
            with urllib.request.urlopen(f"{self.address}/formgrader/{path}", timeout=60) as answer:
                answer.read()


@contextlib.contextmanager
def serve(course: Path) -> Iterator[Formgrader]:
    """A Jupyter server in a course's folder."""
    command = [sys.executable, "-m", "jupyter", "server"]
    log = course / "server.log"
    with served(lambda told: [*command, *told], course, log, environment()) as address:
        yield Formgrader(address)
