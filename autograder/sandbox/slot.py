"""Slots: a sandbox that stays, and runs one child after the other.

    WarmSlot     one bubblewrap (or none, at level `reduced`) with a warm parent in it, that forks a
                 confined child for each submission
    PlainSlot    a new process for each submission and no confinement: macOS, Windows

Both lend children: `with slot.child(budget) as child`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import select
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from autograder.sandbox import canary, launch
from autograder.sandbox.child import Budget, Child, Lost, WorkerFailure
from autograder.sandbox.launch import SCOPES_SIGNALS, Level
from autograder.sandbox.scratch import wipe

#: A parent is replaced after so many children: whatever leaks, leaks for so long.
CHILDREN_PER_PARENT = 50
_KILL_SECONDS = 1.0
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
    library: Path, level: Level, warm: Sequence[str] = (), number: int = 0, *, fresh: bool = False
) -> Iterator[Slot]:
    """A slot of this level.  `warm` names what its parent imports ahead; `number` tells slots apart."""
    made: Slot = (
        PlainSlot(library) if level == Level.NONE else WarmSlot(library, level, warm, number)
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
            _scratch() as scratch,
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
            made = Child(process.stdin, process.stdout, lambda: _kill(process))  # type: ignore[arg-type]
            settings = _settings(budget, told, own_user=False)
            settings["fonts"] = str(self._library / "fonts")
            seconds = budget.start_seconds
            with contextlib.closing(made) as child:
                try:
                    child.ask(settings, {}, seconds, time.monotonic() + seconds)
                except Lost as lost:
                    raise _never_began(lost.how, log) from None
                yield child

    def close(self) -> None:
        """Nothing outlives its child."""


class WarmSlot:
    """One sandbox and its warm parent."""

    def __init__(self, library: Path, level: Level, warm: Sequence[str], number: int) -> None:
        self.level = level
        self._library, self._warm, self._number = library, list(warm), number
        self._parent: _Parent | None = None

    @contextlib.contextmanager
    def child(self, budget: Budget, told: Mapping[str, Any] | None = None) -> Iterator[Child]:
        parent, child = self._start(budget, told)
        try:
            yield child
        finally:
            child.close()
            if parent.is_sound and parent.children >= parent.most_children:
                self._try_canary(parent, budget)  # nobody has pecked a hole since the first
                self.close()
            elif not parent.is_sound:
                self.close()

    def _start(self, budget: Budget, told: Mapping[str, Any] | None) -> tuple[_Parent, Child]:
        """A parent and its new child.  No student code has run, so a failure costs another try."""
        for _ in range(_ATTEMPTS - 1):
            with contextlib.suppress(WorkerFailure):
                return self._start_once(budget, told)
        return self._start_once(budget, told)

    def _start_once(self, budget: Budget, told: Mapping[str, Any] | None) -> tuple[_Parent, Child]:
        try:
            parent = self._parent or self._new_parent(budget)
            return parent, parent.start(budget, told)
        except WorkerFailure:
            self.close()
            raise

    def _new_parent(self, budget: Budget) -> _Parent:
        self._parent = _Parent(
            self._library, self.level, self._warm, self._number, budget.start_seconds
        )
        self._try_canary(self._parent, budget)
        return self._parent

    def _try_canary(self, parent: _Parent, budget: Budget) -> None:
        enough = dataclasses.replace(budget, memory_bytes=_CANARY_MEMORY)
        try:
            with contextlib.closing(parent.start(enough)) as child:
                canary.sing(child)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._parent is not None:
            self._parent.close()
            self._parent = None


class _Parent:
    """The host's end of a warm parent."""

    def __init__(
        self, library: Path, level: Level, warm: list[str], number: int, seconds: float
    ) -> None:
        self.children = 0
        self.is_sound = True
        self._resources = contextlib.ExitStack()
        try:
            self._log = self._resources.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
            scratch = self._resources.enter_context(_scratch())
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self._resources.callback(self._control.close)
            with (
                theirs,
                launch.parent_command(level, library, scratch, number) as (
                    command,
                    environment,
                    settings,
                    descriptors,
                ),
            ):
                self._process = subprocess.Popen(
                    command,
                    env=environment,
                    cwd=scratch,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=self._log,
                    pass_fds=descriptors,
                    start_new_session=True,
                )
            self._resources.callback(_kill, self._process)
            with contextlib.suppress(ConnectionError):  # it has died already, as is heard next
                self._control.send(json.dumps(settings | {"warm": warm}).encode())
            told = self._hear(seconds)
        except BaseException:
            self._resources.close()
            raise
        self.landlock = int(told["landlock"])
        # Before Landlock could, nothing kept a child from signalling its parent: one child each.
        can_stay = self.landlock >= SCOPES_SIGNALS
        self.most_children = CHILDREN_PER_PARENT if can_stay else 2  # the canary is the first
        self._has_own_user = level == Level.FULL

    def start(self, budget: Budget, told: Mapping[str, Any] | None = None) -> Child:
        """A new child, ready for its first cell."""
        self.children += 1
        requests, ours = os.pipe()
        answers, theirs = os.pipe()
        status, tells = os.pipe()
        request = _settings(budget, told, own_user=self._has_own_user)
        try:
            socket.send_fds(
                self._control, [json.dumps(request).encode()], [requests, theirs, tells]
            )
        except OSError as error:
            for descriptor in (ours, answers, status):
                os.close(descriptor)
            self.is_sound = False
            raise _never_began(f"was gone ({error})", self._log) from None
        finally:
            for descriptor in (requests, theirs, tells):
                os.close(descriptor)
        child = Child(os.fdopen(ours, "wb"), os.fdopen(answers, "rb"), lambda: self._end(status))
        try:
            child.receive(budget.start_seconds)
        except Lost as lost:
            child.close()
            raise _never_began(lost.how, self._log) from None
        return child

    def _end(self, status: int) -> None:
        """Kill the child through its parent; if that is silent, the whole sandbox goes."""
        with contextlib.suppress(OSError), os.fdopen(status, "rb", buffering=0) as pipe:
            self._control.send(b"kill")
            ready, _, _ = select.select([pipe], [], [], _KILL_SECONDS)
            ended = json.loads(pipe.read(1 << 12) or b"{}") if ready else {}
            # -9 is our own doing; 0 is a child that ran to its end.
            self.is_sound = ended.get("exit") in (0, -signal.SIGKILL) and not ended.get("why")
            return
        self.is_sound = False

    def _hear(self, seconds: float) -> dict[str, Any]:
        ready, _, _ = select.select([self._control], [], [], seconds)
        try:
            message = self._control.recv(1 << 12) if ready else b""
        except ConnectionError:
            message = b""
        if not message:
            raise _never_began("died" if ready else "timed out", self._log)
        told: dict[str, Any] = json.loads(message)
        return told

    def close(self) -> None:
        self._resources.close()


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    """A temporary folder of the host's that student code may fill."""
    with tempfile.TemporaryDirectory(prefix="unrolled-", ignore_cleanup_errors=True) as folder:
        try:
            yield Path(folder)
        finally:
            with contextlib.suppress(OSError):  # Windows keeps what is still open
                wipe(Path(folder))


def _settings(budget: Budget, told: Mapping[str, Any] | None, *, own_user: bool) -> dict[str, Any]:
    """What a child is told.  Without a user of its own, its processes cannot be counted."""
    names = ("memory_bytes", "file_bytes", "output_bytes", "cpu_seconds")
    limits = {name: getattr(budget, name) for name in names}
    return limits | {"processes": budget.processes if own_user else 0, "told": dict(told or {})}


def _never_began(how: str, log: BinaryIO) -> WorkerFailure:
    """Why no student code ran, with what the worker said last."""
    log.seek(0)
    said = log.read(2000).decode(errors="replace")
    return WorkerFailure(f"the worker {how} before it began. {said}".strip())


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
