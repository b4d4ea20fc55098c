"""Runs a command and tells what it took: time, processor time with that of all its children, memory.

Sandboxes are killed, not waited for, so the kernel does not add their processor time to their
parent's.  A control group (version 2) counts it all, and knows who is in it; where none can be made,
these figures are nan and 0.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

_PROC = Path("/proc")
_POLL_SECONDS = 0.05
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclasses.dataclass(frozen=True)
class Mark:
    """What a command had taken when it had done so many of the things that it does."""

    done: int
    seconds: float
    cpu: float  # of all processes
    own_cpu: float  # of the first process


@dataclasses.dataclass
class Used:
    """What a command took.  Its own process is the first; the rest are those that it started."""

    seconds: float = 0.0
    cpu: float = math.nan  # of all processes
    own_cpu: float = 0.0  # of the first process
    own_peak: int = 0  # bytes, of the first process
    others_peak: int = 0  # bytes of the others together, a shared page counted once; if asked for
    marks: list[Mark] = dataclasses.field(default_factory=list)


class CommandFailed(Exception):
    """The command that was to be measured did not do its work; the message is what it said."""


def run(
    commands: Sequence[tuple[Sequence[str], Path]],
    environment: Mapping[str, str],
    *,
    memory: bool = False,
    done: Callable[[Path], int] = lambda folder: 0,
) -> list[Used]:
    """Run commands at once, each in its folder, to their end.

    `memory` also looks at the memory of what they start, which costs time.  A mark is set whenever `done`,
    which is asked how much has been done in a folder, says that it is more.  Raises CommandFailed.
    """
    found = [Used() for _ in commands]
    with contextlib.ExitStack() as held:
        groups = [held.enter_context(_group()) for _ in commands]
        logs = [held.enter_context((folder / "bench.log").open("w+")) for _, folder in commands]
        begin = time.perf_counter()
        running = {
            number: subprocess.Popen(
                _joining(group, command), cwd=folder, env=dict(environment), stdout=log, stderr=log
            )
            for number, ((command, folder), group, log) in enumerate(
                zip(commands, groups, logs, strict=True)
            )
        }
        held.callback(_end, running)
        while running:
            for number, process in list(running.items()):
                _look(process.pid, found[number])
                _mark(found[number], done(commands[number][1]), begin, groups[number])
                if memory:
                    _look_at_others(process.pid, groups[number], found[number])
                if process.poll() is not None:
                    found[number].seconds = time.perf_counter() - begin
                    if process.returncode:
                        logs[number].seek(0)
                        raise CommandFailed(logs[number].read()[-2000:])
                    del running[number]
            time.sleep(_POLL_SECONDS)
        for used, group in zip(found, groups, strict=True):
            used.cpu = _counted(group)
    return found


def _mark(used: Used, done: int, begin: float, group: Path | None) -> None:
    if done > (used.marks[-1].done if used.marks else 0):
        seconds = time.perf_counter() - begin
        used.marks.append(Mark(done, seconds, _counted(group), used.own_cpu))


def _end(running: Mapping[int, subprocess.Popen[bytes]]) -> None:
    for process in running.values():
        process.kill()
        process.wait()


@contextlib.contextmanager
def _group() -> Iterator[Path | None]:
    """A control group of our own, or None where none can be made."""
    mounts = _PROC / "self" / "mounts"
    group = None
    with contextlib.suppress(OSError, StopIteration):
        fields = (line.split() for line in mounts.read_text().splitlines())
        top = next(Path(field[1]) for field in fields if field[2] == "cgroup2")
        lines = (_PROC / "self" / "cgroup").read_text().splitlines()
        ours = next(line[3:] for line in lines if line.startswith("0::"))
        group = top / ours.lstrip("/") / f"unrolled-bench-{os.urandom(4).hex()}"
        group.mkdir()
    try:
        yield group if group is not None and (group / "cpu.stat").is_file() else None
    finally:
        for _ in range(20):  # the last processes may be on their way out
            if group is None or not group.is_dir():
                break
            with contextlib.suppress(OSError):
                group.rmdir()
                break
            time.sleep(0.05)


def _joining(group: Path | None, command: Sequence[str]) -> list[str]:
    if group is None:
        return list(command)
    return ["sh", "-c", f'echo $$ > "{group}/cgroup.procs"; exec "$@"', "sh", *command]


def _members(group: Path) -> set[int]:
    return set(map(int, (group / "cgroup.procs").read_text().split()))


def _counted(group: Path | None) -> float:
    if group is None:
        return math.nan
    lines = (group / "cpu.stat").read_text().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("usage_usec")) / 1e6


@contextlib.contextmanager
def _stopped(group: Path) -> Iterator[None]:
    """Nobody in the group does anything meanwhile."""
    freeze, events = group / "cgroup.freeze", group / "cgroup.events"
    freeze.write_text("1")
    try:
        while "frozen 0" in events.read_text():
            time.sleep(0.001)
        yield
    finally:
        freeze.write_text("0")


def _look(pid: int, used: Used) -> None:
    """Note what can only be seen while the processes are there."""
    with contextlib.suppress(OSError, IndexError, StopIteration, ValueError):
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        used.own_cpu = (int(fields[11]) + int(fields[12])) / _TICKS
        used.own_peak = max(used.own_peak, _kilobytes(_PROC / str(pid) / "status", "VmHWM:"))


def _look_at_others(pid: int, group: Path | None, used: Used) -> None:
    """Note the memory of all but one of a group.

    They are stopped for it: a page that a parent and its child share is half in each, and if the child
    ended between the two looks, it would be half too many.
    """
    if group is None:
        return
    with _stopped(group):
        others = _members(group) - {pid}
        used.others_peak = max(used.others_peak, sum(map(_shared_once, others)))


def _kilobytes(path: Path, name: str) -> int:
    """A line `Name:  123 kB` of a file of the kernel's, in bytes."""
    lines = path.read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) << 10


def _shared_once(pid: int) -> int:
    """A process's memory, each page divided by the number of those who share it."""
    with contextlib.suppress(OSError, StopIteration):
        return _kilobytes(_PROC / str(pid) / "smaps_rollup", "Pss:")
    return 0
