"""The child's own program: runs cells and answers questions, one frame at a time.

It knows contracts and inputs.  What it sends back is outputs and plain arrays.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

import autograder
from autograder.contract import from_json
from autograder.driver import drive
from autograder.sandbox import memory
from autograder.sandbox.alarm import Alarm, TimeUp
from autograder.sandbox.frames import BadFrame, read_frame, write_frame
from autograder.sandbox.raw import RawStreams
from autograder.sandbox.shell import Shell

#: A cell of everything that a first use makes slow, for a parent to run before it forks.
WARM_UP = """\
%matplotlib inline
import secrets
import numpy.random
import matplotlib.pyplot as plt
plt.semilogy([1, 100], label="$x_1$"); plt.legend(); plt.title("$x_1$"); plt.show(); plt.close("all")
1 / 0
"""

_STARTS_A_PROCESS = (
    *("fork", "forkpty", "system", "popen"),
    *("posix_spawn", "posix_spawnp", "execv", "execve"),
)


def main() -> None:
    """A child that is alone: take the pipes of the process, and serve."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    close_streams()
    first = read_frame(requests)
    if first is None:
        return
    settings = first[0]
    limit(settings)
    prepare_matplotlib(Path(settings["fonts"]))
    serve(requests, answers, Shell.instance(), settings)


def serve(
    requests: BinaryIO,
    answers: BinaryIO,
    shell: Shell,
    settings: dict[str, Any],
    overfull: Callable[[], bool] = lambda: False,
) -> None:
    """Answer frames until the host closes the pipe.

    Whoever finds the scratch folder `overfull` looks now and then only, and ends this process: what
    filled it waits for that here, or something innocent that comes next would be blamed.
    """
    check = autograder.check
    shell.max_bytes = settings["output_bytes"]
    shell.before_traceback = memory.release
    autograder.told.update(settings["told"])  # type: ignore[attr-defined]
    random.seed(0)
    np.random.seed(0)  # student code may use the global stream
    raw, alarm = RawStreams(), Alarm()
    write_frame(answers, {"ready": True})
    while (frame := read_frame(requests)) is not None:
        header, arrays = frame
        if "file" in header:
            _send(answers, {"written": _write(header["file"], arrays["data"])})
        elif "run" in header:
            autograder.handed.clear()  # type: ignore[attr-defined]
            if header["asks"]:  # a student's own variable of that name must not be in the way
                shell.user_ns["check"] = check
            raw.read()  # what came after the last cell's end is nobody's
            ok = shell.run(header["run"], header["number"], _limits(alarm, header, "cell"))
            _wait_while(overfull)
            for name, text in raw.read():
                shell.outputs.stream(name, text)
            outputs = shell.outputs.finished()
            answer = {"outputs": outputs, "ok": ok, "timed_out": alarm.rang}
            if shell.changed:
                answer["changed"] = [[*place, data] for place, data in shell.changed.items()]
            _send(answers, answer)
        else:
            answer, outputs = _answer(header, arrays, alarm)
            _wait_while(overfull)
            _send(answers, answer, outputs)


@contextlib.contextmanager
def _limits(alarm: Alarm, header: dict[str, Any], what: str) -> Iterator[None]:
    """Around student code: its time, and its memory."""
    with alarm.over(header, what), memory.kept_back():
        yield


def _wait_while(overfull: Callable[[], bool]) -> None:
    while overfull():
        time.sleep(0.01)


def _answer(header: dict[str, Any], arrays: dict[str, np.ndarray], alarm: Alarm) -> tuple[Any, Any]:
    """Drive the answer that the last cell handed over, for as long as the question has."""
    try:
        with _limits(alarm, header, "exercise"):
            answer = _drive(header, arrays)
    except TimeUp:
        answer = None
    # Whoever swallowed the exception has had the time all the same.
    return ({"timed_out": True}, {}) if alarm.rang or answer is None else answer


def _drive(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> tuple[Any, Any]:
    """Drive the answer that the last cell handed over through every case of a question."""
    handed = autograder.handed  # type: ignore[attr-defined]
    if header["ask"] not in handed:
        return {"handed": False}, {}
    contract = from_json(header["contract"])
    told: list[dict[str, Any]] = []
    out: dict[str, np.ndarray] = {}
    for number, case in enumerate(header["cases"]):
        inputs = {name: arrays[f"{number}/{name}"] for name in case["inputs"]}
        answer, found = drive(contract, handed[header["ask"]], inputs, case["script"]).pack(number)
        told.append(answer)
        out |= found
    return {"handed": True, "answers": told}, out


def _send(pipe: BinaryIO, header: dict[str, Any], arrays: Any = None) -> None:
    try:
        write_frame(pipe, header, arrays)
    except BadFrame:
        write_frame(pipe, {"outputs": [], "ok": False, "handed": False})


def close_streams() -> None:
    """Cells get an empty stdin and, past Python's own streams, an output that goes nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nowhere, stream)
    os.close(nowhere)


def limit(settings: dict[str, Any]) -> None:
    """Memory, file size, open files, processor time, threads, core dumps, where there are limits."""
    try:
        import resource
    except ImportError:
        return
    for name, value in (
        ("RLIMIT_AS", settings["memory_bytes"]),
        ("RLIMIT_FSIZE", settings["file_bytes"]),
        ("RLIMIT_NOFILE", settings["open_files"]),
        ("RLIMIT_CPU", settings["cpu_seconds"]),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_NPROC", settings["processes"]),
    ):
        if name == "RLIMIT_NPROC" and not value:
            continue  # without a user of its own, the limit would count everybody's processes
        which = getattr(resource, name)
        hard = resource.getrlimit(which)[1]
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        try:
            resource.setrlimit(which, (value, value))
        except (ValueError, OSError):
            continue  # macOS refuses some of them


def explain_refusals() -> None:
    """Say in words what the filter would refuse with an error number: courtesy, not protection."""
    import _posixsubprocess
    import subprocess

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError("no other process can be started while a notebook is graded")

    subprocess._fork_exec = refuse  # type: ignore[attr-defined]
    _posixsubprocess.fork_exec = refuse  # type: ignore[assignment]
    for name in _STARTS_A_PROCESS:
        setattr(os, name, refuse)


def _write(name: str, data: np.ndarray) -> bool:
    """Put a data file or a helper module beside the notebook."""
    path = Path(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.tobytes())
    except OSError:
        return False
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())  # last: nothing there can stand in for a library
    return True


def prepare_matplotlib(fonts: Path) -> None:
    """A font list made by the host saves each child the seconds of making its own."""
    home = Path(os.environ["MPLCONFIGDIR"])
    home.mkdir(parents=True, exist_ok=True)
    if fonts.is_dir():
        for file in fonts.iterdir():
            shutil.copyfile(file, home / file.name)
