"""Writing a segment: rows gathered to chunks that never split a message, each proved before it is kept."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tickreel.errors import DataError
from tickreel.market.block import Block, Texts, Words
from tickreel.market.types import DatasetKey, DataType, Kind
from tickreel.progress import UNWATCHED
from tickreel.store.segments.decoding import BOOK_COLUMNS, ChunkDecoder
from tickreel.store.segments.encoding import ChunkEncoder
from tickreel.store.segments.frames import checksum, compress
from tickreel.store.segments.joining import as_texts, joined
from tickreel.store.segments.layout import (
    CHUNK_TABLE,
    FORMAT_VERSION,
    MAX_CHUNK_BYTES,
    Footer,
    head,
    stored_columns,
    tail,
)
from tickreel.store.segments.reader import Segment
from tickreel.store.segments.row_kernels import are_same, are_same_books, ascends, count_messages
from tickreel.store.segments.streams import MAX_COUNT

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from numpy.typing import NDArray

    from tickreel.filesystem import Disk
    from tickreel.market.block import ColumnData
    from tickreel.store.segments.columns import Laid

_ONE_SYMBOL = np.empty(0, np.int32)
CHUNK_ROWS = 32_768
"""Rows of a chunk, but for what keeps a message whole: a range of a minute decodes one or two."""


@dataclass(frozen=True, slots=True)
class SealFacts:
    """What the writer of a segment cannot know by itself."""

    rows_sha256: str
    source: str
    source_sha256: str | None
    imported_us: int
    is_whole: bool
    """The part is the whole UTC day, however early its rows end."""
    source_bytes: int | None = None
    """Size of the file that the rows came from, where it is known."""
    disconnects_us: tuple[tuple[int, int | None], ...] = ()
    """Where the recorder was cut off, see :class:`Footer`."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is known of a segment once its last row is written."""

    path: Path
    key: DatasetKey
    day: date
    rows: int
    messages: int
    bytes: int
    first_local_us: int | None
    last_local_us: int | None
    rows_sha256: str
    opens_with_snapshot: bool
    members: tuple[str, ...]
    """Symbols inside a grouped file, sorted; empty otherwise."""


class SegmentWriter:
    """Write the rows of one part of a day of one dataset, in order, to a new file.

    Nothing is visible to readers until the file is moved to its place by the store. One thread
    at a time may use a writer; which one does not matter.

    Raises:
        OSError: as the system says it, from any call.
    """

    def __init__(self, disk: Disk, path: Path, key: DatasetKey, day: date) -> None:
        self._disk = disk
        self._path = path
        self._key = key
        self._day = day
        self._encoder = ChunkEncoder(key)
        self._waiting: list[Block] = []
        self._waiting_rows = 0
        self._joined: dict[str, NDArray[Any]] = {}
        self._read_back: dict[str, NDArray[Any]] = {}
        self._chunks: list[tuple[int, ...]] = []
        self._opens_with_snapshot = False
        self._file = disk.create(path)
        self._bytes = 0
        try:
            self._write(head())
        except BaseException:
            self.discard()
            raise

    @property
    def bytes_written(self) -> int:
        """Size of the file so far."""
        return self._bytes

    def append(self, block: Block) -> None:
        """Take the next rows, cut wherever it suits; their arrays must not change any more.

        Raises:
            DataError: local time goes back, or what was encoded does not read back as it was.
        """
        if not len(block):
            return
        local_us = block.local_us
        if not ascends(np.ascontiguousarray(local_us)) or (
            self._waiting and self._waiting[-1].local_us[-1] > local_us[0]
        ):
            raise DataError(f"{self._name}: local time goes back")
        self._waiting.append(block)
        self._waiting_rows += len(block)
        while self._waiting_rows > CHUNK_ROWS:
            rows = self._whole_messages()
            if not rows:
                return
            self._write_chunk(self._take(rows))

    def seal(self, facts: SealFacts) -> Sealed:
        """Write the rest and the footer, force the file to the disk, and check what it reads back as.

        Raises:
            DataError: the file is not what was written.
        """
        if self._waiting_rows:
            self._write_chunk(self._take(self._waiting_rows))
        footer = self._footer(facts)
        self._write(tail(footer, self._bytes))
        self._disk.sync(self._file)
        self._file.close()
        with Segment.open(self._path) as segment:
            segment.verify(UNWATCHED)
        return Sealed(
            path=self._path,
            key=self._key,
            day=self._day,
            rows=footer.rows,
            messages=footer.messages,
            bytes=self._bytes,
            first_local_us=footer.first_local_us,
            last_local_us=footer.last_local_us,
            rows_sha256=footer.rows_sha256,
            opens_with_snapshot=footer.opens_with_snapshot,
            members=footer.members,
        )

    def discard(self) -> None:
        """Give up: close what is open and remove the file."""
        with suppress(OSError):  # a full disk fails once more; the handle is closed all the same
            self._file.close()
        self._disk.remove(self._path)

    @property
    def _name(self) -> str:
        return f"segment {self._path.stem} of {self._key}"

    def _whole_messages(self) -> int:
        """Tell how many of the waiting rows make the next chunk; 0 while its one message may go on."""
        before = 0
        for block in self._waiting:
            if before + len(block) > CHUNK_ROWS:
                instant = block.local_us[CHUNK_ROWS - before]
                break
            before += len(block)
        begin = sum(int(np.searchsorted(block.local_us, instant)) for block in self._waiting)
        if begin:
            return begin
        end = sum(int(np.searchsorted(block.local_us, instant, "right")) for block in self._waiting)
        return end if end < self._waiting_rows else 0

    def _take(self, rows: int) -> Block:
        """Give the first *rows* of those that wait."""
        taken: list[Block] = []
        self._waiting_rows -= rows
        while rows:
            block = self._waiting[0]
            if len(block) > rows:
                taken.append(block.cut(0, rows))
                self._waiting[0] = block.cut(rows, len(block))
                break
            taken.append(self._waiting.pop(0))
            rows -= len(block)
        return joined(taken, self._joined)

    def _write_chunk(self, block: Block) -> None:
        first_us, last_us = int(block.local_us[0]), int(block.local_us[-1])
        if self._chunks and self._chunks[-1][4] >= first_us:
            raise DataError(f"{self._name}: local time goes back")
        if not self._chunks and self._key.type is DataType.INCREMENTAL_BOOK_L2 and not self._key.is_grouped:
            self._opens_with_snapshot = bool(block.array("is_snapshot")[0])
        laid = self._encoder.encode(block)
        if len(block) > MAX_COUNT or len(laid.plain) + len(laid.payload) > MAX_CHUNK_BYTES:
            raise DataError(f"{self._name}: the message at {first_us} is too large to be stored")
        self._prove(laid, block)
        stored = laid.plain + compress(laid.pieces)
        messages = self._messages(block)
        self._chunks.append(
            (
                self._bytes,
                len(stored),
                len(laid.payload),
                first_us,
                last_us,
                len(block),
                messages,
                checksum(stored),
                0,
            )
        )
        self._write(stored)

    def _messages(self, block: Block) -> int:
        local_us = np.ascontiguousarray(block.local_us)
        symbols, words = _ONE_SYMBOL, 0
        if isinstance(block.symbol, Words):
            symbols, words = np.ascontiguousarray(block.symbol.codes), len(block.symbol.words)
        return int(count_messages(local_us, symbols, np.empty(words, np.int64)))

    def _prove(self, laid: Laid, block: Block) -> None:
        """Decode what was encoded, and compare it bit for bit with what was given."""
        columns = stored_columns(self._key)
        decoder = ChunkDecoder(columns, self._encoder.words, frozenset(column.name for column in columns))
        if len(block) > len(self._read_back.get("local_timestamp", ())):
            self._read_back = decoder.buffers(len(block))
        read = {name: array[: len(block)] for name, array in self._read_back.items()}
        texts = decoder.decode(laid.plain, laid.payload, len(block), read).texts
        given = {name: _bits_of(block.array(name), array.dtype) for name, array in read.items()}
        back = {name: _bits_of(array, array.dtype) for name, array in read.items()}
        # Which column of a book differs is only asked where one does.
        are_good = tuple(given) == BOOK_COLUMNS and are_same_books(*given.values(), *back.values())
        for column in columns:
            name = column.name
            if column.kind is Kind.TEXT:
                text = block.symbol if name == "symbol" else block.columns[name]
                good = _same_texts(text, texts[name])
            else:
                good = are_good or are_same(given[name], back[name])
            if not good:
                raise DataError(f"{self._name}: {name} did not read back as it was written; report this")

    def _footer(self, facts: SealFacts) -> Footer:
        chunks = np.array(self._chunks, CHUNK_TABLE)
        words = self._encoder.words
        return Footer(
            format_version=FORMAT_VERSION,
            key=self._key,
            day=self._day,
            rows=int(chunks["rows"].sum(dtype=np.int64)),
            messages=int(chunks["messages"].sum(dtype=np.int64)),
            first_local_us=int(chunks["first_local_us"][0]) if len(chunks) else None,
            last_local_us=int(chunks["last_local_us"][-1]) if len(chunks) else None,
            rows_sha256=facts.rows_sha256,
            opens_with_snapshot=self._opens_with_snapshot,
            members=tuple(sorted(words["symbol"])) if self._key.is_grouped else (),
            source=facts.source,
            source_sha256=facts.source_sha256,
            source_bytes=facts.source_bytes,
            imported_us=facts.imported_us,
            is_whole=facts.is_whole,
            words=words,
            chunks=chunks,
            disconnects_us=facts.disconnects_us,
        )

    def _write(self, data: bytes) -> None:
        self._disk.write(self._file, data)
        self._bytes += len(data)


def _bits_of(column: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """View a column, as *dtype*, as integers."""
    values = np.ascontiguousarray(column, dtype)
    return values.view(np.int64 if dtype.itemsize == 8 else np.int8)


def _same_texts(given: ColumnData | str, read: Words | Texts) -> bool:
    assert not isinstance(given, np.ndarray)
    if isinstance(given, str):
        return isinstance(read, Words) and all(read.words[code] == given for code in np.unique(read.codes))
    if isinstance(given, Words) and isinstance(read, Words):
        # Every pair of codes that occurs must stand for one word.
        pairs = np.unique(given.codes.astype(np.int64) << 32 | read.codes)
        return all(given.words[pair >> 32] == read.words[pair & 0xFFFF_FFFF] for pair in pairs.tolist())
    one, other = as_texts(given), as_texts(read)
    return np.array_equal(np.diff(one.offsets), np.diff(other.offsets)) and np.array_equal(
        one.data[one.offsets[0] : one.offsets[-1]], other.data[other.offsets[0] : other.offsets[-1]]
    )
