"""The canary: code that tries what no student must be able to do, in a real child of each parent.

It runs as a parent's first child and as its last.  It has to fail at everything, and to compute a
known answer, so that a sandbox in which nothing runs does not pass for a safe one.
"""

from __future__ import annotations

import json
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.errors import UserError
from autograder.sandbox.child import Child, Lost, WorkerFailure
from autograder.sandbox.messages import read_outputs

_SECONDS = 20.0
_KNOWN = 3 * 2**40 + 7

_TRIES = """
import json, os, socket, sys
done = []
def attempt(what, action):
    try:
        if action() is not False:
            done.append(what)
    except BaseException:
        pass
attempt("read a file of the host's", lambda: {token!r} in open({path!r}).read())
attempt("find a secret in the environment", lambda: {token!r} in str(dict(os.environ)))
attempt("open a socket", lambda: socket.socket())
attempt("start a process", lambda: os.posix_spawn("/usr/bin/true", ["true"], {{}}))
import ctypes
attempt("fork", lambda: ctypes.CDLL(None).fork() >= 0)
attempt("signal its parent", lambda: os.kill(os.getppid(), 0))
for folder in ("/", "/usr", "/library", "/parent", "/etc", sys.base_prefix, {folder!r}):
    attempt("write into " + folder, lambda: open(os.path.join(folder, "canary"), "w"))
for name in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/sys/kernel/uevent_helper"):
    attempt("open " + name, lambda: open(name, "r+"))
print(json.dumps([done, 3 * 2**40 + 7]))
"""


class SandboxLeaks(UserError):
    """The sandbox of this machine lets through what it promises to stop."""


@contextmanager
def _bait() -> Iterator[str]:
    """The canary's code, while a file lies about that it must not be able to read."""
    token = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="unrolled-canary-") as folder:
        Path(folder).chmod(0o777)
        path = Path(folder, "secret")
        path.write_text(token)
        path.chmod(0o666)
        yield _TRIES.format(token=token, path=str(path), folder=folder)


def sing(child: Child) -> None:
    """Let a child try everything.

    Raises SandboxLeaks if something succeeds, WorkerFailure if the known answer does not come.
    """
    with _bait() as code:
        try:
            run = {"run": code, "number": 1, "asks": False}
            header, _ = child.ask(run, {}, _SECONDS, time.monotonic() + _SECONDS)
        except Lost as lost:
            raise WorkerFailure(f"the canary was lost: {lost.how}.") from None
    outputs = read_outputs(header.get("outputs"))
    try:
        done, known = json.loads(outputs[-1]["text"])
    except (IndexError, KeyError, ValueError, TypeError):
        done, known = [], None
    if known != _KNOWN:
        raise WorkerFailure(f"the canary does not compute: {str(outputs)[:500]}")
    if done:
        raise SandboxLeaks(
            f"the sandbox of this machine lets student code {', '.join(done)}. Grading has stopped; "
            "please report this, with what `autograder doctor` says."
        )
