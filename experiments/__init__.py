"""Experiments too long for a worksheet: one module each, one table each.

    python -m experiments [NAME ...]      run them (all, without a name) and write course/results/NAME.csv

A module holds

    PROTOCOL    what someone needs to know to repeat it, as words and numbers: task, sizes, training, seeds
    rows()      runs it and yields the rows of the table, as dicts with the same keys

and draws its random numbers from generators that it seeds itself.  Experiments import `course` and
nothing of the autograder; worksheets show what they found with `course.results.load(NAME)`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol, cast

from course import results


class Experiment(Protocol):
    """What a module of this package offers."""

    PROTOCOL: Mapping[str, object]

    def rows(self) -> Iterator[Mapping[str, object]]:
        """Run it, and yield the rows of its table."""


def names() -> list[str]:
    """The experiments that there are."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))


def experiment(name: str) -> Experiment:
    """The module of that name.  Raises LookupError, with the names that there are."""
    if name not in names():
        raise LookupError(f"there is no experiment {name!r}; there are: {', '.join(names())}")
    return cast(Experiment, importlib.import_module(f"{__name__}.{name}"))


def run(name: str, folder: Path = results.FOLDER) -> results.Table:
    """Run an experiment and write its table, whole or not at all."""
    module = experiment(name)
    found = results.table(module.PROTOCOL, module.rows())
    temporary = folder / f"{name}.tmp"
    temporary.write_text(results.to_text(found), encoding="utf-8", newline="\n")
    temporary.replace(folder / f"{name}.csv")
    return found
