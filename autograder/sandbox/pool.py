"""Slots that are kept from one submission to the next.

nbgrader makes its preprocessors anew for each submission; a warm parent has to outlive them.  Here is
the one place where a process keeps something between submissions, and it ends with the process.
"""

from __future__ import annotations

import atexit
import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.sandbox.launch import Level
from autograder.sandbox.library import library
from autograder.sandbox.slot import Slot, slot


class Pool:
    """The slot of the assignment that is being graded; another assignment's takes its place."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._slot: Slot | None = None
        self._held = contextlib.ExitStack()

    def slot(
        self, assignment: str, withheld: Sequence[str], level: Level, warm: Sequence[str]
    ) -> Slot:
        """A slot for an assignment, warm if it served the one before."""
        key = (assignment, *withheld, level, *warm)
        if self._slot is None or key != self._key:
            self.close()
            packages = self._held.enter_context(library(assignment, withheld))
            self._slot = self._held.enter_context(slot(packages, level, warm))
            self._key = key
        return self._slot

    def close(self) -> None:
        """End the slot, if there is one."""
        self._slot = None
        self._held.close()


POOL = Pool()
atexit.register(POOL.close)


@contextlib.contextmanager
def single_use(
    assignment: str, withheld: Sequence[str], level: Level, files: Path
) -> Iterator[Slot]:
    """A slot for one submission, with data files of its own in its library."""
    with library(assignment, withheld, files) as packages, slot(packages, level) as own:
        yield own
