"""An instructor's own assignment without exercises of ours, and what honest students hand in.

Two notebooks of plain asserts, with everything that nbgrader can mark: hidden tests, partial credit, cells
that a person marks, a task, and files beside the notebooks.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ASSIGNMENT = "own1"
DUE = "2027-02-01 12:00:00 UTC"

Cell = NotebookNode


def _cell(make: Any, source: str, name: str, points: float | None = None, **what: bool) -> Cell:
    cell: Cell = make(source.strip("\n"), id=name.replace("_", "-"))
    kinds = {"grade": False, "solution": False, "locked": False, "task": False}
    cell.metadata.nbgrader = {"schema_version": 3, "grade_id": name} | kinds | what
    if points is not None:
        cell.metadata.nbgrader["points"] = points
    return cell


def solution(name: str, source: str) -> Cell:
    return _cell(new_code_cell, source, name, solution=True)


def test(name: str, points: float, source: str) -> Cell:
    return _cell(new_code_cell, source, name, points, grade=True, locked=True)


test.__test__ = False  # type: ignore[attr-defined]  # pytest: a cell, not a test of ours


def locked(name: str, source: str) -> Cell:
    return _cell(new_code_cell, source, name, locked=True)


def manual(make: Any, name: str, points: float, source: str) -> Cell:
    return _cell(make, source, name, points, grade=True, solution=True)


def task(name: str, points: float, source: str) -> Cell:
    return _cell(new_markdown_cell, source, name, points, task=True, locked=True)


SUMS = (
    new_markdown_cell("# Sums\n\nFill in the cells below.", id="intro"),
    locked("imports", "import csv\n\nimport numpy as np\nfrom helper import clean"),
    solution(
        "mean",
        """
def mean(numbers):
    ### BEGIN SOLUTION
    return sum(numbers) / len(numbers)
    ### END SOLUTION
""",
    ),
    test(
        "test_mean",
        3,
        """
assert mean([1, 2, 3]) == 2
### BEGIN HIDDEN TESTS
assert mean([1, 2]) == 1.5
### END HIDDEN TESTS
""",
    ),
    solution(
        "spread",
        """
def spread(numbers):
    ### BEGIN SOLUTION
    return max(numbers) - min(numbers)
    ### END SOLUTION
""",
    ),
    # The cell's last value is the mark, as nbgrader has it.
    test(
        "test_spread",
        4,
        """
score = 0
for numbers, expected in (([1, 2], 1), ([5], 0), ([-1, 1], 2)):
    try:
        score += 1 if spread(numbers) == expected else 0
    except Exception as error:
        print(type(error).__name__)
### BEGIN HIDDEN TESTS
score += 0.5 * (spread([3, 9, 4]) == 6) + 0.5 * (spread([2.5, 2.0]) == 0.5)
### END HIDDEN TESTS
score
""",
    ),
    solution(
        "total",
        """
def total(path):
    ### BEGIN SOLUTION
    with open(path, newline="") as file:
        return sum(int(row["number"]) for row in csv.DictReader(file))
    ### END SOLUTION
""",
    ),
    test("test_total", 2, 'assert clean(" x ") == "x"\nassert total("data/rows.csv") == 21'),
    # nbgrader cannot read a NumPy scalar as a number and gives all points.
    test("test_scalar", 1.5, 'assert total("data/rows.csv") == 21\nnp.float64(0.5)'),
    test("test_words", 1, 'assert mean([4]) == 4\n"well done"'),
    # A person may add extra credit here.
    test("bonus", 0, "assert mean([0.5, 0.5]) == 0.5"),
    manual(
        new_code_cell, "drawing", 5, "# Draw something.\n### BEGIN SOLUTION\n1\n### END SOLUTION"
    ),
    manual(new_markdown_cell, "why", 4, "### BEGIN SOLUTION\nBecause.\n### END SOLUTION"),
    task("report", 6, "Measure something, and report it in cells of your own."),
)
WORDS = (
    locked("imports", "import os\nfrom collections import Counter"),
    solution(
        "count",
        """
def count(text):
    ### BEGIN SOLUTION
    return dict(Counter(text.split()))
    ### END SOLUTION
""",
    ),
    test(
        "test_count",
        2,
        """
assert count("a b") == {"a": 1, "b": 1}
if os.environ.get("NBGRADER_EXECUTION") == "autograde":
    assert count("a  b b") == {"a": 1, "b": 2}
""",
    ),
    test("test_share", 3, 'round(3 * len(count("a b c a")) / 3, 1) if count("") == {} else 0.1'),
    manual(new_markdown_cell, "opinion", 3, "### BEGIN SOLUTION\nGood.\n### END SOLUTION"),
)
NOTEBOOKS = {"sums": SUMS, "words": WORDS}

#: Beside the notebooks in the source folder; students get copies, and may not keep their own version.
FILES = {
    "helper.py": "def clean(text):\n    return text.strip()\n",
    "data/rows.csv": "number\n" + "".join(f"{n}\n" for n in range(1, 7)),
    "mine.py": "FACTOR = 1\n",
}
#: But for this one: `c.Autograde.exclude_overwriting`.
THEIRS = "mine.py"

LATE_PLUGIN = '''\
"""Two points for each hour that has begun, and never from the very best."""

from nbgrader.plugins import BasePlugin


class ByHours(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 2 * -(-total_seconds_late // 3600)
'''


#: On stderr, and without harm: `c.IgnorePattern`.
HINT = "only a hint"


@dataclasses.dataclass(frozen=True)
class Submission:
    """What a student changed; the rest is as it was handed out."""

    about: str
    solved: bool = False  # solutions to start from, or stubs
    cells: Mapping[str, str] = dataclasses.field(default_factory=dict)  # by name of the cell
    own: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)  # after it
    files: Mapping[str, str] = dataclasses.field(default_factory=dict)
    timestamp: str | None = None
    without: tuple[str, ...] = ()  # notebooks that were not handed in
    renumbered: bool = False  # saved by an old editor, which knows no ids of cells


STUDENTS = {
    "ada": Submission(
        "all right, on time, with answers for a person to read",
        solved=True,
        cells={
            "drawing": "import matplotlib.pyplot as plt\nplt.plot([1, 2, 4]); plt.show()",
            "why": "The mean of $n$ numbers is their sum over $n$.",
            "opinion": "I liked it.",
        },
        own={"report": ("value = mean([1, 5])\nvalue", "# a second own cell\nprint(value)")},
        timestamp="2027-02-01 11:59:59 UTC",
    ),
    "ben": Submission("opened it, saved it, wrote nothing"),
    "cem": Submission(
        "right on what is shown, wrong on hidden tests; partial credit",
        cells={
            "mean": "def mean(numbers):\n    return sum(numbers) // len(numbers)",
            "spread": "def spread(numbers):\n    return abs(numbers[0] - numbers[-1])",
            "total": "def total(path):\n    return 20",
            "count": "def count(text):\n    return {word: 1 for word in text.split(' ')}",
        },
    ),
    "dora": Submission(
        "cells that raise, and one that is no Python",
        solved=True,
        cells={
            "mean": "def mean(numbers)\n    return 2",
            "total": "raise RuntimeError('I do not know how')",
            "why": "",
        },
    ),
    "emil": Submission(
        "handed in the first notebook only", solved=True, without=("words",), cells={"why": "So."}
    ),
    "fay": Submission(
        "all right, half past two hours late",
        solved=True,
        timestamp="2027-02-01 14:30:00 UTC",
    ),
    "gus": Submission(
        "hardly anything right, and so late that no point stays",
        cells={"mean": "mean = lambda numbers: 2"},
        timestamp="2027-02-03 08:00:00 UTC",
    ),
    "hedi": Submission(
        "cells of one's own in between, rich output and very much of it, and what editors leave behind",
        solved=True,
        files={
            "scratch.ipynb": nbformat.writes(new_notebook()),
            ".ipynb_checkpoints/sums-checkpoint.ipynb": nbformat.writes(new_notebook()),
            "__pycache__/helper.cpython-311.pyc": "",
        },
        own={
            "imports": ("%matplotlib inline", "from IPython.display import HTML, display"),
            "mean": ("display(HTML('<b>bold</b>'))\nmean([1, 2])",),
            "spread": ("for n in range(5000):\n    print(n)",),
            "total": ("%%time\nsum(range(1000))", "1 / 0"),
        },
    ),
    "ivo": Submission(
        "other files beside the notebook: an edited helper, a module of one's own, a folder",
        solved=True,
        cells={
            "mean": (
                "from mine import FACTOR\n\n"
                "def mean(numbers):\n    return FACTOR * sum(numbers) / len(numbers)"
            )
        },
        files={
            "helper.py": "def clean(text):\n    return 'not yours'\n",
            "data/rows.csv": "number\n0\n",
            "data/notes/read me.txt": "mine",
            "mine.py": "FACTOR = 1.0\n",
        },
    ),
    "jo": Submission(
        "saved by an old editor, without ids; an empty timestamp",
        solved=True,
        renumbered=True,
        timestamp="",
        cells={"spread": "def spread(numbers):\n    return 0 if len(numbers) == 1 else None"},
    ),
    "kai": Submission(
        "state that one cell leaves for the next: globals, a changed module, a seed",
        solved=True,
        cells={
            "mean": (
                "seen = []\n\n"
                "def mean(numbers):\n    seen.append(numbers)\n    return sum(numbers) / len(numbers)"
            ),
            "drawing": "import random\nrandom.seed(1)\nassert len(seen) == 4\nnp.random.rand()",
        },
        own={"test_words": ("calls = len(seen)\ncalls",)},
    ),
    "lea": Submission(
        "commands of the shell, which cannot run inside",
        solved=True,
        own={"imports": ("!echo hello", "files = !ls\nlen(files) >= 0")},
        cells={
            "count": (
                "def count(text):\n    words = !echo {text}\n"
                "    return dict(Counter(' '.join(words).split()))"
            ),
            "opinion": "Yes, and *no*.",
        },
    ),
    "mia": Submission(
        "warnings on stderr while a test runs: one that costs points, one that the course lets pass",
        solved=True,
        cells={
            "mean": (
                "import warnings\n\n"
                "def mean(numbers):\n    warnings.warn('slow')\n    return sum(numbers) / len(numbers)"
            ),
            "count": (
                "import sys\n\n"
                f"def count(text):\n    print({HINT!r}, file=sys.stderr)\n"
                "    return dict(Counter(text.split()))"
            ),
        },
    ),
    "nia": Submission(
        "writes a file into the working directory",
        solved=True,
        own={
            "mean": ("with open('result.txt', 'w') as file:\n    print(mean([1, 2]), file=file)",)
        },
    ),
}

#: Handed in later: ben wrote something after all.
SECOND = {
    "ben": Submission(
        "a second attempt, after the first was graded",
        cells={"mean": STUDENTS["kai"].cells["mean"], "why": "Now I know."},
        timestamp="2027-02-01 11:00:00 UTC",
    )
}


def write_source(folder: Path) -> None:
    """The instructor's folder: notebooks with solutions and hidden tests, and the other files."""
    for name, cells in NOTEBOOKS.items():
        notebook = new_notebook(cells=[nbformat.from_dict(cell) for cell in cells])
        notebook.metadata.kernelspec = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        _write(notebook, folder / f"{name}.ipynb")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def hand_in(released: Path, folder: Path, submission: Submission) -> None:
    """A student's folder, filled in from the released one."""
    for name in NOTEBOOKS:
        if name not in submission.without:
            notebook = nbformat.read(released / f"{name}.ipynb", as_version=4)
            _write(_filled_in(notebook, name, submission), folder / f"{name}.ipynb")
    files = FILES | dict(submission.files)
    if submission.timestamp is not None:
        files["timestamp.txt"] = submission.timestamp
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _filled_in(notebook: NotebookNode, name: str, submission: Submission) -> NotebookNode:
    solved = {c.metadata.nbgrader.grade_id: c for c in NOTEBOOKS[name] if "nbgrader" in c.metadata}
    cells = []
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        grade_id = marks.get("grade_id", "")
        if submission.solved and marks.get("solution") and not marks.get("grade"):
            cell.source = _without_markers(solved[grade_id].source)
        if grade_id in submission.cells:
            cell.source = submission.cells[grade_id]
        cells.append(cell)
        cells += [new_code_cell(source) for source in submission.own.get(grade_id, ())]
    notebook.cells = cells
    if submission.renumbered:
        notebook.nbformat_minor = 4
        for cell in cells:
            del cell["id"]
    return notebook


def _without_markers(source: str) -> str:
    lines: Iterable[str] = source.splitlines()
    return "\n".join(line for line in lines if "### " not in line)


def _write(notebook: NotebookNode, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
