"""Makes a marked notebook safe to look at, whoever wrote it.

nbgrader's formgrader shows it inside the instructor's Jupyter, JupyterLab opens it, and feedback pages are
made from it.  So before it is stored, `sanitise` takes out all that could run there, lead back into
Jupyter, or pass for a part of the page, and leaves everything else as it is:

    sanitise(notebook, Trusted(sources=of_worksheet(notebook, released), outputs=graded_cells))

`markup.py` says what is safe in HTML, Markdown and LaTeX; here is what a notebook is made of.  A notebook
that has been sanitised is not changed by doing it again.
"""

from __future__ import annotations

import base64
import dataclasses
import html
import re
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from nbformat import NotebookNode

from autograder import markup
from autograder.build import grade_id, is_locked

#: Cells of a notebook that are rendered in order to be judged.  A class of a thousand such is no burden.
MAX_RENDERED = 50

_RASTER = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_GRADE_ID = re.compile(r"[\w-]{1,200}")  # pages put it into their HTML as it is
_PLAIN = re.compile(r"[\w .,:+/()-]{0,200}")
_FILE_NAME = re.compile(r"\w[\w .()-]{0,199}")
_MIME = re.compile(r"[\w.+-]{1,40}/[\w.+-]{1,60}")
_KEPT_OF_NOTEBOOK = re.compile(r"kernelspec|language_info|unrolled_\w{1,40}")
_TAG = re.compile(r"[\w .:+()/-]{1,100}")
_PARTS_OF_PAGES = frozenset({"notebook", "notebook-container", "statusmessage", "toc", "top"})


@dataclasses.dataclass(frozen=True)
class Trusted:
    """The ids of cells of which a part was not written by the student."""

    sources: frozenset[str] = frozenset()  # by the worksheet
    outputs: frozenset[str] = frozenset()  # by the grader


NOBODY = Trusted()


def of_worksheet(notebook: NotebookNode, released: NotebookNode) -> frozenset[str]:
    """The cells of a restored notebook whose sources are the worksheet's: locked, or as they were given."""
    originals = {cell.get("id"): cell for cell in released.cells}
    return frozenset(
        cell.id
        for cell in notebook.cells
        if (original := originals.get(cell.id)) is not None
        and (is_locked(original) or _written(cell) == _written(original))
    )


def sanitise(notebook: NotebookNode, trusted: Trusted = NOBODY) -> NotebookNode:
    """A copy of the notebook in which nothing can run but what the worksheet and the grader wrote."""
    seen = Counter(str(cell.get("id", "")) for cell in notebook.cells)
    page = _Page(_ids_of_page(notebook))
    cells: list[NotebookNode] = []
    used: set[str] = set()
    for cell in notebook.cells:
        id = str(cell.get("id", ""))
        unique = seen[id] == 1  # who copies a cell's id does not get its trust
        kept = NotebookNode(cell_type=cell.cell_type, id=_free_id(id, used))
        used.add(kept.id)
        kept.metadata = _cell_metadata(cell.metadata)
        kept.source = _text(cell.source)
        if unique and id in trusted.sources:
            if "attachments" in cell:
                kept.attachments = cell.attachments
        elif cell.cell_type == "code":
            kept.source = markup.visible(kept.source)
        else:
            _prose(cell, kept, page)
        if cell.cell_type == "code":
            kept.execution_count = _count(cell)
            kept.outputs = cell.get("outputs", [])
            if unique and id in trusted.outputs:
                kept.outputs = [_graders(output) for output in kept.outputs]
            else:
                kept.outputs = [_output(o, page) for o in kept.outputs if _is_output(o)]
        cells.append(kept)
    return NotebookNode(
        cells=cells,
        metadata=NotebookNode(
            {
                key: value
                for key, value in notebook.metadata.items()
                if _KEPT_OF_NOTEBOOK.fullmatch(key) and _is_plain(value)
            }
        ),
        nbformat=notebook.nbformat,
        nbformat_minor=notebook.nbformat_minor,
    )


class _Page:
    """What cells have to share: the ids of a page, and the time that judging them may take."""

    def __init__(self, ids: Collection[str]) -> None:
        self.ids = ids
        self.left = MAX_RENDERED

    def markdown(self, source: str, attachments: Collection[str] = ()) -> str:
        text = markup.visible(source)
        if markup.is_plain(text):
            return text
        self.left -= 1
        if self.left < 0:
            return markup.fenced(text)
        return markup.safe_markdown(text, attachments, self.ids)


# Cells


def _prose(cell: NotebookNode, kept: NotebookNode, page: _Page) -> None:
    """A cell of text: Markdown, or raw, which pages take for HTML."""
    attachments = _attachments(cell.get("attachments"))
    if attachments:
        kept.attachments = attachments
    if cell.cell_type == "markdown":
        kept.source = page.markdown(kept.source, attachments)
    elif markup.is_plain(safe := markup.visible(kept.source)):
        kept.cell_type, kept.source = "raw", safe
    else:
        kept.cell_type, kept.source = "markdown", markup.fenced(safe)


def _attachments(found: Any) -> NotebookNode:
    """Pasted pictures, by their real content."""
    kept = NotebookNode()
    for name, bundle in found.items() if isinstance(found, Mapping) else ():
        if not _FILE_NAME.fullmatch(name) or not isinstance(bundle, Mapping):
            continue
        pictures = {
            mime: _text(data)
            for mime, data in bundle.items()
            if mime in _RASTER and markup.is_raster(mime, _text(data))
        }
        if pictures:
            kept[name] = NotebookNode(pictures)
    return kept


def _cell_metadata(metadata: Mapping[str, Any]) -> NotebookNode:
    kept: dict[str, Any] = {
        key: metadata[key] for key in ("deletable", "editable") if metadata.get(key) is False
    }
    tags = metadata.get("tags")
    if isinstance(tags, list):
        words = [tag for tag in tags if isinstance(tag, str) and _TAG.fullmatch(tag)]
        kept["tags"] = list(dict.fromkeys(words))
    ours = metadata.get("nbgrader")
    if (
        isinstance(ours, Mapping)
        and _is_plain(ours)
        and _GRADE_ID.fullmatch(str(ours.get("grade_id", "")))
    ):
        kept["nbgrader"] = ours
    return NotebookNode(kept)


def _is_plain(value: Any) -> bool:
    """Is this nothing but words and numbers?"""
    match value:
        case str():
            return _PLAIN.fullmatch(value) is not None
        case None | bool() | int() | float():
            return True
        case list():
            return all(_is_plain(part) for part in value)
        case Mapping():
            return all(_is_plain(part) for pair in value.items() for part in pair)
    return False


def _free_id(wanted: str, used: Collection[str]) -> str:
    if _CELL_ID.fullmatch(wanted) and wanted not in used:
        return wanted
    number = len(used)
    while (found := f"cell-{number}") in used:
        number += 1
    return found


def _ids_of_page(notebook: NotebookNode) -> frozenset[str]:
    """Ids by which the formgrader's and the feedback's pages find their own parts."""
    names = {name for cell in notebook.cells if (name := grade_id(cell))}
    around = ("{}", "{}-comment", "{}_extra_credit", "comment-{}")
    return _PARTS_OF_PAGES | {form.format(name) for name in names for form in around}


def _written(cell: NotebookNode) -> tuple[Any, ...]:
    return cell.cell_type, cell.source, cell.get("attachments")


def _text(value: Any) -> str:
    """A text, which notebooks may also hold as a list of lines."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return value if isinstance(value, str) else ""


def _count(node: Mapping[str, Any]) -> int | None:
    count = node.get("execution_count")
    return count if isinstance(count, int) else None


# Outputs


def _is_output(output: Any) -> bool:
    kinds = ("stream", "error", "display_data", "execute_result")
    return isinstance(output, Mapping) and output.get("output_type") in kinds


def _output(output: Mapping[str, Any], page: _Page) -> NotebookNode:
    kept = NotebookNode(output_type=output["output_type"])
    if kept.output_type == "stream":
        kept.name = "stderr" if output.get("name") == "stderr" else "stdout"
        kept.text = markup.printed(_text(output.get("text")))
    elif kept.output_type == "error":
        kept.ename, kept.evalue = (
            markup.printed(_text(output.get(key))) for key in ("ename", "evalue")
        )
        lines = output.get("traceback")
        kept.traceback = [
            markup.printed(_text(line)) for line in (lines if isinstance(lines, list) else [])
        ]
    else:
        data = output.get("data")
        kept.data = _data(data if isinstance(data, Mapping) else {}, page)
        kept.metadata = _output_metadata(output.get("metadata"), kept.data)
        if kept.output_type == "execute_result":
            kept.execution_count = _count(output)
    return kept


def _graders(output: NotebookNode) -> NotebookNode:
    """An output of the grader's own.  Its HTML quotes students, escaped, but formulas are no HTML."""
    data = {
        mime: markup.safe_latex(markup.printed(text))
        for mime, text in output.get("data", {}).items()
    }
    return NotebookNode(output | ({"data": NotebookNode(data)} if data else {}))


def _data(data: Mapping[str, Any], page: _Page) -> NotebookNode:
    """The forms of an output that can be shown; of those that cannot, at least that there were any."""
    kept = NotebookNode()
    for mime, value in data.items():
        text = _text(value)
        safe = ""
        if mime == "text/plain":
            kept[mime] = markup.printed(text)
        elif mime in _RASTER:
            safe = text if markup.is_raster(mime, text) else ""
        elif mime == "text/html":
            safe = markup.clean_html(text)
        elif mime == "text/markdown":
            safe = page.markdown(text)
        elif mime == "text/latex":
            safe = markup.safe_latex(markup.visible(text))
        elif mime == "image/svg+xml" and "text/html" not in data:
            # A browser runs no script of an SVG inside <img>.
            mime, safe = "text/html", _picture_of(text, _text(data.get("text/plain")))
        if safe.strip():
            kept[mime] = safe
    if data and not kept:
        names = ", ".join(name for name in data if _MIME.fullmatch(name))
        kept["text/plain"] = (
            f"(left out, as it is not safe to show: {names or 'something unknown'})"
        )
    return kept


def _picture_of(svg: str, alt: str) -> str:
    source = base64.b64encode(markup.visible(svg).encode()).decode()
    picture = f'<img alt="{html.escape(alt[:500])}" src="data:image/svg+xml;base64,{source}">'
    return markup.clean_html(picture) if markup.is_still(svg) else ""


def _output_metadata(metadata: Any, data: Mapping[str, Any]) -> NotebookNode:
    """Sizes of pictures.  Pages write them into tags, and other entries as well, as they are."""
    kept = NotebookNode()
    for mime in _RASTER & set(data):
        sizes = metadata.get(mime) if isinstance(metadata, Mapping) else None
        if isinstance(sizes, Mapping):
            known = {
                key: size
                for key in ("width", "height")
                if isinstance(size := sizes.get(key), int | float) and 0 < size < 10_000
            }
            if known:
                kept[mime] = NotebookNode(known)
    return kept
