"""From a stream back to the values of its column; nothing that it says is believed unchecked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.errors import DataError
from tickreel.market.block import Texts
from tickreel.store.segments import decode_kernels as kernels
from tickreel.store.segments import stream_kernels as fields
from tickreel.store.segments import text_kernels
from tickreel.store.segments.frames import decompress_into
from tickreel.store.segments.streams import MAX_COUNT, Form, read_head

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.store.segments.frames import Bytes

_DIGITS = np.frombuffer("".join(f"{number:02}" for number in range(100)).encode(), np.uint8)
_NO_SIDES = np.empty(0, np.int8)
_FAULTS = {
    fields.FORM_FAULT: "a stream of a chunk has an impossible form",
    fields.TAIL_FAULT: "a stream of a chunk has an impossible tail",
    fields.LENGTH_FAULT: "the streams of a chunk do not fill it",
}


class Chunk:
    """The streams of one chunk, checked, and the bytes in which they lie."""

    __slots__ = ("_places", "packed", "plain", "runs", "streams")

    def __init__(self, stored: Bytes, payload: Bytes, rows: int) -> None:
        """Take *stored* bytes, and the *payload* that came out of the frame in them; raises DataError.

        Both must stay as they are for as long as the chunk is in use.
        """
        head_rows, self.runs, count, frame_at = read_head(stored)
        if head_rows != rows or self.runs > MAX_COUNT:
            raise DataError("the head of a chunk does not fit its table")
        self.plain = np.frombuffer(stored, np.uint8)
        self.packed = np.frombuffer(payload, np.uint8)
        self.streams = np.empty((count, fields.FIELDS), np.int64)
        fault = fields.read_streams(self.plain, frame_at, len(payload), rows, self.runs, self.streams)
        if fault:
            raise DataError(_FAULTS[fault])
        self._places: dict[int, int] | None = None

    def find(self, column: int) -> Stream | None:
        """Find the stream of a column."""
        if self._places is None:
            self._places = {
                found: place for place, found in enumerate(self.streams[:, fields.COLUMN].tolist())
            }
        place = self._places.get(column)
        return None if place is None else Stream(self, self.streams[place])

    def stream(self, column: int, count: int, *forms: Form) -> Stream:
        """Find the stream of a column, of *count* values of one of *forms*; raises DataError."""
        stream = self.find(column)
        if stream is None or stream.form not in forms or stream.count != count:
            raise DataError("a chunk lacks a stream that it must have")
        return stream


class Stream:
    """One stream of a chunk."""

    __slots__ = ("_fields", "_packed", "_place", "_plain", "count", "form", "transform")

    def __init__(self, chunk: Chunk, place: NDArray[np.int64]) -> None:
        self._plain = chunk.plain
        self._packed = chunk.packed
        self._place = place
        self._fields: list[int] = place.tolist()
        self.form = self._fields[fields.FORM]
        self.transform = self._fields[fields.TRANSFORM]
        self.count = self._fields[fields.VALUES]

    def integers(self, out: NDArray[np.int64]) -> NDArray[np.int64]:
        """Decode the values, before LATENCY is undone."""
        kernels.decode_integers(self._plain, self._packed, self._place, out)
        return out

    def numbers(self, out: NDArray[np.float64], sides: NDArray[np.int8] = _NO_SIDES) -> None:
        """Decode numbers, and with sided prices their *sides*; raises DataError."""
        met = kernels.decode_numbers(self._plain, self._packed, self._place, sides, out)
        if met != self._fields[fields.TAIL]:
            raise DataError("a chunk has other escapes than it tells")

    def decimal_texts(self) -> Texts:
        """Write integers as texts."""
        values = self.integers(np.empty(self.count, np.int64))
        offsets = np.empty(self.count + 1, np.int32)
        data = np.empty(20 * self.count, np.uint8)
        used = text_kernels.format_decimals(_DIGITS, values, offsets, data)
        return Texts(offsets, data[:used])

    def uuid_texts(self) -> Texts:
        """Write UUIDs as texts."""
        data = np.empty(36 * self.count, np.uint8)
        text_kernels.format_uuids(self._plain, self._packed, self._place, data)
        return Texts(np.arange(0, 36 * self.count + 1, 36, dtype=np.int32), data)

    def texts(self) -> Texts:
        """Give texts as they are; raises DataError."""
        tail = self._fields[fields.TAIL]
        lengths = self.integers(np.empty(self.count, np.int64))
        if bool((lengths < 0).any()) or bool((lengths > tail).any()) or lengths.sum() != tail:
            raise DataError("the texts of a chunk do not fill their place")
        offsets = np.zeros(self.count + 1, np.int32)
        np.cumsum(lengths, out=offsets[1:])
        begin = kernels.tail_place(self._place)
        data = self._packed[begin : begin + tail].copy()
        _check_utf8(offsets, data)
        return Texts(offsets, data)


def unpack(stored: Bytes, payload: memoryview) -> None:
    """Unpack the frame of a chunk into the memory that it must fill; raises DataError."""
    decompress_into(stored[read_head(stored)[3] :], payload)


def check_codes(codes: NDArray[np.int64], size: int) -> None:
    """Refuse codes that are not in [0, *size*); raises DataError."""
    if len(codes) and (codes.min() < 0 or codes.max() >= size):
        raise DataError("a chunk has a code that stands for nothing")


def _check_utf8(offsets: NDArray[np.int32], data: NDArray[np.uint8]) -> None:
    raw = data.tobytes()
    if raw.isascii():
        return
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        raise DataError("a chunk has text that is not UTF-8") from error
    # A text must not begin in the middle of a character either.
    begins = offsets[:-1][np.diff(offsets) > 0]
    if bool(((data[begins] & 0xC0) == 0x80).any()):
        raise DataError("a chunk has text that is not UTF-8")
