"""The warm parent: one process inside a sandbox that has everything imported, and forks.

One child lives at a time, so a child has no siblings; it is confined before it reads a byte of a
student's.  The parent reads none, and holds nothing that a child may not know: whatever is in its
memory is in the child's too.

The host speaks to it over a socket: a message with four pipes starts a child, `kill` ends it.  No student
code holds the last two pipes.  To one is written how the child ended; if it closes without a word, the
parent itself went away.  From the other comes how much processor time the child has from now on, each
time that something begins; it is read when the parent looks after the child anyway.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import itertools
import json
import os
import select
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NoReturn

from autograder.sandbox import confine, large_pages, worker
from autograder.sandbox.scratch import overfull, wipe
from autograder.sandbox.shell import Shell

#: More files than this in the scratch folder, and the child is ended: bubblewrap caps bytes only.
MAX_FILES = 4096
#: More bytes, where the scratch folder is no disk of its own.
MAX_BYTES = 64 << 20
#: How often a child is looked at.  To wake up costs half a millisecond, and what a child may do unseen
#: meanwhile is bounded by its limits.
_WATCH_SECONDS = 0.2
_CRASHES = (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS)
_DESCRIPTORS = 256
_NEARLY_ALL = 0.7  # of the memory limit, which counts libraries too


def main() -> None:
    """Warm up, say so, and serve until the host hangs up."""
    control = socket.socket(fileno=os.dup(0))
    worker.close_streams()
    settings = json.loads(control.recv(1 << 20))
    shell = _warm_up(settings)
    confine.hide_memory()
    control.send(json.dumps({"landlock": confine.landlock_version()}).encode())
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1 << 20, 4)
        if not message:
            return
        if len(descriptors) == 4:
            _run_child(control, json.loads(message), descriptors, settings, shell)


def _warm_up(settings: dict[str, Any]) -> Shell:
    """Import and use once what children will use, and leave no trace of it."""
    worker.prepare_matplotlib(Path(settings["fonts"]))
    for module in settings["warm"]:
        with contextlib.suppress(Exception):  # withheld, or there only beside the notebook
            importlib.import_module(module)
    shell = Shell.instance()
    shell.max_bytes = 1 << 20
    if "matplotlib" in settings["warm"]:
        shell.run(worker.WARM_UP)
        _close_fonts()
    if "torch" in sys.modules:  # whatever brought it
        _warm_torch()
    shell.reset(new_session=True)
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        if hasattr(sys, name):
            delattr(sys, name)
    gc.collect()
    large_pages.gather()
    gc.freeze()  # a child that collects garbage would copy every page of it
    return shell


def _close_fonts() -> None:
    """matplotlib keeps font files open, and a child must not share a descriptor with the next."""
    from matplotlib import font_manager, mathtext

    font_manager._get_font.cache_clear()  # type: ignore[attr-defined]
    mathtext.MathTextParser._parse_cached.cache_clear()  # type: ignore[attr-defined]


def _warm_torch() -> None:
    import torch

    torch.set_num_threads(1)
    layer = torch.nn.Linear(2, 2)
    optimizer = torch.optim.Adam(layer.parameters())
    layer(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    torch.manual_seed(0)  # student code may draw without a seed; by itself torch takes a random one


def _run_child(
    control: socket.socket,
    request: dict[str, Any],
    descriptors: list[int],
    settings: dict[str, Any],
    shell: Shell,
) -> None:
    """Fork a child, watch over it, and tell how it ended."""
    requests, answers, status, clock = descriptors
    own_pid = os.getpid()
    scratch = Path(settings["scratch"], os.urandom(8).hex())
    scratch.mkdir(mode=0o700)
    pid = os.fork()
    if pid == 0:
        os.close(status)
        os.close(clock)
        control.close()
        confine.die_with(own_pid)
        _be_child(requests, answers, request, scratch, settings, shell)
    os.close(requests)
    os.close(answers)
    ended = _watch(control, clock, pid, scratch, settings, request)
    with contextlib.suppress(OSError):  # the host may have stopped to wait
        os.write(status, json.dumps(ended).encode())
    os.close(status)
    os.close(clock)
    for folder in (scratch, *map(Path, settings["wiped"])):
        wipe(folder)
    scratch.rmdir()


def _watch(
    control: socket.socket,
    clock: int,
    pid: int,
    scratch: Path,
    settings: dict[str, Any],
    request: dict[str, Any],
) -> dict[str, Any]:
    """Wait for the end of a child; bring it about when the host says so, or it takes too much."""
    handle = os.pidfd_open(pid)
    why, cpu_end, told_to = "", float("inf"), False
    try:
        while True:
            ready, _, _ = select.select([handle, control.fileno()], [], [], _WATCH_SECONDS)
            if handle in ready:
                break
            if control.fileno() in ready:
                message = control.recv(1 << 10)
                os.kill(pid, signal.SIGKILL)
                if not message:
                    os._exit(0)  # the host is gone
                told_to = True
            if not (why or told_to):
                with contextlib.suppress(BlockingIOError):
                    if begun := os.read(clock, 1 << 16).split():
                        cpu_end = _cpu_seconds(pid) + float(begun[-1])
                if _cpu_seconds(pid) > cpu_end:
                    why = "timed out"
                elif _overfull(scratch, settings):
                    why = "too many files"
                if why:
                    os.kill(pid, signal.SIGKILL)
    finally:
        os.close(handle)
    _, code, usage = os.wait4(pid, 0)
    ended = os.waitstatus_to_exitcode(code)
    cpu = usage.ru_utime + usage.ru_stime
    crashed = ended in _CRASHES or (ended == -signal.SIGKILL and not told_to)
    if not why and ended < 0 and cpu >= request["cpu_seconds"]:
        why = "timed out"
    elif not why and crashed and usage.ru_maxrss << 10 >= _NEARLY_ALL * request["memory_bytes"]:
        why = "out of memory"  # a library that gets no memory often crashes
    return {"exit": ended, "why": why}


def _cpu_seconds(pid: int) -> float:
    """Processor time of a child so far, from the clock that the kernel has for each process."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:  # it has just ended
        return 0.0


def _overfull(scratch: Path, settings: dict[str, Any]) -> bool:
    if not settings["counts_files"]:  # the scratch folder shares its file system with others
        return overfull(scratch, MAX_FILES, MAX_BYTES)
    disks = [os.statvfs(folder) for folder in (scratch, *settings["wiped"])]
    return any(disk.f_files - disk.f_ffree > MAX_FILES for disk in disks)


def _be_child(
    requests: int,
    answers: int,
    request: dict[str, Any],
    scratch: Path,
    settings: dict[str, Any],
    shell: Shell,
) -> NoReturn:
    """Give up what a student must not have, then serve.  Never returns."""
    code = 1
    try:
        for last, kept in itertools.pairwise([2, *sorted((requests, answers)), _DESCRIPTORS]):
            os.closerange(last + 1, kept)
        os.dup2(0, 2)  # nobody reads what is written past Python's own streams
        os.setsid()
        os.chdir(scratch)
        os.environ.update(HOME=str(scratch), TMPDIR=str(scratch))
        tempfile.tempdir = None  # the parent's choice
        worker.limit(request)
        worker.explain_refusals()
        confine.lock_down(
            settings["readable"], [str(scratch), *settings["writable"]], settings["listable"]
        )
        if "outer" in settings:
            confine.filter_calls(bytes.fromhex(settings["outer"]))
        confine.filter_calls(bytes.fromhex(settings["filter"]))
        pipes = os.fdopen(requests, "rb"), os.fdopen(answers, "wb")
        worker.serve(*pipes, shell, request, functools.partial(_overfull, scratch, settings))
        code = 0
    finally:
        os._exit(code)
