"""Slots: parents that stay warm and unspoilt, canaries that notice a hole, a pool that keeps one slot."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.sandbox import canary, hosting, slot
from autograder.sandbox.canary import SandboxLeaks
from autograder.sandbox.child import Budget, WorkerFailure
from autograder.sandbox.execute import execute
from autograder.sandbox.launch import Level, why_not
from autograder.sandbox.library import library
from autograder.sandbox.messages import Cell
from autograder.sandbox.pool import Place, Pool
from autograder.sandbox.slot import PlainSlot, WarmSlot

BUDGET = Budget(cell_seconds=20, exercise_seconds=20, notebook_seconds=60, start_seconds=60)
CONFINED = [
    pytest.param(
        level,
        marks=[
            pytest.mark.linux,
            pytest.mark.skipif(bool(why_not(level)), reason=why_not(level) or "-"),
        ],
    )
    for level in (Level.FULL, Level.REDUCED)
]
confined = pytest.mark.parametrize("level", CONFINED)


@pytest.fixture(scope="module")
def packages() -> Iterator[Path]:
    with library("toy", ("course.rnn", "torch")) as folder:
        yield folder


def said(warm: slot.Slot, *sources: str) -> str:
    """What the last of these cells prints, run in one child."""
    cells = [Cell(str(number), source) for number, source in enumerate(sources)]
    last = execute(cells, warm, BUDGET).cells[cells[-1].id]
    return "".join(output.get("text", output.get("evalue", "")) for output in last.outputs)


# Warm parents


@confined
def test_children_of_one_parent_know_nothing_of_each_other(packages: Path, level: Level) -> None:
    with slot.slot(packages, level) as warm:
        first = """
            import os, sys, builtins, numpy as np
            builtins.left_behind = np.left_behind = sys.left_behind = 1
            os.environ["LEFT_BEHIND"] = "1"
            sys.modules["course.tasks"] = None
            open("left", "w").write("behind"); os.makedirs("a/b/c")
            np.random.seed(3); np.ones = None; get_ipython().user_ns["left"] = 1
            try: open("/dev/shm/left", "w").write("behind")
            except OSError: pass
            print(os.getcwd())
        """
        folder = said(warm, textwrap.dedent(first))
        second = """
            import builtins, os, sys, numpy as np
            import course.tasks
            print(hasattr(builtins, "left_behind"), hasattr(np, "left_behind"), hasattr(sys, "left_behind"),
                  "LEFT_BEHIND" in os.environ, "left" in globals(), os.listdir("."),
                  os.path.exists("/dev/shm/left"), np.ones(1), round(np.random.rand(), 6))
        """
        found = said(warm, textwrap.dedent(second))
        assert found == "False False False False False [] False [1.] 0.548814\n"
        assert said(warm, "import os; print(os.getcwd())") != folder


@confined
def test_a_parent_serves_many_children_and_none_of_them_is_it(packages: Path, level: Level) -> None:
    with slot.slot(packages, level) as warm:
        parents = {said(warm, "import os; print(os.getppid())") for _ in range(4)}
        children = {said(warm, "import os; print(os.getpid())") for _ in range(4)}
    assert len(parents) == 1
    assert len(children) == 4


@confined
def test_a_warm_child_has_matplotlib_imported_and_an_empty_namespace(
    packages: Path, level: Level
) -> None:
    with slot.slot(packages, level, ["matplotlib"]) as warm:
        assert said(warm, "import sys; print('matplotlib.pyplot' in sys.modules)") == "True\n"
        assert said(warm, "print('plt' in globals(), 'Out' in globals() and Out)") == "False {}\n"


@confined
def test_what_torch_draws_is_the_same_in_every_child_of_every_slot(level: Level) -> None:
    pytest.importorskip("torch")
    seen = set()
    with library("toy", ()) as folder:
        for number, module in enumerate(("torch", "torch.nn")):
            with slot.slot(folder, level, [module], number) as warm:
                draws = "import torch; print(torch.rand(2), torch.nn.Linear(1, 1).weight.item())"
                seen |= {said(warm, draws) for _ in range(2)}
    assert len(seen) == 1


@confined
def test_a_parent_is_replaced_after_so_many_children(
    packages: Path, level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slot, "CHILDREN_PER_PARENT", 3)
    started = []
    start = hosting.Parent.__init__

    def counting(self: hosting.Parent, *arguments: object) -> None:
        started.append(self)
        start(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(hosting.Parent, "__init__", counting)
    with slot.slot(packages, level) as warm:
        for _ in range(4):
            assert said(warm, "print(1)") == "1\n"
    # Each parent has a canary first, two submissions, and a canary at its end.
    assert len(started) == 2
    assert started[0].children == 4


@confined
@pytest.mark.parametrize("death", ["import os; os._exit(3)", "import ctypes; ctypes.string_at(0)"])
def test_an_odd_death_costs_the_parent_its_place(packages: Path, level: Level, death: str) -> None:
    with slot.slot(packages, level) as warm:
        said(warm, "1")
        assert isinstance(warm, WarmSlot)
        before = warm._parent
        said(warm, death)
        assert said(warm, "print('well')") == "well\n"
        assert warm._parent is not before


@confined
def test_a_parent_that_is_killed_is_replaced(packages: Path, level: Level) -> None:
    with slot.slot(packages, level) as warm:
        said(warm, "1")
        assert isinstance(warm, WarmSlot)
        assert warm._parent is not None
        os.killpg(warm._parent._process.pid, signal.SIGKILL)
        warm._parent._process.wait()
        assert said(warm, "print('well')") == "well\n"


@confined
def test_many_files_end_a_child_and_are_wiped(packages: Path, level: Level) -> None:
    flood = "for n in range(20_000): open(str(n), 'w').close()\nimport time; time.sleep(10)"
    with slot.slot(packages, level) as warm:
        assert said(warm, flood) == ""
        assert said(warm, "import os; print(os.listdir('.'))") == "[]\n"


@confined
def test_a_deep_tree_is_wiped(packages: Path, level: Level) -> None:
    dig = "import os\nfor n in range(1500):\n    os.mkdir('d'); os.chdir('d')\nos.mkdir('x', 0)"
    with slot.slot(packages, level) as warm:
        said(warm, dig)
        assert said(warm, "import os; print(os.listdir('..') == [os.path.basename(os.getcwd())])")


def test_processor_time_has_an_end_too(packages: Path) -> None:
    if why_not(Level.FULL):
        pytest.skip(why_not(Level.FULL))
    short = dataclasses.replace(BUDGET, notebook_seconds=3)
    spin = (
        "import threading\ndef spin():\n    while True: pass\nthreading.Thread(target=spin).start()"
    )
    with slot.slot(packages, Level.FULL) as warm:
        found = execute([Cell("a", spin), Cell("b", "import time; time.sleep(60)")], warm, short)
    assert found.cells["b"].ended
    assert found.seconds < 15


# Canaries


@confined
def test_the_canary_fails_at_everything(packages: Path, level: Level) -> None:
    with slot.slot(packages, level) as warm, warm.child(BUDGET) as child:
        canary.sing(child)


def test_the_canary_notices_a_sandbox_that_is_none(packages: Path) -> None:
    plain = PlainSlot(packages)
    with plain.child(BUDGET) as child, pytest.raises(SandboxLeaks, match="read a file") as leaks:
        canary.sing(child)
    assert "Grading has stopped" in str(leaks.value)


@confined
def test_a_hole_stops_grading_before_a_student_runs(
    packages: Path, level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(canary, "_TRIES", canary._TRIES.replace("done = []", "done = ['fly']"))
    with slot.slot(packages, level) as warm, pytest.raises(SandboxLeaks, match="fly"):
        said(warm, "1")


@confined
def test_a_canary_that_does_not_sing_is_no_safe_sandbox(
    packages: Path, level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(canary, "_TRIES", "1 / 0")
    with slot.slot(packages, level) as warm, pytest.raises(WorkerFailure, match="compute"):
        said(warm, "1")


# The pool


def test_the_pool_keeps_the_slots_of_one_assignment() -> None:
    pool = Pool()
    here, there = Place("ps02", ("course.rnn",), Level.NONE), Place("ps03", (), Level.NONE)
    try:
        with pool.lend(here) as first, pool.lend(here) as second:
            assert first is not second  # two at once are two
        with pool.lend(here) as again:
            assert again in (first, second)
        with pool.lend(there):
            pass
        with pool.lend(here) as new:
            assert new not in (first, second)
    finally:
        pool.close()


@confined
def test_nothing_is_left_when_the_process_ends(level: Level, tmp_path: Path) -> None:
    program = f"""
from autograder.sandbox.child import Budget
from autograder.sandbox.launch import Level
from autograder.sandbox.pool import POOL, Place
with POOL.lend(Place("toy", (), Level({str(level)!r}))) as slot, slot.child(Budget()) as child:
    print(slot._parent._process.pid)
"""
    environment = dict(os.environ, TMPDIR=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True
    )
    assert not Path(f"/proc/{int(done.stdout)}").exists()
    assert list(tmp_path.iterdir()) == []
