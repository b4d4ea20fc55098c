"""Who may know whom: the borders between the packages, read from their imports."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import exercises
from autograder.exercise import Worksheet
from autograder.sandbox.library import library

CHECKOUT = Path(__file__).parents[2]
TRUSTED = {
    "autograder.judge",
    "autograder.compare",
    "autograder.derivations",
    "autograder.exercise",
    "autograder.exercises",
    "autograder.check",
    "autograder.marking",
    "autograder.panel",
    "autograder.grade",
    "autograder.build",
    "autograder.excerpt",
    "autograder.questions",
    "autograder.nbgrader_plugin",
}


def sources(*packages: str) -> list[Path]:
    found = [path for package in packages for path in sorted((CHECKOUT / package).rglob("*.py"))]
    assert found
    return found


def name_of(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def imports(path: Path) -> Iterator[str]:
    """Every module, or name in a module, that a file imports, wherever the import stands."""
    package = ".".join(path.relative_to(CHECKOUT).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "importlib.import_module",
            "import_module",
            "__import__",
        ):
            yield from (a.value for a in node.args[:1] if isinstance(a, ast.Constant))


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def test_the_scan_sees_imports_wherever_they_stand(tmp_path: Path) -> None:
    """The scan itself, on this project: an import in a function, and one that is relative."""
    assert "autograder.contracts_table.contracts_table" in set(
        imports(CHECKOUT / "autograder" / "cli.py")
    )
    assert "nbgrader.api.Gradebook" in set(
        imports(CHECKOUT / "autograder" / "nbgrader_plugin" / "course.py")
    )


@pytest.mark.parametrize("path", sources("course"), ids=name_of)
def test_course_knows_nothing_of_grading(path: Path) -> None:
    assert [name for name in imports(path) if within(name, "autograder")] == []


@pytest.mark.parametrize("path", sources("autograder/sandbox"), ids=name_of)
def test_the_sandbox_knows_nothing_that_judges(path: Path) -> None:
    known = [name for name in imports(path) if any(within(name, module) for module in TRUSTED)]
    assert known == []


@pytest.mark.parametrize(
    "name",
    ["contract.py", *(f"sandbox/{n}.py" for n in ("alarm", "frames", "memory", "raw", "shell"))],
)
def test_what_the_child_shares_needs_nothing_else_of_ours(name: str) -> None:
    path = CHECKOUT / "autograder" / name
    assert [i for i in imports(path) if within(i, "autograder") or within(i, "course")] == []


def test_the_worker_and_its_stub_need_only_what_the_library_holds() -> None:
    ours = {
        name
        for file in ("worker.py", "stub.py")
        for name in imports(CHECKOUT / "autograder" / "sandbox" / file)
        if within(name, "autograder") or within(name, "course")
    }
    assert ours <= {
        "autograder",
        "autograder.contract.from_json",
        "autograder.driver.drive",
        "autograder.sandbox.alarm.Alarm",
        "autograder.sandbox.alarm.TimeUp",
        "autograder.sandbox.frames.BadFrame",
        "autograder.sandbox.frames.read_frame",
        "autograder.sandbox.frames.write_frame",
        "autograder.sandbox.memory",
        "autograder.sandbox.raw.RawStreams",
        "autograder.sandbox.shell.Shell",
    }


@pytest.mark.parametrize(
    "path",
    [path for path in sources("course", "autograder") if "nbgrader_plugin" not in path.parts],
    ids=name_of,
)
def test_only_the_plugin_knows_nbgrader(path: Path) -> None:
    assert [name for name in imports(path) if within(name, "nbgrader")] == []


@pytest.mark.parametrize(
    "path", [p for p in sources("autograder") if "exercises" in p.parts], ids=name_of
)
def test_exercises_know_neither_sandbox_nor_gradebook(path: Path) -> None:
    beyond = (
        "autograder.sandbox",
        "autograder.nbgrader_plugin",
        "autograder.marking",
        "autograder.grade",
    )
    assert [name for name in imports(path) if any(within(name, b) for b in beyond)] == []


#: Functions of which another chapter has one that reads the same, and that no worksheet asks for there.
ALIKE = {"course.gru.gru_parameter_count"}

# What student code can import while a worksheet is graded.


@pytest.fixture(scope="module", params=exercises.IDS)
def held(request: pytest.FixtureRequest) -> Iterator[tuple[Path, Worksheet]]:
    """The library of a worksheet, and the worksheet."""
    worksheet = exercises.worksheet(request.param)
    with library(request.param, worksheet.withheld) as folder:
        yield folder, worksheet


def test_no_file_in_the_library_knows_mistakes_or_verdicts(
    held: tuple[Path, Worksheet],
) -> None:
    folder, _ = held
    for path in folder.rglob("*.py"):
        for name in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            word = getattr(name, "id", getattr(name, "attr", getattr(name, "name", "")))
            assert word not in (
                "Exercise",
                "Mistake",
                "mistakes",
                "Verdict",
                "judge",
                "reference",
            ), f"{path.relative_to(folder)} has {word}"


def test_the_library_holds_no_compiled_code_and_no_data_of_ours(
    held: tuple[Path, Worksheet],
) -> None:
    folder, _ = held
    assert [p for p in folder.rglob("*") if p.suffix in (".pyc", ".so", ".ipynb", ".db")] == []
    assert not (folder / "solutions").exists()


def test_nothing_of_a_withheld_chapter_is_in_the_library(
    held: tuple[Path, Worksheet],
) -> None:
    """Not the file, not a copy of one of its functions."""
    folder, worksheet = held
    functions = {}
    for module in worksheet.withheld:
        spec = importlib.util.find_spec(module)
        if spec is None or spec.origin is None or CHECKOUT not in Path(spec.origin).parents:
            continue
        text = Path(spec.origin).read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                body = [n for n in node.body if not isinstance(n, ast.Expr)]  # docstrings aside
                functions[f"{module}.{node.name}"] = [ast.dump(n) for n in body]
    assert functions
    for path in folder.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        bodies = [
            [ast.dump(n) for n in node.body if not isinstance(n, ast.Expr)]
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef)
        ]
        for name, body in functions.items():
            if name in ALIKE:
                continue
            if sum(map(len, body)) > 200:  # one-liners such as `return self` are nobody's secret
                assert body not in bodies, f"{path.relative_to(folder)} holds {name}"


def test_withheld_modules_say_why_and_nothing_else(held: tuple[Path, Worksheet]) -> None:
    folder, worksheet = held
    for module in worksheet.withheld:
        path = folder.joinpath(*module.split(".")).with_suffix(".py")
        assert path.read_text().startswith(f"raise ImportError('{module} is withheld while ")
        assert len(path.read_text().splitlines()) == 1
        assert not path.with_suffix("").exists()


def test_what_a_worksheet_asks_for_is_withheld(held: tuple[Path, Worksheet]) -> None:
    """Wherever `course` defines a function of an exercise's name, that chapter is not there."""
    folder, worksheet = held
    asked = {exercise.id for exercise in worksheet.exercises}
    for path in (folder / "course").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                assert node.name not in asked, f"{path.relative_to(folder)} defines {node.name}"
