"""A hostile notebook is handed in, graded and looked at in a real formgrader: nothing of it runs.

Every attack of `hostile_pages.py` is in the one notebook, outputs as code that makes them.  In a course of
stock nbgrader the same notebook has the instructor's browser.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hostile_pages
import nbformat
import pytest
from nbformat import NotebookNode, v4
from real_jupyter import environment, jupyter_lab
from test_pages_are_safe import TOUCH, Looker, sync_api

from autograder import exercises
from autograder.grade import grade
from autograder.nbgrader_plugin.course import Course
from benchmarks import fixtures

pytestmark = [pytest.mark.slow, pytest.mark.linux]

PS02 = exercises.worksheet("ps02")
NOTEBOOK = f"{PS02.notebook}.ipynb"
#: They need no click that would lead the page away, and no output of a kind that nbgrader drops.
AT_ONCE = {"onerror", "onload-slash", "svg-script", "autofocus", "out-onerror", "out-script", "js"}
#: The id of a cell is restored before anybody sees it; formulas need a network in stock nbgrader.
ATTACKS = {
    name: cell
    for name, cell in (hostile_pages.attacks() | hostile_pages.latex_attacks()).items()
    if name != "grade-id"
}


class LiveLooker(Looker):
    """A browser on a server that is there; what lies beyond it is out of reach."""

    server = "http://127.0.0.1"

    def _answer(self, route: Any) -> None:
        url = route.request.url
        if "/attack-" not in url and url.startswith((self.server, "file:", "data:")):
            route.continue_()
        else:
            super()._answer(route)

    def visit(self, address: str, patience: float, *, touched: bool = False) -> set[str]:
        """Open a page and wait; the names of the attacks that succeeded.

        With `touched` all that is on it is clicked then: not where there are an instructor's own buttons.
        """
        self.hits = set()
        page = self._context.new_page()
        page.goto(address)
        page.wait_for_timeout(1000 * patience)
        if touched:
            with contextlib.suppress(sync_api.Error):  # an honest link leads the page elsewhere
                page.evaluate(TOUCH)
                page.wait_for_timeout(1000 * patience)
        for opened in self._context.pages:
            opened.close()
        return self.hits


@pytest.fixture
def looker(browser: Any) -> Iterator[LiveLooker]:
    context = browser.new_context()
    yield LiveLooker(context)
    context.close()


def _hostile(released: Path) -> NotebookNode:
    """The release with every attack behind it."""
    notebook = nbformat.read(released, as_version=4)
    for number, cell in enumerate(ATTACKS.values()):
        if cell.cell_type == "code":
            (shown,) = cell.outputs
            told = f"{dict(shown.data)!r}, metadata={dict(shown.metadata)!r}, raw=True"
            cell = v4.new_code_cell(f"from IPython.display import display\ndisplay({told})")
        cell.id = f"attack-{number}"
        notebook.cells.append(cell)
    return notebook


def _hand_in(course: Course) -> None:
    (released,) = course.released("ps02")
    folder = course.folder("submitted", "mallory", "ps02")
    folder.mkdir(parents=True)
    nbformat.write(_hostile(released), folder / NOTEBOOK)


def _page(course: Course, address: str) -> str:
    with course.gradebook() as book:
        submission = book.find_submission_notebook(PS02.notebook, "ps02", "mallory")
    return f"{address}/formgrader/submissions/{submission.id}/?index=0"


def test_nothing_of_a_student_s_runs_in_the_instructor_s_browser(
    looker: LiveLooker, tmp_path: Path
) -> None:
    root = tmp_path / "course"
    course = fixtures.lay_out(root, "ps02")
    course.generate("ps02")
    _hand_in(course)
    (outcome,) = grade(course, "ps02", ["mallory"])
    assert not outcome.trouble, outcome
    course.feedback("ps02", "mallory")
    (feedback,) = root.glob("feedback/mallory/ps02/*.html")
    with jupyter_lab(root, tmp_path) as address:
        assert looker.visit(_page(course, address), 3, touched=True) == set()
        for page in ("manage_submissions/ps02", "manage_students/mallory", "gradebook/ps02"):
            assert looker.visit(f"{address}/formgrader/{page}", 1) == set()
        assert looker.visit(f"{address}/lab/tree/autograded/mallory/ps02/{NOTEBOOK}", 15) == set()
        assert looker.visit(f"{address}/files/feedback/mallory/ps02/{feedback.name}", 2) == set()
    assert looker.visit(feedback.as_uri(), 2, touched=True) == set()


def test_in_stock_nbgrader_it_does(looker: LiveLooker, tmp_path: Path) -> None:
    root = tmp_path / "course"
    root.mkdir()
    fixtures.course(root, "ps02", stock=True)
    course = Course(root)
    _hand_in(course)
    command = [sys.executable, "-m", "nbgrader", "autograde", "ps02"]
    subprocess.run(command, cwd=root, env=environment(tmp_path), check=True)
    with jupyter_lab(root, tmp_path) as address:
        found = looker.visit(_page(course, address), 5)
    assert found >= AT_ONCE, sorted(found)
