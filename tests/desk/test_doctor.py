"""The doctor finds each fault that a course can have, says how to mend it, and changes nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from another_user import USER, become
from click.testing import CliRunner, Result

from autograder import doctor, exercises
from autograder.cli import main
from autograder.doctor import Finding
from autograder.nbgrader_plugin import checkup, newcourse
from autograder.nbgrader_plugin.checkup import examine_course
from autograder.nbgrader_plugin.course import Course
from autograder.roster import Student

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A course with ps02 and one student."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(CHECKOUT / "solutions" / "ps02", home / "solutions" / "ps02")
    shutil.copyfile(CHECKOUT / "nbgrader_config.py", home / "nbgrader_config.py")
    root = tmp_path_factory.mktemp("doctor") / "rnn"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(newcourse, "_home", lambda: home)
        list(newcourse.init(root, students=[Student("ada")]))
        patched.setattr(exercises, "IDS", ("ps02",))
        yield root


@pytest.fixture
def root(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy to spoil; what env.sh sets is set."""
    shutil.copytree(made, tmp_path / "rnn")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "rnn" / "share" / "jupyter"))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(tmp_path / "rnn" / "etc" / "jupyter"))
    return tmp_path / "rnn"


def found(root: Path) -> dict[str, Finding]:
    """By what was looked at; of several, the worst."""
    findings = sorted(examine_course(Course(root)), key=lambda f: (not f.well, f.note))
    return {finding.what: finding for finding in findings}


def faults(root: Path) -> dict[str, str]:
    return {what: finding.said for what, finding in found(root).items() if not finding.well}


def setting(root: Path, line: str) -> None:
    config = root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\n{line}\n")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
        if "__pycache__" not in path.parts
    }


def test_a_sound_course_has_no_fault_and_is_not_changed(root: Path) -> None:
    before = contents(root)
    seen = found(root)
    assert faults(root) == {}
    assert seen["roster"].said == "1 students"
    assert "sqlite 3." in seen["gradebook"].said
    assert seen["exchange"].well
    assert "UTC" in seen["time zone"].said
    assert seen["Jupyter"].well
    assert seen["kernel python3"].well
    assert contents(root) == before


def test_an_empty_roster_is_a_note(root: Path) -> None:
    with Course(root).gradebook() as gradebook:
        gradebook.remove_student("ada")
    finding = found(root)["roster"]
    assert (finding.well, finding.note) == (True, True)
    assert "--roster" in finding.said


@pytest.mark.linux
def test_an_exchange_that_students_cannot_use(root: Path) -> None:
    (root / "exchange").chmod(0o755)
    assert "chmod 777" in faults(root)["exchange"]
    (root / "exchange").rmdir()
    assert "autograder init" in faults(root)["exchange"]


@pytest.mark.linux
def test_an_exchange_behind_a_closed_folder_is_noted(root: Path) -> None:
    root.chmod(0o700)
    finding = found(root)["exchange"]
    assert finding.note
    assert "chmod o+x" in finding.said


@pytest.mark.linux
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="becomes another user")
@pytest.mark.parametrize(("closed", "mode"), [("rnn/exchange", 0o755), ("rnn", 0o700), ("", 0o700)])
def test_another_user_finds_the_exchange_as_the_doctor_says(
    made: Path, closed: str, mode: int
) -> None:
    with tempfile.TemporaryDirectory(prefix="unrolled-exchange-") as folder:
        above = Path(folder)
        above.chmod(0o755)
        root = above / "rnn"
        shutil.copytree(made, root)
        write = [*become(USER, USER), "mktemp", "-p", root / "exchange"]
        finding = found(root)["exchange"]
        assert (finding.well, finding.note) == (True, False)
        assert subprocess.run(write, capture_output=True, check=False).returncode == 0
        (above / closed).chmod(mode)
        finding = found(root)["exchange"]
        assert finding.note or not finding.well
        assert str(above / closed) in finding.said
        assert subprocess.run(write, capture_output=True, check=False).returncode != 0


def test_an_exchange_without_a_course_id(root: Path) -> None:
    setting(root, 'c.CourseDirectory.course_id = ""')
    assert "course_id" in faults(root)["exchange"]


def test_a_time_zone_that_is_none(root: Path) -> None:
    setting(root, 'c.Exchange.timezone = "Middle/Earth"')
    assert "Europe/Vienna" in faults(root)["time zone"]


@pytest.mark.linux
def test_a_file_system_whose_clock_is_off(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = checkup.time.time()
    monkeypatch.setattr(checkup.time, "time", lambda: now - 3600)
    assert "NTP" in faults(root)["clock of the course"]


def test_a_clock_before_the_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.time, "time", lambda: 0.0)
    assert "timedatectl" in doctor._clock().said
    assert not doctor._clock().well


def test_a_gradebook_that_another_program_holds(root: Path) -> None:
    with sqlite3.connect(root / "gradebook.db", isolation_level=None) as book:
        book.execute("BEGIN EXCLUSIVE")
        assert "database is locked" in faults(root)["gradebook"]
        book.rollback()
    assert faults(root) == {}


def test_a_damaged_gradebook(root: Path) -> None:
    (root / "gradebook.db").write_bytes(b"no database" * 500)
    assert "Restore it from a backup" in faults(root)["gradebook"]


def test_a_gradebook_of_an_older_nbgrader(root: Path) -> None:
    with sqlite3.connect(root / "gradebook.db") as book:
        book.execute("ALTER TABLE student DROP COLUMN lms_user_id")
    assert "nbgrader db upgrade" in faults(root)["schema"]


@pytest.mark.linux
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write anywhere")
def test_a_gradebook_that_is_somebody_else_s(root: Path) -> None:
    (root / "gradebook.db").chmod(0o400)
    assert "cannot be written by you" in faults(root)["gradebook"]


@pytest.mark.linux
def test_a_gradebook_that_all_can_read_is_noted(root: Path) -> None:
    (root / "gradebook.db").chmod(0o644)
    assert any(f.note and "chmod 600" in f.said for f in examine_course(Course(root)))


def test_a_missing_driver_and_a_server_that_is_gone(root: Path) -> None:
    config = (root / "nbgrader_config.py").read_text()
    for url, said in (
        ("mysql+pymysql://ta:hush@127.0.0.1:9/x", "Is its driver installed?"),
        ("nosuch://ta:hush@127.0.0.1:9/x", "Is its server running"),
    ):
        (root / "nbgrader_config.py").write_text(f"{config}\nc.CourseDirectory.db_url = {url!r}\n")
        assert said in faults(root)["gradebook"]
        assert "hush" not in faults(root)["gradebook"]


def test_a_worksheet_that_is_not_released(root: Path) -> None:
    shutil.rmtree(root / "notebooks" / "ps02")
    assert "autograder init" in faults(root)["assignment ps02"]


def test_a_terminal_without_env(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUPYTER_PATH")
    assert f"source {root / 'env.sh'}" in faults(root)["Jupyter"]


def test_a_kernel_whose_python_has_gone(root: Path) -> None:
    spec = root / "share" / "jupyter" / "kernels" / "python3" / "kernel.json"
    spec.write_text(
        '{"argv": ["/nowhere/python", "-m", "ipykernel_launcher"], "display_name": "x"}'
    )
    assert "/nowhere/python" in faults(root)["kernel python3"]


# The command.


def command(root: Path) -> Result:
    return CliRunner().invoke(main, ["doctor", "--course", str(root)])


def test_notes_do_not_change_the_exit_status(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "EXTRAS", {"no-such-package": ("cluster", "grading on machines")})
    monkeypatch.setattr(doctor, "why_not_full", lambda: "")
    result = command(root)
    assert "– no-such-package: not installed; for grading on machines: pip install" in (
        result.stdout.replace("\n", " ")
    )
    assert result.exit_code == 0, result.output
    shutil.rmtree(root / "exchange")
    assert command(root).exit_code == 1


def test_a_missing_alembic_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    result = command(root)
    assert "! alembic on PATH: missing" in result.stdout
    assert result.exit_code == 1
