"""What a person sees, in a real browser: the worksheet in JupyterLab, and a feedback page.

Pictures are kept in `build/pictures/` for whoever wants to look.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbconvert.exporters import HTMLExporter
from real_jupyter import jupyter_lab, without_news

from autograder import exercises
from autograder.grade import grade
from autograder.nbgrader_plugin.course import Course
from course.figures.interactive import slider

pytestmark = [pytest.mark.slow, pytest.mark.linux]

PS02 = exercises.worksheet("ps02")


def test_student_s_first_check_in_jupyterlab(
    browser: Any, checkout: Path, tmp_path: Path, picture: Callable[[Any, str], None]
) -> None:
    """Open the release, run it, see an exercise waiting; solve it, see the panel turn to correct."""
    work, home = tmp_path / "work", tmp_path / "home"
    work.mkdir()
    without_news(home)
    name = f"{PS02.notebook}.ipynb"
    shutil.copyfile(checkout / "notebooks" / "ps02" / name, work / name)
    with jupyter_lab(work, home) as address:
        page = browser.new_page(viewport={"width": 1300, "height": 1000})
        page.goto(f"{address}/lab/tree/{name}")
        page.get_by_role("heading", name="A vanilla RNN by hand").wait_for(timeout=60_000)
        page.get_by_text("| Idle").first.wait_for(timeout=60_000)  # the kernel has started
        panel = ".jp-OutputArea-output [role=note]"

        def run_cell(text: str) -> None:
            cell = page.locator(".jp-CodeCell", has_text=text).first
            cell.scroll_into_view_if_needed()
            cell.locator(".cm-content").click()
            page.keyboard.press("Control+Enter")

        run_cell("from autograder import check, hint, rubric")
        run_cell("figures.unrolled_network(T=3)")
        figure = page.locator(".jp-OutputArea-output img[alt]").first
        figure.wait_for(timeout=30_000)
        assert "unrolled" in (figure.get_attribute("alt") or "").lower()

        run_cell("def rnn_step(x, h, W_xh, W_hh, b_h):")
        run_cell('check("rnn_step", rnn_step)')
        page.locator(panel, has_text="Not attempted").wait_for(timeout=30_000)

        cell = page.locator(".jp-CodeCell", has_text="def rnn_step(x, h, W_xh, W_hh, b_h):").first
        cell.locator(".cm-content").click()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(
            "def rnn_step(x, h, W_xh, W_hh, b_h):\n    return np.tanh(x @ W_xh + h @ W_hh + b_h)"
        )
        page.keyboard.press("Control+Enter")
        run_cell('check("rnn_step", rnn_step)')
        page.locator(panel, has_text="Correct").wait_for(timeout=30_000)
        assert page.locator(".jp-OutputArea-output", has_text="4 of 4 points").count() == 1
        picture(page, "first-green-panel")
        page.close()


def test_feedback_page_says_what_went_wrong(
    browser: Any,
    course: Course,
    checkout: Path,
    hand_in: Callable[[str, str], Path],
    picture: Callable[[Any, str], None],
) -> None:
    hand_in("cleo", (checkout / "demo" / "submissions" / "cleo.py").read_text(encoding="utf-8"))
    course.generate("ps02")
    (outcome,) = grade(course, "ps02", ["cleo"])
    course.feedback("ps02", "cleo")
    page = browser.new_page(viewport={"width": 1100, "height": 1400})
    page.goto((course.folder("feedback", "cleo", "ps02") / f"{PS02.notebook}.html").as_uri())
    panels = page.locator("[role=note]")
    assert panels.count() == len(PS02.exercises)
    for row in outcome.rows:
        told = panels.filter(has=page.get_by_text(row.exercise, exact=True)).inner_text()
        assert row.diagnosis in told
        if row.verdict == "wrong":
            assert "expected" not in told, "numbers of secret inputs are not shown"
    assert page.locator("img:not([alt])").count() == 0
    wrong = panels.filter(has_text=re.compile("previous state")).first
    wrong.scroll_into_view_if_needed()
    picture(page, "feedback")
    page.close()


FIGURE = slider(
    ["It lasts", "It falls"],
    [0.95, 0.5],
    "factor a step",
    {"norm": np.stack([0.95 ** np.arange(9), 0.5 ** np.arange(9)])},
    "distance (steps)",
    "norm of the gradient",
)
SHOW_FIGURE = """\
import numpy as np
from course.figures.interactive import slider
slider(["It lasts", "It falls"], [0.95, 0.5], "factor a step",
       {"norm": np.stack([0.95 ** np.arange(9), 0.5 ** np.arange(9)])},
       "distance (steps)", "norm of the gradient")
"""


def _notebook_that_shows_a_figure_twice() -> nbformat.NotebookNode:
    output = {"text/html": FIGURE._repr_html_(), "text/plain": repr(FIGURE)}
    v4 = nbformat.v4
    return v4.new_notebook(
        cells=[
            v4.new_code_cell(SHOW_FIGURE, outputs=[v4.new_output("display_data", data=output)])
            for _ in range(2)
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )


def _offline_page(browser: Any, path: Path) -> Any:
    page = browser.new_page(viewport={"width": 900, "height": 1300})
    page.route("http*://**", lambda route: route.abort())
    page.goto(path.as_uri())
    return page


def _exported(folder: Path, theme: str) -> Path:
    exporter = HTMLExporter(theme=theme)
    text, _ = exporter.from_notebook_node(_notebook_that_shows_a_figure_twice())
    path = folder / "page.html"
    path.write_text(text, encoding="utf-8")
    return path


def _stands_still(picture: Any) -> bool:
    """Whether the picture of a figure is drawn, and nothing is there to set it going."""
    assert picture.get_attribute("alt") == FIGURE.alt
    drawn: int = picture.evaluate("picture => picture.naturalWidth")
    return picture.get_attribute("onload") is None and drawn > 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figure_with_a_slider_on_a_page(
    browser: Any, tmp_path: Path, picture: Callable[[Any, str], None], theme: str
) -> None:
    page = _offline_page(browser, _exported(tmp_path, theme))
    cards = page.locator(".unrolled-slider")
    cards.nth(1).wait_for()
    assert page.locator("img[onload]").count() == 0
    first, second = cards.nth(0), cards.nth(1)
    curve = first.locator("g[data-value] path:visible")
    assert curve.count() == 1
    before = curve.get_attribute("d")
    assert first.get_by_text("It lasts").is_visible()

    slider = first.get_by_role("slider", name="factor a step")
    slider.press("ArrowRight")
    assert curve.get_attribute("d") != before
    assert first.get_by_text("It falls").is_visible()
    assert not first.get_by_text("It lasts").is_visible()
    assert first.locator("> svg").get_attribute("aria-label").startswith("It falls. ")
    assert slider.get_attribute("aria-valuetext") == "0.5. It falls"
    assert second.get_by_text("It lasts").is_visible(), "the other copy does not move along"
    picture(page, f"slider-{theme}")
    page.close()


def test_figure_with_a_slider_stands_still_in_the_feedback(
    browser: Any,
    course: Course,
    hand_in: Callable[[str, str], Path],
    picture: Callable[[Any, str], None],
) -> None:
    """It came from a submission, and no script of a submission reaches a page."""
    hand_in("ada", f"# base: solved\n\n# %%\n{SHOW_FIGURE}")
    course.generate("ps02")
    list(grade(course, "ps02", ["ada"]))
    course.feedback("ps02", "ada")
    path = course.folder("feedback", "ada", "ps02") / f"{PS02.notebook}.html"
    page = _offline_page(browser, path)
    still = page.get_by_alt_text(FIGURE.alt)
    still.wait_for()
    assert _stands_still(still)
    assert page.locator(".unrolled-slider").count() == 0
    picture(page, "slider-feedback")
    page.close()


def test_figure_with_a_slider_in_jupyterlab(
    browser: Any, tmp_path: Path, picture: Callable[[Any, str], None]
) -> None:
    """A notebook from elsewhere is not trusted: its figure stands still. Once run, it moves."""
    work, home = tmp_path / "work", tmp_path / "home"
    work.mkdir()
    without_news(home)
    nbformat.write(_notebook_that_shows_a_figure_twice(), work / "figure.ipynb")
    with jupyter_lab(work, home) as address:
        page = browser.new_page(viewport={"width": 1300, "height": 1000})
        page.goto(f"{address}/lab/tree/figure.ipynb")
        still = page.locator(".jp-OutputArea-output img")
        still.first.wait_for(timeout=60_000)
        assert _stands_still(still.first)
        assert page.locator(".unrolled-slider").count() == 0

        page.get_by_text("| Idle").first.wait_for(timeout=60_000)  # the kernel has started
        page.locator(".jp-CodeCell .cm-content").first.click()
        page.keyboard.press("Control+Enter")
        card = page.locator(".unrolled-slider")
        card.wait_for(timeout=30_000)
        card.get_by_role("slider").focus()
        page.keyboard.press("ArrowRight")
        assert card.get_by_text("It falls").is_visible()
        page.keyboard.press("ArrowDown")
        assert card.get_by_text("It lasts").is_visible(), "Lab leaves the arrow keys to the slider"
        picture(page, "slider-lab")
        page.close()
