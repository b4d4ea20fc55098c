"""The system calls that are refused, as seccomp programs: made by libseccomp on the trusted side.

    whole_sandbox()   for everything inside: what leads out of the namespaces or into other processes
    student()         on top, once a child is ready to read a student's byte: no new process, no new
                      program, nobody else's limits

Both allow by default: Python and its libraries use hundreds of calls, and the walls are namespaces,
Landlock and limits; the filters close what those leave open.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import tempfile
from collections.abc import Iterator

import pyseccomp as seccomp
from pyseccomp import EQ, ERRNO, MASKED_EQ, NE, Arg, SyscallFilter

_REFUSED = ERRNO(errno.EPERM)
#: What glibc takes as "this kernel has no such call", and then does it the older way.
_MISSING = ERRNO(errno.ENOSYS)
#: Answered as done and not done: harmless, and `shutil.copy` wants a yes.
_IGNORED = ERRNO(0)

_CLONE_FILES, _CLONE_THREAD = 0x00000400, 0x00010000
_NEW_NAMESPACES = {
    "time": 0x00000080,
    "mount": 0x00020000,
    "cgroup": 0x02000000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
}
_F_SETPIPE_SZ = 1031
_PR_SET_PDEATHSIG = 1
_SOL_SOCKET = 1
_BUFFER_SIZES = (7, 8, 32, 33)  # SO_SNDBUF, SO_RCVBUF, and the two that force them
_AF_UNIX = 1
_PRIO_PROCESS = 0
_IOPRIO_WHO_PROCESS = 1

#: A network namespace does not stop AF_VSOCK or AF_ALG, and io_uring makes calls that no filter sees.
_NEVER = (
    "socket",
    "io_uring_setup", "io_uring_enter", "io_uring_register",
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd",
    "add_key", "request_key", "keyctl",
    "userfaultfd", "bpf", "perf_event_open", "fanotify_init",
    "mount", "umount2", "pivot_root", "chroot", "unshare", "setns",
    "open_tree", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr",
    "memfd_create", "memfd_secret",
    "shmget", "shmat", "shmctl", "msgget", "semget", "mq_open",
    "name_to_handle_at", "open_by_handle_at", "quotactl", "quotactl_fd", "acct", "swapon", "swapoff",
    "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot",
    "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname",
    "syslog", "lookup_dcookie", "iopl", "ioperm", "personality", "vhangup",
    "mknod", "mknodat",
)  # fmt: skip

_NOT_FOR_STUDENTS = (
    "fork", "vfork", "execve", "execveat",
    "sched_setscheduler", "sched_setparam", "sched_setattr", "move_pages", "migrate_pages",
    "inotify_init", "inotify_init1", "flock", "pidfd_open", "pidfd_send_signal",
    "seccomp", "setsid",
    "sendmsg", "sendmmsg",  # descriptors under way in a message are counted nowhere
)  # fmt: skip

_PRETENDED = (
    "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat",
    "utime", "utimes", "utimensat", "futimesat",
    "setxattr", "lsetxattr", "fsetxattr",
    "sync", "syncfs",
)  # fmt: skip


@functools.cache
def whole_sandbox() -> bytes:
    """The program for all that runs inside, for bubblewrap's `--seccomp`."""
    rules = SyscallFilter(seccomp.ALLOW)
    _refuse(rules, _NEVER)
    # A pair of sockets inside one process harms nobody, and asyncio wants it.
    rules.add_rule(_REFUSED, "socketpair", Arg(0, NE, _AF_UNIX))
    for flag in _NEW_NAMESPACES.values():
        rules.add_rule(_REFUSED, "clone", Arg(0, MASKED_EQ, flag, flag))
    rules.add_rule(_MISSING, "clone3")  # its flags are in memory, where a filter cannot look
    return _program(rules)


@functools.cache
def student() -> bytes:
    """The program that a child installs before it reads the first byte of a student's."""
    rules = SyscallFilter(seccomp.ALLOW)
    _refuse(rules, _NOT_FOR_STUDENTS)
    # A thread with descriptors of its own would have as many again.
    for flag in (_CLONE_THREAD, _CLONE_FILES):
        rules.add_rule(_REFUSED, "clone", Arg(0, MASKED_EQ, flag, 0))
    for option in _BUFFER_SIZES:
        rules.add_rule(_REFUSED, "setsockopt", Arg(1, EQ, _SOL_SOCKET), Arg(2, EQ, option))
    rules.add_rule(_REFUSED, "fcntl", Arg(1, EQ, _F_SETPIPE_SZ))
    rules.add_rule(_REFUSED, "prctl", Arg(0, EQ, _PR_SET_PDEATHSIG))
    for call, which in (("prlimit64", 0), ("sched_setaffinity", 0), ("setpriority", 1)):
        rules.add_rule(_REFUSED, call, Arg(which, NE, 0))  # one's own is 0
    rules.add_rule(_REFUSED, "ioprio_set", Arg(1, NE, 0))
    # Nor everything of one's user, the parent among it.
    rules.add_rule(_REFUSED, "setpriority", Arg(0, NE, _PRIO_PROCESS))
    rules.add_rule(_REFUSED, "ioprio_set", Arg(0, NE, _IOPRIO_WHO_PROCESS))
    for call in _known(_PRETENDED):
        rules.add_rule(_IGNORED, call)
    return _program(rules)


def _refuse(rules: SyscallFilter, calls: tuple[str, ...]) -> None:
    for call in _known(calls):
        rules.add_rule(_REFUSED, call)


def _known(calls: tuple[str, ...]) -> Iterator[str]:
    """Those that this libseccomp and this machine have a number for."""
    for call in calls:
        with contextlib.suppress(ValueError, OSError):
            if seccomp.resolve_syscall(seccomp.system_arch(), call) >= 0:
                yield call


def _program(rules: SyscallFilter) -> bytes:
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
