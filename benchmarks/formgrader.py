"""The formgrader, ours and nbgrader's as it comes, and what its pages load."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.nbgrader_plugin.course import CONFIG_FILE, Course
from benchmarks.classes import environment
from benchmarks.fixtures import STOCK

_START_SECONDS = 90


@dataclasses.dataclass(frozen=True)
class Page:
    """A page, and what its scripts ask for when it is opened."""

    name: str
    paths: Sequence[str]


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


def pages(course: Course, assignment: str) -> list[Page]:
    """Every page of the formgrader that shows the class or one of it."""
    (notebook,) = (path.stem for path in course.released(assignment))
    student = course.submitters(assignment)[0]
    with course.gradebook() as gradebook:
        submission = gradebook.find_submission_notebook(notebook, assignment, student).id
    return [
        Page("manage assignments", ["manage_assignments", "api/assignments"]),
        Page("gradebook", ["gradebook", "api/assignments"]),
        Page("an assignment", [f"gradebook/{assignment}", f"api/notebooks/{assignment}"]),
        Page(
            "a notebook",
            [
                f"gradebook/{assignment}/{notebook}",
                f"api/submitted_notebooks/{assignment}/{notebook}",
            ],
        ),
        Page(
            "manage submissions",
            [f"manage_submissions/{assignment}", f"api/submissions/{assignment}"],
        ),
        Page("manage students", ["manage_students", "api/students"]),
        Page("a student", [f"manage_students/{student}", f"api/student_submissions/{student}"]),
        Page(
            "a submission, to be graded",
            [
                f"submissions/{submission}/?index=0",
                f"api/grades?submission_id={submission}",
                f"api/comments?submission_id={submission}",
            ],
        ),
    ]


@dataclasses.dataclass(frozen=True)
class Formgrader:
    """One that runs."""

    address: str

    def load(self, page: Page) -> None:
        """Fetch a page and what it asks for.  Raises urllib.error.HTTPError."""
        for path in page.paths:
            with urllib.request.urlopen(f"{self.address}/formgrader/{path}", timeout=60) as answer:
                answer.read()


@contextlib.contextmanager
def serve(course: Path) -> Iterator[Formgrader]:
    """A Jupyter server in a course's folder, without a token."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root"]
    command += [f"--port={port}", "--ip=127.0.0.1", "--IdentityProvider.token="]
    with (course / "server.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=course, env=environment(), stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + _START_SECONDS
    try:
        while True:
            try:
                urllib.request.urlopen(f"{address}/api/status", timeout=5).close()
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError((course / "server.log").read_text()) from None
                time.sleep(0.3)
        yield Formgrader(address)
    finally:
        server.terminate()
        server.wait(timeout=30)
