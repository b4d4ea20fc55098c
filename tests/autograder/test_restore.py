"""Restoring: whatever a student did to a notebook, it is put in the release's order again."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode

from autograder.build import is_lab
from autograder.restore import is_empty_handed, restore, same_code


def cell(kind: str, id: str, source: str, **metadata: Any) -> NotebookNode:
    made = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    return made(source, id=id, metadata=metadata)


def nbgrader(
    grade_id: str, *, points: float | None = None, solution: bool = False
) -> dict[str, Any]:
    claims = {
        "grade": points is not None,
        "grade_id": grade_id,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    return {"nbgrader": claims | ({} if points is None else {"points": points})}


def released() -> NotebookNode:
    """A worksheet in small: prose, a locked import, an exercise, a question, a lab."""
    return nbformat.v4.new_notebook(
        metadata={"kernelspec": {"display_name": "P", "language": "python", "name": "python3"}},
        cells=[
            cell("markdown", "intro", "# A toy"),
            cell("code", "imports", "import numpy", **nbgrader("imports")),
            cell(
                "code", "one-solution", "def one(): ...", **nbgrader("one-solution", solution=True)
            ),
            cell("code", "one", "check('one', one)", **nbgrader("one", points=4)),
            cell("code", "free", "print('try it')"),
            cell("markdown", "why", "*Write here.*", **nbgrader("why", points=6, solution=True)),
            cell("code", "training", "train()", tags=["lab"]),
        ],
    )


def valid(notebook: NotebookNode) -> NotebookNode:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a doubled id is only a warning
        nbformat.validate(notebook)
    return notebook


def restored(submitted: NotebookNode) -> NotebookNode:
    before = copy.deepcopy(submitted)
    notebook, _ = restore(released(), submitted)
    assert submitted == before, "the submission was changed"
    return valid(notebook)


def notes(submitted: NotebookNode) -> list[str]:
    return restore(released(), submitted)[1]


def ids(notebook: NotebookNode) -> list[str]:
    return [cell.id for cell in notebook.cells]


def find(notebook: NotebookNode, id: str) -> NotebookNode:
    (found,) = [cell for cell in notebook.cells if cell.id == id]
    return found


@pytest.fixture
def submitted() -> NotebookNode:
    """An honest submission: the solution is written, and it has been run."""
    notebook = released()
    find(notebook, "one-solution").source = "def one(): return 1"
    find(notebook, "why").source = "Because."
    find(notebook, "one").outputs = [nbformat.v4.new_output("stream", text="fine")]
    find(notebook, "one").execution_count = 7
    return notebook


def test_an_untouched_release_stays_as_it_is() -> None:
    assert restored(released()) == released()
    assert notes(released()) == []


def test_what_the_student_wrote_is_kept_and_outputs_are_not(submitted: NotebookNode) -> None:
    notebook = restored(submitted)
    assert ids(notebook) == ids(released())
    assert find(notebook, "one-solution").source == "def one(): return 1"
    assert find(notebook, "why").source == "Because."
    assert find(notebook, "one").outputs == []
    assert find(notebook, "one").execution_count is None
    assert notes(submitted) == []


@pytest.mark.parametrize("id", ["imports", "one", "one-solution", "why"])
def test_a_deleted_cell_comes_back_as_it_was_given(submitted: NotebookNode, id: str) -> None:
    submitted.cells.remove(find(submitted, id))
    notebook = restored(submitted)
    assert find(notebook, id) == find(released(), id)
    assert ids(notebook) == ids(released())
    assert notes(submitted) == [f"grade cell {id} was missing and is restored"]


@pytest.mark.parametrize("id", ["intro", "free", "training"])
def test_an_ordinary_cell_may_be_deleted(submitted: NotebookNode, id: str) -> None:
    submitted.cells.remove(find(submitted, id))
    assert ids(restored(submitted)) == [known for known in ids(released()) if known != id]
    assert notes(submitted) == []


def test_an_empty_notebook_becomes_the_release_without_its_ordinary_cells() -> None:
    notebook = restored(nbformat.v4.new_notebook())
    assert ids(notebook) == ["imports", "one-solution", "one", "why"]
    assert notebook.metadata == released().metadata


@pytest.mark.parametrize("id", ["imports", "one"])
def test_an_edited_locked_cell_is_restored(submitted: NotebookNode, id: str) -> None:
    find(submitted, id).source = "print('points please')"
    assert find(restored(submitted), id).source == find(released(), id).source
    assert notes(submitted) == [f"grade cell {id} had been edited and is restored"]


@pytest.mark.parametrize("id", ["imports", "one"])
def test_a_second_copy_of_a_locked_cell_is_dropped(submitted: NotebookNode, id: str) -> None:
    double = copy.deepcopy(find(submitted, id))
    double.id, double.source = "other", "forged"
    submitted.cells.append(double)
    assert ids(restored(submitted)) == ids(released())
    assert notes(submitted) == [f"a second copy of grade cell {id} was dropped"]


@pytest.mark.parametrize("id", ["one-solution", "why"])
def test_a_second_copy_of_a_solution_stays_as_an_extra_cell(
    submitted: NotebookNode, id: str
) -> None:
    double = copy.deepcopy(find(submitted, id))
    double.id, double.source = "other", "my second try"
    submitted.cells.append(double)
    notebook = restored(submitted)
    assert find(notebook, id).source == find(submitted, id).source
    assert find(notebook, "other").source == "my second try"
    assert "nbgrader" not in find(notebook, "other").metadata


def test_an_ordinary_cell_whose_id_is_doubled_is_kept(submitted: NotebookNode) -> None:
    """Some editors copy a cell with its id; the copy may hold work that later cells need."""
    place = ids(submitted).index("free") + 1
    submitted.cells.insert(place, cell("code", "free", "helper = 1"))
    sources = [c.source for c in restored(submitted).cells]
    assert sources[place - 1 : place + 1] == ["print('try it')", "helper = 1"]


def test_cells_come_back_in_the_releases_order(submitted: NotebookNode) -> None:
    submitted.cells.reverse()
    notebook = restored(submitted)
    assert ids(notebook) == ids(released())
    assert find(notebook, "one-solution").source == "def one(): return 1"


def test_extra_cells_stay_behind_the_cell_that_they_stood_behind(submitted: NotebookNode) -> None:
    for place, name in ((7, "last"), (4, "after-check"), (3, "after-solution"), (0, "first")):
        submitted.cells.insert(place, cell("code", name, f"# {name}"))
    assert ids(restored(submitted)) == [
        "first",
        "intro",
        "imports",
        "one-solution",
        "after-solution",
        "one",
        "after-check",
        "free",
        "why",
        "training",
        "last",
    ]


def test_an_extra_cell_follows_its_neighbour_when_cells_are_moved(submitted: NotebookNode) -> None:
    submitted.cells.append(submitted.cells.pop(2))  # the solution now stands last
    submitted.cells.append(cell("code", "helper", "x = 1"))
    order = ids(restored(submitted))
    assert order.index("helper") == order.index("one-solution") + 1


def test_extra_cells_lose_every_claim(submitted: NotebookNode) -> None:
    claims = nbgrader("bonus", points=100) | {"tags": ["skip-execution", "lab"], "deletable": False}
    submitted.cells.append(cell("code", "bonus", "1", **claims))
    submitted.cells[-1].outputs = [nbformat.v4.new_output("stream", text="forged")]
    extra = find(restored(submitted), "bonus")
    assert extra.metadata == {}
    assert extra.outputs == []
    assert extra.source == "1"


@pytest.mark.parametrize("tag", ["skip-execution", "lab", "raises-exception"])
@pytest.mark.parametrize("id", ["one", "one-solution", "imports", "free"])
def test_tags_come_from_the_release(submitted: NotebookNode, id: str, tag: str) -> None:
    find(submitted, id).metadata["tags"] = [tag]
    notebook = restored(submitted)
    assert find(notebook, id).metadata == find(released(), id).metadata
    assert not is_lab(find(notebook, id))


def test_a_lab_stays_a_lab(submitted: NotebookNode) -> None:
    find(submitted, "training").metadata.clear()
    find(submitted, "training").source = "train(longer=True)"
    lab = find(restored(submitted), "training")
    assert is_lab(lab)
    assert lab.source == "train(longer=True)"


@pytest.mark.parametrize(
    "claim",
    [
        {"points": 1000},
        {"points": -1},
        {"grade": False},
        {"solution": True},
        {"locked": False},
        {"schema_version": 99},
        {"cell_type": "markdown"},
        {"task": True},
    ],
)
@pytest.mark.parametrize("id", ["one", "one-solution", "why"])
def test_claims_come_from_the_release(
    submitted: NotebookNode, id: str, claim: dict[str, Any]
) -> None:
    find(submitted, id).metadata["nbgrader"].update(claim)
    assert find(restored(submitted), id).metadata == find(released(), id).metadata


@pytest.mark.parametrize("grade_id", ["renamed", "one", 5, None, ["one"], {"a": 1}])
def test_a_solution_under_another_name_is_an_extra_cell(
    submitted: NotebookNode, grade_id: Any
) -> None:
    find(submitted, "one-solution").metadata["nbgrader"]["grade_id"] = grade_id
    notebook = restored(submitted)
    assert find(notebook, "one-solution").source == "def one(): ..."
    assert find(notebook, "one").source == "check('one', one)"


@pytest.mark.parametrize("claims", [5, "text", None, [], {}])
def test_claims_of_another_form_are_no_claims(submitted: NotebookNode, claims: Any) -> None:
    find(submitted, "one").metadata["nbgrader"] = claims
    assert find(restored(submitted), "one") == find(released(), "one")


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_a_retyped_solution_is_code_again(submitted: NotebookNode, kind: str) -> None:
    solution = find(submitted, "one-solution")
    del solution["outputs"], solution["execution_count"]
    solution.cell_type = kind
    notebook = restored(submitted)
    assert find(notebook, "one-solution").cell_type == "code"
    assert find(notebook, "one-solution").source == "def one(): return 1"
    assert notes(submitted) == [f"grade cell one-solution had become a {kind} cell"]


def test_an_answer_that_became_code_is_text_again(submitted: NotebookNode) -> None:
    answer = find(submitted, "why")
    answer.cell_type, answer.outputs, answer.execution_count = "code", [], 3
    assert find(restored(submitted), "why").cell_type == "markdown"


def test_a_picture_pasted_into_an_answer_is_kept(submitted: NotebookNode) -> None:
    picture = {"drawing.png": {"image/png": "iVBORw0KGgo="}}
    find(submitted, "why").attachments = nbformat.from_dict(picture)
    assert find(restored(submitted), "why").attachments == picture


def test_cells_without_ids_get_some(submitted: NotebookNode) -> None:
    submitted.cells.append(cell("code", "x", "helper = 1"))
    for made in submitted.cells:
        del made["id"]
    submitted.nbformat_minor = 4
    notebook = restored(submitted)
    assert find(notebook, "one-solution").source == "def one(): return 1"
    sources = [c.source for c in notebook.cells]
    assert {"# A toy", "print('try it')", "train()", "helper = 1"} <= set(sources)


@pytest.mark.parametrize("id", ["one", "one-solution", "why", "extra-1", "", "a b", "x" * 65])
def test_an_extra_cell_cannot_take_a_cells_id(submitted: NotebookNode, id: str) -> None:
    """Outputs and questions are matched by id, so no two cells may share one."""
    first, second = cell("code", "temporary", "print(1)"), cell("code", "extra-1", "print(2)")
    first["id"] = id
    submitted.cells.insert(0, first)
    submitted.cells.append(second)
    submitted.cells.append(copy.deepcopy(second))
    notebook = restored(submitted)
    assert len(set(ids(notebook))) == len(notebook.cells) == len(released().cells) + 3
    for original in released().cells:
        assert find(notebook, original.id).metadata == original.metadata


def test_the_notebooks_own_metadata_come_from_the_release(submitted: NotebookNode) -> None:
    submitted.metadata = nbformat.from_dict(
        {"kernelspec": {"name": "bash", "display_name": "x"}, "widgets": {"state": {}}}
    )
    assert restored(submitted).metadata == released().metadata


def test_a_release_of_an_older_format_keeps_all_its_cells() -> None:
    """Without ids, cells that only explain look alike; a colleague's old assignment has such."""
    old = released()
    for made in old.cells:
        del made["id"]
    old.nbformat_minor = 4
    notebook, _ = restore(copy.deepcopy(old), copy.deepcopy(old))
    assert [c.source for c in valid(notebook).cells if "nbgrader" in c.metadata] == [
        c.source for c in old.cells if "nbgrader" in c.metadata
    ]
    assert {c.source for c in notebook.cells} == {c.source for c in old.cells}


def test_an_old_worksheet_s_cells_get_the_same_ids_each_time() -> None:
    """A worksheet without ids graded twice gives the same notebook."""
    old = released()
    old.nbformat_minor = 4
    for c in old.cells:
        del c["id"]
    once, again = (restore(copy.deepcopy(old), copy.deepcopy(old))[0] for _ in range(2))
    assert once == again
    assert valid(once).nbformat_minor == 5


# Any mixture of the above.

GRADE_IDS = st.sampled_from(["one", "one-solution", "why", "imports", "other", "", 3])
CELLS = st.builds(
    lambda kind, id, source, grade_id, tags: nbformat.from_dict(
        {
            "cell_type": kind,
            "source": source,
            "metadata": ({} if grade_id is None else nbgrader(grade_id, points=9)) | {"tags": tags},
        }
        | ({} if id is None else {"id": id})
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
    ),
    st.sampled_from(["code", "markdown", "raw"]),
    st.sampled_from([None, *ids(released()), "extra-1", "extra-2", "new", "", "not an id"]),
    st.text(max_size=5),
    st.none() | GRADE_IDS,
    st.lists(st.sampled_from(["lab", "skip-execution"]), max_size=1),
)
NOTEBOOKS = st.lists(CELLS | st.sampled_from(released().cells), max_size=12).map(
    lambda cells: NotebookNode(
        nbformat=4, nbformat_minor=5, metadata=NotebookNode(), cells=copy.deepcopy(cells)
    )
)


@settings(max_examples=150, deadline=None)
@given(NOTEBOOKS)
def test_whatever_is_handed_in_is_restored_to_a_valid_notebook(submitted: NotebookNode) -> None:
    notebook = restored(submitted)
    graded = [c for c in notebook.cells if "nbgrader" in c.metadata]
    originals = [c for c in released().cells if "nbgrader" in c.metadata]
    assert [(c.id, c.cell_type, c.metadata) for c in graded] == [
        (c.id, c.cell_type, c.metadata) for c in originals
    ]
    for found, original in zip(graded, originals, strict=True):
        if original.metadata.nbgrader.locked:
            assert found.source == original.source


@settings(max_examples=150, deadline=None)
@given(NOTEBOOKS)
def test_restoring_twice_is_restoring_once(submitted: NotebookNode) -> None:
    once = restored(submitted)
    assert restored(once) == once
    assert notes(once) == []


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("x = 1  # one", "x  =  1", True),
        ("def f():\n    return 1", "def f():\n\n    return (1)", True),
        ("x = 1", "x = 2", False),
        ("not a program", "not a program ", True),
        ("not a program", "not  a program", False),
        ("(" * 500, "(" * 500, True),
        ("x\0", "x\0", True),
    ],
)
def test_the_same_code_is_the_same_program(a: str, b: str, same: bool) -> None:
    assert same_code(a, b) == same


def test_metadata_that_got_lost_is_found_again_by_cell_id(released: NotebookNode) -> None:
    stripped = copy.deepcopy(released)
    for cell in stripped.cells:
        cell.metadata = NotebookNode()
    assert restore(released, stripped)[0] == released
    assert not is_empty_handed(released, stripped)


def test_a_notebook_of_other_cells_is_empty_handed(released: NotebookNode) -> None:
    other = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    assert is_empty_handed(released, other)
