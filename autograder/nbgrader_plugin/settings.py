"""How student code is confined and what it may use: `c.ExecuteInSandbox...` in `nbgrader_config.py`."""

from __future__ import annotations

import hashlib
import re

from nbformat import NotebookNode
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import Bool, Float, Integer
from traitlets.config import LoggingConfigurable

from autograder.exercise import Worksheet
from autograder.sandbox.child import Budget
from autograder.sandbox.launch import Level, choose_level
from autograder.sandbox.pool import Place

_IMPORTS_TORCH = re.compile(r"^\s*(import|from) torch\b", re.MULTILINE)


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
    cell_seconds = Float(30.0, help="Time that one cell may take.").tag(config=True)
    exercise_seconds = Float(30.0, help="Time that all cases of one exercise may take.").tag(
        config=True
    )
    notebook_seconds = Float(600.0, help="Time for one notebook, reruns included.").tag(config=True)
    memory_bytes = Integer(2 << 30, help="Memory of one submission.").tag(config=True)

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
        """Where the submissions of a notebook run."""
        withheld = found.withheld if found else ()
        warm = ["matplotlib"]
        if "torch" not in withheld and _uses_torch(released):
            warm.append("torch")
        return Place(assignment, withheld, self.level(), tuple(warm), self.fresh)

    def terms(self, due: str) -> str:
        """A digest of what a mark depends on beside the work: limits, lateness, when it was due."""
        penalties = AssignLatePenalties(config=self.config).plugin_class.__name__
        sections = [
            repr(self.config.get(name))
            for name in ("AssignLatePenalties", "LimitOutput", penalties)
        ]
        told = [str(self.level()), self.budget(), self.fresh, due, *sections]
        return hashlib.sha256(repr(told).encode()).hexdigest()


def _uses_torch(notebook: NotebookNode) -> bool:
    """Does a cell of this notebook import torch?"""
    return any(_IMPORTS_TORCH.search(c.source) for c in notebook.cells if c.cell_type == "code")
