"""The command `python -m autograder.prove`, and the files that it reads beside the tests."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track

from autograder.exercises import IDS, UnknownName, worksheet
from autograder.prove.report import Report, tell
from autograder.prove.trial import prove

ROOT = Path(__file__).resolve().parents[2]
TESTS = Path("tests", "autograder")


def load_variants(id: str, root: Path = ROOT) -> dict[str, tuple[Any, ...]]:
    """The right answers of a worksheet's exercises: `VARIANTS` in tests/autograder/variants_{id}.py.

    Raises FileNotFoundError where the tests are not at hand.
    """
    path = root / TESTS / f"variants_{id}.py"
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no {path}. It holds the right answers on which the checks of {id} are "
            "tried; run this in a checkout of the course's repository."
        )
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))  # several worksheets may share what stands beside them
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    found: dict[str, tuple[Any, ...]] = module.VARIANTS
    return found


def load_equivalent(id: str, root: Path = ROOT) -> dict[str, dict[str, str]]:
    """For each exercise the mutants that are right answers, and why, from equivalent_{id}.toml."""
    path = root / TESTS / f"equivalent_{id}.toml"
    if not path.is_file():
        return {}
    return {
        exercise: {mutant: entry["why"] for entry in entries for mutant in entry["mutants"]}
        for exercise, entries in tomllib.loads(path.read_text(encoding="utf-8")).items()
    }


def prove_worksheet(id: str, root: Path = ROOT) -> list[Report]:
    """The reports on a worksheet's exercises, in order."""
    variants, equivalent = load_variants(id, root), load_equivalent(id, root)
    return [
        prove(exercise, variants.get(exercise.id, ()), equivalent.get(exercise.id))
        for exercise in track(
            worksheet(id).exercises, f"{id} ...", console=Console(stderr=True), transient=True
        )
    ]


@click.command()
@click.argument("worksheets", nargs=-1)
def main(worksheets: tuple[str, ...]) -> None:
    """Try the checks of all worksheets, or of those named.  Exit status 1 if one breaks a rule."""
    console = Console()
    broken = 0
    for id in worksheets or IDS:
        try:
            reports = prove_worksheet(id)
        except (UnknownName, FileNotFoundError) as error:
            raise click.UsageError(str(error)) from error
        tell(console, f"{id}: {worksheet(id).title}", reports)
        broken += sum(len(report.broken) for report in reports)
    console.print("\nEvery check holds." if not broken else f"\nRules broken: {broken}.")
    raise SystemExit(1 if broken else 0)


if __name__ == "__main__":
    main()
