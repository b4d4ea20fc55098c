"""What the host holds of a sandbox: the line to its warm parent, its scratch folder, its log."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import select
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from autograder.sandbox import launch
from autograder.sandbox.child import Budget, Child, Lost, WorkerFailure
from autograder.sandbox.launch import SCOPES_SIGNALS, Level
from autograder.sandbox.scratch import wipe

#: A parent that does not kill its child in this time is given up, with all that is in its sandbox.
_KILL_SECONDS = 5.0


class Parent:
    """The host's end of a warm parent."""

    def __init__(
        self, library: Path, level: Level, warm: list[str], number: int, seconds: float
    ) -> None:
        self.children = 0
        self.is_sound = True
        self._resources = contextlib.ExitStack()
        try:
            self._log = self._resources.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
            scratch = self._resources.enter_context(scratch_folder())
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
            self._resources.callback(kill, self._process)
            with contextlib.suppress(ConnectionError):  # it has died already, as is heard next
                self._control.send(json.dumps(settings | {"warm": warm}).encode())
            told = self._hear(seconds)
        except BaseException:
            self._resources.close()
            raise
        self.landlock = int(told["landlock"])
        # Before Landlock could, nothing kept a child from signalling its parent: one child each.
        self.serves_many = self.landlock >= SCOPES_SIGNALS
        self._has_own_user = level == Level.FULL

    def start(self, budget: Budget, told: Mapping[str, Any] | None = None) -> Child:
        """A new child, ready for its first cell."""
        self.children += 1
        requests, ours = os.pipe()
        answers, theirs = os.pipe()
        status, tells = os.pipe()
        clock, sets = os.pipe()
        os.set_blocking(clock, False)
        os.set_blocking(sets, False)
        request = settings(budget, told, own_user=self._has_own_user)
        try:
            socket.send_fds(
                self._control, [json.dumps(request).encode()], [requests, theirs, tells, clock]
            )
        except OSError as error:
            for descriptor in (ours, answers, status, sets):
                os.close(descriptor)
            self.is_sound = False
            raise never_began(f"was gone ({error})", self._log) from None
        finally:
            for descriptor in (requests, theirs, tells, clock):
                os.close(descriptor)
        child = Child(
            os.fdopen(ours, "wb"),
            os.fdopen(answers, "rb"),
            lambda: self._end(status, sets),
            functools.partial(_set_clock, sets),
            grace=budget.grace_seconds,
            cores=budget.cores,
        )
        try:
            child.receive(budget.start_seconds)
        except Lost as lost:
            child.close()
            raise never_began(lost.how, self._log) from None
        return child

    def _end(self, status: int, sets: int) -> str:
        """Kill the child through its parent, and hear how it ended.

        If the parent says nothing, the whole sandbox goes: that is no doing of the child's.
        """
        os.close(sets)
        with os.fdopen(status, "rb", buffering=0) as pipe:
            with contextlib.suppress(OSError):  # whether it is there is heard from the pipe
                self._control.send(b"kill", socket.MSG_DONTWAIT)
            ready, _, _ = select.select([pipe], [], [], _KILL_SECONDS)
            said = pipe.read(1 << 12) if ready else b""
        if not said:
            self.is_sound = False
            return "infrastructure"
        ended = json.loads(said)
        # -9 is our own doing; 0 is a child that ran to its end.
        self.is_sound = ended["exit"] in (0, -signal.SIGKILL) and not ended["why"]
        return str(ended["why"] or "died")

    def _hear(self, seconds: float) -> dict[str, Any]:
        ready, _, _ = select.select([self._control], [], [], seconds)
        try:
            message = self._control.recv(1 << 12) if ready else b""
        except ConnectionError:
            message = b""
        if not message:
            raise never_began("died" if ready else "timed out", self._log)
        told: dict[str, Any] = json.loads(message)
        return told

    def close(self) -> None:
        self._resources.close()


def _set_clock(pipe: int, seconds: float) -> None:
    """Tell a parent how much processor time its child has from now on."""
    with contextlib.suppress(OSError):  # a parent that is gone or stopped is noticed elsewhere
        os.write(pipe, f"{seconds:.3f}\n".encode())


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A temporary folder of the host's that student code may fill."""
    with tempfile.TemporaryDirectory(prefix="unrolled-", ignore_cleanup_errors=True) as folder:
        try:
            yield Path(folder)
        finally:
            with contextlib.suppress(OSError):  # Windows keeps what is still open
                wipe(Path(folder))


def settings(budget: Budget, told: Mapping[str, Any] | None, *, own_user: bool) -> dict[str, Any]:
    """What a child is told.  Without a user of its own, its processes cannot be counted."""
    names = ("memory_bytes", "file_bytes", "output_bytes", "open_files", "cpu_seconds")
    limits = {name: getattr(budget, name) for name in names}
    return limits | {"processes": budget.processes if own_user else 0, "told": dict(told or {})}


def never_began(how: str, log: BinaryIO) -> WorkerFailure:
    """Why no student code ran, with what the worker said last."""
    log.seek(0)
    said = log.read(2000).decode(errors="replace")
    return WorkerFailure(f"the worker {how} before it began. {said}".strip())


def kill(process: subprocess.Popen[bytes]) -> str:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
    return "died"
