"""A course to try things in: the checkout's own, with one worksheet."""

from __future__ import annotations

import shutil
from pathlib import Path

from autograder.nbgrader_plugin.course import CONFIG_FILE, Course

CHECKOUT = Path(__file__).parents[1]


def lay_out(root: Path, id: str = "ps02", settings: str = "") -> Course:
    """Put a worksheet's folders and the settings into `root`, with further settings behind them."""
    for name in ("solutions", "notebooks"):
        shutil.copytree(CHECKOUT / name / id, root / name / id)
    text = (CHECKOUT / CONFIG_FILE).read_text(encoding="utf-8")
    (root / CONFIG_FILE).write_text(f"{text}\n{settings}\n", encoding="utf-8")
    return Course(root)
