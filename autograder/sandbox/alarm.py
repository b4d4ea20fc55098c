"""The soft limit: a cell or an answer whose time is up gets an exception, and the notebook goes on.

It is courtesy, not protection.  Code can catch the exception, ignore the signals, or be deep in a
library that listens to none, or wait while its other threads burn the processor; then the host or
the parent ends the whole process a moment later.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator, Mapping
from typing import Any


class TimeUp(BaseException):
    """The time is up.  No `Exception`, so that `except Exception` does not swallow it."""

    from_outside = True  # the frame that raised it is none of the student's


class Alarm:
    """Raises TimeUp in the main thread when wall-clock or processor time is over: once."""

    def __init__(self) -> None:
        self.rang = False
        self._what, self._seconds = "", 0.0
        # Windows has no such timers: there the host ends the process.
        self._timers = (
            ((signal.ITIMER_REAL, signal.SIGALRM), (signal.ITIMER_PROF, signal.SIGPROF))
            if hasattr(signal, "setitimer")
            else ()
        )
        for _, number in self._timers:
            signal.signal(number, self._ring)

    @contextlib.contextmanager
    def over(self, header: Mapping[str, Any], what: str) -> Iterator[None]:
        """Watch over a cell or an exercise (`what`), for the seconds that its frame gives it."""
        self.rang = False
        self._what, self._seconds = what, header["seconds"]
        amounts = (header["seconds"], header["cpu"])
        for (timer, _), seconds in zip(self._timers, amounts, strict=False):
            signal.setitimer(timer, max(seconds, 1e-3))  # 0 would be no alarm at all
        try:
            yield
        finally:
            self._stop()

    def _stop(self) -> None:
        for timer, _ in self._timers:
            signal.setitimer(timer, 0)

    def _ring(self, number: int, frame: object) -> None:
        if self.rang:
            return  # both timers rang at once
        self._stop()
        self.rang = True
        raise TimeUp(f"this {self._what} took longer than the {self._seconds:.3g} s that it has")
