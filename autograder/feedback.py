"""The page that a student gets back: what became of each exercise first, then the notebook.

    page(notebook, report) -> one HTML file that needs nothing beside it, and no network

What students and graders wrote is escaped by the template, `feedback.html.j2`, or was made safe when the
notebook was stored (`sanitise.py`).  On top of that the page's own policy lets no script run but the one
that typesets formulas.  Hidden tests, and what they printed, stay out.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
from markupsafe import Markup
from nbconvert.filters import ansi2html, strip_files_prefix
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter

from autograder.build import grade_id
from autograder.judge import Kind
from autograder.markup import safe_markdown
from autograder.panel import HINT, OTHER, SYMBOLS

#: In a cell of which there is no release to compare it with.
_HIDDEN = re.compile(r"BEGIN (?:HIDDEN TESTS|MARK SCHEME)")
_FORMULA = re.compile(r"\$[^$]|\\[(\[]|\\begin\{")
_NO_ALT = re.compile(r"<img(?![^<>]*\salt=)")
_RASTER = ("image/png", "image/jpeg", "image/gif", "image/webp")
_FOLDER = Path(__file__).parent
#: Where `mathjax.html.j2` lies, which nbgrader's own pages use as well.
_FORMULAS = _FOLDER / "nbgrader_plugin/share/jupyter/nbconvert/templates/base"
#: Cells that most of a class have in common are rendered once.
_CACHED = 2000


@dataclasses.dataclass(frozen=True)
class Result:
    """What became of one graded cell.  `comment` is a person's, in Markdown."""

    cell: str  # its id in nbgrader
    title: str
    headline: str  # two or three words
    points: float | None  # None while it waits for a person
    max_points: float
    kind: Kind | None = None  # None where no check of ours was made
    told: str = ""  # what it looks like, or what is wrong
    read: str = ""  # the section to read again
    note: str = ""  # that a person has changed the points, say
    comment: str = ""


@dataclasses.dataclass(frozen=True)
class Report:
    """All that a page tells beside the notebook."""

    student: str
    assignment: str
    title: str
    results: Sequence[Result]
    penalty: float = 0.0  # points that lateness costs
    comments: Mapping[str, str] = dataclasses.field(default_factory=dict)  # by the cell's id
    released: Mapping[str, str] = dataclasses.field(
        default_factory=dict
    )  # sources of given cells, by id

    @property
    def max_points(self) -> float:
        return sum(result.max_points for result in self.results)

    @property
    def waiting(self) -> int:
        """How many answers a person has still to mark."""
        return sum(result.points is None for result in self.results)

    @property
    def points(self) -> float:
        """Lateness taken off, as nbgrader does it."""
        return sum(result.points or 0.0 for result in self.results) - self.penalty


class _Cell(NamedTuple):
    """A cell as the template writes it."""

    kind: str  # "text" or "code"
    source: Markup
    outputs: Sequence[Markup]
    own: bool  # the student's answer
    result: Result | None
    comment: Markup | None
    hidden: bool


def page(notebook: NotebookNode, report: Report, basis: str = "") -> str:
    """The feedback page of a marked notebook.  `basis` is kept in it, to be found by `basis_of`."""
    results = {result.cell: result for result in report.results}
    order = {name: n for n, cell in enumerate(notebook.cells) if (name := grade_id(cell))}
    ordered = sorted(report.results, key=lambda result: order.get(result.cell, len(order)))
    cells = [_view(cell, report, results) for cell in notebook.cells]
    texts = [cell.source for cell in cells if cell.kind == "text"]
    texts += [output for cell in cells for output in cell.outputs]
    texts += [cell.comment for cell in cells if cell.comment]
    formulas = any(_FORMULA.search(text) for text in texts)
    return _template().render(
        report=report,
        results=ordered,
        cells=cells,
        basis=basis,
        style=_style(),
        formulas=_formulas().mathjax() if formulas else "",
        script_policy=_hash_of_script() if formulas else Markup("'none'"),
    )


def basis_of(found: str) -> str:
    """What was given to `page` as its basis, or nothing."""
    match = re.search(r'<meta name="unrolled-basis" content="([0-9a-f]*)">', found)
    return match[1] if match else ""


@functools.cache
def look_digest() -> str:
    """Changes with how pages look."""
    paths = [*_FOLDER.glob("feedback.*"), *_FORMULAS.glob("*.j2")]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(paths))).hexdigest()


# Cells


def _view(cell: NotebookNode, report: Report, results: Mapping[str, Result]) -> _Cell:
    name = grade_id(cell)
    source, hidden = _shown_source(cell, report.released)
    comment = report.comments.get(name)
    shown = list(_outputs(cell)) if cell.cell_type == "code" and not hidden else []
    if hidden and (error := next((_error(o) for o in cell.get("outputs", []) if _error(o)), "")):
        shown = [Markup("<p>It ended with <code>{}</code>.</p>").format(error)]
    if cell.cell_type == "code":
        text = _highlighted(source)
    elif cell.cell_type == "markdown":
        text = _markdown(source, cell.get("attachments"))
    else:
        text = Markup("<pre>{}</pre>").format(source)
    return _Cell(
        "code" if cell.cell_type == "code" else "text",
        text,
        shown,
        bool(cell.metadata.get("nbgrader", {}).get("solution")),
        results.get(name),
        as_comment(comment) if comment else None,
        hidden and cell.cell_type == "code",
    )


def is_given(cell: NotebookNode) -> bool:
    """Is this a cell of the worksheet's that students do not write in?  It may have hidden parts."""
    about = cell.metadata.get("nbgrader", {})
    return not about.get("solution") and any(about.get(k) for k in ("locked", "grade", "task"))


def _shown_source(cell: NotebookNode, released: Mapping[str, str]) -> tuple[str, bool]:
    """What students may see of a cell, and whether that is less than there is."""
    if not is_given(cell):
        return cell.source, False
    given = released.get(grade_id(cell))
    if given is not None:
        return given, given.strip() != cell.source.strip()
    if _HIDDEN.search(cell.source):
        return "# (left out: it has hidden tests)" if cell.cell_type == "code" else "", True
    return cell.source, False


def _error(output: NotebookNode) -> str:
    return str(output.get("ename", "")) if output.get("output_type") == "error" else ""


def _outputs(cell: NotebookNode) -> Iterator[Markup]:
    for output in cell.get("outputs", []):
        match output.get("output_type"):
            case "stream":
                yield _preformatted(output.text, output.get("name", "stdout"))
            case "error":
                yield _preformatted("\n".join(output.traceback), "stderr")
            case "display_data" | "execute_result":
                yield _data(output.data)


def _data(data: Mapping[str, Any]) -> Markup:
    """The best form of an output that a page can show.  Those that run are not among them."""
    if "text/html" in data:
        source = _NO_ALT.sub('<img alt="a picture without a description"', data["text/html"])
        reach = ' tabindex="0"' if "<table" in source else ""  # it may scroll
        return Markup(f'<div class="html"{reach}>{source}</div>')
    if "text/markdown" in data:
        return Markup(f'<div class="html">{_markdown(data["text/markdown"])}</div>')
    for mime in _RASTER:
        if mime in data:
            alt = str(data.get("text/plain", "")).strip()[:200] or "a picture without a description"
            source = f"data:{mime};base64,{''.join(data[mime].split())}"
            return Markup('<img alt="{}" src="{}">').format(alt, source)
    if "text/latex" in data:
        return Markup('<div class="html">{}</div>').format(data["text/latex"])
    return _preformatted(str(data.get("text/plain", "")), "stdout")


def _preformatted(text: str, name: str) -> Markup:
    return Markup(
        f'<pre class="{"stderr" if name == "stderr" else "stdout"}">{ansi2html(text)}</pre>'
    )


def as_comment(text: str) -> Markup:
    """A grader's Markdown; what is active in it stays text."""
    return _markdown(safe_markdown(text, (), ()))


def _markdown(source: str, attachments: Mapping[str, Any] | None = None) -> Markup:
    return _rendered(source, attachments) if attachments else _rendered_once(source)


def _rendered(source: str, attachments: Mapping[str, Any] | None = None) -> Markup:
    kept = dict(attachments or {})
    renderer = IPythonRenderer(escape=False, attachments=kept, exclude_anchor_links=True)
    made = strip_files_prefix(MarkdownWithMath(renderer=renderer).render(source))
    made = _NO_ALT.sub('<img alt="a picture without a description"', made)
    # A wide table is moved within its box, by the keyboard as well.
    made = made.replace("<table", '<div class="wide" tabindex="0"><table')
    return Markup(made.replace("</table>", "</table></div>"))


_rendered_once = functools.lru_cache(_CACHED)(_rendered)


@functools.lru_cache(_CACHED)
def _highlighted(source: str) -> Markup:
    return Markup(_highlighter()(source)) if source.strip() else Markup("")


# What pages have in common


@functools.cache
def _highlighter() -> Highlight2HTML:
    return Highlight2HTML(pygments_lexer="ipython3")


@functools.cache
def _environment() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader([_FOLDER, _FORMULAS])
    found = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    found.filters |= {"points": _points, "comment": as_comment, "symbol": _symbol}
    return found


@functools.cache
def _template() -> jinja2.Template:
    return _environment().get_template("feedback.html.j2")


@functools.cache
def _formulas() -> Any:
    """The macros that nbgrader's pages have in place of MathJax."""
    return _environment().get_template("mathjax.html.j2").module


@functools.cache
def _hash_of_script() -> Markup:
    digest = hashlib.sha256(str(_formulas().script()).encode()).digest()
    return Markup(f"'sha256-{base64.b64encode(digest).decode()}'")


@functools.cache
def _style() -> Markup:
    """The page's style, with the colours of code on white and on dark."""
    light, dark = (
        HtmlFormatter(style=name).get_style_defs(".highlight") for name in ("xcode", "github-dark")
    )
    own = (_FOLDER / "feedback.css").read_text(encoding="utf-8")
    return Markup(f"{light}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}\n{own}")


def _points(value: float | None) -> str:
    return "–" if value is None else f"{round(value, 2):g}"


def _symbol(result: Result) -> tuple[str, str]:
    """Symbol and colour of a verdict, or of a person's mark."""
    if result.points is None:
        return HINT
    if result.kind is not None:
        return SYMBOLS.get(result.kind, OTHER)
    if result.points >= result.max_points:
        return SYMBOLS[Kind.CORRECT]
    return SYMBOLS[Kind.PARTLY if result.points > 0 else Kind.WRONG]
