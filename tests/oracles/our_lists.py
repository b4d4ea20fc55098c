"""The preprocessor lists of this repository's `nbgrader_config.py`, for courses and tests of others.

As a pytest plugin (`pytest -p our_lists`) it makes them the defaults of nbgrader's `Autograde`, so that
tests which write configurations of their own run with our steps in the place of nbgrader's.
"""

from __future__ import annotations

import os
from pathlib import Path

import nbgrader
import pytest
from nbgrader.converters import Autograde
from traitlets.config import Config, PyFileConfigLoader

from autograder.sandbox.launch import why_not_full

CHECKOUT = Path(__file__).parents[2]
NAMES = ("sanitize_preprocessors", "autograde_preprocessors")

THEIR_TESTS = Path(nbgrader.__file__).parent / "tests"

#: The environment's variable that tells the plugin to swap the lists.
SWAPPED = "UNROLLED_LISTS"

#: The property of a test in pytest's report that holds its name: file in `THEIR_TESTS`, class, function.
TEST = "test"


def our_lists() -> dict[str, list[str]]:
    """Dotted names of the steps, from the file that a course of ours has."""
    config: Config = PyFileConfigLoader("nbgrader_config.py", str(CHECKOUT)).load_config()
    return {name: list(config.Autograde[name]) for name in NAMES}


def settings() -> str:
    """Lines for another course's `nbgrader_config.py`: our lists, and a sandbox that works here."""
    lines = [f"c.Autograde.{name} = {steps!r}" for name, steps in our_lists().items()]
    if why_not_full():
        lines.append("c.ExecuteInSandbox.unsafe_no_sandbox = True")
    return "\n".join(lines) + "\n"


def pytest_configure() -> None:
    """Swap the lists, in the process that runs the tests."""
    if not os.environ.get(SWAPPED):
        return
    for name, steps in our_lists().items():
        trait = Autograde.class_traits()[name]
        trait.default_args = (steps,)
    if why_not_full():
        from autograder.nbgrader_plugin import ExecuteInSandbox

        ExecuteInSandbox.class_traits()["unsafe_no_sandbox"].default_value = True


def pytest_itemcollected(item: pytest.Item) -> None:
    """Name a test by its file in nbgrader's folder, whatever pytest takes for its root."""
    inside = item.nodeid.partition("::")[2]
    item.user_properties.append(
        (TEST, f"{item.path.relative_to(THEIR_TESTS).as_posix()}::{inside}")
    )
