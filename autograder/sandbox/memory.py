"""Memory that is kept back from student code, so that what it did can still be told.

A cell that fills its memory leaves none for a traceback, for its outputs, for a look into the scratch
folder: the process would die or hang, and nobody would learn why.  So the soft limit on the address space
is lower than the hard one for as long as student code runs.  It is courtesy, not protection: code may
raise the soft limit, and then has only spoilt its own traceback.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

RESERVE = 32 << 20  # bytes


@contextlib.contextmanager
def kept_back() -> Iterator[None]:
    """Within, the reserve is out of reach, unless it is released."""
    _leave(RESERVE)
    try:
        yield
    finally:
        release()


def release() -> None:
    """The reserve may be used: student code is done, for good or by an exception."""
    _leave(0)


def _leave(reserve: int) -> None:
    try:
        import resource
    except ImportError:  # Windows limits no memory
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_AS, (max(hard - reserve, 0), hard))
