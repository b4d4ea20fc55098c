"""One child process: what it may use, and how it is asked."""

from __future__ import annotations

import dataclasses
import math
import os
import time
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import numpy as np

from autograder.sandbox.frames import BadFrame, read_frame, write_frame
from autograder.sandbox.pipes import deadlines

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
        self._answers, self._requests = deadlines(answers, requests)
        self._kill, self._begins = kill, begins
        self._grace, self._cores = grace, cores
        self._end: str | None = None

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
        until = time.monotonic() + seconds + self._grace
        self._requests.until = until
        try:
            write_frame(self._requests, header, arrays)
        except TimeoutError:
            raise Lost("timed out") from None
        except (BadFrame, OSError):
            raise Lost(self._ended()) from None
        return self._receive(until)

    def receive(self, seconds: float) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """The next frame, which nobody asked for: that it is ready.  Raises Lost."""
        return self._receive(time.monotonic() + seconds)

    def _receive(self, until: float) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        self._answers.until = until
        try:
            frame = read_frame(self._answers)
        except TimeoutError:
            raise Lost("timed out") from None
        except (BadFrame, OSError):
            frame = None
        if frame is None:
            raise Lost(self._ended())
        return frame

    def _ended(self) -> str:
        """End the child, if it has not ended yet; how it was lost."""
        if self._end is None:
            self._end = self._kill()
        return self._end

    def close(self) -> None:
        """End the child and all that it started."""
        self._ended()
        self._requests.close()
        self._answers.close()
