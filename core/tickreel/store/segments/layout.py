"""The bytes of a segment around its chunks: head, footer, table of chunks and trailer.

``segment-format.md`` in the documentation describes every byte; this module is where they are
spelled. Nothing here knows what lies inside a chunk.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from tickreel.errors import DataError
from tickreel.market.types import SCHEMAS, Column, DatasetKey, DataType, Kind
from tickreel.store.segments.frames import checksum
from tickreel.store.segments.streams import MAX_COUNT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FORMAT_VERSION = 1
HEAD_MAGIC = b"\x89TICK\r\n\x1a"
TRAILER_MAGIC = b"TICKEND\n"
HEAD_BYTES = 16
TRAILER_BYTES = 40
MAX_CHUNK_BYTES = (1 << 31) - 1

_HEAD = struct.Struct("<8sI")
_TRAILER = struct.Struct("<QIIIII")
_CRC = struct.Struct("<I")

CHUNK_TABLE = np.dtype(
    [
        ("offset", "<u8"),
        ("stored_bytes", "<u4"),
        ("payload_bytes", "<u4"),
        ("first_local_us", "<i8"),
        ("last_local_us", "<i8"),
        ("rows", "<u4"),
        ("messages", "<u4"),
        ("crc32", "<u4"),
        ("zero", "<u4"),
    ]
)


@dataclass(frozen=True, slots=True)
class Footer:
    """What a segment says of itself."""

    format_version: int
    key: DatasetKey
    day: date
    rows: int
    messages: int
    first_local_us: int | None
    last_local_us: int | None
    rows_sha256: str
    opens_with_snapshot: bool
    """An order book of one symbol whose first row is of a snapshot."""
    members: tuple[str, ...]
    """Symbols inside a grouped file, sorted; empty otherwise."""
    source: str
    source_sha256: str | None
    imported_us: int
    is_whole: bool
    """The part is the whole UTC day, however early its rows end."""
    source_bytes: int | None
    """Size of the file that the rows came from, where it is known."""
    words: Mapping[str, tuple[str, ...]]
    """Words of the text columns that are stored as codes into them."""
    chunks: NDArray[np.void]
    """The table of chunks: an entry of :data:`CHUNK_TABLE` for each."""
    disconnects_us: tuple[tuple[int, int | None], ...] = ()
    """Where the recorder was cut off: local times of the messages before and after; none after the last."""


def stored_columns(key: DatasetKey) -> tuple[Column, ...]:
    """List the columns that a segment of this dataset holds, in the vendor's order."""
    left_out = {"exchange"} if key.is_grouped else {"exchange", "symbol"}
    return tuple(column for column in SCHEMAS[key.type].columns if column.name not in left_out)


def head(version: int = FORMAT_VERSION) -> bytes:
    """Give the first bytes of a segment."""
    begin = _HEAD.pack(HEAD_MAGIC, version)
    return begin + _CRC.pack(checksum(begin))


def check_head(data: bytes) -> None:
    """Refuse what is no segment, and what a newer program wrote; raises DataError."""
    if len(data) < HEAD_BYTES or not data.startswith(HEAD_MAGIC):
        raise DataError("it does not begin as a segment does")
    if _CRC.unpack_from(data, _HEAD.size)[0] != checksum(data[: _HEAD.size]):
        raise DataError("its head is not what was written")
    version = _HEAD.unpack_from(data)[1]
    if version != FORMAT_VERSION:
        raise DataError(
            f"it has format version {version}, this program reads {FORMAT_VERSION}: "
            "use the version of Tickreel that wrote it"
        )


def tail(footer: Footer, offset: int) -> bytes:
    """Lay out what follows the chunks, from *offset* on: footer, table, trailer."""
    text = json.dumps(_as_json(footer), ensure_ascii=False, separators=(",", ":")).encode()
    table = footer.chunks.tobytes()
    end = _TRAILER.pack(offset, len(text), checksum(text), len(table), checksum(table), footer.format_version)
    return text + table + end + _CRC.pack(checksum(end)) + TRAILER_MAGIC


@dataclass(frozen=True, slots=True)
class TailPlace:
    """Where footer and table lie, as the trailer says."""

    footer_offset: int
    footer_bytes: int
    footer_crc32: int
    table_bytes: int
    table_crc32: int


def read_trailer(trailer: bytes, file_bytes: int) -> TailPlace:
    """Read the last bytes of a segment of *file_bytes*; raises DataError."""
    if len(trailer) != TRAILER_BYTES or trailer[-len(TRAILER_MAGIC) :] != TRAILER_MAGIC:
        raise DataError("its end is missing: it was cut off, or not finished")
    if _CRC.unpack_from(trailer, _TRAILER.size)[0] != checksum(trailer[: _TRAILER.size]):
        raise DataError("its trailer is not what was written")
    offset, text_bytes, text_crc, table_bytes, table_crc, version = _TRAILER.unpack_from(trailer)
    whole = offset + text_bytes + table_bytes + TRAILER_BYTES
    if version != FORMAT_VERSION or whole != file_bytes or table_bytes % CHUNK_TABLE.itemsize:
        raise DataError("its trailer does not fit its length")
    return TailPlace(offset, text_bytes, text_crc, table_bytes, table_crc)


def read_footer(text: bytes, table: bytes, place: TailPlace) -> Footer:
    """Read footer and table of chunks; raises DataError for what does not hang together."""
    if checksum(text) != place.footer_crc32:
        raise DataError("its footer is not what was written")
    if checksum(table) != place.table_crc32:
        raise DataError("its table of chunks is not what was written")
    chunks = np.frombuffer(table, CHUNK_TABLE)
    try:
        footer = _of_json(json.loads(text), chunks)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataError(f"its footer lacks what a footer must say ({error})") from error
    _check_chunks(footer, place.footer_offset)
    return footer


def _check_chunks(footer: Footer, end: int) -> None:
    chunks = footer.chunks
    first, last = chunks["first_local_us"], chunks["last_local_us"]
    stored = chunks["stored_bytes"].astype(np.int64)
    ends = HEAD_BYTES + np.cumsum(stored)
    begins = ends - stored
    good = (
        bool((chunks["offset"] == begins.astype(np.uint64)).all())
        and (int(ends[-1]) if len(ends) else HEAD_BYTES) == end
        and bool((chunks["rows"] > 0).all())
        and bool((chunks["rows"] <= MAX_COUNT).all())
        and bool((chunks["payload_bytes"] <= MAX_CHUNK_BYTES).all())
        and bool((first <= last).all())
        and bool((last[:-1] < first[1:]).all())
        and int(chunks["rows"].sum(dtype=np.int64)) == footer.rows
        and int(chunks["messages"].sum(dtype=np.int64)) == footer.messages
        and footer.first_local_us == (int(first[0]) if len(chunks) else None)
        and footer.last_local_us == (int(last[-1]) if len(chunks) else None)
    )
    if not good:
        raise DataError("its table of chunks does not fit its footer")


def _as_json(footer: Footer) -> dict[str, Any]:
    return {
        "format_version": footer.format_version,
        "exchange": footer.key.exchange,
        "symbol": footer.key.symbol,
        "type": footer.key.type.value,
        "day": footer.day.isoformat(),
        "rows": footer.rows,
        "messages": footer.messages,
        "first_local_us": footer.first_local_us,
        "last_local_us": footer.last_local_us,
        "rows_sha256": footer.rows_sha256,
        "opens_with_snapshot": footer.opens_with_snapshot,
        "members": footer.members,
        "source": footer.source,
        "source_sha256": footer.source_sha256,
        "source_bytes": footer.source_bytes,
        "imported_us": footer.imported_us,
        "is_whole": footer.is_whole,
        "columns": [[column.name, column.kind.name.lower()] for column in stored_columns(footer.key)],
        "words": footer.words,
        # Most have none, and say nothing of it.
        **({"disconnects_us": footer.disconnects_us} if footer.disconnects_us else {}),
    }


def _of_json(said: dict[str, Any], chunks: NDArray[np.void]) -> Footer:
    key = DatasetKey(_text(said["exchange"]), _text(said["symbol"]), DataType(said["type"]))
    columns = tuple(Column(name, Kind[kind.upper()]) for name, kind in said["columns"])
    if [(c.name, c.kind) for c in columns] != [(c.name, c.kind) for c in stored_columns(key)]:
        raise ValueError("other columns than its type has")
    return Footer(
        format_version=_integer(said["format_version"]),
        key=key,
        day=date.fromisoformat(said["day"]),
        rows=_integer(said["rows"]),
        messages=_integer(said["messages"]),
        first_local_us=None if said["first_local_us"] is None else _integer(said["first_local_us"]),
        last_local_us=None if said["last_local_us"] is None else _integer(said["last_local_us"]),
        rows_sha256=_text(said["rows_sha256"]),
        opens_with_snapshot=bool(said["opens_with_snapshot"]),
        members=tuple(map(_text, said["members"])),
        source=_text(said["source"]),
        source_sha256=None if said["source_sha256"] is None else _text(said["source_sha256"]),
        imported_us=_integer(said["imported_us"]),
        is_whole=bool(said["is_whole"]),
        # Segments of before it was recorded do not name it.
        source_bytes=None if said.get("source_bytes") is None else _integer(said["source_bytes"]),
        words={_text(name): tuple(map(_text, words)) for name, words in said["words"].items()},
        chunks=chunks,
        disconnects_us=tuple(
            (_integer(before), None if after is None else _integer(after))
            for before, after in said.get("disconnects_us", ())
        ),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{value!r} is no integer")
    return value
