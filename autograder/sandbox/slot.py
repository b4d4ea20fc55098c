"""Slots: a sandbox that stays, and runs one child after the other.

    WarmSlot     one bubblewrap (or none, at level `reduced`) with a warm parent in it, that forks a
                 confined child for each submission
    PlainSlot    a new process for each submission and no confinement: macOS, Windows

Both lend children: `with slot.child(budget) as child`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from autograder.sandbox import canary, launch
from autograder.sandbox.child import Budget, Child, Lost, WorkerFailure
from autograder.sandbox.hosting import Parent, kill, never_began, scratch_folder, settings
from autograder.sandbox.launch import Level

#: A parent is replaced after so many children: whatever leaks, leaks for so long.  To start one takes a
#: second or more of processor time.
CHILDREN_PER_PARENT = 500
_ONE_EACH = 2  # the canary, and one submission
_ATTEMPTS = 3
_CANARY_MEMORY = 2 << 30  # whatever a submission may have


class Slot(Protocol):
    """What runs children, one at a time."""

    level: Level

    def child(
        self, budget: Budget, told: Mapping[str, Any] | None = None
    ) -> contextlib.AbstractContextManager[Child]:
        """A child that is ready for its first cell.  Raises WorkerFailure if it does not come up.

        `told` is what the notebook may know of its student:
        `{"student": name, "questions": {exercise: name}}`.
        """

    def close(self) -> None:
        """End whatever still runs."""


@contextlib.contextmanager
def slot(
    library: Path,
    level: Level,
    warm: Sequence[str] = (),
    number: int = 0,
    *,
    fresh: bool = False,
) -> Iterator[Slot]:
    """A slot of this level.  `warm` names what its parent imports ahead; `number` tells slots apart.

    With `fresh`, each submission gets a sandbox of its own, in which nothing is imported ahead.
    """
    made: Slot = (
        PlainSlot(library)
        if level == Level.NONE
        else WarmSlot(library, level, () if fresh else warm, number, fresh=fresh)
    )
    try:
        yield made
    finally:
        made.close()


class PlainSlot:
    """A new process for each child."""

    level = Level.NONE

    def __init__(self, library: Path) -> None:
        self._library = library

    @contextlib.contextmanager
    def child(self, budget: Budget, told: Mapping[str, Any] | None = None) -> Iterator[Child]:
        with (
            scratch_folder() as scratch,
            tempfile.TemporaryFile() as log,
        ):
            command, environment = launch.plain_command(self._library, scratch)
            process = subprocess.Popen(
                command,
                env=environment,
                cwd=scratch,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
            assert process.stdin is not None
            assert process.stdout is not None
            made = Child(
                process.stdin,  # type: ignore[arg-type]
                process.stdout,  # type: ignore[arg-type]
                lambda: kill(process),
                grace=budget.grace_seconds,
                cores=budget.cores,
            )
            request = settings(budget, told, own_user=False)
            request["fonts"] = str(self._library / "fonts")
            seconds = budget.start_seconds
            with contextlib.closing(made) as child:
                try:
                    child.ask(request, {}, seconds, time.monotonic() + seconds)
                except Lost as lost:
                    raise never_began(lost.how, log) from None
                yield child

    def close(self) -> None:
        """Nothing outlives its child."""


class WarmSlot:
    """One sandbox and its warm parent; with `fresh`, a new one for each child."""

    def __init__(
        self,
        library: Path,
        level: Level,
        warm: Sequence[str] = (),
        number: int = 0,
        *,
        fresh: bool = False,
    ) -> None:
        self.level = level
        self._fresh = fresh
        self._library, self._warm, self._number = library, list(warm), number
        self._parent: Parent | None = None
        self._closed = False  # another thread may still be running a notebook here

    @contextlib.contextmanager
    def child(self, budget: Budget, told: Mapping[str, Any] | None = None) -> Iterator[Child]:
        parent, child = self._start(budget, told)
        try:
            yield child
        finally:
            child.close()
            stays = parent.serves_many and not self._fresh
            most = CHILDREN_PER_PARENT if stays else _ONE_EACH
            if parent.is_sound and parent.children >= most:
                self._try_canary(parent, budget)  # nobody has pecked a hole since the first
                self._drop_parent()
            elif not parent.is_sound:
                self._drop_parent()

    def _start(self, budget: Budget, told: Mapping[str, Any] | None) -> tuple[Parent, Child]:
        """A parent and its new child.  No student code has run, so a failure costs another try."""
        for _ in range(_ATTEMPTS - 1):
            with contextlib.suppress(WorkerFailure):
                return self._start_once(budget, told)
        return self._start_once(budget, told)

    def _start_once(self, budget: Budget, told: Mapping[str, Any] | None) -> tuple[Parent, Child]:
        try:
            parent = self._parent or self._new_parent(budget)
            return parent, parent.start(budget, told)
        except WorkerFailure:
            self._drop_parent()
            raise

    def _new_parent(self, budget: Budget) -> Parent:
        if self._closed:
            raise WorkerFailure("the grading has been stopped.")
        self._parent = Parent(
            self._library, self.level, self._warm, self._number, budget.start_seconds
        )
        self._try_canary(self._parent, budget)
        return self._parent

    def _try_canary(self, parent: Parent, budget: Budget) -> None:
        enough = dataclasses.replace(budget, memory_bytes=_CANARY_MEMORY)
        try:
            with contextlib.closing(parent.start(enough)) as child:
                canary.sing(child)
        except BaseException:
            self._drop_parent()
            raise

    def close(self) -> None:
        self._closed = True
        self._drop_parent()

    def _drop_parent(self) -> None:
        if self._parent is not None:
            self._parent.close()
            self._parent = None
