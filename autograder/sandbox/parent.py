"""The warm parent: one process inside a sandbox that has everything imported, and forks.

One child lives at a time, so a child has no siblings; it is confined before it reads a byte of a
student's.  The parent reads none, and holds nothing that a child may not know: whatever is in its
memory is in the child's too.

The host speaks to it over a socket: a message with three pipes starts a child, `kill` ends it.  How
the child ended is written to the third pipe, which no student code holds.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

from autograder.sandbox import confine, worker
from autograder.sandbox.scratch import wipe
from autograder.sandbox.shell import Shell

#: More files than this in the scratch folder, and the child is ended: bubblewrap caps bytes only.
MAX_FILES = 4096
_WATCH_SECONDS = 0.05
_DESCRIPTORS = 256


def main() -> None:
    """Warm up, say so, and serve until the host hangs up."""
    control = socket.socket(fileno=os.dup(0))
    worker.close_streams()
    settings = json.loads(control.recv(1 << 20))
    shell = _warm_up(settings)
    confine.hide_memory()
    control.send(json.dumps({"landlock": confine.landlock_version()}).encode())
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1 << 20, 3)
        if not message:
            return
        if len(descriptors) == 3:
            _run_child(control, json.loads(message), descriptors, settings, shell)


def _warm_up(settings: dict[str, Any]) -> Shell:
    """Import and use once what children will use, and leave no trace of it."""
    worker.prepare_matplotlib(Path(settings["fonts"]))
    for module in settings["warm"]:
        __import__(module)
    shell = Shell.instance()
    shell.max_bytes = 1 << 20
    if "matplotlib" in settings["warm"]:
        shell.run(worker.WARM_UP)
        _close_fonts()
    if "torch" in settings["warm"]:
        _warm_torch()
    shell.reset(new_session=True)
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        if hasattr(sys, name):
            delattr(sys, name)
    gc.collect()
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


def _run_child(
    control: socket.socket,
    request: dict[str, Any],
    descriptors: list[int],
    settings: dict[str, Any],
    shell: Shell,
) -> None:
    """Fork a child, watch over it, and tell how it ended."""
    requests, answers, status = descriptors
    scratch = Path(settings["scratch"], os.urandom(8).hex())
    scratch.mkdir(mode=0o700)
    pid = os.fork()
    if pid == 0:
        os.close(status)
        control.close()
        _be_child(requests, answers, request, scratch, settings, shell)
    os.close(requests)
    os.close(answers)
    ended = _watch(control, pid, scratch, settings)
    with contextlib.suppress(OSError):  # the host may have stopped to wait
        os.write(status, json.dumps(ended).encode())
    os.close(status)
    for folder in (scratch, *map(Path, settings["wiped"])):
        wipe(folder)
    scratch.rmdir()


def _watch(
    control: socket.socket, pid: int, scratch: Path, settings: dict[str, Any]
) -> dict[str, Any]:
    """Wait for the end of a child, and bring it about when the host says so or files abound."""
    handle = os.pidfd_open(pid)
    told = ""
    try:
        while True:
            ready, _, _ = select.select([handle, control.fileno()], [], [], _WATCH_SECONDS)
            if handle in ready:
                break
            if control.fileno() in ready:
                if not control.recv(1 << 10):
                    os.kill(pid, signal.SIGKILL)
                    os._exit(0)  # the host is gone
                os.kill(pid, signal.SIGKILL)
            held = os.statvfs(scratch)
            if settings["counts_files"] and held.f_files - held.f_ffree > MAX_FILES:
                told = "too many files"
                os.kill(pid, signal.SIGKILL)
    finally:
        os.close(handle)
    _, code, usage = os.wait4(pid, 0)
    return {
        "exit": os.waitstatus_to_exitcode(code),
        "why": told,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "memory_bytes": usage.ru_maxrss << 10,
    }


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
        kept = {requests, answers}
        for number in set(range(3, _DESCRIPTORS)) - kept:
            with contextlib.suppress(OSError):
                os.close(number)
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
        worker.serve(os.fdopen(requests, "rb"), os.fdopen(answers, "wb"), shell, request)
        code = 0
    finally:
        os._exit(code)
