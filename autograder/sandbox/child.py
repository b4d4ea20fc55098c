"""One child process: how it is started, asked, and ended."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from autograder.sandbox import launch
from autograder.sandbox.frames import BadFrame, read_frame, write_frame
from autograder.sandbox.launch import Level


@dataclasses.dataclass(frozen=True)
class Budget:
    """What one submission may use.  Seconds are of wall-clock time."""

    cell_seconds: float = 30.0
    exercise_seconds: float = 30.0
    notebook_seconds: float = 600.0
    start_seconds: float = 60.0
    memory_bytes: int = 2 << 30
    file_bytes: int = 64 << 20
    output_bytes: int = 1 << 20  # per cell
    notebook_output_bytes: int = 32 << 20
    processes: int = 64  # threads too; where the child has a user of its own


class WorkerFailure(Exception):
    """The child did not start: not the student's doing."""


class Lost(Exception):
    """The child is gone or silent."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


class Child:
    """One running child: frames out, frames in, and a deadline for each."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._requests: BinaryIO = process.stdin  # type: ignore[assignment]
        self._frames: queue.Queue[Any] = queue.Queue(maxsize=2)
        self._closed = threading.Event()
        self._sent = False
        self._writer = threading.Thread()
        # A thread reads, because pipes cannot be waited for with a timeout on every system.
        self._reader = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        self._reader.start()

    def ask(
        self,
        header: Mapping[str, Any],
        arrays: Mapping[str, np.ndarray],
        seconds: float,
        deadline: float,
    ) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Send a frame and wait for the answer.  Raises Lost if none comes in time."""
        seconds = min(seconds, deadline - time.monotonic())
        begin = time.monotonic()
        # A thread writes too: a child that has stopped to read would hold the host for ever.
        self._writer = threading.Thread(target=self._write, args=(header, arrays), daemon=True)
        self._writer.start()
        self._writer.join(timeout=max(seconds, 0.0))
        if self._writer.is_alive():
            raise Lost("timed out")
        if not self._sent:
            raise Lost("died")
        return self.receive(seconds - (time.monotonic() - begin))

    def _write(self, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        self._sent = False
        with contextlib.suppress(BadFrame, OSError, ValueError):
            write_frame(self._requests, header, arrays)
            self._sent = True

    def receive(self, seconds: float) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        try:
            frame = self._frames.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            raise Lost("timed out") from None
        if frame is None:
            raise Lost("died")
        found: tuple[dict[str, Any], dict[str, np.ndarray]] = frame
        return found

    def _read(self, pipe: BinaryIO) -> None:
        frame: Any = True
        while frame is not None and not self._closed.is_set():
            try:
                frame = read_frame(pipe)
            except (BadFrame, OSError, ValueError):
                frame = None
            self._put(frame)

    def _put(self, frame: Any) -> None:
        """Hand a frame on; a child that sends more than it was asked for has to wait."""
        while not self._closed.is_set():
            with contextlib.suppress(queue.Full):
                return self._frames.put(frame, timeout=0.1)

    def close(self) -> None:
        """End the child and all that it started."""
        self._closed.set()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()
        self._reader.join(timeout=1.0)
        if self._writer.is_alive():
            self._writer.join(timeout=1.0)
        if not self._writer.is_alive():
            with contextlib.suppress(OSError, ValueError):
                self._requests.close()
        if not self._reader.is_alive() and self._process.stdout is not None:
            self._process.stdout.close()


@contextlib.contextmanager
def start(
    library: Path, level: Level, budget: Budget, told: Mapping[str, Any] | None = None
) -> Iterator[Child]:
    """A child that is ready for its first cell.  Raises WorkerFailure if it does not come up.

    `told` is what the notebook may know of its student: `{"student": name, "questions": {exercise: name}}`.
    """
    with (
        tempfile.TemporaryDirectory(prefix="unrolled-", ignore_cleanup_errors=True) as scratch,
        tempfile.TemporaryFile() as log,
    ):
        command, environment = launch.command(level, library, Path(scratch))
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=scratch,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        child = Child(process)
        try:
            _await_ready(child, library, level, budget, told or {}, log)
            yield child
        finally:
            child.close()


def _await_ready(
    child: Child,
    library: Path,
    level: Level,
    budget: Budget,
    told: Mapping[str, Any],
    log: BinaryIO,
) -> None:
    fonts = "/library/fonts" if level == Level.NAMESPACES else str(library / "fonts")
    settings = {
        "memory_bytes": budget.memory_bytes,
        "file_bytes": budget.file_bytes,
        "output_bytes": budget.output_bytes,
        "processes": budget.processes if level == Level.NAMESPACES else 0,
        "fonts": fonts,
        "told": told,
    }
    try:
        child.ask(settings, {}, budget.start_seconds, time.monotonic() + budget.start_seconds)
    except Lost as lost:
        log.seek(0)
        said = log.read(2000).decode(errors="replace")
        raise WorkerFailure(f"the worker {lost.how} before it began. {said}".strip()) from None
