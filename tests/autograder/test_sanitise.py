"""Sanitising: nothing of a student's can run on a page, and honest work reads the same after it.

What browsers make of it is in `tests/test_pages_are_safe.py`.
"""

from __future__ import annotations

import copy
import json
import time
from typing import Any

import bleach
import bs4
import hostile_pages
import nbformat
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode, v4

from autograder import markup
from autograder.judge import Kind, Verdict
from autograder.marking import trusted_outputs
from autograder.panel import verdict_panel
from autograder.sanitise import MAX_RENDERED, Trusted, of_worksheet, sanitise
from course.figures.interactive import slider

PICTURE = hostile_pages.PICTURE
ATTACKS = hostile_pages.attacks() | hostile_pages.latex_attacks()


def notebook(*cells: NotebookNode, **metadata: Any) -> NotebookNode:
    about = {"nbformat": 4, "nbformat_minor": 5, "metadata": NotebookNode(metadata)}
    return NotebookNode(cells=list(cells), **about)  # as it is, without nbformat's repairs


def markdown(text: str, **more: Any) -> str:
    return str(sanitise(notebook(v4.new_markdown_cell(text, **more))).cells[0].source)


def shown(data: dict[str, Any], metadata: dict[str, Any] | None = None) -> NotebookNode:
    cell = hostile_pages.output(data, metadata)
    return sanitise(notebook(cell)).cells[0].outputs[0]


def html(text: str) -> str:
    return str(shown({"text/html": text, "text/plain": "-"}).data.get("text/html", ""))


# Honest work stays as it is

HONEST = {
    "prose": "The state is *bounded*, by **tanh**; `x < y` & more.\n\n> So it is.\n\n1. one\n2. two\n",
    "maths": "Since $a<b$ and $|h_t| < 1$, $$\\sum_{k<t} W^k \\le \\frac{1}{1-\\rho}$$",
    "environment": "\\begin{align}\nh_t &= \\tanh(a_t) \\\\\na_t &< b &\\text{if } c<d\n\\end{align}",
    "maths-links": "$$\\left[\\frac{a}{b}\\right](x) \\quad [0, 1](t)$$",
    "fence": "```html\n<script>alert(1)</script>\n<a href='javascript:x'>\n```\n\nand `<b onclick=1>`.",
    "indented": "It printed\n\n    <iframe src=x>\n    $\\href{a}{b}$\n\nand ended.",
    "headings": "# An answer\n\nBecause\n=======\n\n## `h_t`\n",
    "links": "See [the paper](https://arxiv.org/abs/1211.5063 'Pascanu') or <https://example.org/a?b=c#d>, "
    "https://example.org, [below](#why), [1], [me](mailto:a@example.org) and [two][2].\n\n"
    "[2]: https://example.org/two",
    "table": "| a | b |\n|:--|--:|\n| $x<y$ | 2 |\n",
    "tasks": "- [x] done\n- [ ] to do\n",
    "tags": 'H<sub>2</sub>O<br>\n<img src="plot.png" width="300" alt="a plot">\n\n'
    '<div class="alert alert-info">Note</div>\n\n<details><summary>More</summary>text</details>',
    "font": '<font color="red">wrong</font>, <span style="color: #c00; font-weight:bold">so</span>',
    "comment": "before\n<!-- a note to myself -->\nafter",
    "entities": "5 &lt; 6, 6 &gt; 5, a &amp; b, &alpha;, R&D, x < y",
    "windows": "one\r\ntwo\r\n",
    "right-to-left": "\u05e9\u05dc\u05d5\u05dd\u200f, \u0645\u0631\u062d\u0628\u0627",
    "picture-beside": "![a plot](figures/my%20plot.png)",
}


@pytest.mark.parametrize("text", HONEST.values(), ids=HONEST)
def test_honest_markdown_stays_byte_for_byte(text: str) -> None:
    assert markdown(text) == text
    assert shown({"text/markdown": text}).data["text/markdown"] == text


def test_pasted_screenshot_stays() -> None:
    text, attachments = "![s](attachment:image.png)", {"image.png": {"image/png": PICTURE}}
    (cell,) = sanitise(notebook(v4.new_markdown_cell(text, attachments=attachments))).cells
    assert (cell.source, cell.attachments) == (text, attachments)


def test_published_worksheets_read_the_same(checkout: Any) -> None:
    """Their prose, as a student's, is kept byte for byte; so are their figures."""
    for path in sorted(checkout.glob("solutions/*/*.ipynb")):
        before = nbformat.read(path, as_version=4)
        after = sanitise(before)
        for old, new in zip(before.cells, after.cells, strict=True):
            assert new.source == old.source, path.name
            for was, now in zip(old.get("outputs", []), new.get("outputs", []), strict=True):
                text = was.get("data", {}).get("text/html", "")
                if text.startswith("<img") and "onload" not in text:
                    assert now == was


def test_figure_with_a_slider_falls_back_to_its_picture() -> None:
    figure = slider(["a < b", "b"], [1, 2], "x", {"n": np.ones((2, 3))}, "x", "y")
    before = figure._repr_html_()
    after = html(before)
    assert "onload" in before
    assert "onload" not in after
    assert before.partition(" onload")[0] + ">" == after


DATAFRAME = """<div>
<style scoped>
    .dataframe tbody tr th { vertical-align: top; }
</style>
<table border="1" class="dataframe">
  <thead>
    <tr style="text-align: right;">
      <th></th>
      <th>a</th>
    </tr>
  </thead>
  <tbody>
    <tr>
      <th>0</th>
      <td>1 &lt; 2</td>
    </tr>
  </tbody>
</table>
</div>"""


def test_table_of_pandas_keeps_all_but_its_style_sheet() -> None:
    start, end = DATAFRAME.index("<style"), DATAFRAME.index("</style>") + len("</style>")
    assert html(DATAFRAME) == DATAFRAME[:start] + DATAFRAME[end:]


def test_coloured_traceback_stays() -> None:
    lines = ["\x1b[31mValueError\x1b[39m: \x1b[1;32m<b>\x1b[0m", "\x1b[38;5;28;01mdef\x1b[39m"]
    error = v4.new_output("error", ename="ValueError", evalue="<b>", traceback=lines)
    (cell,) = sanitise(notebook(v4.new_code_cell("", outputs=[error]))).cells
    assert cell.outputs == [error]


def test_what_the_grader_and_the_worksheet_wrote_stays() -> None:
    verdict = Verdict("e", Kind.WRONG, 0.0, 4.0, "wrong", "<i>no</i>", cases=3)
    ours = trusted_outputs(verdict, "Title")
    cells = [
        v4.new_markdown_cell('<iframe src="https://example.org/film"></iframe>', id="film"),
        v4.new_code_cell("check()", id="e", outputs=ours),
    ]
    trusted = Trusted(sources=frozenset({"film"}), outputs=frozenset({"e"}))
    before = notebook(*cells)
    assert sanitise(before, trusted) == before
    assert sanitise(before) != before


def test_student_s_words_in_the_grader_s_panel_are_no_formula() -> None:
    said = r"$\href{https://x.org}{marks}$" + "\x1b[2J\u202e: raised"
    ours = trusted_outputs(Verdict("e", Kind.RAISED, 0.0, 4.0, "raised", said, cases=3), "Title")
    before = notebook(v4.new_code_cell("check()", id="e", outputs=ours))
    text = json.dumps(sanitise(before, Trusted(outputs=frozenset({"e"}))), ensure_ascii=False)
    assert "\\\\ href{https://x.org}" in text
    assert 'role=\\"note\\"' in text
    for gone in (r"\\href", "\\u001b", "\u202e"):
        assert gone in json.dumps(before, ensure_ascii=False)
        assert gone not in text


def test_worksheet_s_cells_are_those_that_nobody_changed() -> None:
    locked = {"nbgrader": {"grade_id": "a", "locked": True, "solution": False, "grade": False}}
    picture = {"a.png": {"image/png": PICTURE}}
    released = notebook(
        v4.new_markdown_cell("locked", id="locked", metadata=locked),
        v4.new_markdown_cell("free", id="free"),
        v4.new_markdown_cell("free", id="changed"),
        v4.new_markdown_cell("free", id="pasted"),
    )
    handed_in = copy.deepcopy(released)
    handed_in.cells[0].source = "with hidden tests"  # nbgrader puts them back before this
    handed_in.cells[2].source += "!"
    handed_in.cells[3].attachments = picture
    handed_in.cells.append(v4.new_markdown_cell("free", id="extra"))
    assert of_worksheet(handed_in, released) == {"locked", "free"}


def test_a_copied_id_is_not_trusted() -> None:
    evil = "<script>1</script>"
    cells = [v4.new_markdown_cell(evil, id="film"), v4.new_markdown_cell(evil, id="film")]
    safe = sanitise(notebook(*cells), Trusted(sources=frozenset({"film"})))
    assert all("<script" not in cell.source for cell in safe.cells)
    assert len({cell.id for cell in safe.cells}) == 2


# What is changed, and how little

CHANGED = {
    "List<int> of `<b>`": "List&lt;int> of `<b>`",
    "[a](javascript:x) [b](https://b.org)": "\\[a](javascript:x) [b](https://b.org)",
    "![a](https://b.org/c.png)": "[a](https://b.org/c.png)",
    "$\\href{javascript:x}{y} < z$": "$\\ href{javascript:x}{y} < z$",
    "</div>": "&lt;/div>",
    "```mermaid\na-->b\n```": "``` text\na-->b\n```",
    "a \u202eb": "a \\u202eb",
    "\x07": "\\u0007",
    "![a](attachment:not-there.png)": "!\\[a](attachment:not-there.png)",
    "http://localhost:8888/x": "http:&#47;/localhost:8888/x",
    "[plot](plot.html)": "\\[plot](plot.html)",
    "&#92;href": "```\n&#92;href\n```",
}


@pytest.mark.parametrize(("before", "after"), CHANGED.items())
def test_markdown_changes_as_little_as_it_takes(before: str, after: str) -> None:
    assert markdown(before) == after
    assert markdown(after) == after


@pytest.mark.parametrize("heading", ["# rnn_step", "## `rnn_step`", "# rnn_step ##"])
def test_heading_does_not_take_the_place_of_a_score(heading: str) -> None:
    """nbgrader's page finds the field of a score by the cell's name, and headings have ids as well."""
    graded = v4.new_code_cell("check()", metadata={"nbgrader": {"grade_id": "rnn_step"}})
    _, cell = sanitise(notebook(graded, v4.new_markdown_cell(heading))).cells
    assert cell.source.replace("&#8288;", "") == heading
    assert 'id="rnn_step"' in markup._rendered(heading, ())
    assert 'id="rnn_step"' not in markup._rendered(cell.source, ())
    assert markdown(heading) == heading, "where there is no such score"


@pytest.mark.parametrize("cell", ATTACKS.values(), ids=ATTACKS)
def test_attack_is_changed_and_valid(cell: NotebookNode) -> None:
    before = notebook(copy.deepcopy(cell))
    after = sanitise(before)
    assert after.cells != before.cells
    assert before.cells[0] == cell, "the argument is left alone"
    nbformat.validate(after)
    text = json.dumps(after)
    assert sanitise(nbformat.reads(text, as_version=4)) == after


# Outputs and the rest of a notebook


def test_outputs_by_type() -> None:
    kept = shown(
        {
            "text/plain": "a\x1b[2Jb",
            "image/png": PICTURE,
            "image/jpeg": PICTURE,  # it is none
            "application/javascript": "1",
            "application/vnd.jupyter.widget-view+json": {"model_id": "x"},
            "application/json": {},
            "text/latex": r"$\frac{a}{b} \href{x}{y}$",
        }
    ).data
    assert kept == {
        "text/plain": "ab",
        "image/png": PICTURE,
        "text/latex": r"$\frac{a}{b} \ href{x}{y}$",
    }


def test_something_stands_for_what_is_left_out() -> None:
    kept = shown({"application/javascript": "1", "<b>": "2"}).data
    assert kept == {"text/plain": "(left out, as it is not safe to show: application/javascript)"}


def test_svg_becomes_a_picture() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'
    kept = shown({"image/svg+xml": svg, "text/plain": "<Figure>"}).data
    assert kept["text/html"].startswith('<img alt="&lt;Figure&gt;" src="data:image/svg+xml;base64,')
    assert "image/svg+xml" not in kept
    for bad in ("<script>1</script>", '<a onload="1"/>', "<!ENTITY a 'b'>", "<foreignObject/>"):
        assert "text/html" not in shown({"image/svg+xml": svg.replace("<path", bad + "<path")}).data


def test_metadata_of_outputs_is_sizes() -> None:
    metadata = {
        "image/png": {"width": 300, "height": "1 onerror=x", "unconfined": True},
        "filenames": {"image/png": "/x"},
        "text/html": {"isolated": True},
    }
    assert shown({"image/png": PICTURE}, metadata).metadata == {"image/png": {"width": 300}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\r\nb\r\n", "a\nb\n"),
        ("10%\r50%\r100%\nok", "100%\nok"),
        ("100%\r", "100%"),
        ("\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
        ("\x1b[2J\x1b[1;1Hgone\x1b]0;title\x07\x1bc\x9b2J\x08!", "gone2J!"),
        ("a\u202eb\u2066c\ud800\x00", "abc"),
        ("tab\tand é ✓ 漢", "tab\tand é ✓ 漢"),
    ],
)
def test_printed_text_keeps_colours_and_nothing_else(before: str, after: str) -> None:
    stream = v4.new_output("stream", text=before)
    (cell,) = sanitise(notebook(v4.new_code_cell("", outputs=[stream]))).cells
    assert cell.outputs[0].text == after


def test_source_of_code_shows_what_hides() -> None:
    source = "if admin:  #\u2066 return\u2069\n\tpass\x0c"
    (cell,) = sanitise(notebook(v4.new_code_cell(source))).cells
    assert cell.source == "if admin:  #\\u2066 return\\u2069\n\tpass\\u000c"


def test_raw_cell_is_text() -> None:
    plain, active = sanitise(
        notebook(
            v4.new_raw_cell("as it was"), v4.new_raw_cell("<b>", metadata={"raw_mimetype": ""})
        )
    ).cells
    assert (plain.cell_type, plain.source, plain.metadata) == ("raw", "as it was", {})
    assert (active.cell_type, active.source) == ("markdown", "```\n<b>\n```")


def test_metadata_is_what_nbgrader_and_jupyter_need() -> None:
    claims = {"grade_id": "one", "points": 4, "grade": True, "locked": True, "schema_version": 3}
    cells = [
        v4.new_code_cell(
            "", metadata={"nbgrader": claims, "tags": ["lab"], "transient": {"remove_source": True}}
        ),
        v4.new_code_cell("", metadata={"nbgrader": claims | {"grade_id": '"><b>'}}),
    ]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    after = sanitise(notebook(*cells, kernelspec=kernel, widgets={"x": 1}, title="<b>"))
    assert after.metadata == {"kernelspec": kernel}
    assert [cell.metadata for cell in after.cells] == [{"nbgrader": claims, "tags": ["lab"]}, {}]


def test_attachments_are_pictures() -> None:
    attachments = {
        "a.png": {"image/png": PICTURE, "image/svg+xml": "PHN2Zz4="},
        "b.svg": {"image/svg+xml": "PHN2Zz4="},
        "c.png": {"image/png": "PHN2Zz4="},
        '"><b>.png': {"image/png": PICTURE},
    }
    cell = v4.new_markdown_cell("![b](attachment:b.svg)", attachments=attachments)
    (cell,) = sanitise(notebook(cell)).cells
    assert cell.attachments == {"a.png": {"image/png": PICTURE}}
    assert cell.source == "!\\[b](attachment:b.svg)"


def test_imitated_panel_has_lost_its_frame() -> None:
    ours = verdict_panel(Verdict("e", Kind.CORRECT, 4.0, 4.0, "correct", "", cases=3)).html()
    imitated = html(ours)
    assert "border-left" in ours
    assert "Correct" in imitated
    for word in ("border", "background", "padding", "role"):
        assert word not in imitated


# Whatever it is

_PIECES = (
    *(
        "<",
        ">",
        "</",
        "/>",
        '"',
        "'",
        "=",
        "&",
        "&lt;",
        "&#60;",
        "`",
        "```",
        "~~~",
        "\n",
        "\n\n",
        "    ",
    ),
    *(
        "$",
        "$$",
        "[",
        "](",
        ")",
        "]:",
        "!",
        "#",
        "\\",
        "\\href",
        "hr",
        "ef",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
    ),
    *(
        "<b>",
        "</b>",
        "<p>",
        "</p>",
        "<div>",
        "</div>",
        "<table>",
        "<td>",
        "<pre>",
        "</pre>",
        "<code>",
    ),
    *(
        "</code>",
        "<script>",
        "</script>",
        "<style>",
        "<img src=x onerror=y>",
        "<svg>",
        "<math>",
        "<a href=",
    ),
    *(
        "javascript:",
        "onload=",
        "x",
        "files/",
        "attachment:a.png",
        "https://a.org",
        "//",
        "|",
        "-",
        "* ",
    ),
    *(
        "> ",
        "\x1b[0m",
        "\x1b]",
        "\r",
        "\x00",
        "\u202e",
        "\\begin{a}",
        "\\end{a}",
        "mermaid",
        "one",
        "{",
        "}",
    ),
)
TEXTS = st.lists(st.sampled_from(_PIECES), max_size=25).map("".join) | st.text(max_size=60)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_any_html_becomes_harmless(text: str) -> None:
    """By the judgement of two other parsers, one of which reads as browsers do."""
    cleaned = markup.clean_html(text)
    assert markup.clean_html(cleaned) == cleaned
    found = {
        (tag.name, name, str(value))
        for tag in bs4.BeautifulSoup(cleaned, "html.parser").find_all(True)
        for name, value in (*tag.attrs.items(), ("", ""))
    }

    def note(tag: str, name: str, value: str) -> bool:
        found.add((tag, name, value))
        return True

    everything = {tag for tag, _, _ in found} | {"script", "style", "svg", "math", "iframe"}
    known = bleach.clean(cleaned, tags=everything, attributes=note, strip=True)
    assert not any(f"<{tag}" in known for tag in ("script", "style", "svg", "math", "iframe"))
    for tag, name, value in found:
        assert tag in markup._ATTRIBUTES
        assert name in ("", *markup._ATTRIBUTES[tag])
        assert "script:" not in value or name in ("alt", "title", "lang", "rel", "align")


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_any_markdown_renders_harmless(text: str) -> None:
    safe = markup.safe_markdown(text, ("a.png",), {"one"})
    assert markup.is_harmless(markup._rendered(safe, ("a.png",)), {"one"})
    assert markup.safe_markdown(safe, ("a.png",), {"one"}) == safe


_VALUES = (
    TEXTS | st.integers() | st.lists(TEXTS, max_size=3) | st.dictionaries(TEXTS, TEXTS, max_size=2)
)
_TYPES = st.sampled_from(
    ["text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/svg+xml", "x/y"]
)
_OUTPUTS = st.one_of(
    st.builds(lambda t: {"output_type": "stream", "name": "stdout", "text": t}, _VALUES),
    st.builds(
        lambda t: {"output_type": "error", "ename": "E", "evalue": t, "traceback": [t]}, _VALUES
    ),
    st.builds(
        lambda d, m: {"output_type": "display_data", "data": d, "metadata": m},
        st.dictionaries(_TYPES, _VALUES, max_size=3),
        st.dictionaries(_TYPES, _VALUES, max_size=2),
    ),
)
_CELLS = st.builds(
    lambda kind, id, source, metadata, outputs: nbformat.from_dict(
        {"cell_type": kind, "id": id, "source": source, "metadata": metadata}
        | ({"outputs": outputs, "execution_count": None} if kind == "code" else {})
    ),
    st.sampled_from(["code", "markdown", "raw"]),
    TEXTS,
    TEXTS,
    st.dictionaries(st.sampled_from(["nbgrader", "tags", "x"]), _VALUES, max_size=2),
    st.lists(_OUTPUTS, max_size=2),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_CELLS, max_size=4))
def test_sanitising_again_changes_nothing_and_the_notebook_is_valid(
    cells: list[NotebookNode],
) -> None:
    once = sanitise(notebook(*cells))
    assert sanitise(once) == once
    nbformat.validate(once)
    json.dumps(once, ensure_ascii=False).encode()


def test_too_much_to_be_judged_is_shown_as_code() -> None:
    cells = [v4.new_markdown_cell(f"[{n}](https://example.org)") for n in range(MAX_RENDERED + 2)]
    after = sanitise(notebook(*cells))
    assert [c.source.startswith("```") for c in after.cells] == [False] * MAX_RENDERED + [True] * 2
    assert markdown("x" * (markup.MAX_MARKDOWN + 1)).startswith("```\nx")
    assert sanitise(after) == after


# Time


def _seconds(function: Any, *arguments: Any, runs: int = 1) -> float:
    """The processor's time, of the quickest run."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        function(*arguments)
        times.append(time.process_time() - start)
    return min(times)


NASTY = [
    *(
        "<",
        "<a ",
        '<a b="',
        "<a b='",
        "<!--",
        "<b",
        "<b>",
        "</b>",
        "<script>",
        "<style",
        "&",
        "&#",
        "\\href",
    ),
    *(
        "<a b=\"'",
        "<b a=1><p>",
        "<td><table>",
        "\x1b[",
        "\x1b]",
        "\r",
        "a\r",
        "data:image/png;base64,",
        "`",
    ),
    *(
        "[",
        "](",
        "$",
        "\\begin{a}",
        "<b>" * 50 + "</b>" * 50,
        '<a b="<',
        "<p style='" + "a:b;" * 50,
        "> ",
    ),
    *("* ", "  - ", "_a*", "!["),
]


@pytest.mark.parametrize("piece", NASTY, ids=lambda piece: repr(piece)[:20])
def test_time_grows_with_the_length_and_not_faster(piece: str) -> None:
    """Where it grew with the square, a quarter of a mebibyte would take hours."""
    text = piece * ((1 << 18) // len(piece))
    assert _seconds(markup.clean_html, text) < 1
    assert _seconds(markup.printed, text) < 1
    cell = v4.new_markdown_cell(text)
    assert _seconds(sanitise, notebook(cell)) < 1
    cell.source = text[: markup.MAX_MARKDOWN - 1]
    assert _seconds(sanitise, notebook(cell)) < 1, "and what is rendered is short"


def test_an_honest_notebook_takes_milliseconds() -> None:
    """Thirteen cells, one picture of 40 kB."""
    figure = PICTURE[:-4] + "A" * 40_000
    cells = [
        *(v4.new_markdown_cell(text) for text in list(HONEST.values())[:4]),
        *(
            v4.new_code_cell("print(1)", outputs=[v4.new_output("stream", text="1\n" * 50)])
            for _ in range(8)
        ),
        hostile_pages.output({"text/html": f'<img alt="a" src="data:image/png;base64,{figure}">'}),
    ]
    before = notebook(*cells)
    assert sanitise(before) == before
    assert _seconds(sanitise, before, runs=5) < 0.02  # 2 ms, and a busy machine
