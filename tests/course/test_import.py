"""Who imports whom: the package is light, and tools know no chapter."""

from __future__ import annotations

import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import course

ROOT = Path(course.__file__).parents[1]
MODULES = sorted(module.name for module in pkgutil.walk_packages(course.__path__, prefix="course."))

#: Tools serve every worksheet.  Whatever else there is, is a chapter: the answers of some worksheet.
TOOLS = {
    f"course.{name}"
    for name in (
        "derivation",
        "figures",
        "optim",
        "padding",
        "results",
        "shapes",
        "tasks",
        "training",
    )
}
CHAPTERS = {name for name in MODULES if name.count(".") == 1} - TOOLS


def modules_after(statement: str) -> set[str]:
    """Names of all modules that a fresh interpreter holds after the statement."""
    program = f"import sys\n{statement}\nprint(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT
    )
    return set(done.stdout.split())


def test_course_has_a_version() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", course.__version__)


def test_importing_the_package_imports_nothing_heavy() -> None:
    assert not modules_after("import course") & {"numpy", "torch", "matplotlib", "autograder"}


def test_there_is_no_tool_that_is_not_there() -> None:
    assert set(MODULES) >= TOOLS
    assert "course.rnn" in CHAPTERS


@pytest.mark.parametrize("chapter", sorted(CHAPTERS))
def test_a_chapter_needs_numpy_only(chapter: str) -> None:
    loaded = modules_after(f"import {chapter}")
    assert "numpy" in loaded
    assert not loaded & {"torch", "matplotlib", "scipy", "autograder"}


@pytest.mark.parametrize("tool", [name for name in MODULES if name not in CHAPTERS])
def test_a_tool_imports_no_chapter(tool: str) -> None:
    assert not modules_after(f"import {tool}") & (CHAPTERS | {"torch", "autograder"})


def test_drawing_imports_no_chapter() -> None:
    statement = "from course.figures.rnn import loss_curve; loss_curve([2.0, 1.0])"
    assert not modules_after(statement) & (CHAPTERS | {"torch", "autograder"})
