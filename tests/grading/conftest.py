"""A course with a class of four, and what its gradebook should say."""

from __future__ import annotations

import shutil
from pathlib import Path

import a_class
import pytest

from autograder.nbgrader_plugin.course import Course


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course that nothing has been graded in."""
    root: Path = tmp_path_factory.mktemp("template") / "course"
    root.mkdir()
    a_class.set_up(root)
    return root


@pytest.fixture
def course(template: Path, tmp_path: Path) -> Course:
    """A copy of it."""
    shutil.copytree(template, tmp_path / "course")
    return Course(tmp_path / "course")


@pytest.fixture(scope="session")
def undisturbed(template: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The dump of a gradebook after a run in which nothing went wrong."""
    root = tmp_path_factory.mktemp("undisturbed") / "course"
    shutil.copytree(template, root)
    course = Course(root)
    a_class.graded(course)
    return a_class.dump(course)
