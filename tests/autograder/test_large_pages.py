"""Large pages: nothing in them changes, and a child's copy stays its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.linux

_LARGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage")
_PROCESS = """\
import os
from autograder.sandbox.large_pages import gather

things = [[number] for number in range({count})]
gather()
pid = os.fork()
if pid == 0:
    for thing in things:
        thing[0] = -1
    os._exit(sum(thing[0] == -1 for thing in things) != len(things))
assert os.waitpid(pid, 0)[1] == 0
assert all(thing[0] == number for number, thing in enumerate(things))
lines = open("/proc/self/smaps_rollup").read().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("AnonHugePages:")))
"""


def _gathered(count: int) -> int:
    """How many kilobytes of a process with so many objects lie in large pages, after it forked."""
    command = [sys.executable, "-c", _PROCESS.format(count=count)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def test_a_large_process_is_gathered_and_unchanged() -> None:
    release = tuple(int(part) for part in os.uname().release.split(".")[:2])
    if not _LARGE_PAGES.is_dir() or release < (6, 1):
        pytest.skip("this kernel gathers no pages (from Linux 6.1 on)")
    assert _gathered(2_000_000) > 64 << 10


def test_a_small_process_is_left_alone() -> None:
    assert _gathered(1_000) == 0
