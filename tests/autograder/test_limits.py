"""Limits: what takes too long is stopped, what takes too much is ended, and the rest goes on."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import autograder.sandbox.execute as execute_module
from autograder.judge import Kind
from autograder.sandbox import hosting, messages, parent
from autograder.sandbox.child import Budget, WorkerFailure
from autograder.sandbox.execute import Execution, execute
from autograder.sandbox.launch import Level
from autograder.sandbox.library import library
from autograder.sandbox.messages import Cell, Reply
from autograder.sandbox.scratch import overfull
from autograder.sandbox.slot import Slot, WarmSlot, slot
from tests.autograder.test_sandbox import (
    BUDGET,
    DOUBLE,
    FULL,
    REDUCED,
    SQUARE,
    Notebook,
    ask,
    error_of,
    handing,
    text_of,
)

HASTY = dataclasses.replace(BUDGET, cell_seconds=1.0, exercise_seconds=1.0)
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such timers")
confined = pytest.mark.parametrize("level", [FULL, REDUCED])


@pytest.fixture(scope="module")
def packages() -> Iterator[Path]:
    with library("toy", ("course.rnn", "torch")) as folder:
        yield folder


@pytest.fixture(params=[FULL, REDUCED, Level.NONE])
def level(request: pytest.FixtureRequest) -> Level:
    found: Level = request.param
    return found


@pytest.fixture
def notebook(packages: Path, level: Level) -> Notebook:
    return Notebook(packages, level)


# Time


LATE = {
    "a loop": "while True: pass",
    "a loop that catches errors": """
        while True:
            try: sum(range(1000))
            except Exception: pass
    """,
    "sleep": "import time; time.sleep(600)",
    "waiting for a thread": "import threading; threading.Event().wait()",
    "in an event loop": "import asyncio; await asyncio.sleep(600)",
    "printing": "while True: print('more')",
}


@posix
@pytest.mark.parametrize("late", LATE.values(), ids=LATE)
def test_a_late_cell_is_stopped_and_all_it_had_stays(packages: Path, late: str) -> None:
    notebook = Notebook(packages, Level.NONE)
    first = "kept = [1]; import os; print(os.getpid())"
    source = "kept.append(2); print('so far')\n" + textwrap.dedent(late)
    before, stopped, after = notebook.run(
        first, source, "print(os.getpid()); print(kept)", budget=HASTY
    )
    assert (stopped.ok, stopped.ended) == (False, "timed out")
    assert text_of(stopped).startswith("so far\n")
    assert error_of(stopped) == "TimeUp: this cell took longer than the 1 s that it has"
    assert text_of(after) == text_of(before) + "[1, 2]\n"  # the same process


@posix
def test_the_traceback_of_a_late_cell_ends_in_its_own_line(notebook: Notebook) -> None:
    (stopped,) = notebook.run("def wait():\n    while True: pass\nwait()", budget=HASTY)
    trace = "".join(stopped.outputs[-1]["traceback"])
    assert "Cell In[1], line 3" in trace
    assert "----> 2     while True: pass" in trace
    assert "alarm" not in trace


@posix
def test_a_late_answer_is_stopped_and_its_process_goes_on(notebook: Notebook) -> None:
    slow = "pids = []\nimport os, time\ndef double(x):\n    time.sleep(600)"
    *_, last = notebook.run(
        "import os\nfirst = os.getpid()",
        handing(DOUBLE, slow),
        handing(SQUARE),
        "print(os.getpid() == first)",
        budget=HASTY,
    )
    assert notebook.kind(DOUBLE) == "timed out"
    assert notebook.kind(SQUARE) == Kind.CORRECT
    assert text_of(last) == "True\n"


SWALLOWS = """
    import time
    def wait():
        try: time.sleep(600)
        except BaseException: pass
"""


@posix
def test_who_swallows_the_exception_has_had_the_time(notebook: Notebook) -> None:
    late, *_ = notebook.run(
        f"{textwrap.dedent(SWALLOWS)}\nwait()\nprint('on')",
        handing(
            DOUBLE,
            "waits = [wait]\ndef double(x):\n    while waits: waits.pop()()\n    return 2 * x",
        ),
        budget=HASTY,
    )
    assert (late.ok, late.ended, text_of(late)) == (False, "timed out", "on\n")
    assert notebook.kind(DOUBLE) == "timed out"


DEAF = {
    "catching everything": """
        import time
        def wait():
            while True:
                try: time.sleep(600)
                except BaseException: pass
    """,
    "ignoring the signals": """
        import signal
        def wait():
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
            signal.signal(signal.SIGPROF, signal.SIG_IGN)
            while True: pass
    """,
    "stopping the timers": """
        import signal
        def wait():
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.setitimer(signal.ITIMER_PROF, 0)
            while True: pass
    """,
    "in a library": """
        import ctypes
        def wait(): ctypes.PyDLL(None).sleep(600)
    """,
}


@posix
@pytest.mark.parametrize("deaf", DEAF.values(), ids=DEAF)
def test_who_does_not_stop_is_ended_and_the_notebook_run_again(packages: Path, deaf: str) -> None:
    """The mark is the same on either way: nothing for what was late, all for the others."""
    notebook = Notebook(packages, Level.NONE)
    deaf = textwrap.dedent(deaf)
    _, late, _, right = notebook.run(
        deaf,
        "wait()",
        handing(DOUBLE, "def double(x):\n    wait()"),
        handing(SQUARE),
        budget=HASTY,
    )
    assert (late.ok, late.ended) == (False, "timed out")
    assert notebook.kind(DOUBLE) == "timed out"
    assert right.ok
    assert notebook.kind(SQUARE) == Kind.CORRECT


@pytest.mark.parametrize("soft", [True, False])
def test_what_a_late_cell_handed_over_counts_on_neither_way(packages: Path, soft: bool) -> None:
    notebook = Notebook(packages, Level.NONE)
    source, asked = handing(DOUBLE)
    wait = "while True: pass" if soft else textwrap.dedent(DEAF["catching everything"]) + "\nwait()"
    notebook.run((f"{source}\n{wait}", asked), budget=HASTY)
    assert notebook.kind(DOUBLE) == "timed out"


@posix
def test_an_alarm_of_the_students_own_does_not_ring_in_a_later_cell(packages: Path) -> None:
    notebook = Notebook(packages, Level.NONE)
    _, after = notebook.run(
        "import signal; signal.alarm(1)", "import time; time.sleep(1.5); print('slept')"
    )
    assert text_of(after) == "slept\n"


SPIN = """
    import threading, time
    def spin():
        while True: sum(range(1000))
    threading.Thread(target=spin, daemon=True).start()
    {more}
    time.sleep(600)
"""
WORK = "import numpy as np; a = np.ones((300, 300)); [a @ a for _ in iter(int, 1)]"
#: Much time, and of the processors' one second.
SCARCE = dataclasses.replace(BUDGET, cell_seconds=60, cores=1 / 60, notebook_seconds=180)


def spinning(more: str = "pass") -> str:
    return textwrap.dedent(SPIN).format(more=more)


@confined
def test_processor_time_is_limited_beside_time(packages: Path, level: Level) -> None:
    notebook = Notebook(packages, level)
    (spun,) = notebook.run("while True: pass", budget=SCARCE)
    assert (spun.ended, error_of(spun)[:6]) == ("timed out", "TimeUp")
    assert notebook.execution.seconds < 40


@confined
def test_who_is_deaf_to_the_clock_is_ended_by_the_parent(packages: Path, level: Level) -> None:
    notebook = Notebook(packages, level)
    deaf = "import signal; signal.signal(signal.SIGPROF, signal.SIG_IGN)\n"
    two = f"threading.Thread(target=exec, args=({WORK!r},), daemon=True).start()"
    spun, after = notebook.run(deaf + spinning(two), handing(DOUBLE), budget=SCARCE)
    assert (spun.ok, spun.ended, spun.outputs) == (False, "timed out", [])
    assert notebook.execution.seconds < 40
    assert after.ok
    assert notebook.kind(DOUBLE) == Kind.CORRECT


@confined
def test_each_cell_has_processor_time_of_its_own(packages: Path, level: Level) -> None:
    notebook = Notebook(packages, level)
    burn = "import time\nend = time.process_time() + 0.7\nwhile time.process_time() < end: pass"
    scarce = dataclasses.replace(BUDGET, cores=1 / 20, grace_seconds=0.0)  # a second for each
    results = notebook.run(*[burn] * 4, budget=scarce)
    assert [result.ended for result in results] == [""] * 4


# Files and memory


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_open_files_have_an_end_and_the_notebook_goes_on(notebook: Notebook) -> None:
    opened, after = notebook.run(
        """
        import os
        kept = []
        try:
            while True: kept.extend(os.pipe())
        except OSError as error: print(error)
        print(len(kept) < 256)
        for number in kept: os.close(number)
        """,
        handing(DOUBLE),
    )
    assert text_of(opened) == "[Errno 24] Too many open files\nTrue\n"
    assert after.ok
    assert notebook.kind(DOUBLE) == Kind.CORRECT


FILES = {
    "many": "for n in range(20_000): open(str(n), 'w').close()",
    "many in a tree": """
        import os
        for n in range(300):
            os.mkdir(f"d{n}")
            for m in range(30): open(f"d{n}/{m}", "w").close()
    """,
}


@confined
@pytest.mark.parametrize("flood", FILES.values(), ids=FILES)
def test_too_many_files_end_the_cell(packages: Path, level: Level, flood: str) -> None:
    notebook = Notebook(packages, level)
    source = f"{textwrap.dedent(flood)}\nimport time; time.sleep(10)"
    flooded, after = notebook.run(source, handing(DOUBLE))
    assert (flooded.ok, flooded.ended) == (False, "too many files")
    assert after.ok
    assert notebook.kind(DOUBLE) == Kind.CORRECT


@confined
def test_too_many_bytes_are_refused_or_end_the_cell(packages: Path, level: Level) -> None:
    notebook = Notebook(packages, level)
    source = """
        import time
        for n in range(8): open(str(n), "wb").write(bytes(20 << 20))
        time.sleep(10)
    """
    flooded, after = notebook.run(source, handing(DOUBLE))
    if level == Level.FULL:  # a disk of its own, that is full
        assert error_of(flooded).startswith("OSError")
    else:
        assert flooded.ended == "too many files"
    assert after.ok


def test_a_folder_is_overfull_by_files_bytes_or_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_bytes(bytes(1000))
    (tmp_path / "elsewhere").symlink_to("/usr")  # its own four letters count
    assert not overfull(tmp_path, 4, 1004)
    assert overfull(tmp_path, 3, 1004)
    assert overfull(tmp_path, 4, 1003)
    deep = str(tmp_path)
    with contextlib.chdir(tmp_path):
        for _ in range(20):  # a path longer than the kernel reads
            os.mkdir("d" * 250)
            os.chdir("d" * 250)
        os.chdir(deep)
    assert overfull(tmp_path, 4096, 1 << 20)


def test_a_folder_is_looked_at_only_so_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(100):
        (tmp_path / str(number)).write_text("x")
    stats = []
    whole = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: stats.append(path) or whole(path))
    assert overfull(tmp_path, 10, 1 << 20)
    assert len(stats) == 1


def proportional_bytes(pid: int) -> int:
    """The memory of a process and all below it: what two share is counted once."""
    total = 0
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) << 10
    return total + sum(map(proportional_bytes, children_of(pid)))


def children_of(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def family(pid: int) -> list[int]:
    return [pid, *(below for child in children_of(pid) for below in family(child))]


def disk_bytes(pid: int) -> int:
    """What the disks hold that a process inside sees as its own."""
    total = 0
    for folder in ("scratch", "dev/shm", "parent"):
        with contextlib.suppress(OSError):
            disk = os.statvfs(f"/proc/{pid}/root/{folder}")
            total += (disk.f_blocks - disk.f_bfree) * disk.f_frsize
    return total


GREEDY = """
    import json, os, socket, time
    held = {"disk": 0, "pipes": 0, "sockets": 0, "heap": 0}
    kept = []
    for folder in (".", "/dev/shm"):
        try:
            for n in range(1000):
                with open(f"{folder}/{n}", "wb", buffering=0) as file:
                    for _ in range(16): held["disk"] += file.write(bytes(1 << 20))
        except OSError: pass
    def fill(write, what, chunk):
        try:
            while True: held[what] += write(bytes(chunk))
        except OSError: pass
    try:
        for n in range(10_000):
            if n % 2:
                ours, theirs = os.pipe()
                os.set_blocking(theirs, False)
                fill(lambda data: os.write(theirs, data), "pipes", 4096)
                kept += [ours, theirs]
            else:
                pair = socket.socketpair()
                for one in pair:
                    one.setblocking(False)
                    try: one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 26)
                    except OSError: pass
                    fill(one.send, "sockets", 1 << 15)
                kept += pair
    except OSError: pass
    size = 1 << 24
    while size:
        try:
            kept.append(bytearray(size)); held["heap"] += size
        except MemoryError: size //= 2
        if size < 1 << 16: break
    time.sleep(3)
    kept.clear()
    print(json.dumps(held))
"""


@pytest.mark.linux
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="looks as root only")
def test_all_the_memory_of_a_slot_is_bounded(packages: Path) -> None:
    """Heap, files, pipes and sockets, all filled at once and measured from outside."""
    limit = 400 << 20
    small = dataclasses.replace(BUDGET, memory_bytes=limit)
    found: list[Execution] = []
    most = 0
    with slot(packages, Level.FULL) as own:
        assert isinstance(own, WarmSlot)
        execute([Cell("warm", "1")], own, BUDGET)
        line = own._parent
        assert line is not None

        def run() -> None:
            found.append(execute([Cell("a", textwrap.dedent(GREEDY))], own, small))

        running = threading.Thread(target=run)
        running.start()
        while running.is_alive():
            pids = family(line._process.pid)
            most = max(most, proportional_bytes(pids[0]) + disk_bytes(pids[-1]))
            running.join(timeout=0.1)
    held = json.loads(text_of(found[0].cells["a"]))
    buffers = held["pipes"] + held["sockets"]
    print(f"outside {most >> 20} MiB, buffers {buffers >> 20} MiB, {held}")
    assert held["disk"] > 60 << 20
    assert held["heap"] > 200 << 20  # it did take what it could get
    assert held["pipes"] > 1 << 20
    assert held["sockets"] > 10 << 20
    # The heap, the two disks, 256 descriptors of at most 300 kB each, and the parent itself.
    assert buffers < 256 * 300_000
    assert most + buffers < limit + (64 << 20) + (1 << 20) + 256 * 300_000 + (150 << 20)
    assert most > limit // 2


@confined
def test_a_crash_for_want_of_memory_is_told_from_others(packages: Path, level: Level) -> None:
    notebook = Notebook(packages, level)
    small = dataclasses.replace(BUDGET, memory_bytes=600 << 20)
    take = "import os\nkept = []\ntry:\n    while True: kept.append(bytearray(1 << 24))\n"
    full, other = notebook.run(
        f"{take}except MemoryError: os.abort()", "import os; os.abort()", budget=small
    )
    assert (full.ended, other.ended) == ("out of memory", "died")


# Who is to blame


def in_the_middle(own: WarmSlot, kill: Callable[[], None], budget: Budget = BUDGET) -> Execution:
    """Run a notebook whose sandbox meets with an accident in its third cell."""
    marker = threading.Timer(1.0, kill)
    cells = [
        Cell("a", "print('began')"),
        Cell("b", "print('again')"),
        Cell("c", "import time; time.sleep(3); print('through')"),
        Cell("d", "print('end')"),
    ]
    execute([Cell("warm", "1")], own, budget)
    marker.start()
    try:
        return execute(cells, own, budget)
    finally:
        marker.join()


def sandbox_pids(own: WarmSlot) -> list[int]:
    """Of the slot's processes: what was started first, then what is below it."""
    assert own._parent is not None
    return family(own._parent._process.pid)


@confined
@pytest.mark.parametrize("victim", ["first", "parent"])
def test_a_sandbox_that_is_killed_costs_the_student_nothing(
    packages: Path, level: Level, victim: str
) -> None:
    with slot(packages, level) as own:
        assert isinstance(own, WarmSlot)

        def kill() -> None:
            pids = sandbox_pids(own)
            os.kill(pids[0] if victim == "first" else pids[-2], signal.SIGKILL)

        found = in_the_middle(own, kill)
    said = [text_of(found.cells[name]) for name in "abcd"]
    assert said == ["began\n", "again\n", "through\n", "end\n"]
    assert [found.cells[name].ended for name in "abcd"] == [""] * 4


@confined
def test_a_child_that_is_killed_while_its_parent_is_well_died(packages: Path, level: Level) -> None:
    """Nobody could tell this from its own doing."""
    with slot(packages, level) as own:
        assert isinstance(own, WarmSlot)
        found = in_the_middle(own, lambda: os.kill(sandbox_pids(own)[-1], signal.SIGKILL))
    assert [found.cells[name].ended for name in "abcd"] == ["", "", "died", ""]


@confined
def test_a_sandbox_that_goes_away_twice_is_a_failure_and_no_mark(
    packages: Path, level: Level
) -> None:
    stop = threading.Event()
    with slot(packages, level) as own:
        assert isinstance(own, WarmSlot)

        def kill() -> None:
            seen: set[int] = set()
            while not stop.wait(0.05):
                line = own._parent
                if line is None or line.children < 2 or line._process.pid in seen:
                    continue
                seen.add(line._process.pid)
                time.sleep(0.5)
                os.killpg(line._process.pid, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        try:
            with pytest.raises(WorkerFailure, match="the sandbox went away while cell a ran"):
                execute([Cell("a", "import time; time.sleep(5)")], own, BUDGET)
        finally:
            stop.set()
            killer.join()


@confined
def test_answers_given_before_the_sandbox_went_away_stay(
    packages: Path, level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sandbox goes when the first answer is there; what the second run answers is not taken."""
    source, asked = handing(DOUBLE)
    wait = Cell("b", "import time; time.sleep(3); print('through')")
    replies = []
    with slot(packages, level) as own:
        assert isinstance(own, WarmSlot)

        def reading(*arguments: Any) -> Reply:
            replies.append(messages.read_reply(*arguments))
            if len(replies) == 1:
                os.kill(sandbox_pids(own)[0], signal.SIGKILL)
                return replies[0]
            return Reply(None, "died")

        monkeypatch.setattr(execute_module, "read_reply", reading)
        found = execute([Cell("a", source, (ask(asked),)), wait], own, BUDGET)
    assert len(replies) == 2
    assert found.replies["double"].answers is replies[0].answers
    assert text_of(found.cells["b"]) == "through\n"


@pytest.mark.slow
@confined
def test_killed_at_random_moments_nothing_is_ever_scored(packages: Path, level: Level) -> None:
    import random

    chance = random.Random(1)
    cells = [Cell(str(n), f"import time; time.sleep(0.05); print({n})") for n in range(10)]
    for _ in range(12):
        with slot(packages, level) as own:
            assert isinstance(own, WarmSlot)
            execute([Cell("warm", "1")], own, BUDGET)
            where = chance.choice([0, -2])
            timer = threading.Timer(
                chance.uniform(0, 0.6),
                lambda own=own, where=where: (
                    own._parent and os.kill(sandbox_pids(own)[where], signal.SIGKILL)
                ),
            )
            timer.start()
            try:
                found = execute(cells, own, BUDGET)
            except WorkerFailure:
                continue
            finally:
                timer.join()
            assert [text_of(found.cells[c.id]) for c in cells] == [f"{n}\n" for n in range(10)]


@confined
def test_a_child_does_not_outlive_its_parent(packages: Path, level: Level) -> None:
    with slot(packages, level) as own, own.child(BUDGET) as child:
        assert isinstance(own, WarmSlot)
        undo = "import ctypes; print(ctypes.CDLL(None).prctl(1, 0))"
        header, _ = child.ask(
            {"run": undo, "number": 1, "asks": False}, {}, 5.0, time.monotonic() + 5
        )
        assert header["outputs"][0]["text"] == "-1\n"
        *_, above, below = sandbox_pids(own)
        os.kill(above, signal.SIGKILL)
        for _ in range(100):
            if not alive(below):
                break
            time.sleep(0.05)
        assert not alive(below)


def alive(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


# A sandbox for each


@confined
def test_with_fresh_each_submission_has_a_parent_of_its_own(packages: Path, level: Level) -> None:
    def look(own: Slot) -> tuple[str, str]:
        source = "import sys; print('matplotlib.pyplot' in sys.modules)"
        assert isinstance(own, WarmSlot)
        with own.child(BUDGET) as child:
            run = {"run": source, "number": 1, "asks": False}
            header, _ = child.ask(run, {}, 20.0, time.monotonic() + 20)
            assert own._parent is not None
            return str(own._parent._process.pid), header["outputs"][0]["text"]

    with slot(packages, level, ["matplotlib"], fresh=True) as own:
        (first, warm), (second, _) = look(own), look(own)
    assert first != second
    assert warm == "False\n"


def test_fresh_may_be_asked_for_where_nothing_else_is_known(packages: Path) -> None:
    with slot(packages, Level.NONE, ["matplotlib"], fresh=True) as own:
        assert text_of(execute([Cell("a", "print(1)")], own, BUDGET).cells["a"]) == "1\n"


def test_the_parents_constants_are_what_security_promises() -> None:
    assert (parent.MAX_FILES, parent.MAX_BYTES) == (4096, 64 << 20)
    assert hosting._KILL_SECONDS >= 1
