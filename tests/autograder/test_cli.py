"""The command line: misuse ends with one sentence and status 2, and leaves no trace."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from autograder import cli
from autograder.cli import main
from autograder.errors import UserError
from autograder.exercises import IDS

COMMANDS = (
    "audit",
    "build",
    "collect",
    "contracts",
    "demo",
    "doctor",
    "extend",
    "feedback",
    "grade",
    "init",
    "report",
)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Run `autograder ...` from an empty folder."""
    somewhere = tmp_path / "somewhere"
    somewhere.mkdir()
    monkeypatch.chdir(somewhere)
    return lambda *arguments: CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture
def empty_course(tmp_path: Path, checkout: Path) -> Path:
    """A course with its configuration and nothing else."""
    root = tmp_path / "course"
    root.mkdir()
    shutil.copyfile(checkout / "nbgrader_config.py", root / "nbgrader_config.py")
    return root


@pytest.fixture
def course_with_gradebook(course: object, tmp_path: Path, hand_in: Callable[..., Path]) -> Path:
    """A course that has been prepared, and in which ada has handed in."""
    from autograder.nbgrader_plugin.course import Course

    assert isinstance(course, Course)
    course.generate("ps02")
    hand_in("ada", "")
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
        if "__pycache__" not in path.parts
    }


def assert_misuse(result: Result, *said: str) -> None:
    """Status 2 and one sentence on stderr; no traceback and nothing on stdout."""
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    for part in said:
        assert part in result.stderr


# Help.


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_lists_the_commands(command: Callable[..., Result], option: str) -> None:
    result = command(option)
    assert result.exit_code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in result.stdout
    assert set(main.commands) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_says_what_it_does_and_every_option_too(
    command: Callable[..., Result], name: str
) -> None:
    result = command(name, "--help")
    assert result.exit_code == 0
    assert main.commands[name].help
    for option in main.commands[name].params:
        if isinstance(option, click.Option) and option.name not in ("help", "write"):
            assert option.help, f"{name} {option.name}"


def test_the_version_is_told(command: Callable[..., Result]) -> None:
    import course

    assert course.__version__ in command("--version").stdout


@pytest.mark.parametrize("arguments", [["no-such-command"], ["grade"], ["grade", "ps02", "--fast"]])
def test_what_click_refuses_has_status_2(
    command: Callable[..., Result], arguments: list[str]
) -> None:
    result = command(*arguments)
    assert result.exit_code == 2
    assert "Error: " in result.stderr


# Misuse.


@pytest.mark.parametrize("arguments", [["init"], ["build"], ["build", "ps02"], ["grade", "ps02"]])
def test_outside_a_course_one_is_told_where_to_go(
    command: Callable[..., Result], arguments: list[str]
) -> None:
    assert_misuse(command(*arguments), "is not a course", "nbgrader_config.py", "--course")
    assert contents(Path.cwd()) == {}


@pytest.mark.parametrize("name", ["init", "build", "grade"])
def test_a_course_that_is_not_there_is_told(
    command: Callable[..., Result], tmp_path: Path, name: str
) -> None:
    arguments = [name, *(["ps02"] if name == "grade" else []), "--course", tmp_path / "nowhere"]
    assert_misuse(command(*arguments), "nowhere is not a course")
    assert not (tmp_path / "nowhere").exists()


def test_a_file_is_no_course(command: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    assert_misuse(command("init", "--course", tmp_path / "file"), "is not a course")


@pytest.mark.parametrize(
    ("id", "said"),
    [("ps2", "Did you mean 'ps02'?"), ("xyz", f"There are: {', '.join(IDS)}.")],
)
def test_an_unknown_worksheet_is_told_with_the_nearest(
    command: Callable[..., Result], empty_course: Path, id: str, said: str
) -> None:
    before = contents(empty_course)
    assert_misuse(
        command("build", id, "--course", empty_course), f"there is no worksheet {id!r}", said
    )
    assert contents(empty_course) == before


def test_a_worksheet_without_its_source_is_told(
    command: Callable[..., Result], empty_course: Path
) -> None:
    before = contents(empty_course)
    assert_misuse(command("build", "ps02", "--course", empty_course), "ps02_vanilla_rnn.py")
    assert contents(empty_course) == before


@pytest.mark.parametrize("assignment", ["ps02", "ps99", "../x", "*"])
def test_without_a_gradebook_nothing_is_graded(
    command: Callable[..., Result], empty_course: Path, assignment: str
) -> None:
    before = contents(empty_course)
    assert_misuse(
        command("grade", assignment, "--course", empty_course),
        "there is no gradebook",
        "autograder init",
    )
    assert contents(empty_course) == before


def test_misuse_of_a_prepared_course_is_told_and_changes_nothing(
    command: Callable[..., Result], course_with_gradebook: Path
) -> None:
    root = course_with_gradebook
    before = contents(root / "submitted")
    for student in ("bob", "../ada", "*", "ada/ps02", "=cmd"):
        assert_misuse(
            command("grade", "ps02", "--student", student, "--course", root),
            f"{student} has handed in nothing",
        )
    for assignment in ("ps03", "../ps02", ""):
        assert_misuse(
            command("grade", assignment, "--course", root),
            f"the gradebook has no assignment {assignment!r} (it has: ps02)",
        )
    assert contents(root / "submitted") == before
    assert not (root / "autograded").exists()
    shutil.rmtree(root / "notebooks")
    assert_misuse(command("grade", "ps02", "--course", root), "there is no released notebook")
    assert not (root / "autograded").exists()


def test_a_machine_without_a_sandbox_grades_only_if_told_to(
    command: Callable[..., Result], course_with_gradebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder.sandbox import launch

    settings = course_with_gradebook / "nbgrader_config.py"
    settings.write_text(settings.read_text() + "\nc.ExecuteInSandbox.unsafe_no_sandbox = False\n")
    monkeypatch.setattr(launch, "why_not_full", lambda: "bubblewrap is not installed.")
    monkeypatch.setattr(launch, "why_not_reduced", lambda: "Landlock needs Linux.")
    result = command("grade", "ps02", "--course", course_with_gradebook)
    assert_misuse(result, "bubblewrap is not installed.", "--unsafe-no-sandbox")
    assert not (course_with_gradebook / "autograded").exists()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UserError("Do this."), "Error: Do this.\n"),
        (PermissionError(13, "Permission denied", "x.db"), "Error: Permission denied: x.db\n"),
        (FileNotFoundError(2, "No such file", "y"), "Error: No such file: y\n"),
    ],
)
def test_errors_that_a_person_can_mend_are_sentences(error: Exception, said: str) -> None:
    @click.command()
    @cli._misuse_is_2
    def failing() -> None:
        raise error

    result = CliRunner().invoke(failing)
    assert (result.exit_code, result.stderr) == (2, said)


def test_other_errors_keep_their_traceback() -> None:
    @click.command()
    @cli._misuse_is_2
    def failing() -> None:
        raise ZeroDivisionError("a fault of ours")

    assert isinstance(CliRunner().invoke(failing).exception, ZeroDivisionError)


# The process itself.


def process(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "autograder.cli", *arguments],
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_process_ends_with_status_2_and_one_sentence(tmp_path: Path) -> None:
    done = process("grade", "ps02", folder=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "mend"),
    [
        ("nosuch://ta:hush@127.0.0.1:9/marks", "Is its server running"),
        ("mysql+pymysql://ta:hush@127.0.0.1:9/marks", "Is its driver installed?"),
    ],
)
def test_a_gradebook_elsewhere_that_cannot_be_opened_is_told_without_its_password(
    command: Callable[..., Result], empty_course: Path, url: str, mend: str
) -> None:
    config = empty_course / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.CourseDirectory.db_url = {url!r}\n")
    result = command("grade", "ps02", "--course", empty_course)
    assert result.exit_code == 2
    assert f"{url.replace('hush', '***')} cannot be opened" in result.stderr
    assert mend in result.stderr
    assert "hush" not in result.output


# The doctor.


def test_the_doctor_reports_on_an_empty_folder(
    command: Callable[..., Result], tmp_path: Path
) -> None:
    result = command("doctor")
    assert result.exit_code == 1
    for what in ("Python: ", "numpy: ", "nbgrader: ", "alembic on PATH: ", "sandbox: "):
        assert what in result.stdout
    assert "! course: " in result.stdout
    assert "✓ Python: " in result.stdout
    assert contents(Path.cwd()) == {}


def test_the_doctor_says_what_a_fresh_course_lacks(
    command: Callable[..., Result], empty_course: Path
) -> None:
    before = contents(empty_course)
    result = command("doctor", "--course", empty_course)
    assert result.exit_code == 1
    assert "✓ course: " in result.stdout
    assert "! assignment ps02: there is no gradebook" in result.stdout
    assert contents(empty_course) == before


def test_the_doctor_says_how_to_mend_a_missing_package(
    command: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder import doctor

    monkeypatch.setattr(doctor, "PACKAGES", ("numpy", "no-such-package-anywhere"))
    result = command("doctor")
    assert result.exit_code == 1
    assert "! no-such-package-anywhere: not installed: pip install" in result.stdout
