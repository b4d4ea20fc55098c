"""The command line: `autograder init | build | collect | grade | feedback | report | audit | ...`.

Exit status: 0 when nothing needs attention, 1 when a submission does, 2 for misuse.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from autograder.errors import UserError

if TYPE_CHECKING:
    from autograder.nbgrader_plugin.course import Course

# nbgrader takes seconds to import, so each command imports what it needs.

_course_option = click.option(
    "--course",
    "root",
    type=click.Path(path_type=Path),
    default=Path(),
    show_default="this folder",
    help="The course's folder, which holds nbgrader_config.py.",
)


class Misuse(click.ClickException):
    """One sentence on stderr, exit status 2."""

    exit_code = 2


def _misuse_is_2(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn errors that a person can mend into one sentence and exit status 2."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except UserError as error:
            raise Misuse(str(error)) from error
        except (PermissionError, FileNotFoundError, IsADirectoryError) as error:
            raise Misuse(f"{error.strerror}: {error.filename}") from error

    return wrapped


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="unrolled")
def main() -> None:
    """Build, check and grade Unrolled's worksheets."""


@main.command()
@click.argument("folder", required=False, metavar="[DIR]", type=click.Path(path_type=Path))
@click.option(
    "--course-id",
    default="",
    show_default="DIR's name",
    help="A new course's name, as nbgrader's exchange has it.",
)
@click.option(
    "--db-url", default="", help="A new course's gradebook, if it is not to be an SQLite file."
)
@click.option(
    "--roster",
    type=click.Path(path_type=Path),
    default=None,
    help="Take in students from a CSV file: id, first_name, last_name, email, lms_user_id.",
)
@_course_option
@_misuse_is_2
def init(folder: Path | None, course_id: str, db_url: str, roster: Path | None, root: Path) -> None:
    """Make a course in DIR, or without DIR prepare the one in this folder.

    A course that is there already is brought up to date.
    """
    from autograder.nbgrader_plugin.newcourse import init as initialise
    from autograder.roster import read_roster

    if folder is None:
        _open(root)  # only a folder that is named becomes a course
    elif root != Path():
        raise UserError("name the folder once: as DIR, or an existing course with --course.")
    students = read_roster(roster) if roster else []
    for line in initialise(folder or root, course_id, db_url, students):
        click.echo(line)


@main.command()
@click.argument("worksheets", nargs=-1)
@click.option("--force", is_flag=True, help="Build even what is up to date.")
@_course_option
@_misuse_is_2
def build(worksheets: tuple[str, ...], force: bool, root: Path) -> None:
    """Build solved and released notebooks from solutions/*.py (all, or those named)."""
    from autograder import build as builder
    from autograder.exercises import IDS, worksheet

    course = _open(root)
    for id in worksheets or IDS:
        built = builder.build(root, worksheet(id), force=force)
        course.generate(id)
        click.echo(f"{id}: {f'built, its cells took {built}' if built else 'up to date'}; released")


@main.command()
@click.argument("assignment")
@click.option("--student", "students", multiple=True, help="Only this student (may be repeated).")
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON lines: one per student and exercise."
)
@click.option("--force", is_flag=True, help="Grade even what has not changed.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=lambda: os.cpu_count() or 1,
    show_default="this machine's cores",
    help="How many submissions run at once.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    default="",
    help="Run them on a Dask cluster instead, such as tls://10.0.0.1:8786.",
)
@click.option(
    "--reduced-sandbox",
    is_flag=True,
    help="Accept a weaker sandbox where bubblewrap cannot work, as in some containers.",
)
@click.option(
    "--unsafe-no-sandbox",
    is_flag=True,
    help="Run student code unconfined where this machine has no sandbox.",
)
@_course_option
@_misuse_is_2
def grade(
    assignment: str,
    students: tuple[str, ...],
    as_json: bool,
    force: bool,
    jobs: int,
    scheduler: str,
    reduced_sandbox: bool,
    unsafe_no_sandbox: bool,
    root: Path,
) -> None:
    """Grade the submissions of ASSIGNMENT."""
    from autograder import grade as grading
    from autograder.nbgrader_plugin.course import CourseError
    from autograder.progress import progress
    from autograder.table import changes_table, console, grades_table, legend

    course = _open(root)
    if reduced_sandbox:
        course.config.ExecuteInSandbox.reduced_sandbox = True
    if unsafe_no_sandbox:
        course.config.ExecuteInSandbox.unsafe_no_sandbox = True
    course.require_assignment(assignment)
    known = course.submitters(assignment)
    if unknown := [student for student in students if student not in known]:
        folder = course.folder("submitted", unknown[0], assignment)
        raise CourseError(f"{unknown[0]} has handed in nothing: there is no {folder}.")
    wanted = students or known
    outcomes = []
    graded = grading.grade(course, assignment, wanted, force=force, jobs=jobs, scheduler=scheduler)
    for outcome in progress(graded, len(wanted), quiet=as_json):
        outcomes.append(outcome)
        if as_json:
            for row in outcome.rows:
                click.echo(json.dumps(row.as_json()))
    outcomes.sort(key=lambda outcome: outcome.student)
    if not as_json:
        if not outcomes:
            click.echo(f"Nobody has handed in {assignment} yet.")
        else:
            look = {
                o.student: str(
                    course.folder("submitted" if o.trouble else "autograded", o.student, assignment)
                )
                for o in outcomes
            }
            out = console()
            relative = {s: _relative(path, course.root) for s, path in look.items()}
            out.print(grades_table(outcomes, relative, out.width))
            out.print(legend(outcomes), style="bright_black")
            if any(outcome.changes for outcome in outcomes):
                out.print(changes_table(outcomes))
            out.print(f"sandbox level: {grading.sandbox_level(course)}", style="bright_black")
    sys.exit(1 if any(outcome.trouble for outcome in outcomes) else 0)


@main.command()
@click.argument("assignment")
@click.option("--student", "students", multiple=True, help="Only this student (may be repeated).")
@click.option("--force", is_flag=True, help="Write even what has not changed.")
@_course_option
@_misuse_is_2
def feedback(assignment: str, students: tuple[str, ...], force: bool, root: Path) -> None:
    """Write the feedback pages of ASSIGNMENT, as `nbgrader generate_feedback` does."""
    from autograder.nbgrader_plugin.feedback import write_feedback

    written = unchanged = 0
    trouble = False
    for fed in write_feedback(_open(root), assignment, students, force=force):
        written, unchanged = written + fed.written, unchanged + fed.unchanged
        if fed.trouble:
            trouble = True
            click.echo(f"! {fed.student}: {fed.trouble}")
    click.echo(f"feedback of {assignment}: {written} pages written, {unchanged} unchanged")
    sys.exit(1 if trouble else 0)


@main.command()
@click.argument("assignment")
@click.option(
    "--from",
    "path",
    type=click.Path(path_type=Path),
    required=True,
    help="A zip or a folder of submissions, as an LMS gives it.",
)
@click.option(
    "--lms",
    type=click.Choice(["canvas", "moodle", "folders"]),
    default=None,
    show_default="by the look of the names",
    help="Whose names they are; folders: one for each student's id.",
)
@click.option(
    "--received",
    type=click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]),
    default=None,
    help="When all of it was received, in this machine's time zone.",
)
@click.option("--replace", is_flag=True, help="Take these even where a newer one is there.")
@_course_option
@_misuse_is_2
def collect(
    assignment: str,
    path: Path,
    lms: str | None,
    received: datetime | None,
    replace: bool,
    root: Path,
) -> None:
    """Take in submissions of ASSIGNMENT from a zip or a folder (from the exchange: nbgrader collect).

    Exit status 1 if something was left out, 2 if nothing could be taken.
    """
    from autograder.collect import Lms
    from autograder.nbgrader_plugin.collecting import Collector
    from autograder.nbgrader_plugin.placing import Fate

    read_as, moment = Lms(lms) if lms else None, received.astimezone() if received else None
    fates = []
    for told in Collector(_open(root), assignment).collect(path, read_as, moment, replace):
        if isinstance(told, str):
            click.echo(told)
            continue
        fates.append(told.fate)
        click.echo(
            f"{'!' if told.fate is Fate.LEFT_OUT else '✓'} {told.who}: {told.fate}: {told.said}"
        )
    click.echo(", ".join(f"{fates.count(fate)} {fate}" for fate in Fate if fate in fates))
    if Fate.LEFT_OUT in fates:
        sys.exit(2 if set(fates) == {Fate.LEFT_OUT} else 1)


@main.command()
@click.argument("assignment", required=False)
@click.option(
    "--dump", is_flag=True, help="Print the gradebook as text, to compare it with another."
)
@_course_option
@_misuse_is_2
def audit(assignment: str | None, dump: bool, root: Path) -> None:
    """Make recorded verdicts again from recorded inputs and answers; no student code is run.

    Of ASSIGNMENT, or of all.  Exit status 1 if a verdict is not what is on record.
    """
    from autograder.nbgrader_plugin.audit import dumped, replayed

    course = _open(root)
    if dump:
        for line in dumped(course, assignment):
            click.echo(line)
        return
    well = True
    for finding in replayed(course, assignment):
        well = well and finding.well
        click.echo(f"{'✓' if finding.well else '!'} {finding.said}")
    sys.exit(0 if well else 1)


@main.command()
@click.argument("assignment")
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Write to this file; without it, to ASSIGNMENT-report.html.",
)
@_course_option
@_misuse_is_2
def report(assignment: str, to: Path | None, root: Path) -> None:
    """Say how the class did on ASSIGNMENT, in one HTML file: points, mistakes, weak exercises."""
    from autograder.files import write_whole
    from autograder.nbgrader_plugin.class_report import class_report
    from autograder.report.page import page

    path = to or Path(f"{assignment}-report.html")
    write_whole(path, page(class_report(_open(root), assignment)).encode())
    click.echo(f"{path}: it holds names, and only you can read it")


@main.command()
@click.argument("assignment")
@click.argument("student")
@click.option("--days", type=click.FloatRange(min=0), required=True, help="In all; 0 for none.")
@_course_option
@_misuse_is_2
def extend(assignment: str, student: str, days: float, root: Path) -> None:
    """Give STUDENT more time for ASSIGNMENT: so many days after the due date, in place of earlier ones."""
    due = _open(root).extend(assignment, student, days)
    click.echo(f"{student}: {assignment} is due {due:%Y-%m-%d %H:%M} UTC")


@main.command()
@_course_option
@click.option("--keep", type=click.Path(path_type=Path), default=None, help="Work in this folder.")
@click.option("--accept", is_flag=True, help="Take this run's marks as the expected ones.")
@_misuse_is_2
def demo(root: Path, keep: Path | None, accept: bool) -> None:
    """Run the main job end to end on a small class, in .demo/."""
    from autograder.demo import run_demo
    from autograder.table import console

    sys.exit(run_demo(root.resolve(), keep or root.resolve() / ".demo", console(), accept))


@main.command()
@_course_option
@_misuse_is_2
def doctor(root: Path) -> None:
    """Say what this machine and this course can do, and how to mend what they cannot."""
    from autograder.doctor import examine_machine

    well = True
    console = Console()
    for finding in examine_machine(root):
        well = well and finding.well
        sign = "–" if finding.note else "✓" if finding.well else "!"
        console.print(
            f"{sign} {finding.what}: {finding.said}", markup=False, highlight=False, soft_wrap=True
        )
    sys.exit(0 if well else 1)


@main.command()
@click.option(
    "--write", type=click.Path(path_type=Path), default=None, help="Write to a file instead."
)
@_misuse_is_2
def contracts(write: Path | None) -> None:
    """Print the table of all exercises: signature, shapes, points."""
    from autograder.contracts_table import contracts_table

    text = contracts_table()
    if write is None:
        click.echo(text, nl=False)
    else:
        write.parent.mkdir(parents=True, exist_ok=True)
        write.write_text(text, encoding="utf-8")


def _open(root: Path) -> Course:
    from autograder.nbgrader_plugin.course import Course

    return Course(root)


def _relative(path: str, root: Path) -> str:
    found = Path(path)
    return str(found.relative_to(root)) if found.is_relative_to(root) else path


if __name__ == "__main__":
    main()
