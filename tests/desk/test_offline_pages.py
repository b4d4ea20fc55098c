"""nbgrader's pages without a network: what they ask for, formulas, the keyboard, and no way in for LaTeX.

Pages come from a real Jupyter, in a real browser that reaches nothing but this machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import hostile_pages
import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbformat import v4
from nbgrader.server_extensions.formgrader import handlers
from real_jupyter import jupyter_lab, without_news
from test_pages_are_safe import Looker

from autograder import exercises
from autograder.nbgrader_plugin.course import Course
from autograder.nbgrader_plugin.offline import jupyter_path, template_folders
from benchmarks.fixtures import lay_out

CHECKOUT = Path(__file__).parents[2]
PS02 = exercises.worksheet("ps02")
STUDENT = {"ada": "$h_t$ lies in a cube.", "ben": r"$$\tanh(x) < 1$$"}


def test_templates_are_where_they_are_said_to_be() -> None:
    own, formgrader = map(Path, template_folders())
    assert own == jupyter_path() / "nbconvert" / "templates"
    assert (own / "base" / "mathjax.html.j2").is_file()
    assert "MIT License" in (own / "base" / "katex-LICENSE.txt").read_text()
    assert (formgrader / "formgrade").is_dir()
    assert str(formgrader) == handlers.template_path


def test_pages_name_no_address_on_the_network() -> None:
    made = _formgrade([v4.new_markdown_cell("$x$")], template_folders())
    assert "cdnjs" not in made
    assert "cdnjs" in _formgrade([v4.new_markdown_cell("$x$")], [handlers.template_path])


def _formgrade(cells: list[Any], folders: list[str]) -> str:
    exporter = HTMLExporter(template_name="formgrade", extra_template_basedirs=folders)
    about = {"base_url": "", "submission_id": "1", "notebook_id": "ps", "assignment_id": "ps"}
    about |= {"index": 0, "total": 1, "student": "mallory", "last_name": "", "first_name": ""}
    return str(exporter.from_notebook_node(v4.new_notebook(cells=cells), dict(about))[0])


# In a browser


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course within a folder, and two students' work in nbgrader's autograded form."""
    root = tmp_path_factory.mktemp("offline") / "all" / "course"
    course = lay_out(root, "ps02")
    course.generate("ps02")
    with course.ledger() as ledger:
        for student, text in STUDENT.items():
            with ledger.transaction():
                ledger.open_submission("ps02", student, None, create_student=True)
            (released,) = course.released("ps02")
            notebook = nbformat.read(released, as_version=4)
            (written,) = [c for c in notebook.cells if c.id == "state-limits"]
            written.source = text
            folder = course.folder("autograded", student, "ps02")
            folder.mkdir(parents=True)
            nbformat.write(notebook, folder / released.name)
    return course


class Offline:
    """A browser without a network: what lies beyond this machine is noted and not reached."""

    def __init__(self, browser: Any) -> None:
        self.context = browser.new_context(viewport={"width": 1300, "height": 1000})
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.context.route(lambda url: not _is_here(url), self._refuse)
        self.context.on("weberror", lambda error: self.errors.append(str(error.error)))

    def _refuse(self, route: Any) -> None:
        self.asked.append(route.request.url)
        route.abort()

    def open(self, address: str) -> Any:
        page = self.context.new_page()
        page.goto(address)
        page.wait_for_load_state("networkidle")
        return page


def _is_here(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("data", "blob", "file") or parts.hostname == "127.0.0.1"


@pytest.fixture
def offline(browser: Any) -> Iterator[Offline]:
    found = Offline(browser)
    yield found
    found.context.close()


def _submission(course: Course, student: str) -> str:
    with course.gradebook() as book:
        return str(book.find_submission_notebook(PS02.notebook, "ps02", student).id)


@pytest.mark.slow
@pytest.mark.linux
def test_no_page_asks_for_anything_outside(
    graded: Course, offline: Offline, tmp_path: Path, pictures: Path
) -> None:
    """Every page of the formgrader, JupyterLab with its button Validate, and the feedback."""
    nb = PS02.notebook
    without_news(tmp_path)
    with jupyter_lab(graded.root, tmp_path) as address:
        grader = f"{address}/formgrader"
        for name in (
            *("manage_assignments", "manage_students", "manage_students/ada", "gradebook"),
            *("manage_students/ada/ps02", "manage_submissions/ps02", "gradebook/ps02"),
            f"gradebook/ps02/{nb}",
        ):
            page = offline.open(f"{grader}/{name}")
            assert page.locator("#main-table").count() == 1, name
            page.close()
        page = offline.open(f"{grader}/submissions/{_submission(graded, 'ada')}/?index=0")
        page.screenshot(path=pictures / "formgrader-offline.png")
        assert page.locator("math").count() > 20
        answer = page.locator(".nbgrader_cell", has_text="lies in a cube")
        assert answer.locator("math").count() == 1
        assert "$" not in answer.inner_text()
        page.close()

        page = offline.open(f"{address}/lab/tree/notebooks/ps02/{nb}.ipynb")
        page.locator(".jp-NotebookPanel-toolbar >> text=Validate").click(timeout=60_000)
        page.locator(".jp-Dialog").wait_for(timeout=120_000)
        page.close()
    graded.feedback("ps02", "ada")
    page = offline.open((graded.folder("feedback", "ada", "ps02") / f"{nb}.html").as_uri())
    assert page.locator("math").count() > 20
    page.close()
    assert offline.asked == []
    assert offline.errors == []


@pytest.mark.slow
@pytest.mark.linux
def test_keyboard_of_the_formgrader(graded: Course, offline: Offline, tmp_path: Path) -> None:
    """Tab to the next field, Ctrl-. to the next submission, as the page's own help has it."""
    first, second = sorted(_submission(graded, student) for student in STUDENT)
    with jupyter_lab(graded.root, tmp_path) as address:
        page = offline.open(f"{address}/formgrader/submissions/{first}/?index=0")
        page.wait_for_function("MathJax.loaded")
        page.wait_for_function("document.activeElement.matches('.tabbable')")
        before = page.evaluate("$('.tabbable').index(document.activeElement)")
        page.keyboard.press("Tab")
        assert page.evaluate("$('.tabbable').index(document.activeElement)") == before + 1
        page.locator("textarea.comment").last.fill("Why?")
        page.keyboard.press("Control+.")
        page.wait_for_function("id => location.pathname.includes(id)", arg=second)
        page.wait_for_function("window.MathJax && MathJax.loaded")
        page.goto(f"{address}/formgrader/submissions/{first}/")
        page.wait_for_load_state("networkidle")
        assert page.locator("textarea.comment").last.input_value() == "Why?", "and it was saved"
        page.close()


@pytest.mark.slow
@pytest.mark.linux
@pytest.mark.parametrize("on_path", [True, False], ids=["with JUPYTER_PATH", "without"])
def test_course_that_is_opened_from_a_folder_above(
    graded: Course, offline: Offline, tmp_path: Path, on_path: bool
) -> None:
    """The formgrader has made its exporter before it knows the course: JUPYTER_PATH is what helps."""
    variables = {"JUPYTER_PATH": str(jupyter_path())} if on_path else {}
    with jupyter_lab(graded.root.parent, tmp_path, **variables) as address:
        offline.open(f"{address}/formgrader?path={graded.root}").close()
        page = offline.open(f"{address}/formgrader/submissions/{_submission(graded, 'ada')}/")
        assert (page.locator("math").count() > 20) == on_path
        assert page.evaluate("formgrader.loaded") == on_path, "whether the keyboard works"
        page.close()
    assert [urlsplit(url).hostname for url in offline.asked] == (
        [] if on_path else ["cdnjs.cloudflare.com"]
    )


@pytest.mark.slow
@pytest.mark.linux
def test_latex_of_a_student_s_leads_nowhere(browser: Any) -> None:
    """Nothing is taken out of it here: KaTeX is told to trust nobody."""
    context = browser.new_context()
    looker = Looker(context)
    attacks = [
        *hostile_pages.latex_attacks().values(),
        v4.new_markdown_cell(r"$\htmlId{notebook}{a}$ $\htmlStyle{color:red}{b}$"),
        v4.new_markdown_cell(r"$\includegraphics{https://example.org/attack-picture}$"),
        v4.new_markdown_cell(r"$\url{javascript:hit(1)}$ and honestly: $x^2$"),
    ]
    looker.html = _formgrade(attacks, template_folders())
    page = looker.open()
    page.evaluate("done => new Promise(MathJax.Hub.Startup.signal.Interest)")
    assert page.locator("math").count() >= 1
    assert page.locator("math a, math [href], math [style*=url], math img, math [id]").count() == 0
    page.close()
    assert looker.look(looker.html, patience=3.0, again=True) == set()
    context.close()


BOMBS = {
    "expansion": r"\def\a{xxxxxxxxxx}\def\b{\a\a\a\a\a\a\a\a\a\a}" + r"\b" * 800,
    "endless": r"\def\a{\a\a}\a",
    "new-command": r"\newcommand{\a}{\b\b}\newcommand{\b}{\a\a}\a",
    "let": r"\let\a\alpha\a",
    "macros": r"\pmod a" * 280,
    "towers": "x" + "^{x" * 480 + "}" * 480,
    "fractions": r"\frac1{" * 240 + "x" + "}" * 240,
    "roots": r"\sqrt{" * 270 + "x" + "}" * 270,
    "brackets": r"\left(" * 140 + "x" + r"\right)" * 140,
    "cells": r"\begin{matrix}" + "&" * 1900 + r"\end{matrix}",
    "long": "x+" * 5000 + "x",
}


@pytest.mark.slow
@pytest.mark.linux
def test_no_formula_hangs_the_page(browser: Any) -> None:
    """Each stays as it was written, and the formula after it is typeset."""
    page = browser.new_page()
    for name, bomb in BOMBS.items():
        page.set_content(_bare(f"<p id=bomb>${bomb}$</p><p id=after>$x$</p>"))
        page.evaluate("new Promise(MathJax.Hub.Startup.signal.Interest)")
        assert page.locator("#after math").count() == 1, name
        assert page.locator("#bomb math").count() == 0, name
        assert page.locator("#bomb").inner_text().startswith("$"), name
    many = "".join(f"<p>${bomb}$</p>" for bomb in BOMBS.values()) * 20
    page.set_content(_bare(many + "$" * 50_000 + r"\(" * 40_000 + "<p>$x$</p>"))
    page.evaluate("new Promise(MathJax.Hub.Startup.signal.Interest)")
    page.close()


@pytest.mark.slow
@pytest.mark.linux
def test_formulas_of_every_worksheet_are_typeset(browser: Any, checkout: Path) -> None:
    page = browser.new_page()
    for path in sorted((checkout / "notebooks").glob("ps*/*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        page.set_content(_formgrade(notebook.cells, template_folders()))
        page.evaluate("new Promise(MathJax.Hub.Startup.signal.Interest)")
        left = page.evaluate(
            """() => {
                const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
                const found = [];
                while (walker.nextNode()) {
                    const text = walker.currentNode;
                    if (text.parentElement.closest("pre, code, script, textarea, math")) continue;
                    if (/[$]|\\\\[(\\[a-z]/.test(text.data)) found.push(text.data.trim());
                }
                return found;
            }"""
        )
        assert left == [], path.name
    page.close()


def _bare(body: str) -> str:
    made = _formgrade([], template_folders())
    head = made[
        made.index("<style>\n.unrolled-formula") : made.index("</script>", made.index("KaTeX"))
    ]
    return f"<!DOCTYPE html><html><head>{head}</script></head><body>{body}</body></html>"
