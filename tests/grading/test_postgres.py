"""The gradebook in PostgreSQL: a real server, from the system's packages, on loopback."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import a_class
import pytest
from another_user import become

from autograder.nbgrader_plugin import audit
from autograder.nbgrader_plugin.checkup import examine_course
from autograder.nbgrader_plugin.course import Course

pytestmark = [pytest.mark.slow, pytest.mark.linux]


def programs() -> Path | None:
    """The folder of `initdb` and `postgres`; Debian's is not on PATH."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


class Server:
    """A PostgreSQL server in a folder of its own, run by an ordinary user."""

    def __init__(self, folder: Path, bin: Path) -> None:
        self._folder, self._bin = folder, bin
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self._port = found.getsockname()[1]
        self._as = []
        if os.geteuid() == 0:  # it refuses to be run by root
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
            self._as = become(user.pw_uid, user.pw_gid)
        self._run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "grader", "-E", "UTF8")
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://grader@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        self._process = subprocess.Popen(
            [*self._as, self._bin / "postgres", "-D", self._folder / "data", "-k", self._folder,
             "-h", "127.0.0.1", "-p", str(self._port)],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        import psycopg

        for _ in range(300):
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.url.replace("+psycopg", "")).close()
                return
            time.sleep(0.1)
        raise AssertionError("the server did not come up")

    def kill(self) -> None:
        """Without a chance to tidy up.  Its helpers notice and end."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        time.sleep(0.5)

    def close(self) -> None:
        self._process.send_signal(signal.SIGINT)  # "fast": does not wait for its clients
        self._process.wait(timeout=60)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [*self._as, self._bin / program, *arguments],
            cwd=self._folder,
            check=True,
            capture_output=True,
        )


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    pytest.importorskip("psycopg", reason="needs the extra `postgresql`")
    found = programs()
    if found is None:
        pytest.skip("there is no PostgreSQL here: sudo apt-get install postgresql")
    folder = Path("/tmp") / f"unrolled-postgresql-{os.getpid()}"  # a socket's path has to be short
    folder.mkdir(mode=0o700)
    try:
        made = Server(folder, found)
        with contextlib.closing(made):
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def course(template: Path, tmp_path: Path, server: Server) -> Course:
    """The class's course, with its gradebook in PostgreSQL."""
    root = tmp_path / "course"
    shutil.copytree(template, root)
    (root / "gradebook.db").unlink()
    config = root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.CourseDirectory.db_url = {server.url!r}\n")
    made = Course(root)
    made.generate("ps02")
    return made


def test_the_gradebook_is_the_same_in_postgresql(
    course: Course, server: Server, undisturbed: list[str]
) -> None:
    a_class.make_tables_at_once(course)
    a_class.grade_twice_at_once(course)
    assert a_class.dump(course) == undisturbed
    a_class.graded(course)
    assert a_class.dump(course) == undisturbed
    assert all(finding.well for finding in audit.replayed(course, "ps02"))
    by_nbgrader = subprocess.run(
        [*a_class.nbgrader("autograde", "ps02", "--force")],
        cwd=course.root,
        env=a_class.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert by_nbgrader.returncode == 0, by_nbgrader.stderr
    assert a_class.dump(course) == undisturbed
    seen = {finding.what: finding for finding in examine_course(course)}
    assert "postgresql 1" in seen["gradebook"].said
    assert seen["gradebook"].well
    assert seen["roster"].said == f"{len(a_class.CLASS)} students"


def test_a_server_that_dies_stops_grading_and_a_rerun_ends_it(
    course: Course, server: Server, undisturbed: list[str]
) -> None:
    process = subprocess.Popen(
        a_class.command(course, "grade", "ps02", "--jobs", "2"),
        env=a_class.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(5)
    server.kill()
    said, errors = process.communicate(timeout=300)
    assert process.returncode in (0, 1, 2), said + errors  # 0 if it had been quicker
    assert "Traceback" not in errors, errors
    server.start()
    a_class.graded(course)
    assert a_class.dump(course) == undisturbed
