"""Pipes with a deadline: whole frames either way, and an end to each wait, with and without threads."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.sandbox import pipes
from autograder.sandbox.frames import read_frame, write_frame

WAYS = [
    pytest.param(
        (pipes.PolledReads, pipes.PolledWrites),
        id="polled",
        marks=pytest.mark.skipif(not hasattr(select, "poll"), reason="nothing to poll with here"),
    ),
    pytest.param((pipes.ThreadedReads, pipes.ThreadedWrites), id="threaded"),
]
LONG, SHORT = 30.0, 0.2


class Line:
    """A pipe: one end with a deadline, the other as it comes."""

    def __init__(self, way: tuple[type, type]) -> None:
        self._reads, self._writes = way

    def reading(self, seconds: float) -> tuple[pipes.Reads, BinaryIO]:
        ours, theirs = os.pipe()
        reads = self._reads(os.fdopen(ours, "rb"))
        reads.until = time.monotonic() + seconds
        return reads, os.fdopen(theirs, "wb", buffering=0)

    def writing(self, seconds: float) -> tuple[pipes.Writes, BinaryIO]:
        theirs, ours = os.pipe()
        writes = self._writes(os.fdopen(ours, "wb"))
        writes.until = time.monotonic() + seconds
        return writes, os.fdopen(theirs, "rb", buffering=0)


@pytest.fixture(params=WAYS)
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    return Line(request.param)


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(0, 200_000), max_size=4))
def test_frames_of_any_size_come_through_in_order(way: tuple[type, type], sizes: list[int]) -> None:
    reads, into = Line(way).reading(LONG)
    writes, out_of = Line(way).writing(LONG)

    def echo() -> None:
        with os.fdopen(os.dup(out_of.fileno()), "rb") as whole:
            while (frame := read_frame(whole)) is not None:
                write_frame(into, *frame)
        into.close()

    other = threading.Thread(target=echo)
    other.start()
    for number, size in enumerate(sizes):
        write_frame(writes, {"number": number}, {"sent": np.arange(size, dtype=np.int64)})
        found = read_frame(reads)
        assert found is not None
        assert found[0] == {"number": number}
        assert np.array_equal(found[1]["sent"], np.arange(size))
    writes.close()
    assert read_frame(reads) is None
    other.join()
    reads.close()
    out_of.close()


def test_what_was_not_asked_for_stays_for_later(line: Line) -> None:
    reads, into = line.reading(LONG)
    into.write(b"abcdef")
    into.close()
    assert [reads.read(2), reads.read(3), reads.read(3), reads.read(1)] == [
        b"ab",
        b"cde",
        b"f",
        b"",
    ]
    reads.close()


def test_nobody_waits_for_longer_than_until_then(line: Line) -> None:
    reads, into = line.reading(SHORT)
    into.write(b"ab")
    with pytest.raises(TimeoutError):
        reads.read(3)
    into.close()
    reads.close()


def test_one_byte_after_the_other_does_not_put_off_the_end(line: Line) -> None:
    reads, into = line.reading(SHORT)
    stop = threading.Event()

    def trickle() -> None:
        with contextlib.suppress(BrokenPipeError):
            while not stop.is_set():
                into.write(b"x")

    other = threading.Thread(target=trickle)
    other.start()
    with pytest.raises(TimeoutError):
        reads.read(1 << 40)
    stop.set()
    reads.close()
    other.join()
    into.close()


def test_who_does_not_listen_holds_nobody(line: Line) -> None:
    writes, out_of = line.writing(SHORT)
    with pytest.raises(TimeoutError):
        writes.write(bytes(1 << 20))
    out_of.close()
    writes.close()


def test_who_is_gone_is_noticed(line: Line) -> None:
    writes, out_of = line.writing(LONG)
    out_of.close()
    with pytest.raises(BrokenPipeError):
        writes.write(b"anybody")
    writes.close()
