"""What this machine and this course can do, as findings with the way to mend each."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from autograder.sandbox.launch import why_not_full, why_not_reduced

PACKAGES = ("nbgrader", "jupyterlab", "numpy", "matplotlib", "safetensors")


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    what: str
    well: bool
    said: str


def examine_machine(root: Path) -> list[Finding]:
    """Look at everything that grading needs.  Changes nothing."""
    return list(_findings(root))


def _findings(root: Path) -> Iterator[Finding]:
    well = sys.version_info >= (3, 11)
    yield Finding("Python", well, platform.python_version() + ("" if well else ": 3.11 is needed"))
    for package in PACKAGES:
        try:
            yield Finding(package, True, importlib.metadata.version(package))
        except importlib.metadata.PackageNotFoundError:
            yield Finding(package, False, "not installed: pip install -c constraints.txt -e .")
    alembic = shutil.which("alembic")
    yield Finding(
        "alembic on PATH",
        alembic is not None,
        alembic or "missing, nbgrader needs it: source .venv/bin/activate",
    )
    reason = why_not_full()
    yield Finding("sandbox", not reason, f"{reason} {_lower_level()}" if reason else "level full")
    yield from _course_findings(root)


def _lower_level() -> str:
    why = why_not_reduced()
    return (
        f"Level none is left (--unsafe-no-sandbox); {why}"
        if why
        else "Level reduced works here (--reduced-sandbox)."
    )


def _course_findings(root: Path) -> Iterator[Finding]:
    from autograder import exercises
    from autograder.nbgrader_plugin.course import Course, CourseError

    try:
        course = Course(root)
    except CourseError as error:
        yield Finding("course", False, str(error))
        return
    yield Finding("course", True, str(course.root))
    free = shutil.disk_usage(course.root).free
    enough = free > 1 << 30
    said = f"{free / 2**30:.1f} GiB free" + ("" if enough else "; 1 is needed")
    yield Finding("disk", enough, said)
    for id in exercises.IDS:
        try:
            course.require_assignment(id)
            yield Finding(f"assignment {id}", True, "in the gradebook and released")
        except CourseError as error:
            yield Finding(f"assignment {id}", False, str(error))
