"""Who imports whom: the package is light, and tools know no chapter."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import course

ROOT = Path(course.__file__).parents[1]
TOOLS = (
    "course.shapes",
    "course.gradcheck",
    "course.tasks",
    "course.optim",
    "course.training",
    "course.figures",
    "course.figures.rnn",
)
CHAPTERS = {"course.rnn"}


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


@pytest.mark.parametrize("chapter", sorted(CHAPTERS))
def test_a_chapter_needs_numpy_only(chapter: str) -> None:
    loaded = modules_after(f"import {chapter}")
    assert "numpy" in loaded
    assert not loaded & {"torch", "matplotlib", "scipy", "autograder"}


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_imports_no_chapter(tool: str) -> None:
    assert not modules_after(f"import {tool}") & (CHAPTERS | {"torch", "autograder"})


def test_drawing_imports_no_chapter() -> None:
    statement = "from course.figures.rnn import loss_curve; loss_curve([2.0, 1.0])"
    assert not modules_after(statement) & (CHAPTERS | {"torch", "autograder"})
