"""Looks at a course as it stands: gradebook, exchange, roster, times, Jupyter.  Changes nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from dateutil.tz import gettz
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from jupyter_core.paths import jupyter_config_path, jupyter_path
from nbgrader.api import Base, Gradebook
from nbgrader.exchange.default.exchange import Exchange
from sqlalchemy import inspect, make_url

from autograder import exercises
from autograder.doctor import Finding
from autograder.nbgrader_plugin import jupyter
from autograder.nbgrader_plugin.course import Course, CourseError
from autograder.nbgrader_plugin.setup import EXCHANGE_MODE, exchange_root

#: A file system whose clock is further off would put submissions before or behind a due date.
MAX_SKEW = 60.0


def examine_course(course: Course) -> Iterator[Finding]:
    """Everything that a course needs beside what the machine has."""
    yield from _gradebook(course)
    yield from _exchange(course)
    yield from _times(course)
    yield from _jupyter(course)


def _gradebook(course: Course) -> Iterator[Finding]:
    file = course.database_file
    if file is not None and file.is_file() and (locked := _locked(file)):
        yield Finding("gradebook", False, locked)
        return
    try:
        if course.database_exists:
            with course.gradebook() as gradebook:
                yield from _contents(course, gradebook)
            if file is not None and os.name == "posix" and file.stat().st_mode & stat.S_IROTH:
                said = f"whoever can reach it on this machine can read it: chmod 600 {file}"
                yield Finding("gradebook", True, said, note=True)
    except CourseError as error:
        yield Finding("gradebook", False, str(error))
        return
    for id in exercises.IDS:
        try:
            course.require_assignment(id)
            yield Finding(f"assignment {id}", True, "in the gradebook and released")
        except CourseError as error:
            yield Finding(f"assignment {id}", False, str(error))


def _locked(file: Path) -> str:
    """Why nobody can write to an SQLite gradebook now; empty if one can."""
    if not os.access(file, os.W_OK) or not os.access(file.parent, os.W_OK):
        return f"{file} cannot be written by you: whose is it? (ls -l)"
    try:
        with contextlib.closing(
            sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, timeout=1)
        ) as book:
            book.execute("BEGIN IMMEDIATE")
            book.rollback()
    except sqlite3.OperationalError as error:
        return f"{file}: {error}. Does another program hold it? End it, or wait until it is done."
    except sqlite3.DatabaseError:
        return ""  # damaged, which opening it tells better
    return ""


def _contents(course: Course, gradebook: Gradebook) -> Iterator[Finding]:
    url = make_url(course.db_url)
    server = ".".join(map(str, gradebook.engine.dialect.server_version_info or ()))
    yield Finding(
        "gradebook",
        True,
        f"{url.render_as_string(hide_password=True)} ({url.get_backend_name()} {server})",
    )
    with gradebook.engine.connect() as connection:
        known = inspect(connection)
        missing = [
            f"{table.name}.{column.name}"
            for table in Base.metadata.sorted_tables
            for column in table.columns
            if column.name not in {c["name"] for c in known.get_columns(table.name)}
        ]
    if missing:
        said = f"it is of an older nbgrader (no {missing[0]}): keep a copy, then run `nbgrader db upgrade`"
        yield Finding("schema", False, said)
        return
    count = len(gradebook.students)
    said = (
        f"{count} students"
        if count
        else "empty; autograder init --roster students.csv takes one in"
    )
    yield Finding("roster", True, said, note=not count)


def _exchange(course: Course) -> Iterator[Finding]:
    if os.name != "posix":
        said = "nbgrader has none on Windows: hand work out and in by the LMS (autograder collect)"
        yield Finding("exchange", True, said, note=True)
        return
    root = exchange_root(course)
    if not course.directory.course_id:
        yield Finding(
            "exchange", False, "it needs c.CourseDirectory.course_id in nbgrader_config.py"
        )
    if not root.is_dir():
        yield Finding("exchange", False, f"there is no folder {root}: run `autograder init`")
        return
    mode = root.stat().st_mode
    closed = [p for p in root.resolve().parents if not p.stat().st_mode & stat.S_IXOTH]
    if mode & EXCHANGE_MODE != EXCHANGE_MODE:
        said = f"{root} cannot be written by everybody: chmod 777 {root}"
        yield Finding("exchange", False, said)
    elif closed:
        said = (
            f"{root} is closed to students, as {closed[-1]} is: chmod o+x {closed[-1]}, or set "
            "c.Exchange.root to a folder elsewhere"
        )
        # Where one user does it all, as in a container, nobody else has to get there.
        yield Finding("exchange", True, said, note=True)
    else:
        yield Finding("exchange", True, str(root))
    if root.stat().st_dev != course.root.stat().st_dev:
        said = "it is on another file system than the course; is its clock the same, and its disk not full?"
        yield Finding("exchange", True, said, note=True)


def _times(course: Course) -> Iterator[Finding]:
    zone = course.config.Exchange.get("timezone", Exchange.timezone.default_value)
    known = gettz(zone) is not None
    said = f"receipt times are written in {zone}"
    if not known:
        said = f"c.Exchange.timezone = {zone!r} is no time zone; one looks like 'Europe/Vienna' or 'UTC'"
    yield Finding("time zone", known, said)
    for name, folder in (("course", course.root), ("exchange", exchange_root(course))):
        if not folder.is_dir() or not os.access(folder, os.W_OK):
            continue
        with contextlib.suppress(OSError), tempfile.TemporaryFile(dir=folder) as file:
            ahead = os.fstat(file.fileno()).st_mtime - time.time()
            if abs(ahead) > MAX_SKEW:
                said = f"the clock of {folder}'s file system differs from this machine's by {ahead:.0f} s"
                yield Finding(f"clock of the {name}", False, f"{said}: set both by NTP")


def _jupyter(course: Course) -> Iterator[Finding]:
    env = course.root / jupyter.ENVIRONMENT
    if env.is_file():
        wanted = (course.root / "share" / "jupyter", course.root / "etc" / "jupyter")
        there = [str(wanted[0]) in jupyter_path(), str(wanted[1]) in jupyter_config_path()]
        said = "the course's settings are on its paths"
        if not all(there):
            said = f"JUPYTER_PATH and JUPYTER_CONFIG_PATH lack the course's folders: source {env}"
        yield Finding("Jupyter", all(there), said)
    try:
        command = KernelSpecManager().get_kernel_spec("python3").argv[0]
        if command == "python":  # for Jupyter that is the one it runs in itself
            command = sys.executable
    except NoSuchKernel:
        mend = f"{sys.executable} -m ipykernel install --sys-prefix"
        yield Finding("kernel python3", False, f"there is none, and worksheets ask for it: {mend}")
        return
    found = shutil.which(command)
    said = found or f"it starts {command}, which is not there: run `autograder init`"
    yield Finding("kernel python3", found is not None, said)
