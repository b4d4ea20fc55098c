"""How student code is confined and what it may use: `c.ExecuteInSandbox...` in `nbgrader_config.py`."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator

from nbformat import NotebookNode
from nbgrader.preprocessors import AssignLatePenalties, Execute
from traitlets import Bool, Float, Integer, default
from traitlets.config import LoggingConfigurable

from autograder.errors import UserError
from autograder.exercise import Worksheet
from autograder.sandbox.child import Budget
from autograder.sandbox.launch import Level, choose_level
from autograder.sandbox.pool import Place


class SandboxSettings(LoggingConfigurable):
    """The settings of the sandbox, and what follows from them."""

    unsafe_no_sandbox = Bool(
        False, help="Run student code unconfined where this machine has no sandbox."
    ).tag(config=True)
    reduced_sandbox = Bool(
        False, help="Accept a weaker sandbox where bubblewrap cannot work, as in some containers."
    ).tag(config=True)
    fresh = Bool(
        False, help="A new sandbox for each submission: slower, and nothing is shared."
    ).tag(config=True)
    cell_seconds = Float(
        help="Time that one cell may take; without a setting, what c.Execute.timeout says."
    ).tag(config=True)
    exercise_seconds = Float(30.0, help="Time that all cases of one exercise may take.").tag(
        config=True
    )
    notebook_seconds = Float(600.0, help="Time for one notebook, reruns included.").tag(config=True)
    memory_bytes = Integer(2 << 30, help="Memory of one submission.").tag(config=True)

    @default("cell_seconds")
    def _cell_seconds_default(self) -> float:
        """A course that came with a limit for nbgrader's own step keeps it.  None and -1: no limit."""
        seconds = Execute(config=self.config).timeout
        return seconds if seconds and seconds > 0 else self.notebook_seconds

    def level(self) -> Level:
        """How student code will be confined.  Raises NoSandbox where it cannot be and has to be."""
        return choose_level(reduced=self.reduced_sandbox, unsafe=self.unsafe_no_sandbox)

    def budget(self) -> Budget:
        """What one submission may use."""
        return Budget(
            cell_seconds=self.cell_seconds,
            exercise_seconds=self.exercise_seconds,
            notebook_seconds=self.notebook_seconds,
            memory_bytes=self.memory_bytes,
        )

    def place(self, assignment: str, found: Worksheet | None, released: NotebookNode) -> Place:
        """Where the submissions of a notebook run.  Raises UserError if it is not in Python."""
        _require_python(assignment, released)
        withheld = found.withheld if found else ()
        warm = {"matplotlib", *_imports(released)} - set(withheld)
        return Place(assignment, withheld, self.level(), tuple(sorted(warm)), self.fresh)

    def terms(self, due: str) -> str:
        """A digest of what a mark depends on beside the work: limits, lateness, when it was due."""
        penalties = AssignLatePenalties(config=self.config).plugin_class.__name__
        sections = [
            repr(self.config.get(name))
            for name in ("AssignLatePenalties", "IgnorePattern", "LimitOutput", penalties)
        ]
        told = [str(self.level()), self.budget(), self.fresh, due, *sections]
        return hashlib.sha256(repr(told).encode()).hexdigest()


def _require_python(assignment: str, released: NotebookNode) -> None:
    """Run as Python, a worksheet in another language would cost the whole class its points."""
    kernel = released.metadata.get("kernelspec", {})
    language = kernel.get("language", "python")
    if language.lower() != "python":
        raise UserError(
            f"{assignment} asks for the kernel {kernel.get('name')!r} ({language}), and the sandbox runs "
            "Python only: grade it with nbgrader's own steps."
        )


def _imports(released: NotebookNode) -> Iterator[str]:
    """What the cells of a released notebook import: a sandbox can have it ready."""
    for cell in released.cells:
        if cell.cell_type != "code":
            continue
        try:
            tree = ast.parse(cell.source)
        except SyntaxError:  # a magic, or a gap to be filled in
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
