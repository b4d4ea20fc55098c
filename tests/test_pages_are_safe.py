"""What a student wrote, on the pages where an instructor sees it, in a real browser.

nbgrader's own page for grading is made from each attack by itself, which has to succeed, and from all of
them after they were sanitised, of which none may.
"""

from __future__ import annotations

import contextlib
import importlib.util
import mimetypes
import time
import urllib.parse
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import hostile_pages
import pytest
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode, v4
from nbgrader.server_extensions.formgrader import handlers

from autograder.sanitise import sanitise

pytestmark = [pytest.mark.slow, pytest.mark.linux]

sync_api = pytest.importorskip("playwright.sync_api")

ADDRESS = "http://jupyter.test/formgrader/submissions/1/"
STATIC = Path(handlers.static_path)
ATTACKS = hostile_pages.attacks()
LATEX = hostile_pages.latex_attacks()
NAMES = {str(hostile_pages.number(name)): name for name in ATTACKS | LATEX}

#: Clicks, hovers and focuses all that there is, as a person might.
TOUCH = """async () => {
  for (const e of document.querySelectorAll("body *")) {
    if (e.closest("nav, .scoring-buttons")) continue;
    for (const kind of ["mouseover", "mouseenter", "pointerover", "mousemove", "focusin"])
      e.dispatchEvent(new MouseEvent(kind, {bubbles: true}));
    if (e.focus) e.focus();
  }
  const touched = "a, a *, area, button, input, summary, math, [href], [onclick]";
  const all = selector => [...document.querySelectorAll(selector)];
  // Forms last: one that leads nowhere loads the page anew.
  for (const e of [...all(touched), ...all("form")]) {
    if (e.closest("nav, .scoring-buttons")) continue;
    e.dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}));
    if (e.requestSubmit) e.requestSubmit();
    await new Promise(done => setTimeout(done, 25));  // or the next takes the page elsewhere first
  }
}"""


class Looker:
    """A browser that opens pages as if Jupyter had served them, and notes which attacks succeeded."""

    def __init__(self, context: Any) -> None:
        self.hits: set[str] = set()
        self.html = ""
        self.puts: list[str] = []
        self.answers: dict[str, Any] = {}
        self._context = context
        context.add_init_script("window.hit = name => console.log('HIT ' + name)")
        context.route("**/*", self._answer)
        context.on("console", self._told)

    def _told(self, message: Any) -> None:
        if message.text.startswith("HIT "):
            self.hits.add(NAMES[message.text.removeprefix("HIT ")])

    def _answer(self, route: Any) -> None:
        url = urllib.parse.unquote(route.request.url)
        path = urllib.parse.urlsplit(url).path
        elsewhere = url.startswith("https://example.org/") and route.request.is_navigation_request()
        if (
            "/attack-" in url and not elsewhere
        ):  # a link out of Jupyter that somebody clicked is none
            self.hits.add(url.partition("/attack-")[2].rstrip("/?").partition("/")[0])
            route.fulfill(status=204)
        elif url == ADDRESS:
            route.fulfill(body=self.html, content_type="text/html; charset=utf-8")
        elif route.request.method == "PUT":
            self.puts.append(path)
            route.fulfill(json={})
        elif path in self.answers:
            route.fulfill(json=self.answers[path])
        elif found := _file(path):
            kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
            route.fulfill(body=found.read_bytes(), content_type=kind)
        else:
            route.fulfill(status=404)

    def open(self) -> Any:
        """The page that is to be shown now, once it is there."""
        page = self._context.new_page()
        page.goto(ADDRESS)
        return page

    def look(
        self,
        html: str,
        expected: Collection[str] = (),
        patience: float = 1.0,
        *,
        again: bool = False,
    ) -> set[str]:
        """Open a page and touch all that is on it; the names of the attacks that succeeded.

        It takes `patience` seconds, or as long as it takes until the `expected` ones have.  With `again`
        it is touched over and over, for what comes late.
        """
        self.hits, self.html = set(), html
        with contextlib.suppress(sync_api.Error):  # an attack that leads the page elsewhere
            page = self.open()
            page.evaluate(TOUCH)
            deadline = time.monotonic() + patience
            while time.monotonic() < deadline and not (expected and self.hits >= set(expected)):
                page.wait_for_timeout(200 if again else 20)
                if again:
                    page.evaluate(TOUCH)
        for opened in self._context.pages:
            opened.close()
        return self.hits


def _file(path: str) -> Path | None:
    """Scripts and styles of the page's own."""
    for start, folder in (("/formgrader/static/", STATIC), ("/ajax/libs/mathjax/2.7.7/", MATHJAX)):
        if folder and path.startswith(start):
            found = folder / path.removeprefix(start)
            return found if found.is_file() else None
    return None


def _mathjax() -> Path | None:
    found = importlib.util.find_spec("jupyter_server_mathjax")
    return Path(found.origin).parent / "static" if found and found.origin else None


MATHJAX = _mathjax()


@pytest.fixture(scope="module")
def looker(browser: Any) -> Looker:
    return Looker(browser.new_context())


@pytest.fixture(scope="module")
def formgrader() -> Callable[[list[NotebookNode]], str]:
    """The page for grading, as nbgrader makes it."""
    exporter = HTMLExporter(
        template_name="formgrade", extra_template_basedirs=[handlers.template_path]
    )
    about = {"base_url": "", "submission_id": "1", "notebook_id": "ps", "assignment_id": "ps"}
    about |= {"index": 0, "total": 1, "student": "mallory", "last_name": "", "first_name": ""}

    def page(cells: list[NotebookNode]) -> str:
        return str(exporter.from_notebook_node(v4.new_notebook(cells=cells), dict(about))[0])

    return page


def _lab(cells: list[NotebookNode]) -> str:
    return str(HTMLExporter().from_notebook_node(v4.new_notebook(cells=cells))[0])


def _sanitised(cells: list[NotebookNode]) -> list[NotebookNode]:
    return list(sanitise(v4.new_notebook(cells=cells)).cells)


def test_every_attack_succeeds_where_nobody_guards(
    looker: Looker, formgrader: Callable[[list[NotebookNode]], str]
) -> None:
    hit: set[str] = set()
    missed = list(ATTACKS)
    for at_once, patience in ((8, 1.0), (1, 5.0), (1, 10.0)):  # some take the page away from others
        for start in range(0, len(missed), at_once):
            names = missed[start : start + at_once]
            page = formgrader([ATTACKS[name] for name in names])
            looker.look(page, names, patience, again=at_once == 1)
            hit |= looker.hits
        missed = [name for name in missed if name not in hit]
    assert missed == []


def test_no_attack_succeeds_once_sanitised(
    looker: Looker, formgrader: Callable[[list[NotebookNode]], str]
) -> None:
    cells = [sanitised for cell in ATTACKS.values() for sanitised in _sanitised([cell])]
    assert looker.look(formgrader(cells)) == set()
    assert looker.look(_lab(cells)) == set()
    together = _sanitised(list(ATTACKS.values()))
    assert looker.look(formgrader(together)) == set()


@pytest.mark.skipif(MATHJAX is None, reason="needs MathJax: pip install jupyter_server_mathjax")
def test_formulas_lead_nowhere(
    looker: Looker, formgrader: Callable[[list[NotebookNode]], str]
) -> None:
    def page(cells: Sequence[NotebookNode]) -> str:
        """With the part of MathJax that there is, and as nbgrader has it, its own filter of links."""
        there, here = (
            "latest.js?config=TeX-AMS_CHTML-full",
            "MathJax.js?config=TeX-AMS-MML_HTMLorMML-full",
        )
        made = formgrader(list(cells))
        assert there in made
        return made.replace(there, here)

    ended = ("script", "style", "split")  # it filters these, or does not put them together
    wanted = {name for name in LATEX if not name.endswith(ended)}
    assert looker.look(page(list(LATEX.values())), wanted, 20.0, again=True) >= wanted
    safe = [cell for attack in LATEX.values() for cell in _sanitised([attack])]
    assert looker.look(page(safe), patience=8.0, again=True) == set()


def test_full_credit_goes_to_one_answer(
    looker: Looker, formgrader: Callable[[list[NotebookNode]], str]
) -> None:
    """A heading with the name of an exercise has that name for an id, as the field of its score has."""

    def graded(kind: Callable[..., NotebookNode], name: str, text: str) -> NotebookNode:
        claims = {"grade_id": name, "grade": True, "solution": name == "why", "points": 6}
        return kind(text, id=name, metadata={"nbgrader": claims | {"schema_version": 3}})

    cells = [
        graded(v4.new_markdown_cell, "why", "# rnn_step\n\nBecause."),
        graded(v4.new_code_cell, "rnn_step", "check('rnn_step', rnn_step)"),
    ]
    looker.answers = {
        "/formgrader/api/grades": [
            {"id": name, "name": name, "max_score": 6, "auto_score": 0, "manual_score": None}
            for name in ("why", "rnn_step")
        ],
        "/formgrader/api/comments": [],
    }
    for given, puts in ((cells, {"why", "rnn_step"}), (_sanitised(cells), {"why"})):
        looker.html, looker.puts = formgrader(given), []
        page = looker.open()
        page.locator(".nbgrader_cell", has_text="Because").locator(".full-credit").click()
        page.wait_for_timeout(500)
        page.close()
        assert {path.rpartition("/")[2] for path in looker.puts} == puts
