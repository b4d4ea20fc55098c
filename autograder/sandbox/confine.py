"""What a child gives up before it reads a student's first byte: limits, Landlock, seccomp.

Linux only, and on the untrusted side: it knows the kernel's interfaces and nothing of grading.

Landlock (kernel 5.13; signals from 6.12) takes away the file system but for what is named, TCP, abstract
sockets and signals to anybody else.  It has no command of its own and no library that is more than
a wrapper of these three calls.  Source: the kernel's documentation, userspace-api/landlock.rst.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import errno
import os
import signal
import struct
from collections.abc import Sequence

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1  # flag of create_ruleset: tell the version, make nothing
_PATH_BENEATH = 1
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_SECCOMP_FILTER = 2
_O_PATH = 0o10000000

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_READ_ONE_FILE = _READ_FILE | _EXECUTE
_SCOPE_ABSTRACT_SOCKETS, _SCOPE_SIGNALS = 1, 2
#: How many rights on files each version knows: bits from the lowest.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_TCP_BIND_AND_CONNECT = 3

_libc = ctypes.CDLL(None, use_errno=True)


def landlock_version() -> int:
    """The kernel's Landlock version; 0 where there is none."""
    return max(0, int(_libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)))


def lock_down(
    readable: Sequence[str], writable: Sequence[str], listable: Sequence[str] = ()
) -> None:
    """From now on this process reads and writes files only beneath the paths named.

    Of `listable` folders only the names may be read.  Paths that do not exist are passed over.
    Raises OSError where the kernel refuses.
    """
    version = landlock_version()
    rights = (1 << _FILE_RIGHTS.get(version, 16)) - 1
    network = _TCP_BIND_AND_CONNECT if version >= 4 else 0
    scopes = _SCOPE_ABSTRACT_SOCKETS | _SCOPE_SIGNALS if version >= 6 else 0
    words = struct.pack("QQQ", rights, network, scopes)[
        : 8 if version < 4 else 16 if not scopes else 24
    ]
    ruleset = _call(_CREATE_RULESET, words, ctypes.c_size_t(len(words)), 0)
    try:
        for paths, allowed in (
            (listable, _READ_DIR),
            (readable, _READ),
            (writable, rights & ~_EXECUTE),
        ):
            for path in paths:
                _allow(ruleset, path, allowed)
        forbid_new_privileges()
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def forbid_new_privileges() -> None:
    """No program that this process could start would have more rights than it."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def hide_memory() -> None:
    """No process of the same user may read this one's memory or its files in /proc."""
    _prctl(_PR_SET_DUMPABLE, 0)


def die_with(parent: int) -> None:
    """End this process when its parent ends; the student's filter keeps this from being undone."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # too late to be told
        os._exit(1)


def filter_calls(program: bytes) -> None:
    """Install a seccomp program; it cannot be taken off again."""

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))

    held = Program(len(program) // 8, program)
    _prctl(_PR_SET_SECCOMP, _SECCOMP_FILTER, ctypes.byref(held))


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, _O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(path):
            rights &= _READ_ONE_FILE | _WRITE_FILE
        # Packed: eight bytes of rights, four of descriptor.
        rule = struct.pack("=Qi", rights, descriptor)
        _call(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)


def _call(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(number, *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"system call {number}: {_said()}")
    return result


def _prctl(*arguments: object) -> None:
    padded = [*arguments, 0, 0, 0, 0][:5]
    if _libc.prctl(*(ctypes.c_ulong(a) if isinstance(a, int) else a for a in padded)) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {arguments[0]}: {_said()}")


def _said() -> str:
    return errno.errorcode.get(ctypes.get_errno(), "unknown error")
