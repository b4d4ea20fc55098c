"""What the sandbox takes over from settings that were made for nbgrader's own steps."""

from __future__ import annotations

import nbformat
import pytest
from traitlets.config import Config

from autograder.errors import UserError
from autograder.nbgrader_plugin.settings import SandboxSettings


def _seconds(*, ours: float | None = None, theirs: int | None = 30) -> float:
    config = Config()
    config.Execute.timeout = theirs
    if ours is not None:
        config.SandboxSettings.cell_seconds = ours
    config.SandboxSettings.notebook_seconds = 99.0
    return SandboxSettings(config=config).budget().cell_seconds


def test_a_cell_s_time_is_ours_or_else_nbgrader_s() -> None:
    assert SandboxSettings().budget().cell_seconds == 30
    assert _seconds(theirs=2) == 2
    assert _seconds(theirs=2, ours=7) == 7


@pytest.mark.parametrize("theirs", [None, -1])
def test_no_limit_for_a_cell_leaves_the_notebook_s(theirs: int | None) -> None:
    assert _seconds(theirs=theirs) == 99


def test_a_worksheet_in_another_language_is_refused() -> None:
    notebook = nbformat.v4.new_notebook()
    notebook.metadata.kernelspec = {"name": "ir", "display_name": "R", "language": "R"}
    with pytest.raises(UserError, match=r"asks for the kernel 'ir' \(R\)"):
        SandboxSettings(config=Config()).place("own1", None, notebook)


def test_what_may_be_ignored_on_stderr_is_among_what_a_mark_depends_on() -> None:
    config = Config()
    config.SandboxSettings.unsafe_no_sandbox = True
    before = SandboxSettings(config=config).terms("")
    config.IgnorePattern.pattern = "only a hint"
    assert SandboxSettings(config=config).terms("") != before
