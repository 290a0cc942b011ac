"""Reading a segment: by position, whole messages of a range, nothing believed that was not checked."""

from __future__ import annotations

from contextlib import closing
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tickreel.allocation import keep_freed_memory
from tickreel.errors import DataError, TickreelError
from tickreel.market.block import Block, Words
from tickreel.market.types import SCHEMAS
from tickreel.store.segments.ahead import done_ahead, most_at_once
from tickreel.store.segments.frames import checksum
from tickreel.store.segments.joining import joined_columns
from tickreel.store.segments.layout import (
    HEAD_BYTES,
    TRAILER_BYTES,
    Footer,
    check_head,
    read_footer,
    read_trailer,
    stored_columns,
)
from tickreel.store.segments.positioned import PositionedFile, SealedFile, naming

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from tickreel.market.block import ColumnData
    from tickreel.progress import Monitor
    from tickreel.store.segments.decoding import ChunkDecoder, Decoded
    from tickreel.store.segments.frames import Bytes

    _Filled = tuple[Mapping[str, NDArray[Any]], Decoded]

_MANY, _MANY_FROM = 3, 24
"""Chunks that are decoded as one piece of work, where so many are asked for: threads wake slowly."""
_NO_CODES = np.empty(0, np.int32)


class _Entry(NamedTuple):
    """What the table says of one chunk."""

    offset: int
    stored_bytes: int
    payload_bytes: int
    first_local_us: int
    last_local_us: int
    rows: int
    messages: int
    crc32: int
    zero: int


class _Group(NamedTuple):
    """Chunks that were decoded one after the other."""

    filled: list[_Filled]
    failure: TickreelError | None
    """Why there are no more of them."""


class _Room:
    """Memory for the bytes of one chunk, used again for a later one."""

    __slots__ = ("_payload", "_stored")

    def __init__(self, stored_bytes: int, payload_bytes: int) -> None:
        """Make room for chunks of at most so many bytes."""
        self._stored = np.empty(stored_bytes, np.uint8).data
        self._payload = np.empty(payload_bytes, np.uint8).data

    def stored(self, entry: _Entry) -> memoryview:
        """Give the place of the stored bytes of a chunk."""
        return self._stored[: entry.stored_bytes]

    def payload(self, entry: _Entry) -> memoryview:
        """Give the place of what its frame holds."""
        return self._payload[: entry.payload_bytes]


class Segment(SealedFile):
    """An open segment; several threads may read it at once.

    Every call that reads raises:
        DataError: the file is gone, damaged, or of a newer format.
        EnvironmentProblem: the system does not let it be read.
    """

    KIND = "segment"

    def __init__(self, name: str, file: PositionedFile) -> None:
        """Take over an open file; use :meth:`open`."""
        super().__init__(name, file)
        self.footer = self._read_footer()
        self._name = f"{name} of {self.footer.key}"
        chunks = self.footer.chunks
        stored = stored_columns(self.footer.key)
        self._names = [column.name for column in stored if column.name != "symbol"]
        self._entries = [_Entry._make(entry) for entry in chunks.tolist()]
        self._first_us = np.ascontiguousarray(chunks["first_local_us"])
        self._last_us = np.ascontiguousarray(chunks["last_local_us"])
        self._most_bytes = tuple(
            int(chunks[size].max(initial=0)) for size in ("stored_bytes", "payload_bytes")
        )
        self._last_decoder: tuple[Sequence[str] | None, ChunkDecoder] | None = None

    def blocks(
        self, start_us: int, end_us: int, columns: Sequence[str] | None = None, *, reuse: bool = False
    ) -> Iterator[Block]:
        """Yield the rows whose local time lies in [start_us, end_us), a block a chunk.

        Some blocks are decoded ahead, on a second core where there is one.

        Args:
            start_us: the first moment.
            end_us: the moment before which to end.
            columns: what blocks shall hold, local_timestamp besides; every column by default.
            reuse: whether the arrays of a block may be overwritten as soon as the next is asked for, which
                spares making new ones; else they are nobody else's.
        """
        decoder = self._chunk_decoder(columns)
        places = self.chunks_of(start_us, end_us)
        # What one thread does by itself stays in the processor's cache, the less of it there is.
        many = _MANY if len(places) >= _MANY_FROM and most_at_once(len(places)) > 1 else 1
        groups = [places[low : low + many] for low in range(0, len(places), many)]
        at_once = most_at_once(len(groups))
        rooms = [_Room(*self._most_bytes) for _ in range(at_once)]
        most_rows = int(self.footer.chunks["rows"][places.start : places.stop].max(initial=0))
        kept = [[decoder.buffers(most_rows) for _ in range(many)] for _ in range(at_once)] if reuse else []

        def work(number: int, group: range) -> Callable[[], _Group]:
            # The work of at_once numbers before is done with its place when this one is made.
            place = number % at_once
            chunks = [self._entries[chunk] for chunk in group]
            if reuse:
                filled = [
                    {name: array[: chunk.rows] for name, array in arrays.items()}
                    for chunk, arrays in zip(chunks, kept[place], strict=False)
                ]
            else:
                filled = [decoder.buffers(chunk.rows) for chunk in chunks]
            return lambda: self._decode_group(decoder, chunks, rooms[place], filled, (start_us, end_us))

        works = (work(number, group) for number, group in enumerate(groups))
        with closing(done_ahead(works, at_once)) as decoded:
            for group in decoded:
                for arrays, found in group.filled:
                    block = self._block(arrays, found.texts, found.low, found.high, found.full)
                    if len(block):
                        yield block
                if group.failure is not None:
                    raise group.failure

    def read(self, start_us: int, end_us: int, columns: Sequence[str] | None = None) -> Block:
        """Give the rows whose local time lies in [start_us, end_us) as one block; see :meth:`blocks`."""
        decoder = self._chunk_decoder(columns)
        places = self.chunks_of(start_us, end_us)
        chunks = self._entries[places.start : places.stop]
        at_once = most_at_once(len(chunks))
        rooms = [_Room(*self._most_bytes) for _ in range(at_once)]
        arrays = decoder.buffers(sum(chunk.rows for chunk in chunks))
        ends = list(accumulate((chunk.rows for chunk in chunks), initial=0))

        def work(number: int, chunk: _Entry) -> Callable[[], Decoded]:
            part = {name: array[ends[number] : ends[number + 1]] for name, array in arrays.items()}
            return lambda: self._decode(decoder, chunk, rooms[number % at_once], part, (start_us, end_us))

        parts = list(done_ahead((work(number, chunk) for number, chunk in enumerate(chunks)), at_once))
        texts: dict[str, ColumnData] = {
            name: joined_columns([part.texts[name] for part in parts]) if parts else Words(_NO_CODES, ())
            for name in decoder.text_names
        }
        if not parts:
            return self._block(arrays, texts, 0, 0, frozenset())
        # Times ascend from chunk to chunk, so only the first and the last have rows outside the range.
        full = parts[0].full.intersection(*(part.full for part in parts))
        return self._block(arrays, texts, parts[0].low, ends[-2] + parts[-1].high, full)

    def verify(self, monitor: Monitor) -> None:
        """Check every byte of the file against its checksums."""
        with naming(self._name):
            self._read_footer()
            room = _Room(*self._most_bytes)
            done = 0
            for chunk in self._entries:
                done += len(self._stored(chunk, room))
                monitor.report(done, None)

    def stored_chunk(self, number: int) -> bytes:
        """Give the bytes of a chunk as they are stored, once their checksum was found to be right."""
        chunk = self._entries[number]
        with naming(self._name):
            return bytes(self._stored(chunk, _Room(chunk.stored_bytes, 0)))

    def _read_footer(self) -> Footer:
        check_head(self._file.read(0, HEAD_BYTES))
        size = self._file.size()
        place = read_trailer(self._file.read(max(size - TRAILER_BYTES, 0), TRAILER_BYTES), size)
        rest = self._file.read(place.footer_offset, place.footer_bytes + place.table_bytes)
        return read_footer(rest[: place.footer_bytes], rest[place.footer_bytes :], place)

    def _chunk_decoder(self, columns: Sequence[str] | None) -> ChunkDecoder:
        last = self._last_decoder
        if last is not None and last[0] == columns:
            return last[1]
        # Imported here: what only looks at footers does not wait for the kernels.
        from tickreel.store.segments.decoding import ChunkDecoder

        keep_freed_memory()
        key = self.footer.key
        asked = SCHEMAS[key.type].names if columns is None else columns
        wanted = {SCHEMAS[key.type].column(name).name for name in asked} - {"exchange"}
        if key.is_grouped:
            wanted.add("symbol")
        decoder = ChunkDecoder(stored_columns(key), self.footer.words, frozenset(wanted))
        self._last_decoder = (None if columns is None else tuple(columns), decoder)
        return decoder

    def chunks_of(self, start_us: int, end_us: int) -> range:
        """Find the chunks that hold rows of [start_us, end_us)."""
        first = int(np.searchsorted(self._last_us, start_us))
        return range(first, max(first, int(np.searchsorted(self._first_us, end_us))))

    def _decode(
        self,
        decoder: ChunkDecoder,
        chunk: _Entry,
        room: _Room,
        into: Mapping[str, NDArray[Any]],
        span_us: tuple[int, int],
    ) -> Decoded:
        with naming(self._name):
            found = decoder.decode_stored(
                self._stored(chunk, room), room.payload(chunk), chunk.rows, into, span_us
            )
            if found.first_us != chunk.first_local_us or found.last_us != chunk.last_local_us:
                raise DataError("a chunk spans another time than its table tells")
        return found

    def _decode_group(
        self,
        decoder: ChunkDecoder,
        chunks: Sequence[_Entry],
        room: _Room,
        into: Sequence[Mapping[str, NDArray[Any]]],
        span_us: tuple[int, int],
    ) -> _Group:
        """Decode some chunks up to the first that cannot be read, which is told in its turn."""
        filled: list[_Filled] = []
        for chunk, arrays in zip(chunks, into, strict=True):
            try:
                filled.append((arrays, self._decode(decoder, chunk, room, arrays, span_us)))
            except TickreelError as error:
                return _Group(filled, error)
        return _Group(filled, None)

    def _block(
        self,
        arrays: Mapping[str, NDArray[Any]],
        texts: Mapping[str, ColumnData],
        low: int,
        high: int,
        full: frozenset[str],
    ) -> Block:
        """Make a block of the rows [low, high) of decoded columns."""
        key = self.footer.key
        symbol = texts.get("symbol", key.symbol)
        assert isinstance(symbol, str | Words)
        columns: Mapping[str, ColumnData] = arrays
        if texts:
            merged = {**arrays, **texts}
            columns = {name: merged[name] for name in self._names if name in merged}
        block = Block(SCHEMAS[key.type], key.exchange, symbol, columns, full)
        return block if (low, high) == (0, len(block)) else block.cut(low, high)

    def _stored(self, chunk: _Entry, room: _Room) -> Bytes:
        stored = room.stored(chunk)
        if self._file.read_into(chunk.offset, stored) < len(stored) or checksum(stored) != chunk.crc32:
            raise DataError(f"the chunk at byte {chunk.offset} is not what was written")
        return stored
