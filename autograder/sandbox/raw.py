"""What is written past Python's own streams: by C libraries, `os.write`, a fault handler.

Descriptors 1 and 2 are pipes of the process itself, read after each cell.  A full pipe drops what
more comes, so that nobody waits.
"""

from __future__ import annotations

import contextlib
import ctypes
import os


class RawStreams:
    """The two pipes.  Windows keeps its descriptors as they are."""

    def __init__(self) -> None:
        self._pipes: list[tuple[str, int]] = []
        if os.name == "nt":
            return
        self._libc = ctypes.CDLL(None)
        for name, number in (("stdout", 1), ("stderr", 2)):
            ours, theirs = os.pipe()
            os.dup2(theirs, number)
            os.close(theirs)
            os.set_blocking(ours, False)
            os.set_blocking(number, False)
            self._pipes.append((name, ours))

    def read(self) -> list[tuple[str, str]]:
        """What came since the last call: name of the stream, text."""
        if not self._pipes:
            return []
        self._libc.fflush(None)  # what C has kept back
        found = []
        for name, pipe in self._pipes:
            with contextlib.suppress(OSError):  # nothing there, or closed by the student's code
                found.append((name, os.read(pipe, 1 << 20).decode(errors="replace")))
        return found
