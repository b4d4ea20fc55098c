"""The child process: runs cells and answers questions, one frame at a time.

It knows contracts and inputs.  What it sends back is outputs and plain arrays.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

import autograder
from autograder.contract import from_json
from autograder.driver import drive
from autograder.sandbox.frames import BadFrame, read_frame, write_frame


def main() -> None:
    """Serve frames until the host closes the pipe."""
    requests, answers = _take_pipes()
    first = read_frame(requests)
    if first is None:
        return
    settings = first[0]
    _limit(settings)
    _prepare_matplotlib(Path(settings["fonts"]) if settings["fonts"] else None)
    _copy_files(Path(autograder.__file__).parents[1] / "files")
    from autograder.sandbox.shell import Shell

    autograder.told.update(settings["told"])  # type: ignore[attr-defined]
    check = autograder.check
    shell = Shell.instance(settings["output_bytes"])
    random.seed(0)
    np.random.seed(0)  # student code may use the global stream
    os.dup2(0, 2)  # from here on nothing reads what is written past Python's own streams
    write_frame(answers, {"ready": True})
    while (frame := read_frame(requests)) is not None:
        header, arrays = frame
        if "run" in header:
            autograder.handed.clear()  # type: ignore[attr-defined]
            if header["asks"]:  # a student's own variable of that name must not be in the way
                shell.user_ns["check"] = check
            outputs, ok = shell.run(header["run"])
            _send(answers, {"outputs": outputs, "ok": ok})
        else:
            _send(answers, *_answer(header, arrays))


def _answer(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> tuple[Any, Any]:
    """Drive the answer that the last cell handed over through every case of a question."""
    handed = autograder.handed  # type: ignore[attr-defined]
    if header["ask"] not in handed:
        return {"handed": False}, {}
    contract = from_json(header["contract"])
    told: list[dict[str, Any]] = []
    out: dict[str, np.ndarray] = {}
    for number, case in enumerate(header["cases"]):
        inputs = {name: arrays[f"{number}/{name}"] for name in case["inputs"]}
        result = drive(contract, handed[header["ask"]], inputs, case["script"])
        for part, values in (("outputs", result.outputs), ("again", result.again or {})):
            out |= {f"{number}/{part}/{name}": value for name, value in values.items()}
        problem = result.problem
        told.append(
            {
                "problem": problem and [problem.kind, problem.text, problem.error],
                "changed": list(result.changed),
                "again": result.again is not None,
            }
        )
    return {"handed": True, "answers": told}, out


def _send(pipe: BinaryIO, header: dict[str, Any], arrays: Any = None) -> None:
    try:
        write_frame(pipe, header, arrays)
    except BadFrame:
        write_frame(pipe, {"outputs": [], "ok": False, "handed": False})


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the two pipes for frames; cells get an empty stdin and a stdout that goes nowhere."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    return requests, answers


def _limit(settings: dict[str, Any]) -> None:
    """Memory, file size and core dumps, where the system has such limits."""
    try:
        import resource
    except ImportError:
        return
    for name, value in (
        ("RLIMIT_AS", settings["memory_bytes"]),
        ("RLIMIT_FSIZE", settings["file_bytes"]),
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


def _copy_files(files: Path) -> None:
    """Data files and helper modules of an instructor's own notebook, in its working directory."""
    if not files.is_dir():
        return
    for path in files.iterdir():
        if path.is_dir():
            shutil.copytree(path, path.name, copy_function=shutil.copyfile)
        else:
            shutil.copyfile(path, path.name)
    sys.path.append(os.getcwd())  # last: nothing there can stand in for a library


def _prepare_matplotlib(fonts: Path | None) -> None:
    """A font list made by the host saves each child the seconds of making its own."""
    home = Path(os.environ["MPLCONFIGDIR"])
    home.mkdir(parents=True, exist_ok=True)
    if fonts is not None and fonts.is_dir():
        for file in fonts.iterdir():
            shutil.copyfile(file, home / file.name)
