"""Builds worksheets: from one text source to a solved notebook, and by nbgrader to a released one.

    solutions/psNN_subject.py  ->  solutions/psNN/psNN_subject.ipynb  ->  notebooks/psNN/psNN_subject.ipynb

The source is jupytext's percent format.  A short marker after `# %%` says what a cell is (`marker.py`).

jupytext reads the text, nbclient runs it, nbgrader releases it.  What is here turns markers into
nbgrader's metadata and refuses a worksheet that would not hold: a duplicate id, a test without an
exercise, points that do not add up, a solution that fails its own check.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jupytext
import nbclient
import nbformat
from nbformat import NotebookNode

from autograder import excerpt
from autograder.exercise import Worksheet
from autograder.marker import BuildError, Marker

LAB_TAG = "lab"

_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


@dataclasses.dataclass(frozen=True)
class Timing:
    """How long the cells of a notebook took, by their ids."""

    seconds: Mapping[str, float]
    labs: frozenset[str]

    @property
    def in_labs(self) -> float:
        return sum(self.seconds[id] for id in self.labs)

    @property
    def elsewhere(self) -> float:
        return sum(self.seconds.values()) - self.in_labs

    @property
    def longest_lab(self) -> str:
        """Its id; empty if there is no lab."""
        return max(self.labs, key=lambda id: self.seconds[id], default="")

    def __str__(self) -> str:
        """`24 s: labs 21 s (longest: running-mean 17 s), the rest 3 s`."""
        told = f"{sum(self.seconds.values()):.0f} s"
        if not self.labs:
            return told
        return (
            f"{told}: labs {self.in_labs:.0f} s "
            f"(longest: {self.longest_lab} {self.seconds[self.longest_lab]:.0f} s), "
            f"the rest {self.elsewhere:.0f} s"
        )


def source_path(root: Path, worksheet: Worksheet) -> Path:
    return root / "solutions" / f"{worksheet.notebook}.py"


def solved_path(root: Path, worksheet: Worksheet) -> Path:
    return root / "solutions" / worksheet.id / f"{worksheet.notebook}.ipynb"


def released_path(root: Path, worksheet: Worksheet) -> Path:
    return root / "notebooks" / worksheet.id / f"{worksheet.notebook}.ipynb"


def parse(text: str, worksheet: Worksheet) -> NotebookNode:
    """The notebook that a source describes, not yet run.

    Raises BuildError for a marker, an id, a test or points that do not fit the worksheet.
    """
    notebook = jupytext.reads(text, fmt="py:percent")
    markers: dict[str, Marker] = {}
    plain = 0
    for place, cell in enumerate(notebook.cells):
        title = cell.metadata.get("title")
        cell.metadata = NotebookNode()
        if title is None:
            plain += 1
            cell.id = f"{worksheet.id}-{plain:03d}-{_digest(cell.source)}"
            continue
        marker = Marker.parse(title)
        cell.id = marker.grade_id.replace("_", "-")
        if cell.id in markers:
            raise BuildError(f"two cells have the id {cell.id!r} ({title!r}): rename one.")
        markers[cell.id] = marker
        _mark(cell, marker)
        if marker.taken:
            cell.source = _with_excerpt(cell, marker, notebook.cells[:place], worksheet)
    _check_ids(list(markers.values()), worksheet)
    _check_questions(notebook, worksheet)
    notebook.metadata = nbformat.from_dict(_METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def run(notebook: NotebookNode, worksheet: Worksheet) -> Timing:
    """Run a solved notebook, in place: it keeps its outputs.

    Raises BuildError if a cell raises, or if a solution does not get the full points of its check.
    """
    with tempfile.TemporaryDirectory() as folder:
        client = nbclient.NotebookClient(
            notebook,
            timeout=300,
            kernel_name="python3",
            extra_arguments=["--log-level=ERROR"],  # not a word about how it talks to the kernel
            resources={"metadata": {"path": folder}},
        )
        try:
            client.execute()
        except nbclient.exceptions.CellExecutionError as error:
            raise BuildError(f"{worksheet.notebook}: a cell raises.\n{error}") from error
        except (
            nbclient.exceptions.CellTimeoutError,
            nbclient.exceptions.DeadKernelError,
        ) as error:
            raise BuildError(f"{worksheet.notebook}: a cell does not end. {error}") from error
    notebook.metadata = nbformat.from_dict(_METADATA)
    timing = _timing(notebook)
    for cell in filter(is_test, notebook.cells):
        metadata = cell.metadata.nbgrader
        points, text = _result(cell)
        if points != metadata["points"]:
            raise BuildError(
                f"the solution of {metadata['grade_id']} fails its own check: "
                f"{points} of {metadata['points']} points.\n{text}"
            )
    return timing


def build(root: Path, worksheet: Worksheet, *, force: bool = False) -> Timing | None:
    """Build the solved notebook below `root`, if its source has changed: then, how long it ran."""
    source, solved = source_path(root, worksheet), solved_path(root, worksheet)
    if not source.is_file():
        raise BuildError(f"there is no {source}; the worksheet's text source belongs there.")
    return update(
        parse(source.read_text(encoding="utf-8"), worksheet), worksheet, solved, force=force
    )


def update(
    notebook: NotebookNode, worksheet: Worksheet, path: Path, *, force: bool = False
) -> Timing | None:
    """Run a parsed notebook and write it to `path`, unless the file holds it already: how long it ran."""
    if not force and is_current(notebook, path):
        return None
    timing = run(notebook, worksheet)
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(notebook, path)
    return timing


def is_current(notebook: NotebookNode, path: Path) -> bool:
    """Does the file hold this notebook?  Sources, ids and metadata count; outputs do not."""
    if not path.is_file():
        return False
    return _skeleton(nbformat.read(path, as_version=4)) == _skeleton(notebook)


def grade_id(cell: NotebookNode) -> str:
    """A cell's id in nbgrader; empty if it has none, or holds something else in its place."""
    metadata = cell.metadata.get("nbgrader")
    found = metadata.get("grade_id") if isinstance(metadata, dict) else None
    return str(found) if found else ""


def is_test(cell: NotebookNode) -> bool:
    """Is this a cell that a machine grades?  (A written answer is graded, and a solution too.)"""
    metadata = cell.metadata.get("nbgrader", {})
    return bool(metadata.get("grade")) and not metadata.get("solution")


def is_locked(cell: NotebookNode) -> bool:
    """Is this a cell that students cannot change?"""
    return bool(cell.metadata.get("nbgrader", {}).get("locked"))


def is_lab(cell: NotebookNode) -> bool:
    """A training or an experiment: not run while grading."""
    return LAB_TAG in cell.metadata.get("tags", [])


def _timing(notebook: NotebookNode) -> Timing:
    """What nbclient noted in the cells' metadata, taken out of them: it differs from run to run."""
    seconds = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            noted = cell.metadata.pop("execution", {})
            begin, end = (noted.get(f"iopub.status.{state}") for state in ("busy", "idle"))
            span = (
                datetime.fromisoformat(end) - datetime.fromisoformat(begin) if end else timedelta()
            )
            seconds[cell.id] = span.total_seconds()
    return Timing(seconds, frozenset(cell.id for cell in notebook.cells if is_lab(cell)))


def _skeleton(notebook: NotebookNode) -> Any:
    cells = [(c.cell_type, c.id, c.source, dict(c.metadata)) for c in notebook.cells]
    return cells, dict(notebook.metadata)


def _write(notebook: NotebookNode, path: Path) -> None:
    """Write whole or not at all."""
    temporary = path.with_suffix(".tmp")
    nbformat.write(notebook, temporary)
    temporary.replace(path)


def _mark(cell: NotebookNode, marker: Marker) -> None:
    wants = "markdown" if marker.kind == "written" else "code"
    if marker.kind != "locked" and cell.cell_type != wants:
        raise BuildError(f"the cell {marker.kind} {marker.name} has to be a {wants} cell.")
    if marker.kind == "lab":
        cell.metadata.tags = [LAB_TAG]
        return
    cell.metadata.nbgrader = NotebookNode(
        grade=marker.points is not None,
        grade_id=marker.grade_id,
        locked=marker.kind in ("test", "locked"),
        schema_version=3,
        solution=marker.kind in ("solution", "written"),
        task=False,
    )
    if marker.points is not None:
        cell.metadata.nbgrader.points = marker.points


def _with_excerpt(
    cell: NotebookNode, marker: Marker, before: list[NotebookNode], worksheet: Worksheet
) -> str:
    """The cell's own lines, and below them what its marker takes from the package."""
    where = f"the cell `locked {marker.name}`"
    if asked := [name for name in marker.taken if worksheet.exercise(name)]:
        raise BuildError(f"{where} gives {asked[0]} away, which {worksheet.id} asks for.")
    try:
        code = excerpt.cut(marker.module, marker.taken)
    except excerpt.ExcerptError as error:
        raise BuildError(f"{where}: {error}") from error
    source = f"{cell.source}\n\n\n{code}".lstrip()
    ran = [c.source for c in before if c.cell_type == "code" and not is_lab(c)]
    if missing := excerpt.missing(source, ran):
        raise BuildError(
            f"{where}: what it takes from {marker.module} needs {', '.join(missing)}. "
            "Import or define that in the cell, or in one before it."
        )
    return source


def _check_ids(markers: list[Marker], worksheet: Worksheet) -> None:
    tests = {m.name: m for m in markers if m.kind == "test"}
    written = {m.name: m for m in markers if m.kind == "written"}
    solutions = {m.name for m in markers if m.kind == "solution"}
    where = f"autograder/exercises/{worksheet.id}"
    for kind, found, known in (
        ("test", tests, {e.id: e.points for e in worksheet.exercises}),
        ("written", written, {w.id: w.points for w in worksheet.written}),
    ):
        for name, marker in found.items():
            if name not in known:
                raise BuildError(
                    f"the cell `{kind} {name}` has no exercise of that name in {where}."
                )
            if marker.points != known[name]:
                raise BuildError(
                    f"points do not add up: `{kind} {name}` says {marker.points:g}, "
                    f"{where} says {known[name]:g}."
                )
        if missing := [name for name in known if name not in found]:
            raise BuildError(f"{where} has {missing[0]}, but no cell `{kind} {missing[0]} ...`.")
    for name in tests:
        if name not in solutions:
            raise BuildError(
                f"`test {name}` has no cell `solution {name}` for students to fill in."
            )
    for name in solutions:
        if name not in tests:
            raise BuildError(
                f"`solution {name}` has no cell `test {name} N points` that grades it."
            )


def _check_questions(notebook: NotebookNode, worksheet: Worksheet) -> None:
    """Where a question differs from student to student, a locked cell says which is whose."""
    told = [cell.source for cell in notebook.cells if is_locked(cell)]
    for exercise in worksheet.exercises:
        call = f'question("{exercise.id}")'
        if exercise.questions and not any(call in source for source in told):
            raise BuildError(
                f"{exercise.id} has several questions, and no locked cell shows which one is the "
                f"student's: add `# %% locked {exercise.id}_question` with {call} before the exercise."
            )


def _result(cell: NotebookNode) -> tuple[float | None, str]:
    """The value of a check cell, and what its panel says."""
    points, said = None, []
    for output in cell.outputs:
        text = output.get("data", {}).get("text/plain", "")
        said.append(text)
        if output.output_type == "execute_result":
            with contextlib.suppress(ValueError):
                points = float(text)
    return points, "\n".join(said)


def _digest(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()[:8]
