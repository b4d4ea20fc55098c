"""The files that install the project agree, and CI runs the commands that people run."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import course

ROOT = Path(__file__).resolve().parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
REQUIREMENTS = [
    Requirement(text) for group in (PROJECT["dependencies"], *EXTRAS.values()) for text in group
]


def lines(name: str) -> list[str]:
    """The lines of a file that say something."""
    stripped = [line.strip() for line in (ROOT / name).read_text().splitlines()]
    return [line for line in stripped if line and not line.startswith("#")]


def pins(texts: list[str]) -> dict[str, str]:
    """Name -> version.  Anything that is not `name==version` is an error."""
    found = {}
    for text in texts:
        pin = re.fullmatch(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.!]+)", text)
        assert pin, f"{text!r} is not of the form name==version"
        found[canonicalize_name(pin[1])] = pin[2]
    return found


@pytest.fixture(scope="module")
def constraints() -> dict[str, str]:
    return pins(lines("constraints.txt"))


@pytest.fixture(scope="module")
def environment() -> list[str]:
    """The pip section of environment.yml."""
    parts = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    found: list[str] = next(part["pip"] for part in parts if isinstance(part, dict))
    return found


def test_constraints_are_plain_versions_sorted_and_without_the_project(
    constraints: dict[str, str],
) -> None:
    # `pins` has refused addresses, ranges and local versions such as 2.13.0+cpu.
    assert list(constraints) == sorted(constraints)
    assert not {"unrolled", "pip", "setuptools"} & set(constraints)
    assert constraints["torch"] == "2.13.0"


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda requirement: requirement.name)
def test_every_dependency_is_pinned_within_its_range(
    requirement: Requirement, constraints: dict[str, str]
) -> None:
    version = constraints[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version), f"{requirement} was tested with {version}"


def test_environment_repeats_the_constraints(
    constraints: dict[str, str], environment: list[str]
) -> None:
    pinned = pins([text for text in environment if not text.startswith("-")])
    assert pinned == {name: constraints[name] for name in pinned}
    direct = [Requirement(text) for text in PROJECT["dependencies"] + EXTRAS["torch"]]
    # What one system alone needs comes with the project itself.
    wanted = {canonicalize_name(found.name) for found in direct if found.marker is None}
    assert set(pinned) == wanted


def test_environment_leaves_the_rest_to_the_constraints(environment: list[str]) -> None:
    assert [text for text in environment if text.startswith("-")] == ["-c constraints.txt", "-e ."]


def test_environment_has_a_python_that_the_project_takes() -> None:
    parts = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    python = next(part for part in parts if str(part).startswith("python="))
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(
        python.partition("=")[2] + ".0"
    )


@pytest.mark.parametrize("name", PROJECT["license-files"])
def test_licence_files_exist(name: str) -> None:
    assert (ROOT / name).stat().st_size > 500


def test_version_is_told_once() -> None:
    try:
        installed = importlib.metadata.version("unrolled")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("the project is not installed here: make setup")
    assert course.__version__ == installed
    assert "version" not in PROJECT


def commands(name: str) -> list[str]:
    """Every line that a CI file hands to a shell, of all its jobs."""
    found: list[str] = []

    def collect(node: Any) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in ("run", "script"):
                    text = "\n".join(value) if isinstance(value, list) else str(value)
                    found.extend(text.splitlines())
                else:
                    collect(value)
        elif isinstance(node, list):
            for value in node:
                collect(value)

    collect(yaml.safe_load((ROOT / name).read_text()))
    return found


def test_ci_runs_the_commands_that_people_run() -> None:
    assert lines(".ci/run")[-2:] == ["make lint", "make test"]
    assert {"make lint", "make test"} <= set(commands(".github/workflows/ci.yml"))
    assert commands(".gitlab-ci.yml") == [".ci/run"]


def test_ci_script_can_be_executed() -> None:
    assert os.access(ROOT / ".ci/run", os.X_OK)


@pytest.mark.linux
def test_make_alone_prints_every_documented_target() -> None:
    documented = re.findall(r"(?m)^([a-z-]+):.*## ", (ROOT / "Makefile").read_text())
    told = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"(?m)^  make (\S+)", told) == documented
    assert {"demo", "test", "lint", "notebooks", "bench", "check-the-checks"} <= set(documented)
