"""The experiments: each has its committed table, and each table its experiment."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import experiments
from course import results
from experiments.__main__ import main

EXPERIMENT = """
PROTOCOL = {"task": "count", "up to": 3}

def rows():
    for n in range(%s):
        yield {"n": n, "half": n / 2}
"""


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package with one experiment more, `counting`, and the folder that it is in."""
    monkeypatch.setattr(experiments, "__path__", [str(tmp_path)])
    (tmp_path / "counting.py").write_text(EXPERIMENT % "3")
    yield tmp_path
    sys.modules.pop("experiments.counting", None)


def test_every_experiment_has_its_table_and_the_reverse() -> None:
    assert experiments.names() == results.names(), "run `make experiments`"


@pytest.mark.parametrize("name", experiments.names())
def test_a_table_has_the_protocol_of_its_experiment(name: str) -> None:
    told = {key: str(value) for key, value in experiments.experiment(name).PROTOCOL.items()}
    assert results.load(name).protocol == told, f"run `python -m experiments {name}`"


@pytest.mark.parametrize("path", sorted(Path(experiments.__file__).parent.glob("*.py")))
def test_experiments_know_nothing_of_grading(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert not [a.name for a in node.names if a.name.split(".")[0] == "autograder"]
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] != "autograder"


def test_running_one_writes_its_table(toy: Path) -> None:
    found = experiments.run("counting", toy)
    assert (toy / "counting.csv").read_text() == (
        "# task: count\n# up to: 3\nn,half\n0,0\n1,0.5\n2,1\n"
    )
    assert results.parse((toy / "counting.csv").read_text()) == found


def test_one_that_fails_leaves_the_old_table(toy: Path) -> None:
    (toy / "counting.csv").write_text("old")
    (toy / "counting.py").write_text(EXPERIMENT % "undefined")
    with pytest.raises(NameError):
        experiments.run("counting", toy)
    assert sorted(path.name for path in toy.glob("*.*")) == ["counting.csv", "counting.py"]
    assert (toy / "counting.csv").read_text() == "old"


def test_the_command_names_those_that_there_are(
    toy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["adding_up"]) == 2
    assert "no experiment 'adding_up'. There are: counting." in capsys.readouterr().err


def test_the_command_shows_what_it_found(
    toy: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = experiments.run
    monkeypatch.setattr(experiments, "run", lambda name: run(name, toy))
    assert main([]) == 0
    assert "up to: 3" in capsys.readouterr().out
