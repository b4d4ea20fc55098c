"""The Python packages that student code may import, gathered in one folder.

The folder holds `course` without the chapters that the worksheet withholds, and of `autograder` only
the stub, the contract and the worker.  What is withheld is not there at all; in its place stands a
module of one line that says why.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from matplotlib import font_manager, get_cachedir

import autograder
import course

_AUTOGRADER = Path(autograder.__file__).parent
_COURSE = Path(course.__file__).parent
_SHARED = (
    "contract.py",
    "driver.py",
    "sandbox/__init__.py",
    "sandbox/alarm.py",
    "sandbox/frames.py",
    "sandbox/shell.py",
    "sandbox/confine.py",
    "sandbox/large_pages.py",
    "sandbox/memory.py",
    "sandbox/parent.py",
    "sandbox/raw.py",
    "sandbox/scratch.py",
    "sandbox/worker.py",
)

_RUN = """\
import importlib
import site
import sys

site.setquit()
site.sethelper()
program, library, *packages = sys.argv[1:]
sys.path[:0] = [library]
sys.path += packages
importlib.import_module(f"autograder.sandbox.{program}").main()
"""


@contextlib.contextmanager
def library(worksheet: str, withheld: Sequence[str]) -> Iterator[Path]:
    """A temporary folder with what may be imported while `worksheet` is graded."""
    with tempfile.TemporaryDirectory(prefix="unrolled-library-") as folder:
        root = Path(folder)
        root.chmod(0o755)  # another user may run what is in it
        _copy_autograder(root / "autograder")
        shutil.copytree(_COURSE, root / "course", ignore=shutil.ignore_patterns("__pycache__"))
        for module in withheld:
            _withhold(root, module, worksheet)
        _copy_fonts(root / "fonts")
        (root / "run.py").write_text(_RUN)
        yield root


def _copy_autograder(to: Path) -> None:
    for name in _SHARED:
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_AUTOGRADER / name, to / name)
    shutil.copyfile(_AUTOGRADER / "sandbox" / "stub.py", to / "__init__.py")


def _withhold(root: Path, module: str, worksheet: str) -> None:
    path = root.joinpath(*module.split("."))
    if path.is_dir():
        shutil.rmtree(path)
    reason = f"{module} is withheld while {worksheet} is graded"
    path.with_suffix(".py").write_text(f"raise ImportError({reason!r})\n")


def _copy_fonts(to: Path) -> None:
    """Matplotlib's own list of fonts: making one costs each child a second or more."""
    font_manager.get_font_names()  # writes the list if there is none
    to.mkdir()
    for file in Path(get_cachedir()).glob("fontlist-*.json"):
        shutil.copyfile(file, to / file.name)
