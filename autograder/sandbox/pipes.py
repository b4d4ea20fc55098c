"""Both ends of a conversation with a process that may stop to read or to answer: each wait has an end.

    reads, writes = deadlines(answers, requests)
    reads.until = writes.until = time.monotonic() + 30

What is not done by then raises TimeoutError.  Where pipes can be waited for, the kernel does that.  On
Windows they cannot: there a thread of its own waits on each.
"""

from __future__ import annotations

import contextlib
import math
import os
import queue
import select
import threading
import time
from typing import BinaryIO, Protocol

_CHUNK = 1 << 16


class Reads(Protocol):
    """A pipe to read from: `read` returns fewer bytes than it was asked for only at the pipe's end."""

    until: float

    def read(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


class Writes(Protocol):
    """A pipe to write to: `write` takes all of it."""

    until: float

    def write(self, data: bytes, /) -> object: ...
    def flush(self) -> None: ...
    def close(self) -> None: ...


def deadlines(answers: BinaryIO, requests: BinaryIO) -> tuple[Reads, Writes]:
    """The two pipes with a deadline, which is now.  Nobody else reads or writes them from here on."""
    if hasattr(select, "poll"):
        return PolledReads(answers), PolledWrites(requests)
    return ThreadedReads(answers), ThreadedWrites(requests)


class _Timed:
    """A pipe that has until then."""

    def __init__(self, pipe: BinaryIO) -> None:
        self.until = -math.inf
        self._pipe = pipe

    def _left(self) -> float:
        """Seconds; asked for each piece, as somebody may send or take one byte after the other."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def flush(self) -> None: ...


class _Polled(_Timed):
    """A pipe that does not block, and can be waited for."""

    def __init__(self, pipe: BinaryIO, event: int) -> None:
        super().__init__(pipe)
        self._number = pipe.fileno()
        os.set_blocking(self._number, False)
        self._poll = select.poll()
        self._poll.register(self._number, event)

    def _wait(self) -> None:
        self._poll.poll(math.ceil(1000 * self._left()))

    def close(self) -> None:
        with contextlib.suppress(OSError):  # nothing is kept back, but a file object may not know
            self._pipe.close()


class PolledReads(_Polled):
    def __init__(self, pipe: BinaryIO) -> None:
        super().__init__(pipe, select.POLLIN)

    def read(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            self._left()
            try:
                got = os.read(self._number, min(size - len(data), _CHUNK))
            except BlockingIOError:
                self._wait()
                continue
            if not got:
                break
            data += got
        return bytes(data)


class PolledWrites(_Polled):
    def __init__(self, pipe: BinaryIO) -> None:
        super().__init__(pipe, select.POLLOUT)

    def write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            self._left()
            try:
                left = left[os.write(self._number, left) :]
            except BlockingIOError:
                self._wait()


class ThreadedReads(_Timed):
    """What a thread reads ahead: a few chunks, and whoever sends more has to wait."""

    def __init__(self, pipe: BinaryIO) -> None:
        super().__init__(pipe)
        self._kept = b""
        self._chunks: queue.Queue[bytes] = queue.Queue(maxsize=2)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._read_ahead, daemon=True)
        self._thread.start()

    def read(self, size: int) -> bytes:
        parts, missing = [self._kept], size - len(self._kept)
        while missing > 0:
            try:
                chunk = self._chunks.get(timeout=self._left())
            except queue.Empty:
                raise TimeoutError from None
            if not chunk:
                self._put(b"")  # it stays at its end
                break
            parts.append(chunk)
            missing -= len(chunk)
        data = b"".join(parts)
        self._kept = data[size:]
        return data[:size]

    def _read_ahead(self) -> None:
        chunk = b"begin"
        while chunk and not self._closed.is_set():
            try:
                chunk = os.read(self._pipe.fileno(), _CHUNK)
            except (OSError, ValueError):
                chunk = b""
            self._put(chunk)

    def _put(self, chunk: bytes) -> None:
        while not self._closed.is_set():
            with contextlib.suppress(queue.Full):
                return self._chunks.put(chunk, timeout=0.1)

    def close(self) -> None:
        """Who wrote to the pipe has ended by now, so the thread does not wait for long."""
        self._closed.set()
        self._thread.join(timeout=1.0)
        if not self._thread.is_alive():
            self._pipe.close()


class ThreadedWrites(_Timed):
    """What a thread writes, one piece after the other."""

    def __init__(self, pipe: BinaryIO) -> None:
        super().__init__(pipe)
        self._data: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[OSError | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_all, daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        self._data.put(data)
        try:
            error = self._done.get(timeout=self._left())
        except queue.Empty:
            raise TimeoutError from None
        if error is not None:
            raise error

    def _write_all(self) -> None:
        while (data := self._data.get()) is not None:
            error = None
            try:
                self._pipe.write(data)
                self._pipe.flush()
            except OSError as found:
                error = found
            self._done.put(error)

    def close(self) -> None:
        self._data.put(None)
        self._thread.join(timeout=1.0)
        if not self._thread.is_alive():
            with contextlib.suppress(OSError):  # what could not be written is lost
                self._pipe.close()
