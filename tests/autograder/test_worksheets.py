"""The committed worksheets: built from their sources, complete, and without a solution in the release."""

from __future__ import annotations

import ast
import copy
import functools
import inspect
import re
import textwrap
from pathlib import Path

import nbclient
import nbformat
import pytest
from nbformat import NotebookNode

from autograder import build as builder
from autograder import exercises
from autograder.check import same_source
from autograder.contract import Call, Choice, Class, Function, New, Value
from autograder.contracts_table import contracts_table
from autograder.exercise import Exercise, Worksheet
from autograder.marker import SOLUTION_SUFFIX
from autograder.nbgrader_plugin.course import Course
from tests.course.test_import import CHAPTERS

CHECKOUT = Path(__file__).parents[2]
WORKSHEETS = [exercises.worksheet(id) for id in exercises.IDS]

#: Chapters with things that worksheets use and none asks for.
ASKED_OF_NOBODY = {"course.convert"}

each_worksheet = pytest.mark.parametrize("worksheet", WORKSHEETS, ids=lambda w: w.id)
each_exercise = pytest.mark.parametrize(
    ("worksheet", "exercise"),
    [pytest.param(w, e, id=f"{w.id}-{e.id}") for w in WORKSHEETS for e in w.exercises],
)


@functools.cache
def _read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def solved(worksheet: Worksheet) -> NotebookNode:
    """The committed solution."""
    return _read(builder.solved_path(CHECKOUT, worksheet))


def released(worksheet: Worksheet) -> NotebookNode:
    """What students get, as committed."""
    return _read(builder.released_path(CHECKOUT, worksheet))


def _cell(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    (found,) = [cell for cell in notebook.cells if builder.grade_id(cell) == grade_id]
    return found


def _prose(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


# Built from their sources.


@each_worksheet
def test_solved_notebook_is_what_its_source_builds(worksheet: Worksheet) -> None:
    source = builder.source_path(CHECKOUT, worksheet).read_text(encoding="utf-8")
    notebook = builder.parse(source, worksheet)
    assert builder.is_current(notebook, builder.solved_path(CHECKOUT, worksheet)), (
        f"solutions/{worksheet.id} is out of date: run `make notebooks`"
    )


@pytest.mark.linux
@each_worksheet
def test_released_notebook_is_what_nbgrader_makes_of_it(
    course: Course, worksheet: Worksheet
) -> None:
    path = builder.released_path(course.root, worksheet)
    committed = builder.released_path(CHECKOUT, worksheet).read_bytes()
    path.unlink()
    course.generate(worksheet.id)
    assert path.read_bytes() == committed, (
        f"notebooks/{worksheet.id} is out of date: run `make notebooks`"
    )


@each_worksheet
def test_no_other_notebook_lies_about(worksheet: Worksheet) -> None:
    for folder in ("solutions", "notebooks"):
        found = [path.name for path in (CHECKOUT / folder / worksheet.id).glob("*.ipynb")]
        assert found == [f"{worksheet.notebook}.ipynb"]


@each_exercise
def test_solved_notebook_shows_full_points(worksheet: Worksheet, exercise: Exercise) -> None:
    values = [
        float(output.data["text/plain"])
        for output in _cell(solved(worksheet), exercise.id).outputs
        if output.output_type == "execute_result"
    ]
    assert values == [exercise.points]


def test_contracts_table_is_up_to_date() -> None:
    committed = (CHECKOUT / "docs" / "contracts.md").read_text(encoding="utf-8")
    assert committed == contracts_table(), "run `make contracts`"


# What students get.


@each_worksheet
def test_no_solution_is_in_the_release(worksheet: Worksheet) -> None:
    text = nbformat.writes(released(worksheet))
    assert "BEGIN SOLUTION" not in text
    assert "END SOLUTION" not in text
    assert all(not cell.get("outputs") for cell in released(worksheet).cells)
    for cell in solved(worksheet).cells:
        for region in re.findall(
            r"### BEGIN SOLUTION.*?\n(.*?)### END SOLUTION", cell.source, re.DOTALL
        ):
            name = builder.grade_id(cell)
            stub = _lines(_cell(released(worksheet), name).source)
            exercise = worksheet.exercise(name.removesuffix(SOLUTION_SUFFIX))
            known = (
                _lines(inspect.getsource(exercise.given)) if exercise and exercise.given else set()
            )
            answer = _lines(region)
            assert answer
            told = [
                line for line in answer & stub - known if len(line) > 12 and line[-1] not in "{[("
            ]
            assert not [line for line in told if not line.startswith(('"""', "def "))], name


def _lines(source: str) -> set[str]:
    return {line.strip() for line in source.splitlines() if line.strip()}


def _run_untouched(worksheet: Worksheet, *, labs: bool) -> None:
    """Only a check may say that something is missing; no cell of an untouched worksheet raises."""
    notebook = copy.deepcopy(released(worksheet))
    notebook.cells = [cell for cell in notebook.cells if labs or not builder.is_lab(cell)]
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    for exercise in worksheet.exercises:
        shown = _cell(notebook, exercise.id).outputs[0].data["text/plain"]
        assert shown.startswith("○ Not attempted"), (exercise.id, shown)


@each_worksheet
def test_released_notebook_runs_to_its_end_untouched(worksheet: Worksheet) -> None:
    _run_untouched(worksheet, labs=False)


@pytest.mark.slow
@each_worksheet
def test_released_notebook_runs_to_its_end_untouched_with_its_labs(worksheet: Worksheet) -> None:
    _run_untouched(worksheet, labs=True)


@each_worksheet
def test_points_and_minutes_of_the_headings(worksheet: Worksheet) -> None:
    """Each exercise's line in the text says what the exercise says."""
    text = "\n".join(_prose(solved(worksheet)))
    for item in (*worksheet.exercises, *worksheet.written):
        dots = "●" * item.difficulty + "○" * (3 - item.difficulty)
        line = f"`{item.id}`** · {item.points:g} points · {item.minutes} min · {dots}"
        assert line.replace(" 1 points", " 1 point") in text or line in text, line


@each_worksheet
def test_every_hint_is_offered_where_its_exercise_is(worksheet: Worksheet) -> None:
    text = "\n".join(_prose(solved(worksheet)))
    for exercise in worksheet.exercises:
        assert f'`hint("{exercise.id}")`' in text, exercise.id


@each_worksheet
def test_diagnoses_send_readers_to_sections_that_exist(worksheet: Worksheet) -> None:
    headings = {
        line.lstrip("# ").strip()
        for text in _prose(solved(worksheet))
        for line in text.splitlines()
        if line.startswith("#")
    }
    for exercise in worksheet.exercises:
        for mistake in exercise.mistakes:
            assert mistake.read in headings, (exercise.id, mistake.name, mistake.read)


@each_exercise
def test_stub_has_the_contract_s_signature(worksheet: Worksheet, exercise: Exercise) -> None:
    tree = ast.parse(_cell(released(worksheet), exercise.id + SOLUTION_SUFFIX).source)
    contract = exercise.contract
    if isinstance(contract, Function):
        (function,) = [
            node
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.name == contract.name
        ]
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
    elif isinstance(contract, Value | Choice) and len(contract.returns) > 1:
        keys = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        assert [key for key in keys if key in contract.returns] == list(contract.returns)


@each_exercise
def test_what_is_given_stands_in_the_worksheet(worksheet: Worksheet, exercise: Exercise) -> None:
    """A student who starts from a class starts from the very one that the exercise knows."""
    if exercise.given is None:
        return
    tree = ast.parse(_cell(released(worksheet), exercise.id + SOLUTION_SUFFIX).source)
    (given,) = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    (known,) = ast.parse(textwrap.dedent(inspect.getsource(exercise.given))).body
    assert isinstance(known, ast.ClassDef)
    assert [ast.dump(n) for n in given.body] == [ast.dump(n) for n in known.body]
    assert same_source(exercise.given, exercise.given)


# What is withheld while a worksheet is graded.


@each_worksheet
def test_withheld_chapters_hide_every_reference(worksheet: Worksheet) -> None:
    """No reference can be imported from what remains of `course`."""
    for exercise in worksheet.exercises:
        module = getattr(exercise.reference, "__module__", "")
        if module.startswith("course"):
            assert module in worksheet.withheld, (exercise.id, module)
    for path in sorted((CHECKOUT / "course").rglob("*.py")):
        name = ".".join(path.relative_to(CHECKOUT).with_suffix("").parts)
        if name.removesuffix(".__init__") in worksheet.withheld:
            continue
        imported = {
            alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        hidden = [
            i
            for i in imported
            for w in worksheet.withheld
            if w.startswith("course.") and (i == w or i.startswith(w + "."))
        ]
        assert not hidden, (
            f"{name} imports {hidden}, which {worksheet.id} withholds: it has to be withheld as well, "
            "or to do without"
        )


@each_worksheet
def test_everything_withheld_exists(worksheet: Worksheet) -> None:
    """A chapter that was renamed would no longer be withheld."""
    for module in worksheet.withheld:
        if module.startswith("course."):
            path = CHECKOUT.joinpath(*module.split("."))
            assert path.is_dir() or path.with_suffix(".py").is_file(), module


def test_every_chapter_is_withheld_by_a_worksheet() -> None:
    """A chapter that none withholds would be a tool, or its worksheet has forgotten it."""
    withheld = {module for worksheet in WORKSHEETS for module in worksheet.withheld}
    assert CHAPTERS - withheld == ASKED_OF_NOBODY


def test_what_later_worksheets_ask_for_is_withheld_as_well() -> None:
    """Nothing that a later worksheet withholds of `course` can be imported in an earlier one."""
    for number, worksheet in enumerate(WORKSHEETS):
        for later in WORKSHEETS[number + 1 :]:
            asked = {module for module in later.withheld if module.startswith("course.")}
            assert asked <= set(worksheet.withheld), (worksheet.id, later.id)


# Names.


def test_exercise_ids_are_unique() -> None:
    ids = [item.id for w in WORKSHEETS for item in (*w.exercises, *w.written)]
    assert len(ids) == len(set(ids))


@each_worksheet
def test_a_worksheet_is_known_by_its_own_id(worksheet: Worksheet) -> None:
    assert worksheet.id == f"ps{int(worksheet.id[2:]):02d}"
    assert list(exercises.IDS) == sorted(exercises.IDS)
    assert worksheet.title in _prose(solved(worksheet))[0]
