"""Read a vendor file as blocks of rows, with every fault told by its exact row.

One thread unpacks the text, cuts it into whole lines and hashes the file; the caller's own thread
parses, at full speed while the rows are plain. Memory is bounded by a few blocks, however large
the file is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from tickreel.allocation import keep_freed_memory
from tickreel.errors import DataError, RowError
from tickreel.market.types import SCHEMAS, DataType, Schema
from tickreel.vendorcsv.decompress import SourceFile, text_of
from tickreel.vendorcsv.header import schema_of_header
from tickreel.vendorcsv.lines import BLOCK_BYTES, PADDING, Lines, LinesAhead
from tickreel.vendorcsv.naming import claim_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.market.block import Block
    from tickreel.progress import Monitor

_HEAD_PIECE_BYTES = 1 << 16
_LONGEST_HEADER_BYTES = 1 << 16
_BOM = b"\xef\xbb\xbf"


def open_csv(path: Path, *, type: DataType | None = None) -> CsvFile:
    """Open a plain, gzip or zstd CSV file and find its type: *type*, else by its name, else its header.

    Use it as a context manager.

    Raises:
        UsageError: there is no such file, or two types share its header and nothing tells which.
        DataError: it is not CSV, or not of *type*, or of no known type.
        EnvironmentProblem: the system refuses to open or read it.
    """
    source = SourceFile(path)
    try:
        return CsvFile(source, type)
    except BaseException:
        source.close()
        raise


@dataclass(frozen=True, slots=True)
class Head:
    """The first rows of a file."""

    blocks: tuple[Block, ...]
    is_all: bool
    """Whether the file has no more rows than these."""

    @property
    def rows(self) -> int:
        """How many there are."""
        return sum(map(len, self.blocks))


class CsvFile:
    """One vendor file, read once from start to end."""

    def __init__(self, source: SourceFile, asked: DataType | None) -> None:
        """Take over *source*, which :meth:`close` closes, and read as far as the first line."""
        self.path = source.path
        self.rows = 0
        """Rows given by :meth:`blocks` so far."""
        self._source = source
        self._stream = text_of(source)
        self._ahead: LinesAhead | None = None
        self._text = b""
        """Text that was unpacked and not yet given."""
        line = self._take_header()
        claimed = claim_of(self.path).type
        self.is_empty = line is None
        """Whether the file holds no text at all, not even a header."""
        self.schema: Schema | None
        """The columns; None for an empty file of which nobody says the type."""
        if line is None:
            known = asked or claimed
            self.schema = SCHEMAS[known] if known else None
        else:
            self.schema = schema_of_header(self.path, line, asked=asked, claimed=claimed)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and end its thread; again is nothing."""
        if self._ahead is not None:
            self._ahead.close()
        self._source.close()

    @property
    def source_sha256(self) -> str:
        """SHA-256 of the file as it lies on disk, once :meth:`blocks` is exhausted."""
        return self._source.sha256

    @property
    def source_bytes(self) -> int:
        """Size of the file as it lies on disk, once :meth:`blocks` is exhausted."""
        return self._source.position

    def blocks(self, monitor: Monitor) -> Iterator[Block]:
        """Yield the rows in file order, each block in arrays of its own; call it once.

        A block comes from at most 6 MB of text: some 75,000 rows of a book, 6,000 of 25 levels. Its
        symbol is one name as long as its rows have only one. *monitor* hears the bytes read of the
        file on disk.

        Raises:
            RowError: a row is refused; the message has its number, column and cell.
            DataError: the gzip or zstd stream is truncated or damaged.
            EnvironmentProblem: the system refuses to read on.
            Cancelled: *monitor* asks to stop.
        """
        if self.schema is None:
            return
        # The compiled kernel takes a while to load, and a refused file does not need it.
        from tickreel.vendorcsv.columns import Fault, Parser

        keep_freed_memory()
        parser = Parser(self.schema)
        ahead = self._ahead = LinesAhead(self._source, self._stream, self._text)
        try:
            while isinstance(taken := ahead.take(), Lines):
                monitor.report(taken.position, self._source.size)
                begin = 0
                while begin < taken.end:
                    parsed = parser.parse(taken.buffer, begin, taken.end)
                    if isinstance(parsed, Fault):
                        self._refuse_damage(ahead, monitor)
                        raise RowError(self.path, self.rows + parsed.index + 1, parsed.problem)
                    block, begin = parsed
                    self.rows += len(block)
                    yield block
                ahead.give_back(taken)
            if self._stream.damage:
                raise self._damage(self.rows + taken.lines_lost)
            if taken.is_too_long:
                raise RowError(self.path, self.rows + 1, f"the line is longer than {ahead.block_bytes} bytes")
        finally:
            ahead.close()
        monitor.report(self._source.position, self._source.size)

    def first_rows(self, count: int) -> Head:
        """Read at most *count* rows from the start, on this thread and no further; instead of :meth:`blocks`.

        What is wrong with the file behind them is not seen.

        Raises:
            RowError: one of them is refused; the message has its number, column and cell.
            DataError: the gzip or zstd stream is truncated or damaged before their end.
            EnvironmentProblem: the system refuses to read on.
        """
        if self.schema is None:
            return Head((), is_all=True)
        text, is_end = self._text_of_rows(count)
        if self._stream.damage and is_end:
            raise self._damage(text.count(b"\n"))
        lines = text.split(b"\n", count)
        rest = lines[-1] if len(lines) > count else b""
        whole = text[: len(text) - len(rest)]
        if not whole:
            return Head((), is_all=True)
        if not whole.endswith(b"\n"):
            whole += b"\n"
        from tickreel.vendorcsv.columns import Fault, Parser

        buffer = bytearray(whole) + bytearray(PADDING)
        parser = Parser(self.schema)
        blocks = []
        begin = 0
        while begin < len(whole):
            parsed = parser.parse(buffer, begin, len(whole))
            if isinstance(parsed, Fault):
                raise RowError(self.path, self.rows + parsed.index + 1, parsed.problem)
            block, begin = parsed
            self.rows += len(block)
            blocks.append(block)
        return Head(tuple(blocks), is_all=is_end and not rest)

    def _text_of_rows(self, count: int) -> tuple[bytes, bool]:
        """Unpack as much text as holds *count* rows, and tell whether it is all there is."""
        pieces, rows, since_end = [self._text], self._text.count(b"\n"), len(self._text)
        while rows <= count:
            piece = self._stream.read(_HEAD_PIECE_BYTES)
            if not piece:
                return b"".join(pieces), True
            found = piece.count(b"\n")
            since_end = len(piece) - piece.rfind(b"\n") - 1 if found else since_end + len(piece)
            if since_end > BLOCK_BYTES:
                raise RowError(
                    self.path, self.rows + rows + found + 1, f"the line is longer than {BLOCK_BYTES} bytes"
                )
            rows += found
            pieces.append(piece)
        return b"".join(pieces), False

    def _take_header(self) -> bytes | None:
        while b"\n" not in self._text and len(self._text) < _LONGEST_HEADER_BYTES:
            piece = self._stream.read(_LONGEST_HEADER_BYTES)
            if not piece:
                break
            self._text += piece
        if self._stream.damage and b"\n" not in self._text:
            raise self._damage(0)
        self._text = self._text.removeprefix(_BOM)
        if not self._text:
            return None
        line, _, self._text = self._text.partition(b"\n")
        return line.removesuffix(b"\r")

    def _refuse_damage(self, ahead: LinesAhead, monitor: Monitor) -> None:
        """Blame a damaged stream, not the row that came out of it; reads on to the end to find out."""
        if self._stream.packing is None:
            return
        while isinstance(taken := ahead.take(), Lines):
            monitor.report(taken.position, self._source.size)
            ahead.give_back(taken)
        if self._stream.damage:
            raise self._damage(self.rows)

    def _damage(self, rows: int) -> DataError:
        return DataError(
            f"{self.path}: the {self._stream.packing} stream {self._stream.damage} after row {rows}; "
            "fetch or copy the file again"
        )
