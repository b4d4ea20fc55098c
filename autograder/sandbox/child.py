"""One child process: what it may use, and how it is asked."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import os
import queue
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import numpy as np

from autograder.sandbox.frames import BadFrame, read_frame, write_frame

_PROCESSORS = os.cpu_count() or 1


@dataclasses.dataclass(frozen=True)
class Budget:
    """What one submission may use.  Seconds are of wall-clock time where nothing else is said."""

    cell_seconds: float = 30.0
    exercise_seconds: float = 30.0
    notebook_seconds: float = 600.0
    start_seconds: float = 60.0
    grace_seconds: float = 1.0  # for a cell to end by itself when its time is up
    cores: float = 1.0  # processor seconds for each second that a cell or an exercise has
    memory_bytes: int = 2 << 30
    file_bytes: int = 64 << 20
    output_bytes: int = 1 << 20  # per cell
    notebook_output_bytes: int = 32 << 20
    processes: int = 64  # threads too; where the child has a user of its own
    open_files: int = 256  # pipes and sockets too

    @property
    def cpu_seconds(self) -> int:
        """Processor time of one child, whatever its cells are given."""
        return math.ceil(self.notebook_seconds) + 1


class WorkerFailure(Exception):
    """The child did not start: not the student's doing."""


class Lost(Exception):
    """The child is gone or silent.

    `how` is "timed out", "died", "out of memory", "too many files", or "infrastructure": the sandbox
    itself went away, which is no doing of the student's.  A child that somebody outside kills, while
    its parent is well, cannot be told from one that killed itself: it "died".
    """

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


class Child:
    """One running child: frames out, frames in, and a deadline for each."""

    def __init__(
        self,
        requests: BinaryIO,
        answers: BinaryIO,
        kill: Callable[[], str],
        begins: Callable[[float], None] = lambda cpu_seconds: None,
        *,
        grace: float = 0.0,
        cores: float = 1.0,
    ) -> None:
        """`kill` ends the child, returns when it is gone, and says how it was lost if that is heard of.

        `begins` tells whoever watches the child how much processor time it has from now on.
        """
        self._requests, self._answers, self._kill = requests, answers, kill
        self._begins, self._grace, self._cores = begins, grace, cores
        self._end: str | None = None
        self._frames: queue.Queue[Any] = queue.Queue(maxsize=2)
        self._closed = threading.Event()
        self._to_send: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._sent: queue.SimpleQueue[bool] = queue.SimpleQueue()
        # Threads read and write, because pipes cannot be waited for with a timeout on every system, and
        # a child that has stopped to read would hold the host for ever.
        self._reader = threading.Thread(target=self._read, args=(answers,), daemon=True)
        self._writer = threading.Thread(target=self._write, args=(requests,), daemon=True)
        self._reader.start()
        self._writer.start()

    def ask(
        self,
        header: Mapping[str, Any],
        arrays: Mapping[str, np.ndarray],
        seconds: float,
        deadline: float,
    ) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Send a frame and wait for the answer.  Raises Lost if none comes in time.

        The child is told how long it has, and stops by itself when the time is up; the grace is what
        it has for that.
        """
        seconds = max(min(seconds, deadline - time.monotonic()), 0.0)
        header = {**header, "seconds": seconds, "cpu": seconds * self._cores}
        # For as long as the grace lasts, whatever its threads burn on all processors.
        self._begins(seconds * self._cores + self._grace * _PROCESSORS)
        seconds += self._grace
        begin = time.monotonic()
        self._to_send.put((header, arrays))
        try:
            if not self._sent.get(timeout=seconds):
                raise Lost(self._ended())
        except queue.Empty:
            raise Lost("timed out") from None
        return self.receive(seconds - (time.monotonic() - begin))

    def _write(self, pipe: BinaryIO) -> None:
        while (frame := self._to_send.get()) is not None:
            sent = False
            with contextlib.suppress(BadFrame, OSError, ValueError):
                write_frame(pipe, *frame)
                sent = True
            self._sent.put(sent)

    def receive(self, seconds: float) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        try:
            frame = self._frames.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            raise Lost("timed out") from None
        if frame is None:
            raise Lost(self._ended())
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

    def _ended(self) -> str:
        """End the child, if it has not ended yet; how it was lost."""
        if self._end is None:
            self._end = self._kill()
        return self._end

    def close(self) -> None:
        """End the child and all that it started."""
        self._closed.set()
        self._ended()
        self._to_send.put(None)
        for thread in (self._reader, self._writer):
            thread.join(timeout=1.0)
        if not self._writer.is_alive():
            with contextlib.suppress(OSError, ValueError):
                self._requests.close()
        if not self._reader.is_alive():
            self._answers.close()
