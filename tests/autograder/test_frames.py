"""Frames: what is sent arrives, and whatever else arrives is a BadFrame and nothing worse."""

from __future__ import annotations

import io
import json
import struct
from typing import Any, BinaryIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.sandbox import frames
from autograder.sandbox.frames import BadFrame, read_frame, write_frame

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
DTYPES = ["float64", "float32", "float16", "int64", "int8", "uint16", "bool"]
ARRAYS = st.dictionaries(
    st.text("abc/0123456789_", min_size=1, max_size=20),
    hnp.arrays(st.sampled_from(DTYPES), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0)),
    max_size=4,
)


def sent(header: dict[str, Any], arrays: dict[str, np.ndarray] | None = None) -> BinaryIO:
    """A pipe that holds one frame."""
    pipe = io.BytesIO()
    write_frame(pipe, header, arrays)
    pipe.seek(0)
    return pipe


def forged(head: bytes, body: bytes = b"") -> BinaryIO:
    """A pipe that holds a frame of somebody else's making."""
    return io.BytesIO(struct.pack(">II", len(head), len(body)) + head + body)


def safetensors(table: dict[str, Any], data: bytes = b"") -> bytes:
    head = json.dumps(table).encode()
    return struct.pack("<Q", len(head)) + head + data


def entry(dtype: str, shape: list[int], start: int, end: int) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


class CountingPipe(io.BytesIO):
    """Remembers how much was asked for."""

    asked = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.asked += size or 0
        return super().read(size)


@settings(max_examples=60, deadline=None)
@given(header=st.dictionaries(st.text(), JSON, max_size=4), arrays=ARRAYS)
def test_what_is_sent_arrives(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    frame = read_frame(sent(header, arrays))
    assert frame is not None
    found, values = frame
    assert found == header
    assert values.keys() == arrays.keys()
    for name, array in arrays.items():
        assert values[name].dtype == array.dtype
        assert values[name].shape == array.shape
        np.testing.assert_array_equal(values[name], array)


@pytest.mark.parametrize(
    "array",
    [
        pytest.param(np.float64(2.5), id="a number keeps its empty shape"),
        pytest.param(np.arange(6.0).reshape(2, 3).T, id="transposed"),
        pytest.param(np.arange(10.0)[::3], id="strided"),
        pytest.param(np.arange(3, dtype=">f8"), id="big-endian"),
        pytest.param(np.empty((0, 4)), id="empty"),
        pytest.param(np.array([np.nan, np.inf, -0.0]), id="not finite"),
    ],
)
def test_layouts_of_arrays_do_not_matter(array: np.ndarray) -> None:
    frame = read_frame(sent({}, {"x": array}))
    assert frame is not None
    assert frame[1]["x"].shape == np.shape(array)
    np.testing.assert_array_equal(frame[1]["x"], array)


def test_frames_follow_one_another_and_end_with_the_pipe() -> None:
    pipe = io.BytesIO()
    for number in range(3):
        write_frame(pipe, {"n": number}, {"x": np.full(2, float(number))})
    pipe.seek(0)
    for number in range(3):
        frame = read_frame(pipe)
        assert frame is not None
        assert frame[0] == {"n": number}
        assert frame[1]["x"].tolist() == [number, number]
    assert read_frame(pipe) is None


def test_every_truncation_is_a_bad_frame() -> None:
    whole = sent({"a": [1, 2]}, {"x": np.arange(3.0)}).read()
    for length in range(1, len(whole)):
        with pytest.raises(BadFrame):
            read_frame(io.BytesIO(whole[:length]))


@pytest.mark.parametrize(
    ("head", "body"), [(frames.MAX_HEADER + 1, 0), (2, frames.MAX_BODY + 1), (2**32 - 1, 2**32 - 1)]
)
def test_lengths_are_compared_with_their_caps_before_anything_is_read(head: int, body: int) -> None:
    pipe = CountingPipe(struct.pack(">II", head, body) + b"{}" * 10)
    with pytest.raises(BadFrame, match="larger than is allowed"):
        read_frame(pipe)
    assert pipe.asked == 8


def test_what_is_too_large_is_not_sent() -> None:
    pipe = io.BytesIO()
    with pytest.raises(BadFrame, match="too large"):
        write_frame(pipe, {"text": "x" * frames.MAX_HEADER})
    with pytest.raises(BadFrame, match="too large"):
        write_frame(pipe, {}, {"x": np.zeros(frames.MAX_BODY + 1, dtype=np.int8)})
    assert pipe.getvalue() == b""


@pytest.mark.parametrize(
    ("header", "arrays"),
    [
        ({"x": object()}, None),
        ({"x": {1, 2}}, None),
        ({}, {"x": np.array([None])}),
        ({}, {"x": np.array([1j])}),
        ({}, {"x": np.array(["text"])}),
    ],
)
def test_what_no_frame_can_hold_is_not_sent(header: Any, arrays: Any) -> None:
    pipe = io.BytesIO()
    with pytest.raises(BadFrame, match="cannot be sent"):
        write_frame(pipe, header, arrays)
    assert pipe.getvalue() == b""


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_garbage_is_a_bad_frame(garbage: bytes) -> None:
    try:
        frame = read_frame(io.BytesIO(garbage))
    except BadFrame:
        return
    assert (frame is None) == (garbage == b"")


@settings(max_examples=200, deadline=None)
@given(head=st.binary(max_size=100), body=st.binary(max_size=200))
def test_garbage_of_the_right_length_is_a_bad_frame(head: bytes, body: bytes) -> None:
    try:
        frame = read_frame(forged(head, body))
    except BadFrame:
        return
    assert frame is not None
    assert isinstance(frame[0], dict)


@settings(max_examples=150, deadline=None)
@given(
    dtype=st.sampled_from(["F64", "F16", "BF16", "F8_E4M3", "F4", "C64", "BOOL", "X", 3]),
    shape=st.lists(st.integers(-1, 2**63) | st.text(max_size=2), max_size=4),
    offsets=st.lists(st.integers(-1, 2**64), max_size=3),
    data=st.binary(max_size=32),
)
def test_no_table_of_arrays_does_worse_than_a_bad_frame(
    dtype: Any, shape: Any, offsets: Any, data: bytes
) -> None:
    table = {"x": {"dtype": dtype, "shape": shape, "data_offsets": offsets}}
    try:
        frame = read_frame(forged(b"{}", safetensors(table, data)))
    except BadFrame:
        return
    assert frame is not None
    assert frame[1]["x"].nbytes <= len(data)


@pytest.mark.parametrize("shape", [[0, 2**40], [0, 2**40, 2**40], [2**62, 0, 4]])
def test_huge_empty_shapes_cost_no_memory(shape: list[int]) -> None:
    try:
        frame = read_frame(forged(b"{}", safetensors({"x": entry("F64", shape, 0, 0)})))
    except BadFrame:
        return
    assert frame is not None
    assert frame[1]["x"].nbytes == 0


@pytest.mark.parametrize("count", [frames.MAX_ARRAYS + 1, 50_000])
def test_thousands_of_empty_arrays_are_refused(count: int) -> None:
    table = {f"{number}": entry("F64", [0], 0, 0) for number in range(count)}
    with pytest.raises(BadFrame):
        read_frame(forged(b"{}", safetensors(table)))


def test_a_long_table_of_arrays_is_refused_before_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(body: bytes) -> None:
        raise AssertionError("the table was read")

    monkeypatch.setattr(frames, "load", never)
    body = struct.pack("<Q", frames.MAX_TABLE + 1) + b"x" * 100
    with pytest.raises(BadFrame, match="more than"):
        read_frame(forged(b"{}", body))


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"[" * 200_000, id="opened and never closed"),
        pytest.param(b'{"a":' * 50_000 + b"1" + b"}" * 50_000, id="nested tables"),
        pytest.param(b'{"a": ' + b"9" * 100_000 + b"}", id="a number of many digits"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xfe\xfd", id="no text"),
        pytest.param(b'{"a": 1} trailing', id="more than one thing"),
    ],
)
def test_headers_that_are_no_json_are_refused(head: bytes) -> None:
    with pytest.raises(BadFrame):
        read_frame(forged(head))


@pytest.mark.parametrize("head", [b"[]", b"null", b"1", b'"text"', b"true"])
def test_a_header_has_to_be_a_table(head: bytes) -> None:
    with pytest.raises(BadFrame, match="another kind"):
        read_frame(forged(head))


def test_arrays_that_arrive_hold_no_objects() -> None:
    table = {"x": entry("O", [1], 0, 8)}
    with pytest.raises(BadFrame):
        read_frame(forged(b"{}", safetensors(table, b"\0" * 8)))
