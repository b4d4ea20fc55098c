"""What several tests share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from autograder import build as builder
from autograder import exercises
from autograder.exercise import Worksheet
from autograder.nbgrader_plugin.course import Course
from autograder.sandbox.launch import why_not_full
from autograder.submissions import fill_in

CHECKOUT = Path(__file__).parents[1]
_CHROMIUM = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update"
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: half of the time is spent on waiting for limits of time."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes comes first: at the end it would run alone, and the other cores wait."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The project's own folder, to be read and never written."""
    return CHECKOUT


@pytest.fixture(scope="session")
def pictures(checkout: Path) -> Path:
    """Where pictures of pages are kept for whoever wants to look."""
    folder = checkout / "build" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def picture(pictures: Path) -> Callable[[Any, str], None]:
    """`picture(page, name)` keeps what is to be seen of a page."""
    return lambda page, name: page.screenshot(path=pictures / f"{name}.png")


@pytest.fixture(scope="module")  # Playwright runs an event loop meanwhile
def browser() -> Iterator[Any]:
    """Chromium, without a window."""
    sync_api = pytest.importorskip("playwright.sync_api")
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if found is None:
        pytest.skip("needs Chromium: sudo apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=_CHROMIUM.split())
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def ps02() -> Worksheet:
    return exercises.worksheet("ps02")


@pytest.fixture(scope="session")
def solved(ps02: Worksheet) -> NotebookNode:
    """The committed solution of ps02."""
    return nbformat.read(builder.solved_path(CHECKOUT, ps02), as_version=4)


@pytest.fixture(scope="session")
def released(ps02: Worksheet) -> NotebookNode:
    """The committed release of ps02."""
    return nbformat.read(builder.released_path(CHECKOUT, ps02), as_version=4)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course of one's own, as a fresh clone has it, with short budgets."""
    for name in ("solutions", "notebooks"):
        shutil.copytree(CHECKOUT / name, tmp_path / name)
    settings = (CHECKOUT / "nbgrader_config.py").read_text()
    settings += "\nc.ExecuteInSandbox.cell_seconds = c.ExecuteInSandbox.exercise_seconds = 6\n"
    if why_not_full():
        settings += "c.ExecuteInSandbox.unsafe_no_sandbox = True\n"
    (tmp_path / "nbgrader_config.py").write_text(settings)
    return Course(tmp_path)


@pytest.fixture
def hand_in(course: Course) -> Callable[..., Path]:
    """`hand_in(student, text)` puts a submission in place; the text is as in `demo/submissions`."""

    def put(student: str, text: str, id: str = "ps02") -> Path:
        worksheet = exercises.worksheet(id)
        path = course.folder("submitted", student, id) / f"{worksheet.notebook}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        released = nbformat.read(builder.released_path(CHECKOUT, worksheet), as_version=4)
        solved = nbformat.read(builder.solved_path(CHECKOUT, worksheet), as_version=4)
        nbformat.write(fill_in(text, released, solved), path)
        return path

    return put


@pytest.fixture
def marks() -> Callable[..., dict[str, float]]:
    """`marks(course, student)`: the points of each code cell in nbgrader's own gradebook."""

    def read(course: Course, student: str, id: str = "ps02") -> dict[str, float]:
        with course.gradebook() as gradebook:
            submission = gradebook.find_submission(id, student)
            return {
                grade.name: grade.score
                for notebook in submission.notebooks
                for grade in notebook.grades
                if grade.cell.cell_type == "code"
            }

    return read
