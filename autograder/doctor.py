"""What this machine and this course can do, as findings with the way to mend each."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from autograder.sandbox.launch import why_not_full, why_not_reduced

PACKAGES = ("nbgrader", "jupyterlab", "numpy", "matplotlib", "safetensors")
#: Extras: what one of their packages is there for.
EXTRAS = {
    "distributed": ("cluster", "grading on many machines"),
    "psycopg": ("postgresql", "a gradebook that several graders share"),
    "torch": ("torch", "cross-checks and training labs"),
}
#: So much that a class's work and its feedback fit.
DISK = 1 << 30


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing looked at.  A note is about what one can do without."""

    what: str
    well: bool
    said: str
    note: bool = False


def examine_machine(root: Path) -> list[Finding]:
    """Look at everything that grading needs, on this machine and in the course.  Changes nothing."""
    return list(_findings(root))


def _findings(root: Path) -> Iterator[Finding]:
    well = sys.version_info >= (3, 11)
    yield Finding("Python", well, platform.python_version() + ("" if well else ": 3.11 is needed"))
    for package in PACKAGES:
        version = _version(package)
        said = version or "not installed: pip install -c constraints.txt -e ."
        yield Finding(package, bool(version), said)
    for package, (extra, use) in EXTRAS.items():
        if version := _version(package):
            yield Finding(package, True, version)
        else:
            mend = f'pip install -c constraints.txt -e ".[{extra}]"'
            yield Finding(package, True, f"not installed; for {use}: {mend}", note=True)
    alembic = shutil.which("alembic")
    yield Finding(
        "alembic on PATH",
        alembic is not None,
        alembic or "missing, nbgrader needs it: source .venv/bin/activate",
    )
    yield _clock()
    reason = why_not_full()
    yield Finding("sandbox", not reason, f"{reason} {_lower_level()}" if reason else "level full")
    yield from _course_findings(root)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _clock() -> Finding:
    """Receipt times and due dates hang on it.  Nothing installed here can be younger than now."""
    now = time.localtime()
    said = f"{time.strftime('%Y-%m-%d %H:%M', now)} {time.tzname[now.tm_isdst > 0]}"
    youngest = max(os.stat(place).st_mtime for place in (__file__, sys.executable))
    if time.time() < youngest - 24 * 3600:
        behind = f"{said}, before this program was installed: set it (timedatectl set-ntp true)"
        return Finding("clock", False, behind)
    return Finding("clock", True, said)


def _lower_level() -> str:
    why = why_not_reduced()
    return (
        f"Level none is left (--unsafe-no-sandbox); {why}"
        if why
        else "Level reduced works here (--reduced-sandbox)."
    )


def _course_findings(root: Path) -> Iterator[Finding]:
    from autograder.nbgrader_plugin.checkup import examine_course
    from autograder.nbgrader_plugin.course import Course, CourseError

    try:
        course = Course(root)
    except CourseError as error:
        yield Finding("course", False, str(error))
        return
    yield Finding("course", True, str(course.root))
    free = shutil.disk_usage(course.root).free
    said = f"{free / 2**30:.1f} GiB free" + ("" if free > DISK else f"; {DISK >> 30} is needed")
    yield Finding("disk", free > DISK, said)
    yield from examine_course(course)
