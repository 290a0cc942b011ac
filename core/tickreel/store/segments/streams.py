"""Streams: how the columns of a chunk lie in its stored bytes.

A chunk begins with the number of rows, of runs and of streams, then has a descriptor of 32 bytes
for every stream, then those byte planes that are stored as they are, then one frame that holds the
others and the streams' tails.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import NamedTuple

from tickreel.errors import DataError
from tickreel.store.segments.frames import Bytes, decompress

RUN_LENGTHS = 0xFFFF
"""In place of a column: how many rows each run has."""
RUN_COLUMNS = frozenset({"symbol", "timestamp", "local_timestamp", "is_snapshot"})
"""Columns that are stored once a run where a chunk has runs."""
MAX_DECIMALS = 22
"""10 to this power is the greatest that float64 holds exactly."""
UUID_BYTES = 16
MAX_COUNT = 1 << 25
"""Values of a stream, so that offsets into their texts fit 32 bits."""

_HEAD = struct.Struct("<IIII")
_DESCRIPTOR = struct.Struct("<HBBBBHIIqq")


class Form(IntEnum):
    """What the values of a stream are."""

    INTEGERS = 1
    NUMBERS = 2
    SIDED_PRICES = 3
    WORDS = 4
    DECIMALS = 5
    UUIDS = 6
    TEXTS = 7


class Transform(IntEnum):
    """How values become codes."""

    PLAIN = 0
    DELTA = 1
    LATENCY = 2
    """Local time minus the value, else as PLAIN."""
    LATENCY_DELTA = 3


class Descriptor(NamedTuple):
    """What a payload says of one stream."""

    column: int
    """Position among the stored columns, or RUN_LENGTHS."""
    form: int
    transform: int
    width: int
    """Byte planes."""
    decimals: int
    packed: int
    """The planes that lie in the frame, a bit each; the others lie before it."""
    values: int
    """How many it has."""
    tail: int
    """Escaped numbers, or bytes of text; they lie in the frame, after the planes."""
    base: int
    unit: int


def chunk_head(rows: int, runs: int, descriptors: list[Descriptor], plane_bytes: int) -> bytes:
    """Lay out what stands before the planes; *plane_bytes* are those that come before the frame."""
    frame_at = _HEAD.size + len(descriptors) * _DESCRIPTOR.size + plane_bytes
    head = _HEAD.pack(rows, runs, len(descriptors), frame_at)
    return head + b"".join(_DESCRIPTOR.pack(*descriptor) for descriptor in descriptors)


def read_head(stored: Bytes) -> tuple[int, int, int, int]:
    """Read the number of rows, of runs, of streams, and where the frame begins; raises DataError."""
    if len(stored) < _HEAD.size:
        raise DataError("a chunk has no head")
    rows, runs, streams, frame_at = _HEAD.unpack_from(stored)
    if not _HEAD.size + streams * _DESCRIPTOR.size <= frame_at <= len(stored):
        raise DataError("a chunk is shorter than its head tells")
    return rows, runs, streams, frame_at


def payload_of(stored: bytes, payload_bytes: int) -> bytes:
    """Unpack the frame of a chunk, which holds *payload_bytes*; raises DataError."""
    return decompress(memoryview(stored)[read_head(stored)[3] :], payload_bytes)
