"""The exercise that docs/instructors.md adds, added as it says, to a copy of the project."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.submissions import fill_in

pytestmark = [pytest.mark.slow, pytest.mark.linux]

CHECKOUT = Path(__file__).parents[2]
RIGHT = """\
# base: released

# %% solution state_size
def state_size(h):
    return np.sqrt(np.mean(h * h, 2))
"""
NO_ROOT = RIGHT.replace("np.sqrt(np.mean(h * h, 2))", "np.mean(h * h, 2)")


def _blocks() -> list[str]:
    page = (CHECKOUT / "docs" / "instructors.md").read_text(encoding="utf-8")
    section = page.partition("## Change an exercise, or add one")[2].partition("\n## ")[0]
    return re.findall(r"```python\n(.*?)```", section, re.DOTALL)


def _copy(to: Path) -> None:
    """The example in its three places."""
    for name in ("autograder", "course", "solutions/ps02", "notebooks/ps02"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(CHECKOUT / name, to / name, ignore=ignored)
    shutil.copyfile(CHECKOUT / "nbgrader_config.py", to / "nbgrader_config.py")
    exercise, cells = _blocks()
    ps02 = to / "autograder" / "exercises" / "ps02"
    (ps02 / "size.py").write_text(exercise)
    listed = (ps02 / "__init__.py").read_text()
    listed = listed.replace(
        "import RNN_STEP\n",
        "import RNN_STEP\nfrom autograder.exercises.ps02.size import STATE_SIZE\n",
    ).replace("        RNN_OUTPUT,\n", "        RNN_OUTPUT,\n        STATE_SIZE,\n")
    (ps02 / "__init__.py").write_text(listed)
    source = (CHECKOUT / "solutions" / "ps02_vanilla_rnn.py").read_text()
    place = 'check("rnn_output", rnn_output)\n'
    assert place in source
    (to / "solutions" / "ps02_vanilla_rnn.py").write_text(
        source.replace(place, f"{place}\n{cells}")
    )


def _autograder(folder: Path, *arguments: str) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "autograder.cli", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_from_the_idea_to_the_points(tmp_path: Path) -> None:
    _copy(tmp_path)
    _autograder(tmp_path, "build", "ps02")
    released = nbformat.read(tmp_path / "notebooks/ps02/ps02_vanilla_rnn.ipynb", as_version=4)
    solved = nbformat.read(tmp_path / "solutions/ps02/ps02_vanilla_rnn.ipynb", as_version=4)
    for student, text in (("ada", RIGHT), ("ben", NO_ROOT)):
        folder = tmp_path / "submitted" / student / "ps02"
        folder.mkdir(parents=True)
        nbformat.write(fill_in(text, released, solved), folder / "ps02_vanilla_rnn.ipynb")
    told = _autograder(tmp_path, "grade", "ps02", "--json")
    rows = {
        row["student"]: (row["verdict"], row["points"], row["diagnosis"])
        for row in map(json.loads, told.splitlines())
        if row["exercise"] == "state_size"
    }
    assert rows == {"ada": ("correct", 2.0, ""), "ben": ("wrong", 0.0, "no root")}


def test_it_is_as_short_as_it_is_said_to_be() -> None:
    lines = [line for block in _blocks() for line in block.splitlines() if line]
    assert len(lines) + 2 < 40, "two more in the worksheet's list"
