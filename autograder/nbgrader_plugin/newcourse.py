"""Makes a course in an empty folder: settings, worksheets, gradebook, exchange, and Jupyter's files."""

from __future__ import annotations

import contextlib
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

import autograder
from autograder.errors import UserError
from autograder.nbgrader_plugin.course import CONFIG_FILE, Course, CourseError
from autograder.nbgrader_plugin.enrol import enrol
from autograder.nbgrader_plugin.jupyter import ENVIRONMENT, settle
from autograder.nbgrader_plugin.setup import prepare
from autograder.roster import Student

SOURCES = "solutions"
#: There while a course is being made: whoever finds it goes on.
_UNFINISHED = Path(".unrolled") / "unfinished"
#: Solutions, submissions and marks: other users of the machine are students.
_PRIVATE = (SOURCES, "submitted", "autograded", "feedback", ".unrolled")
#: What a sandbox shows to student code, as programs need it.
_READABLE = tuple(Path(folder).resolve() for folder in ("/usr", sys.base_prefix, sys.prefix))
#: A part of the exchange's paths, and of the names in it.
_COURSE_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
_ID_LINE = re.compile(r"(?m)^c\.CourseDirectory\.course_id = .*$")


def init(
    root: Path, course_id: str = "", db_url: str = "", students: Sequence[Student] = ()
) -> Iterator[str]:
    """Make a course at `root`, or bring the one that is there up to date; a sentence for each step.

    A new one is there whole or not at all.  Raises UserError, at once where `root` holds something else.
    """
    root = root.resolve()
    unfinished = (root / _UNFINISHED).is_file()
    if (root / CONFIG_FILE).is_file() and not unfinished:
        yield from _bring_up_to_date(Course(root), course_id, db_url, students)
        return
    _check_vacant(root, unfinished)
    id = _checked_id(course_id or root.name)
    settings = _settings(id, _checked_url(db_url))
    made = [folder for folder in (root, *root.parents) if not folder.exists()]
    try:
        yield from _make(root, settings, students)
    except BaseException:
        if not unfinished:  # else some of it may be somebody's own by now
            _clear(root, made)
        raise


def _make(root: Path, settings: str, students: Sequence[Student]) -> Iterator[str]:
    new = not root.exists()
    (root / ".unrolled").mkdir(parents=True, exist_ok=True)
    if new:
        root.chmod(0o755)  # students pass through on their way to the exchange
    (root / _UNFINISHED).touch()
    (root / CONFIG_FILE).write_text(settings, encoding="utf-8")
    shutil.copytree(
        _home() / SOURCES,
        root / SOURCES,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"),
    )
    for name in _PRIVATE:
        (root / name).mkdir(exist_ok=True)
        (root / name).chmod(0o700)  # after copying, which brings the original's permissions
    yield f"course: {root} (settings: {CONFIG_FILE}; worksheets: {SOURCES}/)"
    course = Course(root)
    with course.gradebook():
        pass
    book = root / "gradebook.db"
    if book.is_file():
        book.chmod(0o600)
    if students:
        yield f"roster: {enrol(course, students)}"
    yield settle(course)
    yield from prepare(course)
    (root / _UNFINISHED).unlink()


def _bring_up_to_date(
    course: Course, course_id: str, db_url: str, students: Sequence[Student]
) -> Iterator[str]:
    for name, wanted, found in (
        ("course_id", course_id, course.directory.course_id),
        ("db_url", db_url, course.db_url),
    ):
        if wanted and wanted != found:
            raise CourseError(
                f"{course.root} is a course already, with another {name}. "
                f"Change c.CourseDirectory.{name} in its {CONFIG_FILE}."
            )
    if students:
        yield f"roster: {enrol(course, students)}"
    if (course.root / ENVIRONMENT).is_file():
        yield settle(course)
    yield from prepare(course)


def _check_vacant(root: Path, unfinished: bool) -> None:
    if root.exists() and not root.is_dir():
        raise CourseError(f"{root} is a file; a course needs a folder.")
    if open_to := next((p for p in _READABLE if root.is_relative_to(p)), None):
        raise CourseError(
            f"student code may read what is in {open_to}, solutions too: make the course somewhere else."
        )
    held = sorted(path.name for path in root.iterdir()) if root.is_dir() else []
    if held and not unfinished:
        few = ", ".join(held[:3]) + (" ..." if len(held) > 3 else "")
        raise CourseError(
            f"{root} holds something else ({few}) and no {CONFIG_FILE}. Name a new or an empty folder."
        )


def _checked_id(course_id: str) -> str:
    if not _COURSE_ID.fullmatch(course_id):
        raise CourseError(
            f"{course_id!r} cannot be the course's id: it may hold plain letters, digits and _ . - only. "
            "Name one with --course-id."
        )
    return course_id


def _checked_url(db_url: str) -> str:
    if db_url:
        try:
            make_url(db_url)
        except ArgumentError:
            raise CourseError(
                "--db-url is no database's address. One looks like "
                "postgresql+psycopg://name:password@host/database."
            ) from None
    return db_url


def _settings(id: str, db_url: str) -> str:
    """The project's own `nbgrader_config.py`, with this course's id and gradebook."""
    text = (_home() / CONFIG_FILE).read_text(encoding="utf-8")
    line = f"c.CourseDirectory.course_id = {id!r}"
    if db_url:
        line += f"\nc.CourseDirectory.db_url = {db_url!r}"
    text, count = _ID_LINE.subn(lambda _: line, text)
    assert count == 1, f"{CONFIG_FILE} has no line for the course's id"
    return text


def _home() -> Path:
    """What a course is made from: the checkout, or what an installed package brings along."""
    package = Path(autograder.__file__).parent
    for home in (package.parent, package / "worksheets"):
        if (home / SOURCES).is_dir() and (home / CONFIG_FILE).is_file():
            return home
    raise UserError(
        "the worksheets' sources are not here: install the package anew, or work in its checkout."
    )


def _clear(root: Path, made: Sequence[Path]) -> None:
    """Leave things as they were: the folder was empty, or was not there."""
    for path in root.iterdir() if root.is_dir() else ():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    for folder in made:
        with contextlib.suppress(OSError):
            folder.rmdir()
