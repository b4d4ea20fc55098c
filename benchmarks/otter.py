"""otter-grader 7 on the same worksheet: its tests are our graded cells, in its own form.

It is never a dependency: it lives in a virtual environment of its own, which UNROLLED_OTTER names or
which is made in a temporary folder and goes with it.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.build import grade_id, is_test
from benchmarks import fixtures
from benchmarks.classes import Bench, environment

REQUIREMENT = "otter-grader[grading]==7.*"


def install(folder: Path) -> Path | None:
    """otter's command, from the environment's variable or freshly installed; None where it cannot be."""
    home = Path(os.environ.get("UNROLLED_OTTER", folder / "otter"))
    command = home / "bin" / "otter"
    if not command.is_file():
        try:
            subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
            pip = [str(home / "bin" / "python"), "-m", "pip", "install", "-qq"]
            subprocess.run([*pip, REQUIREMENT, "numpy", "matplotlib"], check=True)
        except (subprocess.CalledProcessError, OSError):
            return None
    return command


def seconds(command: Path, bench: Bench, name: str, numbers: Sequence[int]) -> list[float]:
    """How long `otter run` takes for each submission."""
    folder = bench.course(name, numbers)
    grader = folder / "autograder.zip"
    tests = list(filter(is_test, fixtures.worksheet(name).cells))
    with zipfile.ZipFile(grader, "w") as file:
        for cell in tests:
            file.writestr(f"tests/{grade_id(cell)}.py", _as_test(cell))
    settings = environment() | {"PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}"}
    del settings["PYTHONPATH"]  # its environment has packages of its own
    taken = []
    for path in sorted(folder.glob(f"submitted/*/{name}/*.ipynb")):
        _rewrite(path)
        command_line = [str(command), "run", "--no-logo", "-a", str(grader), str(path)]
        begin = time.perf_counter()
        subprocess.run(command_line, cwd=folder, env=settings, check=True, capture_output=True)
        taken.append(time.perf_counter() - begin)
    shutil.rmtree(folder)
    return taken


def _rewrite(path: Path) -> None:
    """Let a submission call otter where it has its graded cells."""
    notebook = nbformat.read(path, as_version=4)
    for cell in filter(is_test, notebook.cells):
        cell.source = f'grader.check("{grade_id(cell)}")'
    first = nbformat.v4.new_code_cell("import otter\ngrader = otter.Notebook()", id="otter")
    notebook.cells.insert(0, first)
    nbformat.write(notebook, path)


def _as_test(cell: NotebookNode) -> str:
    """A cell's statements as one test of otter's: a conversation with the interpreter."""
    lines = []
    for statement in ast.parse(cell.source).body:
        first, *rest = ast.unparse(statement).splitlines()
        lines += [f">>> {first}", *(f"... {line}" for line in rest)]
    case = {"code": "\n".join(lines), "hidden": False, "locked": False}
    suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
    points = cell.metadata.nbgrader.points
    test = {"name": grade_id(cell), "points": points, "suites": [suite]}
    return f"OK_FORMAT = True\n\ntest = {test!r}\n"
