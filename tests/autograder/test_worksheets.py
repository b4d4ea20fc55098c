"""The committed worksheets: built from their sources, complete, and without a solution in the release."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder import build as builder
from autograder import exercises
from autograder.check import same_source
from autograder.contract import Call, Class, Function, New, Value
from autograder.contracts_table import contracts_table
from autograder.exercise import Exercise, Worksheet
from autograder.nbgrader_plugin.course import Course

PS02 = exercises.worksheet("ps02")


def _cell(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    found = [
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    ]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("id", exercises.IDS)
def test_solved_notebook_is_what_its_source_builds(checkout: Path, id: str) -> None:
    worksheet = exercises.worksheet(id)
    source = builder.source_path(checkout, worksheet).read_text(encoding="utf-8")
    notebook = builder.parse(source, worksheet)
    assert builder.is_current(notebook, builder.solved_path(checkout, worksheet)), (
        f"solutions/{id} is out of date: run `make notebooks`"
    )


@pytest.mark.linux
@pytest.mark.parametrize("id", exercises.IDS)
def test_released_notebook_is_what_nbgrader_makes_of_it(
    checkout: Path, course: Course, id: str
) -> None:
    path = builder.released_path(course.root, exercises.worksheet(id))
    committed = builder.released_path(checkout, exercises.worksheet(id)).read_bytes()
    path.unlink()
    course.generate(id)
    assert path.read_bytes() == committed, f"notebooks/{id} is out of date: run `make notebooks`"


def test_solved_notebook_shows_full_points(solved: NotebookNode) -> None:
    for exercise in PS02.exercises:
        values = [
            float(output.data["text/plain"])
            for output in _cell(solved, exercise.id).outputs
            if output.output_type == "execute_result"
        ]
        assert values == [exercise.points]


def test_no_solution_is_in_the_release(solved: NotebookNode, released: NotebookNode) -> None:
    text = nbformat.writes(released)
    assert "BEGIN SOLUTION" not in text
    assert "END SOLUTION" not in text
    for cell in solved.cells:
        for region in re.findall(
            r"### BEGIN SOLUTION.*?\n(.*?)### END SOLUTION", cell.source, re.DOTALL
        ):
            grade_id = cell.metadata.nbgrader.grade_id
            stub = {line.strip() for line in _cell(released, grade_id).source.splitlines()}
            answer = [line.strip() for line in region.splitlines() if len(line.strip()) > 12]
            assert answer
            given = [line for line in answer if line in stub]
            if grade_id != "find_the_faults-solution":  # begins as the faulty class
                assert not [line for line in given if not line.startswith(('"""', "def "))]
    assert all(not cell.get("outputs") for cell in released.cells)


def test_released_notebook_runs_to_its_end_untouched(
    released: NotebookNode, checkout: Path
) -> None:
    """Only a check may say that something is missing; no cell of an untouched worksheet raises."""
    import nbclient

    notebook = nbformat.from_dict(released)
    notebook.cells = [c for c in notebook.cells if "lab" not in c.metadata.get("tags", [])]
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    for exercise in PS02.exercises:
        shown = _cell(notebook, exercise.id).outputs[0].data["text/plain"]
        assert shown.startswith("○ Not attempted"), (exercise.id, shown)


def test_points_and_minutes_of_the_headings(solved: NotebookNode) -> None:
    """Each exercise's line in the text says what the exercise says."""
    text = "\n".join(cell.source for cell in solved.cells if cell.cell_type == "markdown")
    for item in (*PS02.exercises, *PS02.written):
        dots = "●" * item.difficulty + "○" * (3 - item.difficulty)
        line = f"`{item.id}`** · {item.points:g} points · {item.minutes} min · {dots}"
        assert line in text, line


def test_diagnoses_send_readers_to_sections_that_exist(solved: NotebookNode) -> None:
    headings = {
        line.lstrip("# ").strip()
        for cell in solved.cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if line.startswith("#")
    }
    for exercise in PS02.exercises:
        for mistake in exercise.mistakes:
            assert mistake.read in headings, (exercise.id, mistake.name, mistake.read)


@pytest.mark.parametrize("exercise", PS02.exercises, ids=lambda e: e.id)
def test_stub_has_the_contract_s_signature(exercise: Exercise, released: NotebookNode) -> None:
    tree = ast.parse(_cell(released, exercise.id + "-solution").source)
    contract = exercise.contract
    if isinstance(contract, Function):
        (function,) = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        assert function.name == contract.name
        assert [arg.arg for arg in function.args.args] == list(contract.args)
        assert all(name in (ast.get_docstring(function) or "") for name in contract.args)
    elif isinstance(contract, Class):
        (cls,) = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        methods = {n.name: n for n in cls.body if isinstance(n, ast.FunctionDef)}
        for step in (step for steps in contract.scripts.values() for step in steps):
            if isinstance(step, New):
                names = [arg.arg for arg in methods["__init__"].args.args]
                assert names == ["self", *step.args]
            elif isinstance(step, Call):
                assert len(methods[step.method].args.args) == 1 + len(step.args)
    elif isinstance(contract, Value):
        keys = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        assert [key for key in keys if key in contract.returns] == list(contract.returns)


def test_given_class_stands_in_the_worksheet(released: NotebookNode) -> None:
    """`find_the_faults` starts from the very class that the exercise knows."""
    exercise = PS02.exercise("find_the_faults")
    assert exercise is not None
    source = _cell(released, "find_the_faults-solution").source
    tree = ast.parse(source)
    (given,) = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    import inspect
    import textwrap

    (known,) = ast.parse(textwrap.dedent(inspect.getsource(exercise.given))).body
    assert isinstance(known, ast.ClassDef)
    assert [ast.dump(n) for n in given.body] == [ast.dump(n) for n in known.body]
    assert same_source(exercise.given, exercise.given)


def test_contracts_table_is_up_to_date(checkout: Path) -> None:
    committed = (checkout / "docs" / "contracts.md").read_text(encoding="utf-8")
    assert committed == contracts_table(), "run `make contracts`"


@pytest.mark.parametrize("id", exercises.IDS)
def test_withheld_chapters_hide_every_reference(id: str) -> None:
    """No reference can be imported from what remains of `course`."""
    worksheet: Worksheet = exercises.worksheet(id)
    for exercise in worksheet.exercises:
        module = getattr(exercise.reference, "__module__", "")
        if module.startswith("course"):
            assert module in worksheet.withheld, (exercise.id, module)
    import course

    folder = Path(course.__file__).parent
    for path in folder.rglob("*.py"):
        name = ".".join(["course", *path.relative_to(folder).with_suffix("").parts])
        if name.removesuffix(".__init__") in worksheet.withheld:
            continue
        imported = {
            alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        hidden = [
            i for i in imported for w in worksheet.withheld if i == w or i.startswith(w + ".")
        ]
        assert not hidden, f"{name} imports {hidden}, which {id} withholds"


def test_exercise_ids_are_unique() -> None:
    ids = [
        item.id
        for ps in exercises.IDS
        for item in (*exercises.worksheet(ps).exercises, *exercises.worksheet(ps).written)
    ]
    assert len(ids) == len(set(ids))
