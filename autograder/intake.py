"""Looks at what a student handed in before anything reads it: bytes, names and links, no code.

A submission is fit to be graded or is refused with a sentence.  Nothing here follows a link.
"""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import dateutil.parser
import nbformat
from nbformat import NotebookNode

MAX_NOTEBOOK_BYTES = 20 << 20
MAX_FILE_BYTES = 50 << 20
MAX_FILES = 500
MAX_TOTAL_BYTES = 200 << 20
MAX_CELLS = 2000
MAX_ATTACHMENTS = 1000
MAX_DEPTH = 100
MAX_CONTAINERS = 500_000  # lists and objects; each takes hundreds of bytes once it is read

#: nbgrader runs a file of this name in whatever folder it is pointed at.
CONFIG_FILE = "nbgrader_config.py"

#: A student's id becomes a folder, a database key and a cell of a table.
STUDENT_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,99}")


class Refused(Exception):
    """The submission cannot be graded; the message says why, to student and instructor alike."""


def examine(folder: Path, notebooks: Sequence[str]) -> dict[str, Path]:
    """Those of the named notebooks that `folder` holds, by name without suffix; they are not read yet.

    Raises Refused if there is none of them, or anything odd.
    """
    if folder.is_symlink() or not folder.is_dir():
        raise Refused(f"{folder.name} should be a folder and is something else.")
    try:
        return _examine(folder, notebooks)
    except OSError as error:
        name = Path(error.filename).name if error.filename else folder.name
        raise Refused(f"{name} cannot be read ({error.strerror}).") from None


def _examine(folder: Path, notebooks: Sequence[str]) -> dict[str, Path]:
    size = 0
    for count, path in enumerate(_walk(folder)):
        if count >= MAX_FILES:
            raise Refused(f"it holds more than {MAX_FILES} files.")
        _check_file(path, path.relative_to(folder))
        size += path.lstat().st_size
        if size > MAX_TOTAL_BYTES:
            raise Refused(f"its files together are larger than {MAX_TOTAL_BYTES >> 20} MiB.")
    _check_timestamp(folder / "timestamp.txt")
    paths = {name: folder / f"{name}.ipynb" for name in notebooks}
    found = {name: path for name, path in paths.items() if path.is_file()}
    if not found:
        others = sorted(str(p.relative_to(folder)) for p in folder.rglob("*.ipynb") if p.is_file())
        instead = f"found {', '.join(others)}" if others else "there is no notebook at all"
        wanted = " and ".join(path.name for path in paths.values())
        raise Refused(f"{wanted} is missing; {instead}. Was it renamed or moved?")
    return found


def check_student_id(student: str) -> None:
    """Raise Refused for an id that is not plain letters, digits and `_ . @ + -`."""
    if not STUDENT_ID.fullmatch(student):
        raise Refused(
            "the student's id may hold plain letters, digits and _ . @ + - only, and begins with a "
            "letter, a digit or _."
        )


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)


def _check_file(path: Path, name: Path) -> None:
    if path.name.casefold() == CONFIG_FILE:
        raise Refused(f"{name} is a configuration of nbgrader's, which no student hands in.")
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        raise Refused(f"{name} is a link; hand in the file itself.")
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        raise Refused(f"{name} is neither a file nor a folder.")
    limit = MAX_NOTEBOOK_BYTES if path.suffix == ".ipynb" else MAX_FILE_BYTES
    if stat.S_ISREG(mode) and path.lstat().st_size > limit:
        raise Refused(f"{name} is larger than {limit >> 20} MiB.")
    if stat.S_ISREG(mode):
        path.open("rb").close()  # whoever may not read it is told now


def _check_timestamp(path: Path) -> None:
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        text = file.read(200).strip()
    words = text.split(" ")
    zone = words[2] if len(words) == 3 else ""
    try:
        moment = dateutil.parser.parse(" ".join(words[:2]) if zone else text) if text else None
        # nbgrader opens a zone that is a path, and cannot move these dates to another zone.
        odd_zone = zone.startswith("/") or len(zone.strip("+-0123456789")) == 0 < 5 < len(zone)
        if path.stat().st_size > 200 or odd_zone or (moment and not 1 < moment.year < 9999):
            raise ValueError
    except (ValueError, OverflowError):
        raise Refused(f"timestamp.txt holds {text[:40]!r}, which is no date.") from None


def read_notebook(file: str, data: bytes) -> NotebookNode:
    """What is made use of in a notebook.  Raises Refused if these bytes of `file` are none."""
    if not data.strip():
        raise Refused(f"{file} is empty.")
    if data.count(b"{") + data.count(b"[") > MAX_CONTAINERS:
        raise Refused(f"{file} holds more than {MAX_CONTAINERS} lists and objects.")
    try:
        raw = json.loads(data.decode("utf-8"))
        json.dumps(raw, ensure_ascii=False).encode("utf-8")  # half a character can be escaped
    except UnicodeError:
        raise Refused(f"{file} is not text in UTF-8, as a notebook is.") from None
    except (ValueError, RecursionError):
        if data.startswith(b"\xef\xbb\xbf"):
            raise Refused(f"{file} begins with a byte-order mark; save it without.") from None
        raise Refused(f"{file} is damaged: it is not JSON.") from None
    if not isinstance(raw, dict) or raw.get("nbformat") != 4:
        found = raw.get("nbformat") if isinstance(raw, dict) else None
        raise Refused(f"{file} is not a notebook of format 4 (it says {found!r:.20}).")
    if not isinstance(raw.get("cells"), list) or len(raw["cells"]) > MAX_CELLS:
        raise Refused(f"{file} has no list of cells, or more than {MAX_CELLS}.")
    if _is_deeper(raw, MAX_DEPTH):
        raise Refused(f"{file} is nested more than {MAX_DEPTH} levels deep.")
    if not isinstance(raw.get("metadata"), dict) or not isinstance(raw.get("nbformat_minor"), int):
        raise Refused(f"{file} is not a valid notebook: it has no metadata or no version.")
    for number, cell in enumerate(raw["cells"], 1):
        if not isinstance(cell, dict) or not isinstance(cell.get("metadata"), dict):
            raise Refused(f"{file} is not a valid notebook: cell {number} is no cell.")
    cells = [_needed(cell) for cell in raw["cells"]]
    if sum(len(cell.get("attachments", ())) for cell in cells) > MAX_ATTACHMENTS:
        raise Refused(f"{file} has more than {MAX_ATTACHMENTS} attachments.")
    needed = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    try:
        nbformat.validate(needed)
    except (nbformat.ValidationError, TypeError, AttributeError) as error:
        said = (str(error).splitlines() or ["it has no format that is known."])[0][:120]
        raise Refused(f"{file} is not a valid notebook: {said}") from None
    notebook: NotebookNode = nbformat.v4.to_notebook(needed)
    for cell, found in zip(notebook.cells, raw["cells"], strict=True):
        if isinstance(found.get("id"), str):
            cell.id = found["id"]
    return notebook


def _needed(cell: dict[str, Any]) -> dict[str, Any]:
    """What is made use of in a cell: its text, and which cell it says that it is.

    Outputs and the rest of its metadata are left behind, so they may be as broken as they like, and cost
    nothing: validating them can take hours.
    """
    claim = cell.get("metadata", {}).get("nbgrader")
    about = {"grade_id": claim.get("grade_id")} if isinstance(claim, dict) else claim
    found: dict[str, Any] = {"metadata": {} if claim is None else {"nbgrader": about}}
    found |= {name: cell[name] for name in ("cell_type", "source") if name in cell}
    if cell.get("cell_type") == "code":
        found |= {"outputs": [], "execution_count": None}
    elif isinstance(cell.get("attachments"), dict):
        found["attachments"] = cell["attachments"]
    return found


def _is_deeper(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        inner = (v.values() if isinstance(v, dict) else v for v in level if _holds(v))
        level = [part for parts in inner for part in parts]
    return any(map(_holds, level))


def _holds(value: Any) -> bool:
    return isinstance(value, dict | list)
