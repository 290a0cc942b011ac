"""Reading a segment: by position, whole messages of a range, nothing believed that was not checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tickreel.errors import DataError
from tickreel.market.block import Block, Words
from tickreel.market.types import SCHEMAS
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
from tickreel.store.segments.streams import payload_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from tickreel.market.block import ColumnData, Texts
    from tickreel.progress import Monitor
    from tickreel.store.segments.decoding import ChunkDecoder

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

    def blocks(self, start_us: int, end_us: int, columns: Sequence[str] | None = None) -> Iterator[Block]:
        """Yield the rows whose local time lies in [start_us, end_us), a block of fresh arrays a chunk.

        Args:
            start_us: the first moment.
            end_us: the moment before which to end.
            columns: what blocks shall hold, local_timestamp besides; every column by default.
        """
        decoder = self._chunk_decoder(columns)
        for chunk in self._chunks_of(start_us, end_us):
            arrays = decoder.buffers(self._entries[chunk].rows)
            block = self._block(arrays, self._decode(decoder, chunk, arrays), start_us, end_us)
            if len(block):
                yield block

    def read(self, start_us: int, end_us: int, columns: Sequence[str] | None = None) -> Block:
        """Give the rows whose local time lies in [start_us, end_us) as one block; see :meth:`blocks`."""
        decoder = self._chunk_decoder(columns)
        chunks = self._chunks_of(start_us, end_us)
        counts = [self._entries[chunk].rows for chunk in chunks]
        arrays = decoder.buffers(sum(counts))
        parts: list[dict[str, Words | Texts]] = []
        low = 0
        for chunk, rows in zip(chunks, counts, strict=True):
            part = {name: array[low : low + rows] for name, array in arrays.items()}
            parts.append(self._decode(decoder, chunk, part))
            low += rows
        texts: dict[str, ColumnData] = {
            name: joined_columns([part[name] for part in parts]) if parts else Words(_NO_CODES, ())
            for name in decoder.text_names
        }
        return self._block(arrays, texts, start_us, end_us)

    def decoder(self, columns: Sequence[str] | None = None) -> Decoder:
        """Give a reader of the same rows whose arrays are overwritten from block to block."""
        return Decoder(self, columns)

    def verify(self, monitor: Monitor) -> None:
        """Check every byte of the file against its checksums."""
        with naming(self._name):
            self._read_footer()
            done = 0
            for chunk in range(len(self._entries)):
                done += len(self._stored(chunk))
                monitor.report(done, None)

    def _read_footer(self) -> Footer:
        check_head(self._file.read(0, HEAD_BYTES))
        size = self._file.size()
        place = read_trailer(self._file.read(max(size - TRAILER_BYTES, 0), TRAILER_BYTES), size)
        rest = self._file.read(place.footer_offset, place.footer_bytes + place.table_bytes)
        return read_footer(rest[: place.footer_bytes], rest[place.footer_bytes :], place)

    def _chunk_decoder(self, columns: Sequence[str] | None) -> ChunkDecoder:
        # Imported here: what only looks at footers does not wait for the kernels.
        from tickreel.store.segments.decoding import ChunkDecoder

        key = self.footer.key
        asked = SCHEMAS[key.type].names if columns is None else columns
        wanted = {SCHEMAS[key.type].column(name).name for name in asked} - {"exchange"}
        if key.is_grouped:
            wanted.add("symbol")
        return ChunkDecoder(stored_columns(key), self.footer.words, frozenset(wanted))

    def _chunks_of(self, start_us: int, end_us: int) -> range:
        """Find the chunks that hold rows of [start_us, end_us)."""
        first = int(np.searchsorted(self._last_us, start_us))
        return range(first, max(first, int(np.searchsorted(self._first_us, end_us))))

    def _decode(
        self, decoder: ChunkDecoder, chunk: int, into: Mapping[str, NDArray[Any]]
    ) -> dict[str, Words | Texts]:
        with naming(self._name):
            entry = self._entries[chunk]
            stored = self._stored(chunk)
            texts = decoder.decode(stored, payload_of(stored, entry.payload_bytes), entry.rows, into)
            local_us = into["local_timestamp"]
            if local_us[0] != entry.first_local_us or local_us[-1] != entry.last_local_us:
                raise DataError("a chunk spans another time than its table tells")
        return texts

    def _block(
        self,
        arrays: Mapping[str, NDArray[Any]],
        texts: Mapping[str, ColumnData],
        start_us: int,
        end_us: int,
    ) -> Block:
        """Make a block of decoded columns, cut to [start_us, end_us)."""
        key = self.footer.key
        symbol = texts.get("symbol", key.symbol)
        assert isinstance(symbol, str | Words)
        columns: Mapping[str, ColumnData] = arrays
        if texts:
            merged = {**arrays, **texts}
            columns = {name: merged[name] for name in self._names if name in merged}
        block = Block(SCHEMAS[key.type], key.exchange, symbol, columns)
        local_us = block.local_us
        if not len(local_us) or (local_us[0] >= start_us and local_us[-1] < end_us):
            return block
        low, high = np.searchsorted(local_us, (start_us, end_us)).tolist()
        return block.cut(low, max(low, high))

    def _stored(self, chunk: int) -> bytes:
        entry = self._entries[chunk]
        stored = self._file.read(entry.offset, entry.stored_bytes)
        if checksum(stored) != entry.crc32:
            raise DataError(f"the chunk at byte {entry.offset} is not what was written")
        return stored


class Decoder:
    """Read a segment into one set of arrays: each block is overwritten by the next.

    One thread at a time may use it.
    """

    def __init__(self, segment: Segment, columns: Sequence[str] | None = None) -> None:
        self._segment = segment
        self._decoder = segment._chunk_decoder(columns)
        self._arrays = self._decoder.buffers(max((entry.rows for entry in segment._entries), default=0))

    def blocks(self, start_us: int, end_us: int) -> Iterator[Block]:
        """Yield the rows whose local time lies in [start_us, end_us), chunk after chunk."""
        segment = self._segment
        for chunk in segment._chunks_of(start_us, end_us):
            rows = segment._entries[chunk].rows
            arrays = {name: array[:rows] for name, array in self._arrays.items()}
            block = segment._block(arrays, segment._decode(self._decoder, chunk, arrays), start_us, end_us)
            if len(block):
                yield block
