"""The course's pages: built from their sources, and every erratum's cell prints what its text states."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder import build as builder
from autograder import exercises, pages
from course.convert import GRU_ORDERS, LSTM_ORDERS
from course.derivation import lstm

ERRATUM = re.compile(
    r"\A### (?P<title>.+)\n\n"
    r"\*\*Said\.\*\* (?P<said>(?s:.+?))\n\n"
    r"\*\*Right\.\*\* (?P<right>(?s:.+?))\n\n"
    r"\*\*In the course\.\*\* (?P<course>(?s:.+?))\n\n"
    r"\*\*You should see\*\* (?P<see>(?s:.+?))\Z"
)


@pytest.fixture(scope="module")
def errata(checkout: Path) -> NotebookNode:
    return nbformat.read(pages.page_path(checkout, "errata"), as_version=4)


def entries(notebook: NotebookNode) -> Iterator[tuple[re.Match[str], NotebookNode]]:
    """Each erratum, taken apart, and the code cell below it."""
    for cell, below in zip(notebook.cells, notebook.cells[1:], strict=False):
        if cell.cell_type == "markdown" and cell.source.startswith("### "):
            match = ERRATUM.match(cell.source)
            assert match, f"this erratum does not say all it should:\n{cell.source}"
            assert below.cell_type == "code", match["title"]
            yield match, below


def unseen(see: str, cell: NotebookNode) -> list[str]:
    """What a text says that a cell prints, and the cell does not."""
    printed = "".join(output.get("text", "") for output in cell.outputs)
    return [
        number
        for number in re.findall(r"`([^`]+)`", see)
        if not re.search(rf"(?<![\w.]){re.escape(number)}(?!\w|\.\d)", printed)
    ]


@pytest.mark.parametrize("name", pages.PAGES)
def test_page_is_what_its_source_builds(checkout: Path, name: str) -> None:
    notebook = pages.parse(checkout, name)
    assert builder.is_current(notebook, pages.page_path(checkout, name)), (
        f"docs/{name}.ipynb is out of date: run `make notebooks`"
    )


@pytest.mark.parametrize("name", pages.PAGES)
def test_page_was_run_and_nothing_went_wrong(checkout: Path, name: str) -> None:
    notebook = nbformat.read(pages.page_path(checkout, name), as_version=4)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text


def test_every_erratum_prints_the_numbers_that_its_text_states(errata: NotebookNode) -> None:
    found = list(entries(errata))
    assert len(found) >= 20
    for match, cell in found:
        assert "`" in match["see"], f"{match['title']}: no number to see"
        assert not unseen(match["see"], cell), (match["title"], unseen(match["see"], cell))


@pytest.mark.slow
def test_every_erratum_prints_them_again_on_this_machine(checkout: Path) -> None:
    notebook = pages.parse(checkout, "errata")
    pages.run(notebook, "errata")
    for match, cell in entries(notebook):
        assert not unseen(match["see"], cell), (match["title"], cell.outputs)


def test_errata_send_readers_to_exercises_that_exist(errata: NotebookNode) -> None:
    for match, _ in entries(errata):
        for part in re.split(r"(?=ps\d\d)", match["course"])[1:]:
            id = part[:4]
            if id not in exercises.IDS:
                continue
            worksheet = exercises.worksheet(id)
            known = {e.id for e in worksheet.exercises} | {w.id for w in worksheet.written}
            named = set(re.findall(r"`(\w+)`", part))
            assert named <= known, (match["title"], id, named - known)


def test_changelog_points_to_the_errata_page(checkout: Path) -> None:
    assert "docs/errata.ipynb" in (checkout / "CHANGELOG.md").read_text(encoding="utf-8")


# The glossary


@pytest.fixture(scope="module")
def glossary(checkout: Path) -> str:
    return (checkout / "docs" / "glossary.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("row", "library"), [("this course", "course"), ("torch, cuDNN", "torch"), ("ONNX", "onnx")]
)
def test_gate_orders_are_those_of_the_converter(glossary: str, row: str, library: str) -> None:
    orders = f"| {row} | `{' '.join(LSTM_ORDERS[library])}` | `{' '.join(GRU_ORDERS[library])}` |"
    assert orders in glossary


def test_terms_are_sorted_and_told_once(glossary: str) -> None:
    terms = re.findall(r"^\*\*(.+?)\.\*\*", glossary.partition("\n## Terms\n")[2], re.MULTILINE)
    keys = [re.sub(r"[^a-z ]", " ", term.lower()) for term in terms]
    assert len(terms) >= 40
    assert keys == sorted(set(keys))


def test_derivatives_of_the_glossary_are_names_of_the_algebra(glossary: str) -> None:
    rows = re.findall(r"^\| \*\*\w+\*\*.*$", glossary, re.MULTILINE)
    assert len(rows) == 3
    for row in rows:
        name = re.findall(r"`(\w+)`", row)[-1]
        assert hasattr(lstm(T=3), name), name
