"""The lines of tardis-machine's answer as blocks of rows of the vendor's CSV types."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.time import format_us
from tickreel.market.types import MISSING_INTEGER, SCHEMAS, DataType
from tickreel.sources.normalized.blocks import BlockMaker, Piece
from tickreel.sources.normalized.bookrows import BookRows
from tickreel.sources.normalized.columns import Batch, breaks_a_cell, columns_of
from tickreel.sources.normalized.instants import instant_us
from tickreel.sources.normalized.messages import (
    KINDS,
    BookSnapshot,
    Disconnect,
    LineError,
    Unknown,
    read_lines,
    shown,
)
from tickreel.sources.normalized.options import MACHINE_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.market.block import Block
    from tickreel.sources.normalized.messages import Message
    from tickreel.sources.normalized.options import ReplayRequest

LONGEST_LINE_BYTES = 1 << 26
"""A book of a million levels has 40 MB."""
_NOT_ASKED = -1


@dataclass(frozen=True, slots=True)
class Summary:
    """What an answer held, so far or in all."""

    messages: Mapping[DataType, int]
    """Messages inside the range, by the type whose rows they make."""
    rows: Mapping[DataType, int]
    disconnects: int
    """How often the recorder's connection broke inside the range; rows cannot tell."""
    disconnects_us: tuple[tuple[int, int | None], ...]
    """Of each, the local times of the messages before and after it; None while none came after."""
    outside: int
    """Messages before or after the range: the machine knows whole minutes only."""
    not_asked: Mapping[str, int]
    """Messages by type that were passed over: of another type, exchange or symbol."""
    added_rows: int
    """Rows of the book that stand for no level: they empty it where a message does."""
    lines: int
    bytes: int


class RowReader:
    """Takes an answer piece by piece; memory is bounded by a block of each type, and a line."""

    def __init__(self, request: ReplayRequest) -> None:
        self._request = request
        self._asked = {symbol.upper() for symbol in request.symbols}
        self._types = {MACHINE_TYPES[data_type]: data_type for data_type in request.types}
        self._names: list[str] = []
        self._codes: dict[str, int] = {}
        self._makers = {
            data_type: BlockMaker(SCHEMAS[data_type], request.exchange, self._names)
            for data_type in request.types
        }
        self._book = BookRows()
        self._counts: Counter[DataType] = Counter(dict.fromkeys(request.types, 0))
        self._not_asked: Counter[str] = Counter()
        self._disconnects = self._outside = self._lines = self._bytes = 0
        self._last_us = MISSING_INTEGER
        self._cuts: list[tuple[int, int | None]] = []
        self._begun: list[bytes] = []
        self._begun_bytes = 0

    @property
    def summary(self) -> Summary:
        """Tell what was read so far."""
        return Summary(
            messages=dict(self._counts),
            rows={data_type: maker.rows for data_type, maker in self._makers.items()},
            disconnects=self._disconnects,
            disconnects_us=tuple(self._cuts),
            outside=self._outside,
            not_asked=dict(self._not_asked),
            added_rows=self._book.added_rows,
            lines=self._lines,
            bytes=self._bytes,
        )

    @property
    def last_local_us(self) -> int | None:
        """Local time of the newest message; None before the first."""
        return None if self._last_us == MISSING_INTEGER else self._last_us

    @property
    def begun(self) -> bytes:
        """The line that has begun and not ended; nothing at the end of a whole answer."""
        return b"".join(self._begun)

    def feed(self, piece: bytes) -> list[Block]:
        """Take the next bytes of the answer, and give the blocks that are full with them.

        Raises:
            LineError: a line is no message, has a value that rows may not have, or its local time
                lies before that of the line before.
            TroubleTold: a line tells what went wrong at the machine.
        """
        self._bytes += len(piece)
        end = piece.rfind(b"\n") + 1
        if not end:
            self._begin(piece)
            return []
        text = self.begun + piece[:end] if self._begun else piece[:end]
        self._begun, self._begun_bytes = [], 0
        self._begin(piece[end:])
        messages = read_lines(text, self._lines + 1)
        blocks: list[Block] = []
        for data_type, batch in self._sorted(messages).items():
            blocks += self._makers[data_type].add(self._piece(data_type, batch))
        self._lines += len(messages)
        return blocks

    def rest(self) -> list[Block]:
        """Give the rows that filled no block, once the answer has come to its end."""
        return [block for maker in self._makers.values() for block in maker.rest()]

    def _begin(self, piece: bytes) -> None:
        if not piece:
            return
        self._begun.append(piece)
        self._begun_bytes += len(piece)
        if self._begun_bytes > LONGEST_LINE_BYTES:
            raise LineError(
                self._lines + 1,
                f"it is longer than {LONGEST_LINE_BYTES} bytes: {shown(self._begun[0][:200])}",
            )

    def _sorted(self, messages: list[Message | Unknown]) -> dict[DataType, Batch]:
        """Part the messages that were asked for by the type of their rows, and count the others."""
        from_us, to_us = self._request.from_us, self._request.to_us
        last_us = self._last_us
        batches: dict[DataType, Batch] = {}
        for line, message in enumerate(messages, self._lines + 1):
            if isinstance(message, Unknown):
                self._not_asked[message.type] += 1
                continue
            try:
                local_us = instant_us(message.local_timestamp)
            except ValueError as error:
                raise LineError(line, f"localTimestamp {error}") from None
            if local_us < last_us:
                raise LineError(
                    line, f"localTimestamp goes back from {format_us(last_us)} to {message.local_timestamp}"
                )
            last_us = local_us
            if isinstance(message, Disconnect):
                if from_us <= local_us < to_us:
                    self._disconnects += 1
                    if not self._cuts or self._cuts[-1][1] is not None:
                        self._cuts.append((local_us, None))
                continue
            if self._cuts and self._cuts[-1][1] is None:
                self._cuts[-1] = (self._cuts[-1][0], local_us)
            kind = message.name if isinstance(message, BookSnapshot) else KINDS[type(message)]
            data_type = self._types.get(kind)
            code = self._code(message.symbol, line)
            if data_type is None or code == _NOT_ASKED or message.exchange != self._request.exchange:
                self._not_asked[kind] += 1
            elif from_us <= local_us < to_us:
                batch = batches.get(data_type)
                if batch is None:
                    batch = batches[data_type] = Batch()
                batch.messages.append(message)
                batch.symbols.append(code)
                batch.local_us.append(local_us)
                batch.lines.append(line)
            else:
                self._outside += 1
        self._last_us = last_us
        return batches

    def _code(self, symbol: str, line: int) -> int:
        """Give the place of a symbol among the names, which are upper-case as in the vendor's files."""
        code = self._codes.get(symbol)
        if code is None:
            name = symbol.upper()
            code = self._codes[symbol] = self._codes[name] = self._code_of_name(name, line)
        return code

    def _code_of_name(self, name: str, line: int) -> int:
        if self._asked and name not in self._asked:
            return _NOT_ASKED
        if not name or breaks_a_cell(name):
            raise LineError(line, f"the symbol {name!r} cannot stand in a cell of a CSV file")
        known = self._codes.get(name)
        if known is not None:
            return known
        self._names.append(name)
        return len(self._names) - 1

    def _piece(self, data_type: DataType, batch: Batch) -> Piece:
        self._counts[data_type] += len(batch.messages)
        symbols = np.array(batch.symbols, np.int32)
        if data_type is not DataType.INCREMENTAL_BOOK_L2:
            return Piece(symbols, columns_of(data_type, batch))
        columns, indices = self._book.columns_of(batch)
        return Piece(symbols[indices], columns)
