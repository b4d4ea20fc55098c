"""How the processes that run student code are started, and how well they are confined.

    full      bubblewrap: its processes see the interpreter, the libraries and a scratch folder, all but
              the last read-only; no network, no process but their own, an unprivileged user.  Seccomp
              refuses what leads further, and Landlock and a second filter confine each child
    reduced   Landlock, seccomp and limits alone, for containers in which bubblewrap cannot work
    none      a child process with limits: it protects the marks (the verdict is made outside) and
              not the machine

The lower two are used only when asked for by a name that says what they are.
"""

from __future__ import annotations

import contextlib
import enum
import functools
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy

from autograder.errors import UserError

#: Inside the sandbox, when root starts it: one user for each slot, from here on; no account has them.
FIRST_UID = 64_000
INSTALL = "sudo apt-get install bubblewrap"
#: The Landlock version from which a child cannot signal its parent (kernel 6.12).
SCOPES_SIGNALS = 6

_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "USER": "student",
    "LOGNAME": "student",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NBGRADER_EXECUTION": "autograde",
    # glibc learns while a process runs which buffers to keep, and a forked child would have to learn it
    # anew: without these, every picture's are mapped and cleared again, a tenth of ps02's time.
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
    "MALLOC_TOP_PAD_": str(16 << 20),
}


class Level(enum.StrEnum):
    """How a child is confined.  Written beside every mark."""

    FULL = "full"
    REDUCED = "reduced"
    NONE = "none"


class NoSandbox(UserError):
    """This machine cannot confine a child, and nobody allowed to do without."""


def choose_level(*, reduced: bool = False, unsafe: bool = False) -> Level:
    """The best level of this machine among those that are allowed.

    Raises NoSandbox where the full one cannot be had and no lower one that can is allowed.
    """
    why = why_not_full()
    if not why:
        return Level.FULL
    can_reduce = not why_not_reduced()
    if reduced and can_reduce:
        return Level.REDUCED
    if unsafe:
        return Level.NONE
    if can_reduce:
        ways, setting = "Or allow a weaker sandbox with --reduced-sandbox", "reduced_sandbox"
    else:
        ways = "Or allow it to run unconfined with --unsafe-no-sandbox"
        setting = "unsafe_no_sandbox"
    raise NoSandbox(
        f"student code cannot be confined here: {why} {ways} "
        f"(in nbgrader_config.py: c.ExecuteInSandbox.{setting} = True)."
    )


def why_not(level: Level) -> str:
    """Why this level cannot be had here, as a sentence; empty if it can."""
    return {Level.FULL: why_not_full, Level.REDUCED: why_not_reduced}.get(level, str)()


@functools.cache
def why_not_full() -> str:
    """Why level `full` cannot be had here, as a sentence with the way out; empty if it can."""
    return why_no_bubblewrap() or _why_no_seccomp()


@functools.cache
def why_not_reduced() -> str:
    """Why level `reduced` cannot be had here; empty if it can."""
    if not sys.platform.startswith("linux"):
        return "Landlock needs Linux."
    from autograder.sandbox.confine import landlock_version

    if landlock_version() < 1:
        return "this kernel has no Landlock (it came with Linux 5.13)."
    return _why_no_seccomp()


def _why_no_seccomp() -> str:
    try:
        from autograder.sandbox import filters
    except (ImportError, RuntimeError, OSError) as error:
        return f"libseccomp is missing ({error}): sudo apt-get install libseccomp2."
    return "" if filters.whole_sandbox() and filters.student() else "libseccomp makes no program."


@functools.cache
def why_no_bubblewrap() -> str:
    """Why bubblewrap does not work here, as a sentence with the way out; empty if it does."""
    if not sys.platform.startswith("linux"):
        return "bubblewrap needs Linux."
    if shutil.which("bwrap") is None:
        return f"bubblewrap is not installed ({INSTALL})."
    command = _bubblewrap(None, [], FIRST_UID)
    try:
        done = subprocess.run(
            [*command, "/usr/bin/true"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not start ({error})."
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return f"bubblewrap does not work on this machine: {said}."
    return ""


def plain_command(library: Path, scratch: Path) -> tuple[list[str], dict[str, str]]:
    """The command of a child without confinement, and its whole environment."""
    environment = _ENVIRONMENT | _home(str(scratch))
    for name in ("SYSTEMROOT", "TEMP", "TMP"):  # Windows needs them to start at all
        if name in os.environ:
            environment[name] = os.environ[name]
    return _python(str(library), "worker"), environment


@contextlib.contextmanager
def parent_command(
    level: Level, library: Path, scratch: Path, slot: int
) -> Iterator[tuple[list[str], dict[str, str], dict[str, Any], list[int]]]:
    """The command of a warm parent, its environment, its settings, and descriptors to hand on.

    `scratch` is a folder of the host that only level `reduced` uses; `slot` numbers parents that live
    at the same time.
    """
    from autograder.sandbox import filters

    settings: dict[str, Any] = {"filter": filters.student().hex()}
    if level == Level.FULL:
        settings |= {
            "fonts": "/library/fonts",
            "scratch": "/scratch",
            "readable": ["/"],
            "listable": [],
            "writable": ["/dev/null", "/dev/shm"],
            "wiped": ["/dev/shm"],
            "counts_files": True,
        }
        with tempfile.TemporaryFile() as program:
            program.write(filters.whole_sandbox())
            program.seek(0)
            bubblewrap = _bubblewrap(library, _package_folders(), _uid(slot), program.fileno())
            command = [*bubblewrap, *_python("/library", "parent")]
            yield command, _ENVIRONMENT | _home("/parent"), settings, [program.fileno()]
        return
    home = scratch / "home"
    home.mkdir()
    (scratch / "children").mkdir()
    settings |= {
        "fonts": str(library / "fonts"),
        "scratch": str(scratch / "children"),
        "readable": [str(library), str(home), *_readable(library)],
        "listable": _package_folders(),
        "writable": ["/dev/null"],
        "wiped": [],
        "counts_files": False,  # the scratch folder shares its file system with others
        "outer": filters.whole_sandbox().hex(),
    }
    yield _python(str(library), "parent"), _ENVIRONMENT | _home(str(home)), settings, []


def _uid(slot: int) -> int:
    """A user for a slot of this process, so that two gradings at once seldom share one."""
    return FIRST_UID + (16 * os.getpid() + slot) % 1_000


def _home(folder: str) -> dict[str, str]:
    return {"HOME": folder, "TMPDIR": folder, "MPLCONFIGDIR": os.path.join(folder, ".matplotlib")}


def _python(library: str, program: str) -> list[str]:
    start = [os.path.realpath(sys.executable), "-I", "-S", "-B", f"{library}/run.py"]
    return [*start, program, library, *_package_folders()]


def _hidden(library: Path) -> set[str]:
    """Installed packages that a child must not find: withheld ones, and a copy of ours, with its answers."""
    withheld = {module.stem for module in library.glob("*.py") if module.name != "run.py"}
    return {"course", "autograder"} | withheld


def _hidden_folders(library: Path) -> set[Path]:
    """Where such packages are installed: with NumPy, with the interpreter, by the system."""
    folders = {Path(folder) for folder in _package_folders()}
    for root in (os.path.realpath(sys.base_prefix), "/usr", "/usr/local"):
        for kind in ("site-packages", "dist-packages"):
            folders |= set(Path(root).glob(f"lib*/python3*/{kind}"))
    names = _hidden(library)
    return {found for folder in folders for name in names if (found := folder / name).is_dir()}


def _readable(library: Path) -> list[str]:
    """What a child may read where nothing but Landlock hides the rest of the machine."""
    found = ["/lib", "/lib64", "/lib32", "/bin"]
    found += ["/proc/cpuinfo", "/dev/urandom", "/dev/zero", "/etc/ld.so.cache", "/etc/localtime"]
    hidden = _hidden_folders(library)
    for folder in (os.path.realpath(sys.base_prefix), "/usr"):
        found += _around(Path(folder), hidden)
    for folder in _package_folders():
        found += [entry.path for entry in os.scandir(folder) if Path(entry.path) not in hidden]
    return found


def _around(folder: Path, hidden: set[Path]) -> list[str]:
    """Paths that hold all of a folder but what is hidden."""
    if folder in hidden:
        return []
    if not any(folder in path.parents for path in hidden):
        return [str(folder)]
    return [path for child in folder.iterdir() for path in _around(child, hidden)]


def _package_folders() -> list[str]:
    """Where NumPy and its neighbours are installed."""
    paths = sysconfig.get_paths()
    numpy_home = str(Path(numpy.__file__).parents[1])
    return list(dict.fromkeys([paths["purelib"], paths["platlib"], numpy_home]))


def _bubblewrap(
    library: Path | None, packages: list[str], uid: int, program: int | None = None
) -> list[str]:
    """bubblewrap's own command; without a library, to see whether it works at all."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    mounts: list[str] = []
    for folder in ("/lib", "/lib64", "/lib32", "/bin", "/sbin"):
        if os.path.islink(folder):
            mounts += ["--symlink", os.readlink(folder), folder]
        elif os.path.isdir(folder):
            mounts += ["--ro-bind", folder, folder]
    bound = ["/usr"]
    for folder in dict.fromkeys([os.path.realpath(sys.base_prefix), *packages]):
        if not folder.startswith("/usr/"):
            bound.append(folder)
    for folder in bound:
        mounts += [*_parents(folder), "--ro-bind", folder, folder]
    if library is not None:
        for hidden in sorted(_hidden_folders(library)):
            mounts += ["--tmpfs", str(hidden)]
        mounts += ["--ro-bind", str(library), "/library"]
    mounts += ["--perms", "0755", "--dir", "/proc"]
    mounts += ["--ro-bind-try", "/proc/cpuinfo", "/proc/cpuinfo", "--dev", "/dev"]
    for folder, size in (("/dev/shm", 64 << 10), ("/scratch", 64 << 20), ("/parent", 4 << 20)):
        mounts += ["--size", str(size), "--perms", "1777", "--tmpfs", folder]
    mounts += ["--remount-ro", "/", "--remount-ro", "/dev", "--chdir", "/scratch"]
    start = [shutil.which("bwrap") or "bwrap"]
    start += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    start += ["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    if program is not None:
        start += ["--seccomp", str(program)]
    if not root:
        user = ["--unshare-user", "--uid", "65534", "--gid", "65534", "--disable-userns"]
        return [*start, *user, *mounts, "--"]
    # Started by root, bubblewrap keeps the host's user 0, for whom much of the machine is writable.
    for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
        start += ["--cap-add", capability]
    drop = ["setpriv", "--reuid", str(uid), "--regid", str(uid)]
    drop += ["--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
    return [*start, *mounts, "--", *drop]


def _parents(folder: str) -> list[str]:
    """Make the folders above a mount readable: bubblewrap would make them for root alone."""
    made: list[str] = []
    for parent in reversed(Path(folder).parents):
        if str(parent) not in ("/", "/usr"):
            made += ["--perms", "0755", "--dir", str(parent)]
    return made
