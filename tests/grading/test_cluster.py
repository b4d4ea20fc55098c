"""Grading on a Dask cluster: a real scheduler and two real workers on loopback, talking TLS."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import a_class
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.linux]

pytest.importorskip("distributed", reason="needs the extra `cluster`")
pytest.importorskip("cryptography", reason="certificates for the test are made with it")


class Cluster:
    """Processes of Dask's own command line."""

    def __init__(self, folder: Path) -> None:
        from distributed.security import Security

        self._folder = folder
        self._processes: dict[str, subprocess.Popen[str]] = {}
        made = Security.temporary()
        self._tls = []
        (folder / "ca.pem").write_text(made.tls_ca_file)
        for role in ("scheduler", "worker", "client"):
            for kind in ("key", "cert"):
                (folder / f"{role}-{kind}.pem").write_text(getattr(made, f"tls_{role}_{kind}"))
        (folder / "stranger.pem").write_text(Security.temporary().tls_ca_file)

    def environment(self, role: str, ca: str = "ca.pem") -> dict[str, str]:
        """What makes Dask's processes of one role speak TLS."""
        where = "DASK_DISTRIBUTED__COMM__"
        return a_class.environment() | {
            f"{where}REQUIRE_ENCRYPTION": "true",
            f"{where}TLS__CA_FILE": str(self._folder / ca),
            f"{where}TLS__{role.upper()}__KEY": str(self._folder / f"{role}-key.pem"),
            f"{where}TLS__{role.upper()}__CERT": str(self._folder / f"{role}-cert.pem"),
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
            "PYTHONUNBUFFERED": "1",
        }

    def start_scheduler(self) -> str:
        """Its address."""
        said = self._start(
            "scheduler",
            [
                "scheduler",
                "--protocol",
                "tls",
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--no-dashboard",
            ],
            r"Scheduler at:\s+(tls://[\d.:]+)",
        )
        self.address = said
        return said

    def start_worker(self, name: str) -> None:
        self._start(
            name,
            ["worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard",
             "--host", "127.0.0.1", "--local-directory", str(self._folder / name)],
            r"Registered to:\s+(tls://[\d.:]+)",
            role="worker",
        )  # fmt: skip

    def kill(self, name: str) -> None:
        process = self._processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        for name in list(self._processes):
            self.kill(name)

    def _start(self, name: str, arguments: list[str], wanted: str, role: str = "") -> str:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments],
            env=self.environment(role or name),
            cwd=self._folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._processes[name] = process
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if found := re.search(wanted, line):
                # Whatever it says later must not fill the pipe.
                threading.Thread(target=process.stdout.read, daemon=True).start()
                return found[1]
        raise AssertionError(f"{name} did not come up: {said}")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    folder = tmp_path / "cluster"
    folder.mkdir()
    made = Cluster(folder)
    made.start_scheduler()
    made.start_worker("first")
    made.start_worker("second")
    with contextlib.closing(made):
        yield made


def grade(cluster: Cluster, course: a_class.Course, **settings: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        a_class.command(course, "grade", "ps02", "--scheduler", cluster.address),
        env=cluster.environment("client", **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_cluster_gives_the_same_gradebook(
    cluster: Cluster, course: a_class.Course, undisturbed: list[str]
) -> None:
    process = grade(cluster, course)
    said, errors = process.communicate(timeout=300)
    assert process.returncode == 0, said + errors
    assert a_class.dump(course) == undisturbed


def test_a_worker_may_die(cluster: Cluster, course: a_class.Course, undisturbed: list[str]) -> None:
    process = grade(cluster, course)
    time.sleep(6)
    cluster.kill("first")
    said, errors = process.communicate(timeout=300)
    assert process.returncode == 0, said + errors
    assert a_class.dump(course) == undisturbed


def test_without_the_scheduler_grading_stops_and_a_rerun_ends_it(
    cluster: Cluster, course: a_class.Course, undisturbed: list[str]
) -> None:
    process = grade(cluster, course)
    records = course.root / ".unrolled" / "records"
    while not any(records.rglob("*.frames")):  # until the first has been graded
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    cluster.kill("scheduler")
    said, errors = process.communicate(timeout=300)
    assert process.returncode in (0, 2), said + errors  # 0 if it had been quicker
    if process.returncode:
        assert "the cluster's scheduler is gone" in errors
    assert "Traceback" not in errors
    a_class.graded(course)
    assert a_class.dump(course) == undisturbed


def test_a_stranger_s_certificate_is_refused(cluster: Cluster, course: a_class.Course) -> None:
    process = grade(cluster, course, ca="stranger.pem")
    said, errors = process.communicate(timeout=120)
    assert process.returncode == 2, said
    assert "cannot be reached" in errors
    assert "Traceback" not in errors


def test_no_scheduler_is_said_in_a_sentence(course: a_class.Course) -> None:
    done = subprocess.run(
        a_class.command(course, "grade", "ps02", "--scheduler", "tcp://127.0.0.1:9"),
        env=a_class.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr
