"""How the child process is started, and how well it is confined.

`Level.NAMESPACES` uses bubblewrap: the child sees the interpreter, its libraries and a scratch folder,
all but the last read-only; it has no network, no process but its own, and an unprivileged user.
`Level.NONE` is a plain child process with limits: it protects the marks (the verdict is made outside)
and not the machine.  It is used only when asked for by a name that says so.
"""

from __future__ import annotations

import enum
import functools
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy

from autograder.errors import UserError

#: The user inside the sandbox when root starts it; no account has it.
SANDBOX_UID = 64321
INSTALL = "sudo apt-get install bubblewrap"

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
}


class Level(enum.StrEnum):
    """How a child is confined.  Written beside every mark."""

    NAMESPACES = "namespaces"
    NONE = "none"


class NoSandbox(UserError):
    """This machine cannot confine a child, and nobody allowed to do without."""


def choose_level(*, unsafe: bool = False) -> Level:
    """The best level of this machine.  Raises NoSandbox where that is none and `unsafe` is not given."""
    reason = why_no_bubblewrap()
    if not reason:
        return Level.NAMESPACES
    if unsafe:
        return Level.NONE
    raise NoSandbox(
        f"student code cannot be confined here: {reason} Or allow it to run unconfined with "
        "--unsafe-no-sandbox (in nbgrader_config.py: c.ExecuteInSandbox.unsafe_no_sandbox = True)."
    )


@functools.cache
def why_no_bubblewrap() -> str:
    """Why bubblewrap does not work here, as a sentence with the way out; empty if it does."""
    if not sys.platform.startswith("linux"):
        return "bubblewrap needs Linux."
    if shutil.which("bwrap") is None:
        return f"bubblewrap is not installed ({INSTALL})."
    command = _bubblewrap(Path("/nowhere"), [], probe=True)
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


def command(level: Level, library: Path, scratch: Path) -> tuple[list[str], dict[str, str]]:
    """The command that starts a child at a level, and its whole environment."""
    packages = _package_folders()
    environment = dict(_ENVIRONMENT)
    if level == Level.NONE:
        python = [sys.executable, "-I", "-S", "-B", str(library / "run.py"), str(library)]
        home = str(scratch)
        for name in ("SYSTEMROOT", "TEMP", "TMP"):  # Windows needs them to start at all
            if name in os.environ:
                environment[name] = os.environ[name]
        environment |= {"HOME": home, "MPLCONFIGDIR": os.path.join(home, ".matplotlib")}
        return [*python, *packages], environment
    environment |= {
        "HOME": "/scratch",
        "MPLCONFIGDIR": "/scratch/.matplotlib",
        "TMPDIR": "/scratch",
    }
    python = [os.path.realpath(sys.executable), "-I", "-S", "-B", "/library/run.py", "/library"]
    return [*_bubblewrap(library, packages), *python, *packages], environment


def _package_folders() -> list[str]:
    """Where NumPy and its neighbours are installed."""
    paths = sysconfig.get_paths()
    numpy_home = str(Path(numpy.__file__).parents[1])
    return list(dict.fromkeys([paths["purelib"], paths["platlib"], numpy_home]))


def _bubblewrap(library: Path, packages: list[str], *, probe: bool = False) -> list[str]:
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
    withheld = [module.stem for module in library.glob("*.py") if module.name != "run.py"]
    for folder in packages:  # an installed copy of ours would hold the answers
        for package in ("course", "autograder", *withheld):
            if os.path.isdir(os.path.join(folder, package)):
                mounts += ["--tmpfs", os.path.join(folder, package)]
    if not probe:
        mounts += ["--ro-bind", str(library), "/library"]
    mounts += ["--perms", "0755", "--dir", "/proc"]
    mounts += ["--ro-bind-try", "/proc/cpuinfo", "/proc/cpuinfo", "--dev", "/dev"]
    mounts += ["--size", str(16 << 20), "--perms", "1777", "--tmpfs", "/dev/shm"]
    mounts += ["--size", str(64 << 20), "--perms", "1777", "--tmpfs", "/scratch"]
    mounts += ["--remount-ro", "/", "--remount-ro", "/dev", "--chdir", "/scratch"]
    start = [shutil.which("bwrap") or "bwrap"]
    start += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    start += ["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    if not root:
        user = ["--unshare-user", "--uid", "65534", "--gid", "65534"]
        return [*start, *user, *mounts, "--"]
    # Started by root, bubblewrap keeps the host's user 0, for whom much of the machine is writable.
    for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
        start += ["--cap-add", capability]
    drop = ["setpriv", "--reuid", str(SANDBOX_UID), "--regid", str(SANDBOX_UID)]
    drop += ["--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
    return [*start, *mounts, "--", *drop]


def _parents(folder: str) -> list[str]:
    """Make the folders above a mount readable: bubblewrap would make them for root alone."""
    made: list[str] = []
    for parent in reversed(Path(folder).parents):
        if str(parent) not in ("/", "/usr"):
            made += ["--perms", "0755", "--dir", str(parent)]
    return made
