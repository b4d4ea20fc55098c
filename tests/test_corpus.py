"""Every submission of the corpus is graded as its `expect.yml` says, and harms nobody.

    pytest tests/test_corpus.py -k f10                 one entry, and its control
    pytest tests/test_corpus.py -k "warm and f10"      as the grader usually works

Played warm (one warm slot serves attacker and neighbour), fresh (a sandbox for each), as root and as an
ordinary user.  The controls show that the attacks are real: where nobody guards, they work.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import corpus
import nbformat
import pytest
from another_user import USER, become, readable_by_all
from corpus import CHECKOUT, Control, Entry, Played, Stage
from naive_judge import NaiveJudge, plain
from nbgrader.api import Gradebook

from autograder.sandbox.launch import why_not_full

pytestmark = pytest.mark.linux

ENTRIES = corpus.entries()


def _parameters(*, slow: bool = False, without: tuple[str, ...] = ()) -> list[object]:
    """The entries and their levels as pytest's parameters; those that take long are marked."""
    return [
        pytest.param(
            entry,
            level,
            id=f"{entry.id}-{level}",
            marks=[pytest.mark.slow] if entry.slow or slow else [],
        )
        for entry in ENTRIES
        for level in entry.levels
        if not entry.id.startswith(without)
    ]


@pytest.fixture(scope="session")
def warm_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("warm"))
    yield stage
    stage.close()


@pytest.fixture(scope="module")  # several processes run tests in turns: this may be set up again
def warm(warm_stage: Stage) -> Stage:
    warm_stage.enter()
    return warm_stage


@pytest.fixture(scope="session")
def fresh_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("fresh"), fresh=True)
    yield stage
    stage.close()


@pytest.fixture(scope="module")
def fresh(fresh_stage: Stage) -> Stage:
    fresh_stage.enter()
    return fresh_stage


# As the grader works


@pytest.mark.parametrize(("entry", "level"), _parameters())
def test_warm(warm: Stage, entry: Entry, level: str) -> None:
    check(entry, warm.play(entry, level))


#: What arrives broken, and what is only looked at, never meets the sandbox's way of starting.
_AS_ANYWHERE = ("a", "x")


@pytest.mark.parametrize(("entry", "level"), _parameters(slow=True, without=_AS_ANYWHERE))
def test_fresh(fresh: Stage, entry: Entry, level: str) -> None:
    check(entry, fresh.play(entry, level))


def check(entry: Entry, played: Played) -> None:
    """Is it as `expect.yml` says?"""
    for words in (corpus.SUCCEEDED, *entry.absent):
        assert words not in played.outputs, f"{words!r} is in the outputs"
    if entry.refused:
        assert entry.refused in played.outcome.trouble, played.outcome
        assert all(row.verdict == "refused" for row in played.outcome.rows)
    else:
        assert not played.outcome.trouble, played.outcome.trouble
        found = {name: row.verdict for name, row in played.rows.items()}
        assert found == {name: entry.expected(name) for name in found}
    if entry.points is not None:
        assert played.outcome.points == pytest.approx(entry.points)
    for name, words in entry.says.items():
        row = played.rows[name]
        assert words in " ".join([row.reason, row.message, row.diagnosis]), row
    for words in entry.prints:
        assert words in played.outputs, f"{words!r} is not in the outputs: {played.outputs}"


# Controls


def _with_control(*kinds: str, slow: bool = False) -> list[object]:
    return [
        pytest.param(e, id=e.id, marks=[pytest.mark.slow] if slow or e.slow else [])
        for e in ENTRIES
        if e.control is not None and e.control.kind in kinds
    ]


@pytest.fixture(scope="session")
def naive() -> Iterator[NaiveJudge]:
    judge = NaiveJudge()
    yield judge
    judge.close()


@pytest.mark.parametrize("entry", _with_control("naive", slow=True))
def test_control_naive(warm: Stage, naive: NaiveJudge, entry: Entry) -> None:
    """A judge in the same process gives the points."""
    control, words = _control(entry), warm.words
    if control.needs:
        pytest.importorskip(control.needs)
    text = entry.notebook(words, warm.released, warm.solved).decode()
    files = {name: warm.content(told) for name, told in entry.files.items()}
    marks = naive.mark(
        nbformat.reads(text, as_version=4), warm.worksheet, control.style, entry.gains, files
    )
    if control.ends:
        assert set(marks or {}) != {exercise.id for exercise in warm.worksheet.exercises}
        return
    assert marks is not None, "the judge died"
    for name in _gains(entry):
        points = next(e.points for e in warm.worksheet.exercises if e.id == name)
        assert not marks[name] < points, (name, marks)  # not a number counts as well


@pytest.fixture(scope="session")
def stock(
    warm_stage: Stage, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, float]]:
    """The marks that stock nbgrader gives, in one run for all that need it."""
    asked = [e for e in ENTRIES if e.control is not None and e.control.kind == "stock"]
    root = tmp_path_factory.mktemp("stock")
    (root / "nbgrader_config.py").write_text("c = get_config()\n")
    tests = [exercise.id for exercise in warm_stage.worksheet.exercises]

    def put(folder: Path, notebook: nbformat.NotebookNode) -> None:
        folder.mkdir(parents=True)
        made = plain(notebook, warm_stage.worksheet, "assert_allclose", tests)
        nbformat.write(made, folder / "plain.ipynb")

    put(root / "source" / "plain", warm_stage.solved)
    for entry in asked:
        text = entry.notebook(warm_stage.words, warm_stage.released, warm_stage.solved).decode()
        put(root / "submitted" / entry.id / "plain", nbformat.reads(text, as_version=4))
    for step in ("generate_assignment", "autograde"):
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", step, "plain"],
            cwd=root,
            env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0 or step == "autograde", done.stderr
    marks = {}
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        for entry in asked:
            (notebook,) = gradebook.find_submission("plain", entry.id).notebooks
            marks[entry.id] = {grade.name: grade.auto_score or 0.0 for grade in notebook.grades}
    return marks


@pytest.mark.xdist_group("stock")
@pytest.mark.parametrize("entry", _with_control("stock", slow=True))
def test_control_stock(warm: Stage, stock: dict[str, dict[str, float]], entry: Entry) -> None:
    """Stock nbgrader gives the points."""
    marks = stock[entry.id]
    for name in _gains(entry):
        points = next(e.points for e in warm.worksheet.exercises if e.id == name)
        assert marks[name] == points, marks


@pytest.mark.parametrize("entry", _with_control("none", slow=True))
def test_control_without_sandbox(warm: Stage, entry: Entry) -> None:
    """Unconfined, the attack reaches what it is after."""
    played = warm.play(entry, "none", harmless=False)
    assert _control(entry).finds in played.outputs, played.outputs


@pytest.mark.parametrize("entry", _with_control("script", slow=True))
def test_control_script(warm: Stage, entry: Entry, tmp_path: Path) -> None:
    """A few lines of the entry's own, run by themselves."""
    for name, told in entry.files.items():
        (tmp_path / name).write_bytes(warm.content(told))
    program = warm.words.put((entry.folder / "control.py").read_text(encoding="utf-8"))
    (tmp_path / "control.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "control.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert _control(entry).finds in done.stdout, done.stdout + done.stderr


def _control(entry: Entry) -> Control:
    assert entry.control is not None
    return entry.control


def _gains(entry: Entry) -> tuple[str, ...]:
    assert entry.gains, "the control does not say what the attack gains"
    return entry.gains


# As another user


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="there is no setpriv (util-linux)")
@pytest.mark.skipif(bool(why_not_full()), reason=why_not_full() or "-")
@pytest.mark.parametrize("groups", ["f", "ae", "rdhx"])
def test_as_an_ordinary_user(groups: str) -> None:
    """The whole corpus again, in a process that is not root; in parts, for several cores."""
    wanted = " or ".join(f"test_warm and [{group}" for group in groups)
    with tempfile.TemporaryDirectory(prefix="corpus-user-") as home:
        os.chown(home, USER, USER)
        as_user = [*readable_by_all(), *become(USER, USER), sys.executable]
        environment = os.environ | {
            "HOME": home,
            "TMPDIR": home,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_ADDOPTS": "",
        }
        for name in [n for n in environment if n.startswith(("PYTEST_XDIST", "XDG_"))]:
            del environment[name]

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [*as_user, *arguments],
                cwd=CHECKOUT,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )

        asked = run("-c", "from autograder.sandbox.launch import why_not_full as w; print(w())")
        if asked.returncode or asked.stdout.strip():
            said = (asked.stdout + asked.stderr).strip().splitlines()[-1]
            pytest.skip(f"an ordinary user has no sandbox here: {said}")
        done = run(
            *("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", wanted),
            *("-o", "addopts=--strict-markers", str(Path(__file__).relative_to(CHECKOUT))),
        )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    assert "passed" in done.stdout
    assert "skipped" not in done.stdout, done.stdout[-2_000:]


# The corpus itself

ITEMS = [
    *(f"f{number:02d}" for number in range(1, 30)),
    *(f"r{number:02d}" for number in range(1, 13)),
    *(f"e{number:02d}" for number in range(1, 7)),
    *(f"x{number:02d}" for number in range(1, 7)),
    *(f"d{number:02d}" for number in range(1, 4)),
    *(f"a{number:02d}" for number in range(1, 14)),
    *(f"h{number:02d}" for number in range(1, 7)),
]
#: No fewer than there were; raise it when entries are added.
ENTRIES_AT_LEAST = 284


@pytest.mark.parametrize("folder", corpus.folders(), ids=lambda folder: folder.name)
def test_entry_is_well_formed(folder: Path) -> None:
    Entry.read(folder)


def test_corpus_is_complete() -> None:
    """Every item has an entry, and every folder is one."""
    assert len(ENTRIES) >= ENTRIES_AT_LEAST
    assert {path.name for path in corpus.FOLDER.iterdir()} == {entry.id for entry in ENTRIES}
    assert sorted(set(ITEMS) - {entry.item for entry in ENTRIES}) == []
