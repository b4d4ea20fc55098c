"""Builds the course's ungraded pages, such as the errata: `python -m autograder.pages`.

    docs/NAME.py  ->  docs/NAME.ipynb

The source is what a worksheet's is, without exercises, and the page keeps the outputs of its cells.
"""

from __future__ import annotations

from pathlib import Path

from nbformat import NotebookNode

from autograder import build as builder
from autograder.exercise import Worksheet

PAGES = ("errata",)


def source_path(root: Path, name: str) -> Path:
    return root / "docs" / f"{name}.py"


def page_path(root: Path, name: str) -> Path:
    return root / "docs" / f"{name}.ipynb"


def parse(root: Path, name: str) -> NotebookNode:
    """The notebook that a page's source describes, not yet run."""
    return builder.parse(source_path(root, name).read_text(encoding="utf-8"), _ungraded(name))


def build(root: Path, name: str, *, force: bool = False) -> bool:
    """Build the page below `root`, if its source has changed; whether it was built.

    Raises BuildError if one of its cells raises.
    """
    made = builder.update(parse(root, name), _ungraded(name), page_path(root, name), force=force)
    return made is not None


def run(notebook: NotebookNode, name: str) -> None:
    """Run a page's cells, in place.  Raises BuildError if one of them raises."""
    builder.run(notebook, _ungraded(name))


def _ungraded(name: str) -> Worksheet:
    """A page is a worksheet that asks for nothing."""
    return Worksheet(name, "page", name, exercises=(), written=(), withheld=())


def main() -> None:
    root = Path(__file__).parents[1]
    for name in PAGES:
        print(f"{name}: {'built' if build(root, name) else 'up to date'}")


if __name__ == "__main__":
    main()
