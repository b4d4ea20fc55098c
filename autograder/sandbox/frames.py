"""Frames: a JSON header and named arrays, both with their length in front, over a pipe.

    4 bytes header length | 4 bytes body length | header (JSON) | body (safetensors)

Lengths are compared with caps before anything is read, and nothing here can run code: no pickle.
Student code may write to the pipe of its own process.  It can only spoil its own answers, as no
message carries a verdict.

The same form, as bytes and without caps, carries whole notebooks between machines that trust each other
(`encode`, `decode`).
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

MAX_HEADER = 16 << 20
MAX_BODY = 64 << 20
MAX_CONTAINERS = 200_000  # lists and objects of a header; once read, each takes up to 200 bytes
MAX_VALUES = 3 << 20
MAX_ARRAYS = 1000
MAX_TABLE = 500 * MAX_ARRAYS  # of names and shapes, at the start of a body

_LENGTHS = struct.Struct(">II")
_TABLE = struct.Struct("<Q")


class Source(Protocol):
    """What is read from; fewer bytes than asked for are its end."""

    def read(self, size: int, /) -> bytes: ...


class Sink(Protocol):
    """What is written to."""

    def write(self, data: bytes, /) -> object: ...
    def flush(self) -> None: ...


class BadFrame(Exception):
    """What came is not a frame, or is larger than a frame may be."""


def encode(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray] | None = None) -> bytes:
    """One frame, however large.  Raises BadFrame if it cannot be one."""
    head, body = _parts(header, arrays)
    return _LENGTHS.pack(len(head), len(body)) + head + body


def decode(frame: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What `encode` made, from a place that is trusted.  Raises BadFrame."""
    if len(frame) < _LENGTHS.size:
        raise BadFrame("a frame that ends before it begins")
    head_size, body_size = _LENGTHS.unpack_from(frame)
    if len(frame) != _LENGTHS.size + head_size + body_size:
        raise BadFrame("a frame of another length than it says")
    body_at = _LENGTHS.size + head_size
    return _read(frame[_LENGTHS.size : body_at], frame[body_at:])


def write_frame(
    pipe: Sink, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray] | None = None
) -> None:
    """Send one frame.  Raises BadFrame if it cannot be one, OSError if nobody reads."""
    head, body = _parts(header, arrays)
    if len(head) > MAX_HEADER or len(body) > MAX_BODY:
        raise BadFrame(f"a frame of {len(head) + len(body)} bytes is too large to send")
    pipe.write(_LENGTHS.pack(len(head), len(body)) + head + body)
    pipe.flush()


def read_frame(pipe: Source) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
    """Receive one frame; None at the end of the pipe.  Raises BadFrame."""
    lengths = pipe.read(_LENGTHS.size)
    if not lengths:
        return None
    if len(lengths) < _LENGTHS.size:
        raise BadFrame("the pipe ended inside a frame")
    head_size, body_size = _LENGTHS.unpack(lengths)
    if head_size > MAX_HEADER or body_size > MAX_BODY:
        raise BadFrame(f"a frame of {head_size + body_size} bytes is larger than is allowed")
    head, body = pipe.read(head_size), pipe.read(body_size)
    if len(head) < head_size or len(body) < body_size:
        raise BadFrame("the pipe ended inside a frame")
    if head.count(b"{") + head.count(b"[") > MAX_CONTAINERS or head.count(b",") > MAX_VALUES:
        raise BadFrame("a frame of too many parts")  # 16 MB of {} took 900 MB to read
    if len(body) >= _TABLE.size and _TABLE.unpack_from(body)[0] > MAX_TABLE:
        raise BadFrame(f"a frame of more than {MAX_ARRAYS} arrays")  # a million cost 2 GB to read
    header, arrays = _read(head, body)
    if len(arrays) > MAX_ARRAYS:
        raise BadFrame("a frame of another kind")
    return header, arrays


def _parts(
    header: Mapping[str, Any], arrays: Mapping[str, np.ndarray] | None
) -> tuple[bytes, bytes]:
    try:
        head = json.dumps(header).encode()
        body = save({k: np.asarray(v, order="C") for k, v in arrays.items()}) if arrays else b""
    except (ValueError, TypeError, RecursionError, SafetensorError) as error:
        raise BadFrame(f"this cannot be sent: {error}") from error
    return head, body


def _read(head: bytes, body: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    try:
        header = json.loads(head)
        arrays = load(body) if body else {}
    except (ValueError, RecursionError, SafetensorError, KeyError, TypeError) as error:
        raise BadFrame(f"a frame that cannot be read: {type(error).__name__}") from error
    if not isinstance(header, dict):
        raise BadFrame("a frame of another kind")
    return header, arrays
