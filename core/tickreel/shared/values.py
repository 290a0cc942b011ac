"""What lies under a key: a msgpack header that says what it is, a checksum, and the bytes themselves.

Anybody may write to the server. So nothing in a value is believed before its checksum fits and its header
says that it belongs under the very key that was asked for; and nothing of it is ever executed.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgpack
from isal import isal_zlib

if TYPE_CHECKING:
    from tickreel.shared.naming import DayKeys

_MAGIC = b"TKRS"
_FORMAT = 1
_FRONT = struct.Struct("<4sHHI")
"""Magic, format, bytes of the header, CRC-32 of header and body."""
_LONGEST_HEADER = 4_096
MOST_RECORD_BYTES = 65_536
"""Of a day's record, all of its parts included."""
MOST_TABLE_BYTES = 8_000_000
"""Of a part's table; days with more do not go to a server."""

MOST_PARTS = 64
"""Parts of a day that are put on a server; each is a segment of its own there, as it is in a home."""

_TEXTS = ("version", "rows_sha256", "source")
_COUNTS = ("rows", "messages", "chunks", "stored_bytes")
_NUMBERS_OR_NONE = ("first_local_us", "last_local_us", "source_bytes")
"""Fields of a part's record by what they hold."""


class Foreign(Exception):
    """A value is not what its key promises: damaged, cut off, or somebody else's."""


def packed(name: str, fields: list[Any], body: bytes = b"") -> bytes:
    """Make the value of the key *name* from the fields of its header, and its body."""
    header: bytes = msgpack.packb([name, *fields])
    crc = isal_zlib.crc32(body, isal_zlib.crc32(header))
    return b"".join([_FRONT.pack(_MAGIC, _FORMAT, len(header), crc), header, body])


def unpacked(name: str, value: object) -> tuple[list[Any], memoryview]:
    """Give header fields and body of the value of the key *name*.

    Raises:
        Foreign: it is no such value.
    """
    if not isinstance(value, bytes) or len(value) < _FRONT.size:
        raise Foreign("it is no value of Tickreel")
    magic, version, length, crc = _FRONT.unpack_from(value)
    if magic != _MAGIC or version != _FORMAT or length > _LONGEST_HEADER:
        raise Foreign("it is no value of Tickreel, or of a newer one")
    rest = memoryview(value)[_FRONT.size :]
    if len(rest) < length or isal_zlib.crc32(rest) != crc:
        raise Foreign("it is not what was written")
    fields = _listed(rest[:length])
    if not fields or fields[0] != name:
        raise Foreign("it belongs under another key")
    return fields[1:], rest[length:]


def _listed(data: memoryview) -> list[Any]:
    """Read a msgpack array, with nothing in it that could be more than data; raises Foreign."""
    try:
        found = msgpack.unpackb(
            data, raw=False, use_list=True, max_ext_len=0, max_map_len=0, max_array_len=MOST_PARTS
        )
    except (ValueError, msgpack.UnpackException) as error:
        raise Foreign("its header is no header") from error
    if not isinstance(found, list):
        raise Foreign("its header is no header")
    return found


@dataclass(frozen=True, slots=True)
class PartRecord:
    """What the server says of one part of a day, which is a segment: what to expect of it."""

    version: str
    rows_sha256: str
    rows: int
    messages: int
    chunks: int
    stored_bytes: int
    first_local_us: int | None
    last_local_us: int | None
    source: str
    """Where its rows came from before they came here."""
    source_sha256: str | None
    source_bytes: int | None

    @classmethod
    def of(cls, fields: object) -> PartRecord:
        """Read what a day's record says of it; raises Foreign."""
        if not isinstance(fields, list) or len(fields) != len(cls.__slots__):
            raise Foreign("its header has other fields than a day's")
        kinds = dict(zip(cls.__slots__, fields, strict=True))
        if not (
            all(type(kinds[name]) is str for name in _TEXTS)
            and all(type(kinds[name]) is int and kinds[name] >= 0 for name in _COUNTS)
            and all(kinds[name] is None or type(kinds[name]) is int for name in _NUMBERS_OR_NONE)
            and (kinds["source_sha256"] is None or type(kinds["source_sha256"]) is str)
        ):
            raise Foreign("its header has other kinds of fields than a day's")
        return cls(*fields)


@dataclass(frozen=True, slots=True)
class DayRecord:
    """What the server says of a day: the version that holds, and the parts that it consists of."""

    version: str
    """That of its part, or one that follows from those of all parts."""
    rows_sha256: str
    """Digest of the rows of all parts, in time order."""
    put_us: int
    """When it was put here, by the clock of whoever did."""
    is_whole: bool
    """Whether it is all of its UTC day, however early its rows end."""
    parts: tuple[PartRecord, ...]
    """In time order; one but where ranges of the day were fetched one by one."""

    @property
    def rows(self) -> int:
        """Rows of all parts."""
        return sum(part.rows for part in self.parts)

    @property
    def chunks(self) -> int:
        """Chunks of all parts."""
        return sum(part.chunks for part in self.parts)

    @property
    def stored_bytes(self) -> int:
        """Bytes of the chunks of all parts."""
        return sum(part.stored_bytes for part in self.parts)

    def value(self, keys: DayKeys) -> bytes:
        """Spell it as the value of its key."""
        parts = [[getattr(part, name) for name in part.__slots__] for part in self.parts]
        head = [self.version, self.rows_sha256, self.put_us, self.is_whole]
        return packed(keys.day_name, head, msgpack.packb(parts))

    @classmethod
    def read(cls, keys: DayKeys, value: object) -> DayRecord:
        """Read the value of a day's key; raises Foreign."""
        fields, body = unpacked(keys.day_name, value)
        if [type(field) for field in fields] != [str, str, int, bool]:
            raise Foreign("its header has other fields than a day's")
        version, rows_sha256, put_us, is_whole = fields
        parts = _listed(body)
        if not 0 < len(parts) <= MOST_PARTS:
            raise Foreign("it has no parts, or more than a day has")
        return cls(version, rows_sha256, put_us, is_whole, tuple(map(PartRecord.of, parts)))


def chunk_value(keys: DayKeys, version: str, number: int, span_us: tuple[int, int], stored: bytes) -> bytes:
    """Spell a chunk as the value of its key: with its version, number and bounds."""
    return packed(keys.chunk(version, number), [version, number, *span_us], stored)


def most_of_chunk(stored_bytes: int) -> int:
    """Tell how many bytes the value of a chunk may have."""
    return _FRONT.size + _LONGEST_HEADER + stored_bytes


def chunk_body(
    keys: DayKeys, version: str, number: int, span_us: tuple[int, int], value: object
) -> memoryview:
    """Give the stored bytes of a chunk; raises Foreign."""
    fields, body = unpacked(keys.chunk(version, number), value)
    if fields != [version, number, *span_us]:
        raise Foreign("it is another chunk than the day's table tells")
    return body
