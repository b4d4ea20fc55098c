"""Rebuilds a submitted notebook in the order of the released one.

Locked cells and all metadata come from the release, solutions from the student by their id.  Deleted
and duplicated cells are repaired, the student's own extra cells stay where they stood.
"""

from __future__ import annotations

import ast
import copy
import functools
import re

import nbformat
from nbformat import NotebookNode

from autograder.build import grade_id

#: Characters; a syntax tree takes 500 times as many bytes.
MAX_PARSED = 50_000

_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # as the notebook format has it


def restore(released: NotebookNode, submitted: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """The submission with everything in its place, and a note for each repair."""
    if (released.nbformat, released.nbformat_minor) < (4, 5):
        released = nbformat.v4.upgrade(copy.deepcopy(released))  # from then on cells have ids,
        for number, cell in enumerate(released.cells):  # and the same ones each time
            cell.id = f"cell-{number}"
    notes: list[str] = []
    students: dict[str, NotebookNode] = {}
    extras: dict[str, list[NotebookNode]] = {"": []}
    known = {_key(cell): cell for cell in released.cells}
    present = {_key(cell) for cell in submitted.cells}
    # Where a cell's metadata got lost, its own id still tells which it was.
    lost = {cell.id: key for key, cell in known.items() if key not in present}
    anchor = ""
    for cell in submitted.cells:
        key = _key(cell)
        if "nbgrader" not in cell.metadata:
            key = lost.get(str(cell.get("id", "")), key)
        if key in known and key not in students:
            students[key] = cell
            anchor = key
            extras.setdefault(anchor, [])
        elif key in known and known[key].metadata.get("nbgrader", {}).get("locked"):
            notes.append(f"a second copy of {key} was dropped")
        elif key in known:
            notes.append(f"a second {key} was kept as an extra cell")
            extras[anchor].append(_as_extra(cell))
        else:
            extras[anchor].append(_as_extra(cell))
    taken = {cell.id for cell in released.cells}
    for cell in (cell for cells in extras.values() for cell in cells):
        cell.id = _free_id(cell.id, taken)
        taken.add(cell.id)
    cells: list[NotebookNode] = list(extras[""])
    for key, original in known.items():
        cell = _restored(original, students.get(key), notes)
        cells += ([] if cell is None else [cell]) + extras.get(key, [])
    notebook = NotebookNode(released, metadata=copy.deepcopy(released.metadata), cells=cells)
    return notebook, notes


def is_empty_handed(released: NotebookNode, submitted: NotebookNode) -> bool:
    """Does the submission lack every cell that students are to fill in?"""
    wanted = {
        name for cell in released.cells if _is_solution(cell) for name in (_key(cell), cell.id)
    }
    found = {name for cell in submitted.cells for name in (_key(cell), str(cell.get("id", "")))}
    return bool(wanted) and not wanted & found


def same_code(a: str, b: str) -> bool:
    """Do two cells hold the same program, comments and layout aside?  `b` is from the release."""
    if max(len(a), len(b)) > MAX_PARSED:
        return a.strip() == b.strip()
    trees = _tree(a), _stub(b)
    return trees[0] == trees[1] if all(trees) else a.strip() == b.strip()


def _tree(code: str) -> str:
    """A program's syntax tree as text; empty if it has none."""
    try:
        return ast.dump(ast.parse(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""


_stub = functools.lru_cache(maxsize=100)(_tree)  # one worksheet's, compared with all submissions


def _key(cell: NotebookNode) -> str:
    claimed = grade_id(cell)
    return f"grade cell {claimed}" if claimed else f"cell {cell.get('id', '')}"


def _is_solution(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def _restored(
    original: NotebookNode, student: NotebookNode | None, notes: list[str]
) -> NotebookNode | None:
    """The release's cell, with the student's text where it is theirs to write."""
    cell = NotebookNode(original, metadata=_metadata(original))
    free = "nbgrader" not in original.metadata
    if student is None:
        if free:
            return None
        notes.append(f"{_key(original)} was missing and is restored")
        return cell
    if free or _is_solution(original):
        cell.source = student.source
        if cell.cell_type != "code" and isinstance(student.get("attachments"), dict):
            cell.attachments = copy.deepcopy(student.attachments)  # a picture pasted into an answer
    elif student.source != original.source:
        notes.append(f"{_key(original)} had been edited and is restored")
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    if student.cell_type != original.cell_type:
        notes.append(f"{_key(original)} had become a {student.cell_type} cell")
    return cell


def _metadata(cell: NotebookNode) -> NotebookNode:
    """A cell's metadata, to be changed at will.  nbgrader's are words and numbers."""
    return NotebookNode(
        {
            name: NotebookNode(value) if name == "nbgrader" else copy.deepcopy(value)
            for name, value in cell.metadata.items()
        }
    )


def _as_extra(cell: NotebookNode) -> NotebookNode:
    """A cell of the student's own: it keeps its text and loses every claim."""
    kept = NotebookNode(
        cell_type=cell.cell_type if cell.cell_type in ("code", "markdown", "raw") else "raw",
        id=str(cell.get("id", "")),
        metadata=NotebookNode(),
        source=cell.source,
    )
    if kept.cell_type == "code":
        kept.outputs, kept.execution_count = [], None
    elif isinstance(cell.get("attachments"), dict):
        kept.attachments = cell.attachments
    return kept


def _free_id(wanted: str, taken: set[str]) -> str:
    """The cell's own id if it is one and is free; the release's cells keep theirs in any case."""
    if _CELL_ID.fullmatch(wanted) and wanted not in taken:
        return wanted
    number = 1
    while (found := f"extra-{number}") in taken:
        number += 1
    return found
