"""An assignment as its submissions are marked: released notebooks, hidden tests, files, settings."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import CheckCellMetadata, OverwriteCells
from nbgrader.preprocessors.overwritekernelspec import OverwriteKernelspec
from nbgrader.utils import find_all_files
from traitlets.config import Config

from autograder import exercises
from autograder.build import grade_id, is_locked
from autograder.evidence import Batch
from autograder.exercise import Worksheet
from autograder.fingerprint import code_digest
from autograder.intake import Refused
from autograder.marking import Marked
from autograder.nbgrader_plugin import records
from autograder.nbgrader_plugin.ledger import Ledger
from autograder.nbgrader_plugin.records import Basis, Graded, Who
from autograder.nbgrader_plugin.settings import SandboxSettings
from autograder.restore import restore

#: More than a sandbox has room for, beside what the notebook itself writes.
MAX_FILES_BYTES = 48 << 20
_PAGES = {".html", ".htm", ".xhtml", ".shtml", ".svg", ".xml", ".xsl"}


@dataclasses.dataclass(frozen=True)
class Master:
    """One notebook of an assignment."""

    name: str  # without suffix
    released: NotebookNode
    complete: NotebookNode  # what students do not see is in it
    worksheet: Worksheet | None
    digest: str

    @classmethod
    def load(cls, config: Config, db_url: str, assignment: str, path: Path) -> Master:
        """Read a released notebook, and from the gradebook what was taken out of it."""
        data = path.read_bytes()
        released = nbformat.reads(data.decode("utf-8"), as_version=4)
        complete = copy.deepcopy(released)
        about = {"assignment": assignment, "notebook": path.stem, "student": "", "db_url": db_url}
        for step in (OverwriteKernelspec, OverwriteCells, CheckCellMetadata):
            complete, _ = step(config=config).preprocess(complete, {"nbgrader": about})
        digest = hashlib.sha256(data + nbformat.writes(complete).encode()).hexdigest()
        return cls(path.stem, released, complete, worksheet_of(assignment, path.stem), digest)

    def restore(self, submitted: NotebookNode) -> tuple[NotebookNode, list[str]]:
        """A submission in this notebook's order, with its hidden tests, and a note for each repair."""
        notebook, notes = restore(self.released, submitted)
        complete = {grade_id(cell): cell for cell in self.complete.cells if grade_id(cell)}
        for cell in notebook.cells:
            master = complete.get(grade_id(cell))
            if master is not None:
                cell.metadata.nbgrader = NotebookNode(master.metadata.nbgrader)
                if is_locked(master):
                    cell.source = master.source
        notebook.metadata.kernelspec = copy.deepcopy(self.complete.metadata.get("kernelspec", {}))
        return notebook, notes


class Assignment:
    """An assignment, and what the marks of its submissions rest on."""

    def __init__(
        self,
        name: str,
        directory: CourseDirectory,
        config: Config,
        ledger: Ledger,
        settings: SandboxSettings,
    ) -> None:
        """Raises MissingEntry if the gradebook does not know it, NoSandbox if it cannot be run."""
        self.name, self.directory, self.config, self.ledger = name, directory, config, ledger
        self.settings = settings
        self.level = settings.level()
        self.notebooks = ledger.notebooks(name)
        released = Path(directory.format_path(directory.release_directory, ".", name))
        self.masters = {
            notebook: Master.load(config, directory.db_url, name, path)
            for notebook in self.notebooks
            if (path := released / f"{notebook}.ipynb").is_file()
        }
        #: What lies beside the notebooks; files that students may hand in changed are not among it.
        kept = Autograde(config=config).exclude_overwriting.get(name, [])
        source = directory.format_path(directory.source_directory, ".", name)
        found = files_in(directory, Path(source))
        self.files = {path: at for path, at in found.items() if path not in kept}
        self._files_digest = digest_of(self.files)
        self._evidence = Batch(Path(directory.root, ".unrolled", "records", name))

    def folder(self, step: str, student: str) -> Path:
        """A student's folder of a step (`submitted`, `autograded`, `feedback`)."""
        base = getattr(self.directory, f"{step}_directory")
        return Path(self.directory.format_path(base, student, self.name))

    def bases(self, student: str, notebooks: Iterable[str]) -> dict[Who, Basis]:
        """What the marks of a student's notebooks rest on, as it stands in this transaction."""
        submission = digest_of(all_files(self.folder("submitted", student)))
        terms = self.settings.terms(self.ledger.due(self.name, student))
        found = {}
        for name in notebooks:
            parts = self.masters[name].digest + self._files_digest
            worksheet = hashlib.sha256(parts.encode()).hexdigest()
            basis = Basis(submission, worksheet, code_digest(), terms)
            found[Who(self.name, student, name)] = basis
        return found

    def save(self, who: Who, basis: Basis, marked: Marked, file: bytes) -> None:
        """Write a notebook's marks, comments, penalty and verdicts, within a transaction.

        `file` is the notebook as it is, or will be, in the folder `autograded`.
        """
        self.ledger.save_marks(who, marked.notebook)
        self.ledger.assign_penalty(who, self.config)
        entry = self._evidence.append(who.assignment, who.student, who.notebook, marked)
        digest = hashlib.sha256(file).hexdigest()
        graded = Graded(basis, str(marked.level), digest, self._evidence.name, entry)
        records.save(self.ledger.connection, who, graded, marked)


def worksheet_of(assignment: str, notebook: str) -> Worksheet | None:
    """The worksheet of ours that this notebook is, or None."""
    if assignment not in exercises.IDS:
        return None
    found = exercises.worksheet(assignment)
    return found if found.notebook == notebook else None


def notebook_bytes(notebook: NotebookNode) -> bytes:
    """A notebook as a file: a line for each cell, which is several times quicker than indenting."""
    rest = {name: value for name, value in notebook.items() if name != "cells"}
    cells = ",\n".join(_json(cell) for cell in notebook.cells)
    return f'{{"cells": [\n{cells}\n],\n{_json(rest)[1:]}\n'.encode()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def files_in(directory: CourseDirectory, folder: Path) -> dict[str, Path]:
    """What lies beside the notebooks of a folder, by its path there; what nbgrader ignores aside."""
    found = find_all_files(str(folder), [*directory.ignore, "*.ipynb"])
    return {os.path.relpath(path, folder): Path(path) for path in found}


def is_page(name: str) -> bool:
    """Is this a file that the formgrader would serve as a page of its own, scripts and all?"""
    return Path(name).suffix.casefold() in _PAGES


def all_files(folder: Path) -> dict[str, Path]:
    """Every file of a folder, by its path there."""
    return {str(p.relative_to(folder)): p for p in folder.rglob("*") if p.is_file()}


def read_files(files: Mapping[str, Path]) -> dict[str, bytes]:
    """The contents of data files, for a sandbox.  Raises Refused if it has no room for them."""
    size = sum(path.stat().st_size for path in files.values())
    if size > MAX_FILES_BYTES:
        raise Refused(
            f"its data files take {size >> 20} MiB, and a sandbox has room for {MAX_FILES_BYTES >> 20}."
        )
    return {name: path.read_bytes() for name, path in files.items()}


def digest_of(files: Mapping[str, Path]) -> str:
    """Changes with a file's name or contents."""
    digest = hashlib.sha256()
    for name, path in sorted(files.items()):
        digest.update(os.fsencode(name) + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
