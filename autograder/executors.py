"""Where notebooks are run: threads of this process, or the machines of a Dask cluster.

Both are executors of the standard library's kind, and both do nothing but `run_all`: bytes in, bytes
out.  A thread has a sandbox of its own to wait for, so threads are enough to keep all cores busy.
"""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

from autograder.errors import UserError
from autograder.sandbox.work import run

_CONNECT_SECONDS = 20
_TALKATIVE = (
    *("distributed.client", "distributed.core", "distributed.comm", "distributed.batched"),
    *("tornado.application", "concurrent.futures"),
)


class NoScheduler(UserError):
    """The cluster cannot be reached, or cannot be used."""


def run_all(works: Sequence[bytes]) -> list[bytes]:
    """Run the notebooks of one submission."""
    return [run(work) for work in works]


@functools.cache
def threads(count: int) -> Executor:
    """Threads that stay as long as the process: a sandbox ends with the thread that started it."""
    return ThreadPoolExecutor(count, "grading")


@contextlib.contextmanager
def executor(jobs: int, scheduler: str = "") -> Iterator[tuple[Executor, int]]:
    """An executor and how many submissions it takes at once.

    `scheduler` is the address of a Dask scheduler, such as `tls://10.0.0.1:8786`; empty for this machine.
    Certificates come from Dask's own configuration (`DASK_DISTRIBUTED__COMM__TLS__...`).
    Raises NoScheduler if it cannot be reached, and from `submit` once it is gone.
    """
    if not scheduler:
        yield threads(jobs), jobs
        return
    try:
        from distributed import Client
    except ImportError:
        raise NoScheduler(
            'grading on a cluster needs Dask: pip install -c constraints.txt -e ".[cluster]"'
        ) from None
    for name in _TALKATIVE:  # what they have to say is said here, in a sentence
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(scheduler, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:
        raise NoScheduler(f"the scheduler {scheduler} cannot be reached ({error}).") from error
    with client:
        at_once = sum(client.nthreads().values())
        if not at_once:
            raise NoScheduler(f"the scheduler {scheduler} has no workers yet; start one first.")
        yield _Cluster(client), at_once


class _Cluster(Executor):
    """A cluster, which says in a sentence that its scheduler is gone."""

    def __init__(self, client: Any) -> None:
        self._client, self._executor = client, client.get_executor(pure=False)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        from distributed.client import ClosedClientError

        gone = NoScheduler(
            "the cluster's scheduler is gone. What is graded is kept: start it, and run the same command "
            "again."
        )
        try:
            future: Future[Any] = self._executor.submit(fn, *args, **kwargs)
        except ClosedClientError as error:
            raise gone from error
        # A client that has lost its scheduler cancels what it knows of, and never ends what comes after.
        if self._client.status != "running":
            raise gone
        return future
