"""From release to feedback, as people do it: two users of one machine, JupyterLab and the formgrader.

Pictures of every station are left in `build/pictures/cycle-*.png`.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from another_user import become, readable_by_all
from real_jupyter import jupyter_lab, without_news

from autograder import exercises
from autograder.nbgrader_plugin.course import Course
from benchmarks.fixtures import lay_out

pytestmark = [
    pytest.mark.slow,
    pytest.mark.linux,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be two users"),
    pytest.mark.skipif(shutil.which("setpriv") is None, reason="there is no setpriv (util-linux)"),
]

PS02 = exercises.worksheet("ps02")
RUBRIC = PS02.written[0]
NOTEBOOK = f"{PS02.notebook}.ipynb"
STEP = "def rnn_step(x, h, W_xh, W_hh, b_h):\n    return np.tanh(x @ W_xh + h @ W_hh + b_h)"
ANSWER = "Every entry is a tanh, so the state stays in a cube of side two."
STUDENT = pwd.getpwnam("nobody")

Picture = Callable[[Any, str], None]


class Person:
    """Somebody with a home, a folder to work in, and perhaps another user than root."""

    def __init__(self, place: Path, name: str, user: pwd.struct_passwd | None = None) -> None:
        self.folder, self.home = place / name / "work", place / name / "home"
        self.folder.mkdir(parents=True)
        self.home.mkdir()
        without_news(self.home)
        self.as_user: Sequence[str] = ()
        self.variables: dict[str, str] = {}
        if user is not None:
            self.as_user = [*readable_by_all(), *become(user.pw_uid, user.pw_gid)]
            self.variables = {"USER": user.pw_name, "LOGNAME": user.pw_name}
            for path in (place / name, *(place / name).rglob("*")):
                os.chown(path, user.pw_uid, user.pw_gid)

    @contextlib.contextmanager
    def lab(self, browser: Any) -> Iterator[tuple[Any, str]]:
        """A page of their own JupyterLab, and its address."""
        with jupyter_lab(self.folder, self.home, as_user=self.as_user, **self.variables) as address:
            page = browser.new_page(viewport={"width": 1300, "height": 1000})
            yield page, address
            page.close()


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that both can enter."""
    with tempfile.TemporaryDirectory(prefix="unrolled-cycle-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
def course(place: Path) -> Course:
    root = place / "instructor" / "work"
    instructor = Person(place, "instructor")
    assert instructor.folder == root
    made = lay_out(root, "ps02")
    made.generate("ps02")
    (root / "exchange").mkdir()
    (root / "exchange").chmod(0o777)
    return made


@pytest.fixture
def student(place: Path, course: Course) -> Person:
    made = Person(place, "student", STUDENT)
    config = [
        "c = get_config()",
        "c.CourseDirectory.course_id = 'unrolled'",
        f"c.Exchange.root = {str(course.root / 'exchange')!r}",
    ]
    (made.folder / "nbgrader_config.py").write_text("\n".join(config))
    return made


def press_and_wait(page: Any, button: str) -> None:
    """One of the formgrader's buttons, and the message that it is done."""
    page.locator(f"{button}:visible").first.click()
    dialog = page.locator(".modal.in")
    dialog.wait_for(timeout=60_000)
    dialog.get_by_role("heading", name="Success").wait_for(timeout=60_000)
    dialog.locator("button.close, .modal-footer button").first.click()
    dialog.wait_for(state="hidden")
    page.locator(".modal-backdrop").wait_for(state="detached")  # it fades, and would be in pictures


def test_from_release_to_feedback(
    browser: Any, place: Path, course: Course, student: Person, picture: Picture
) -> None:
    instructors_home = place / "instructor" / "home"
    with jupyter_lab(course.root, instructors_home) as desk:
        page = browser.new_page(viewport={"width": 1300, "height": 1000})
        page.goto(f"{desk}/formgrader/manage_assignments")
        page.locator("td.release a").first.wait_for(timeout=60_000)
        press_and_wait(page, "td.release a")
        picture(page, "cycle-1-released")

        with student.lab(browser) as (own, address):
            _take_and_hand_in(own, address, picture)

        page.reload()
        page.locator("td.collect a").first.wait_for()
        press_and_wait(page, "td.collect a")
        page.locator("td.num-submissions a").first.click()
        page.locator("td.autograde a").first.wait_for()
        press_and_wait(page, "td.autograde a")
        picture(page, "cycle-3-autograded")
        _mark_by_hand(page, desk, picture)

        page.goto(f"{desk}/formgrader/manage_assignments")
        page.locator("td.generate-feedback a").first.wait_for()
        press_and_wait(page, "td.generate-feedback a")
        press_and_wait(page, "td.release-feedback a")
        page.close()

    with student.lab(browser) as (own, address):
        _assignment_list(own, address)
        own.get_by_role("button", name="Fetch Feedback").click()
        own.get_by_text("view feedback").first.wait_for(timeout=60_000)
    (feedback,) = student.folder.rglob(f"feedback/**/{PS02.notebook}.html")
    page = browser.new_page(viewport={"width": 1100, "height": 1000})
    page.goto(feedback.as_uri())
    told = page.locator("body").inner_text()
    assert RUBRIC.criteria[0].text in told, "the grader's comment"
    assert "My own words." in told
    assert ANSWER in told
    picture(page, "cycle-5-feedback")
    page.close()


def _assignment_list(page: Any, address: str) -> None:
    """JupyterLab's menu Nbgrader, Assignment List."""
    page.goto(f"{address}/lab?reset")
    page.locator(".lm-MenuBar-itemLabel", has_text="Nbgrader").click(timeout=60_000)
    page.locator(".lm-Menu-itemLabel", has_text="Assignment List").click()
    page.locator("#fetched_assignments_list").wait_for(timeout=60_000)


def _take_and_hand_in(page: Any, address: str, picture: Picture) -> None:
    """The student fetches the worksheet, fills in an exercise and an answer, validates and submits."""
    _assignment_list(page, address)
    page.get_by_role("button", name="Fetch", exact=True).click()
    page.get_by_role("button", name="Submit", exact=True).wait_for(timeout=60_000)
    page.goto(f"{address}/lab/tree/ps02/{NOTEBOOK}")
    page.get_by_role("heading", name=PS02.title).first.wait_for(timeout=60_000)
    page.get_by_text("| Idle").first.wait_for(timeout=60_000)
    cell = page.locator(".jp-CodeCell", has_text="def rnn_step(x, h, W_xh, W_hh, b_h):").first
    cell.scroll_into_view_if_needed()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(STEP)
    answer = page.locator(".jp-MarkdownCell", has_text="Write your answer here.").first
    answer.scroll_into_view_if_needed()
    answer.dblclick()
    answer.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(ANSWER)
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+s")
    page.locator(".jp-NotebookPanel-toolbar >> text=Validate").click()
    page.locator(".jp-Dialog").wait_for(timeout=120_000)
    picture(page, "cycle-2-validated")
    _assignment_list(page, address)
    page.get_by_role("button", name="Submit", exact=True).click()
    page.get_by_role("button", name="Fetch Feedback").wait_for(timeout=60_000)
    picture(page, "cycle-2-submitted")


def _slowly(route: Any) -> None:
    time.sleep(0.2)
    route.continue_()


def _mark_by_hand(page: Any, desk: str, picture: Picture) -> None:
    """The grader ticks two criteria with the keyboard alone, and adds words; all of it is saved."""
    page.goto(f"{desk}/formgrader/gradebook/ps02/{PS02.notebook}")
    page.locator("#notebook-table, table").get_by_text("Submission #1").first.click()
    rubric = page.locator(".unrolled-rubric")
    rubric.wait_for()
    assert STUDENT.pw_name not in page.locator("body").inner_text(), "graded without the name"
    # Slow answers: what comes back late must not undo what was ticked and typed since.
    page.route("**/api/grade/*", _slowly)
    page.route("**/api/comment/*", _slowly)
    page.wait_for_function(
        "formgrader.loaded && formgrader.grades.loaded && formgrader.comments.loaded"
    )
    page.wait_for_timeout(300)
    boxes = rubric.locator("input[type=checkbox]")
    page.locator(f"#{RUBRIC.id}-comment").focus()
    for _ in range(2):
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
    assert boxes.evaluate_all("all => all.map(box => box.checked)")[:3] == [True, True, False]
    points = f"{sum(c.points for c in RUBRIC.criteria[:2]):g}"
    assert page.locator(f"#{RUBRIC.id}").input_value() == points
    comment = page.locator(f"#{RUBRIC.id}-comment")
    told = comment.input_value()
    assert [c.text for c in RUBRIC.criteria if f"✓ {c.text}" in told] == [
        c.text for c in RUBRIC.criteria[:2]
    ]
    comment.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("\n\nMy own words.")
    page.reload()  # nothing has been saved yet: the draft comes back
    page.wait_for_function("formgrader.loaded && formgrader.comments.loaded")
    page.locator(".comment-saved:visible").first.wait_for()
    assert "My own words." in comment.input_value()
    picture(page, "cycle-4-marked")
    page.reload()
    page.wait_for_function("formgrader.loaded && formgrader.comments.loaded")
    page.wait_for_timeout(300)
    assert page.locator(f"#{RUBRIC.id}").input_value() == points
    assert "My own words." in page.locator(f"#{RUBRIC.id}-comment").input_value()
    assert boxes.evaluate_all("all => all.filter(box => box.checked).length") == 2
