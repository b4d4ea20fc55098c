"""The builder: markers become nbgrader's metadata, and a worksheet that would not hold is refused."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import numpy as np
import pytest
from nbformat import NotebookNode

from autograder import build as builder
from autograder.build import is_current, parse
from autograder.contract import Case, Function
from autograder.exercise import Criterion, Exercise, Worksheet, Written
from autograder.marker import BuildError, Marker
from course import rnn

ONE = Exercise(
    Function("one", {"x": ""}, {"y": ""}),
    "One",
    4,
    5,
    1,
    lambda rng: [Case({"x": np.float64(1.0)})],
    lambda x: x,
    (),
    ("think",),
)
WHY = Written("why", "Why", 5, 1, (Criterion(2, "a"), Criterion(1.5, "b")), ())
TOY = Worksheet("ps99", "toy", "A toy", (ONE,), (WHY,), ())

SOURCE = """\
# %% [markdown]
# # A toy

# %% locked imports
import math

# %% [markdown]
# One

# %% solution one
def one(x):
    ### BEGIN SOLUTION
    return x
    ### END SOLUTION

# %% test one 4 points
4.0 if one(3) == 3 else 1.0

# %% [markdown] written why 3.5 points
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION

# %% lab training
print("training")

# %%
print("free")
"""


def changed(*changes: tuple[str, str]) -> str:
    """The source with parts replaced."""
    text = SOURCE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def by_id(notebook: NotebookNode, id: str) -> NotebookNode:
    (found,) = [cell for cell in notebook.cells if cell.id == id]
    return found


@pytest.fixture
def notebook() -> NotebookNode:
    return parse(SOURCE, TOY)


# Markers.


@pytest.mark.parametrize(
    ("text", "kind", "name", "points", "grade_id"),
    [
        ("solution rnn_step", "solution", "rnn_step", None, "rnn_step-solution"),
        ("test rnn_step 4 points", "test", "rnn_step", 4.0, "rnn_step"),
        ("written why 1.5 points", "written", "why", 1.5, "why"),
        (" locked imports ", "locked", "imports", None, "imports"),
        ("lab training", "lab", "training", None, "training"),
        ("locked given from course.rnn: rnn_step", "locked", "given", None, "given"),
    ],
)
def test_a_marker_says_kind_name_and_points(
    text: str, kind: str, name: str, points: float | None, grade_id: str
) -> None:
    marker = Marker.parse(text)
    assert (marker.kind, marker.name, marker.points) == (kind, name, points)
    assert marker.grade_id == grade_id


@pytest.mark.parametrize(
    "text",
    [
        "solutions one",
        "Setting up",
        "test",
        "test one 4",
        "test one four points",
        "test one -4 points",
        "solution one two",
        "solution größe",
        "locked a-b",
        "locked given from course.rnn",
        "locked given from course.rnn:",
        "locked given from os: path",
        "lab",
    ],
)
def test_a_marker_of_no_known_form_is_shown_with_those_that_are(text: str) -> None:
    with pytest.raises(BuildError, match="cannot read the cell marker") as error:
        Marker.parse(text)
    assert repr(text) in str(error.value)
    assert "test NAME N points" in str(error.value)


@pytest.mark.parametrize("text", ["test one", "written why"])
def test_what_is_graded_needs_points(text: str) -> None:
    with pytest.raises(BuildError, match=r"needs points, as in `test rnn_step 4 points`"):
        Marker.parse(text)


@pytest.mark.parametrize("kind", ["solution", "locked", "lab"])
def test_what_is_not_graded_takes_no_points(kind: str) -> None:
    with pytest.raises(BuildError, match="takes no points"):
        Marker.parse(f"{kind} one 4 points")


# Metadata.


def claims(**different: Any) -> dict[str, Any]:
    plain = {"grade": False, "locked": False, "schema_version": 3, "solution": False, "task": False}
    return plain | different


@pytest.mark.parametrize(
    ("id", "kind", "expected"),
    [
        ("imports", "code", claims(grade_id="imports", locked=True)),
        ("one-solution", "code", claims(grade_id="one-solution", solution=True)),
        ("one", "code", claims(grade_id="one", grade=True, locked=True, points=4.0)),
        ("why", "markdown", claims(grade_id="why", grade=True, solution=True, points=3.5)),
    ],
)
def test_markers_become_nbgraders_metadata(
    notebook: NotebookNode, id: str, kind: str, expected: dict[str, Any]
) -> None:
    cell = by_id(notebook, id)
    assert cell.cell_type == kind
    assert cell.metadata == {"nbgrader": expected}


def test_a_lab_has_a_tag_and_no_grade(notebook: NotebookNode) -> None:
    assert by_id(notebook, "training").metadata == {"tags": ["lab"]}


def test_cells_without_a_marker_have_no_metadata(notebook: NotebookNode) -> None:
    plain = [cell for cell in notebook.cells if cell.id.startswith("ps99-")]
    assert [cell.source for cell in plain] == ["# A toy", "One", 'print("free")']
    assert all(cell.metadata == {} for cell in plain)


def test_the_notebook_is_valid_and_asks_for_the_plain_kernel(notebook: NotebookNode) -> None:
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert "jupytext" not in notebook.metadata


def test_ids_are_unique_and_the_same_each_time(notebook: NotebookNode) -> None:
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert ids == [cell.id for cell in parse(SOURCE, TOY).cells]
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", id) for id in ids)


def test_cells_of_the_same_text_have_different_ids() -> None:
    notebook = parse(SOURCE + '\n# %%\nprint("free")\n', TOY)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


def test_an_edited_cell_leaves_the_other_ids_alone(notebook: NotebookNode) -> None:
    after = parse(changed(("# One\n", "# One, in other words\n")), TOY)
    differing = [a.id for a, b in zip(notebook.cells, after.cells, strict=True) if a.id != b.id]
    assert len(differing) == 1


# Worksheets that would not hold.


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param(
            [("# %% lab training", "# %% training")], "cannot read the cell marker", id="marker"
        ),
        pytest.param([("test one 4 points", "test one")], "needs points", id="no points"),
        pytest.param(
            [("solution one\n", "solution one 4 points\n")], "takes no points", id="points"
        ),
        pytest.param(
            [("lab training", "locked imports")], "two cells have the id 'imports'", id="twice"
        ),
        pytest.param(
            [("lab training", "locked one")], "two cells have the id 'one'", id="twice, other kind"
        ),
        pytest.param(
            [("lab training", "locked one_solution")],
            "two cells have the id 'one-solution'",
            id="twice, by its ending",
        ),
        pytest.param(
            [("test one 4", "test two 4"), ("solution one", "solution two")],
            "the cell `test two` has no exercise of that name in autograder/exercises/ps99",
            id="a test without an exercise",
        ),
        pytest.param(
            [("written why", "written when")],
            "`written when` has no exercise",
            id="unknown question",
        ),
        pytest.param(
            [("# %% test one 4 points\n", "# %%\n")],
            "ps99 has one, but no cell `test one ...`",
            id="an exercise without a test",
        ),
        pytest.param(
            [(" written why 3.5 points", "")],
            "ps99 has why, but no cell `written why ...`",
            id="a question without a cell",
        ),
        pytest.param(
            [("4 points", "5 points")],
            "points do not add up: `test one` says 5",
            id="points of a test",
        ),
        pytest.param(
            [("3.5 points", "3 points")],
            "points do not add up: `written why` says 3",
            id="of a text",
        ),
        pytest.param(
            [("# %% solution one\n", "# %%\n")],
            "`test one` has no cell `solution one`",
            id="unsolved",
        ),
        pytest.param(
            [("# %% lab training\n", "# %% solution two\n")],
            "`solution two` has no cell `test two N points`",
            id="a solution that nobody grades",
        ),
        pytest.param(
            [("[markdown] written", "written")], "written why has to be a markdown cell", id="code"
        ),
        pytest.param(
            [("# %% lab", "# %% [markdown] lab")], "lab training has to be a code cell", id="text"
        ),
    ],
)
def test_a_worksheet_that_would_not_hold_is_refused(
    changes: list[tuple[str, str]], said: str
) -> None:
    with pytest.raises(BuildError) as error:
        parse(changed(*changes), TOY)
    assert said in str(error.value)


# Code of the package in a locked cell.

GIVEN = "# %% locked given from course.rnn: rnn_forward RNNGradients\n"
NEEDED = """\
from typing import NamedTuple

import numpy as np

from course.shapes import Array, check_shapes
"""


def given(marker: str = GIVEN, imports: str = NEEDED, body: str = "") -> NotebookNode:
    return parse(changed(("import math\n", f"{imports}\n{marker}{body}\n")), TOY)


def test_a_locked_cell_takes_definitions_from_the_package_as_they_stand() -> None:
    cell = by_id(given(), "given")
    assert cell.metadata.nbgrader == claims(grade_id="given", locked=True)
    forward, gradients = inspect.getsource(rnn.rnn_forward), inspect.getsource(rnn.RNNGradients)
    assert cell.source == f"{forward}\n\n{gradients}".rstrip()


def test_its_own_lines_come_first() -> None:
    source = by_id(given(imports="import math\n", body=NEEDED), "given").source
    assert source.startswith(f"{NEEDED}\n\ndef rnn_forward(x: Array")
    exec(source, names := {})  # all that it needs is there
    h = names["rnn_forward"](
        np.ones((2, 3, 4)), np.zeros((2, 5)), *map(np.ones, [(4, 5), (5, 5), 5])
    )
    assert h.shape == (2, 3, 5)


def test_names_that_the_notebook_lacks_are_told() -> None:
    with pytest.raises(BuildError, match=r"`locked given`: .* needs Array, check_shapes\. Import"):
        given(imports="import numpy as np\nfrom typing import NamedTuple\n")


def test_what_a_lab_defines_is_not_there_while_grading() -> None:
    with pytest.raises(BuildError, match="needs Array, NamedTuple, check_shapes, np"):
        given(imports=f"import math\n\n# %% lab borrowed\n{NEEDED}")


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("# %% locked given from course.rnn: backward\n", "course.rnn defines no backward"),
        ("# %% locked given from course.nothing: rnn_step\n", "there is no module course.nothing"),
        ("# %% lab given from course.rnn: rnn_step\n", "make its cell locked"),
    ],
)
def test_what_cannot_be_taken_is_told(marker: str, said: str) -> None:
    with pytest.raises(BuildError, match=said):
        given(marker)


def test_an_answer_is_not_given_away() -> None:
    asked = dataclasses.replace(ONE, contract=Function("rnn_step", {"x": ""}, {"y": ""}))
    worksheet = dataclasses.replace(TOY, exercises=(ONE, asked))
    with pytest.raises(BuildError, match="`locked given` gives rnn_step away, which ps99 asks for"):
        parse(SOURCE + "\n# %% locked given from course.rnn: rnn_step\n", worksheet)


def test_a_change_in_the_package_makes_the_notebook_out_of_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "toy.ipynb"
    nbformat.write(given(), path)
    assert is_current(given(), path)
    monkeypatch.setattr(builder.excerpt, "cut", lambda module, names: "def rnn_forward(): pass")
    assert not is_current(given(), path)


# Running.


def run(*changes: tuple[str, str]) -> NotebookNode:
    notebook = parse(changed(*changes), TOY)
    builder.run(notebook, TOY)
    return notebook


def test_a_solved_notebook_keeps_its_outputs_and_labs_run() -> None:
    notebook = run()
    nbformat.validate(notebook)
    assert by_id(notebook, "one").outputs[0].data["text/plain"] == "4.0"
    assert by_id(notebook, "training").outputs[0].text == "training\n"
    assert (
        "execution" not in by_id(notebook, "one").metadata
    )  # no timing: it would never be current


def test_a_build_says_how_long_labs_and_the_rest_took() -> None:
    slower = changed(('print("training")', "import time; time.sleep(0.3)"))
    timing = builder.run(parse(slower, TOY), TOY)
    assert timing.labs == {"training"}
    assert 0.3 <= timing.in_labs == timing.seconds["training"] < 3
    assert 0 < timing.elsewhere < 3
    told = builder.Timing({"a": 1.0, "b": 20.2, "c": 3.0}, frozenset({"b", "c"}))
    assert str(told) == "24 s: labs 23 s (longest: b 20 s), the rest 1 s"
    assert str(builder.Timing({"a": 1.0}, frozenset())) == "1 s"


def test_a_solution_that_fails_its_own_check_is_refused() -> None:
    with pytest.raises(BuildError, match=r"solution of one fails its own check: 1\.0 of 4\.0"):
        run(("return x", "return -x"))


def test_a_cell_that_raises_is_refused_with_its_error() -> None:
    with pytest.raises(BuildError, match="ps99_toy: a cell raises") as error:
        run(("import math", "import no_such_module"))
    assert "no_such_module" in str(error.value)


@pytest.mark.parametrize(
    "failure", [nbclient.exceptions.DeadKernelError, nbclient.exceptions.CellTimeoutError]
)
def test_a_kernel_that_dies_or_hangs_is_refused(
    notebook: NotebookNode, monkeypatch: pytest.MonkeyPatch, failure: type[Exception]
) -> None:
    def execute(client: nbclient.NotebookClient) -> None:
        raise failure("gone")

    monkeypatch.setattr(nbclient.NotebookClient, "execute", execute)
    with pytest.raises(BuildError, match=r"a cell does not end\. gone"):
        builder.run(notebook, TOY)


@pytest.mark.parametrize("value", ["'full marks'", "None", "[4.0]"])
def test_a_check_whose_value_is_no_number_is_refused(
    notebook: NotebookNode, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    def execute(client: nbclient.NotebookClient) -> None:
        shown = nbformat.v4.new_output("execute_result", data={"text/plain": value})
        by_id(client.nb, "one").outputs = [] if value == "None" else [shown]

    monkeypatch.setattr(nbclient.NotebookClient, "execute", execute)
    with pytest.raises(BuildError, match=r"fails its own check: None of 4\.0"):
        builder.run(notebook, TOY)


# Building.


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the toy's source; running a notebook takes no time."""

    def execute(client: nbclient.NotebookClient) -> None:
        shown = nbformat.v4.new_output("execute_result", data={"text/plain": "4.0"})
        by_id(client.nb, "one").outputs = [shown]

    monkeypatch.setattr(nbclient.NotebookClient, "execute", execute)
    source = builder.source_path(tmp_path, TOY)
    source.parent.mkdir()
    source.write_text(SOURCE)
    return tmp_path


def test_what_is_current_is_not_built_again(course: Path) -> None:
    assert builder.build(course, TOY)
    before = builder.solved_path(course, TOY).read_bytes()
    assert not builder.build(course, TOY)
    assert builder.solved_path(course, TOY).read_bytes() == before
    assert builder.build(course, TOY, force=True)


def test_a_changed_source_is_built_again(course: Path) -> None:
    builder.build(course, TOY)
    builder.source_path(course, TOY).write_text(changed(("# One\n", "# Another\n")))
    assert builder.build(course, TOY)
    assert "# Another" not in builder.solved_path(course, TOY).read_text()
    assert "Another" in builder.solved_path(course, TOY).read_text()


def test_a_missing_source_is_told(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"there is no .*ps99_toy\.py"):
        builder.build(tmp_path, TOY)


def test_a_worksheet_that_fails_leaves_what_was_built_before(course: Path) -> None:
    builder.build(course, TOY)
    before = builder.solved_path(course, TOY).read_bytes()
    builder.source_path(course, TOY).write_text(changed(("4 points", "5 points")))
    with pytest.raises(BuildError):
        builder.build(course, TOY)
    harder = dataclasses.replace(TOY, exercises=(dataclasses.replace(ONE, points=5),))
    with pytest.raises(BuildError, match="fails its own check"):
        builder.build(course, harder)
    assert builder.solved_path(course, TOY).read_bytes() == before
    assert [p.name for p in builder.solved_path(course, TOY).parent.iterdir()] == ["ps99_toy.ipynb"]


def test_outputs_do_not_count_for_what_is_current(notebook: NotebookNode, tmp_path: Path) -> None:
    path = tmp_path / "toy.ipynb"
    assert not is_current(notebook, path)
    with_outputs = parse(SOURCE, TOY)
    by_id(with_outputs, "one").outputs = [nbformat.v4.new_output("stream", text="other digits")]
    nbformat.write(with_outputs, path)
    assert is_current(notebook, path)


@pytest.mark.parametrize("part", ["source", "id", "metadata", "order", "missing", "kernel"])
def test_everything_else_counts_for_what_is_current(
    notebook: NotebookNode, tmp_path: Path, part: str
) -> None:
    other = parse(SOURCE, TOY)
    if part == "source":
        other.cells[0].source += "!"
    elif part == "id":
        other.cells[0].id = "other"
    elif part == "metadata":
        by_id(other, "one").metadata.nbgrader.points = 5.0
    elif part == "order":
        other.cells.reverse()
    elif part == "missing":
        other.cells.pop()
    else:
        other.metadata.kernelspec.name = "other"
    nbformat.write(other, tmp_path / "toy.ipynb")
    assert not is_current(notebook, tmp_path / "toy.ipynb")
