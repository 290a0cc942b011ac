"""Text into blocks of rows: where each column goes, and what the kernel leaves to the grammar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.block import Block, Texts, Words
from tickreel.market.types import MISSING_INTEGER, Column, DataType, Kind, Schema
from tickreel.vendorcsv import kernels
from tickreel.vendorcsv.checks import refusal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.market.block import ColumnData

_PLAN_KINDS = {
    Kind.TIME: kernels.TIME,
    Kind.NUMBER: kernels.NUMBER,
    Kind.FLAG: kernels.FLAG,
    Kind.BOOK_SIDE: kernels.BOOK_SIDE,
    Kind.TRADE_SIDE: kernels.TRADE_SIDE,
}
_FIRST_OF_PLAN = 4  # after exchange, symbol, timestamp, local_timestamp, which the kernel knows itself
_MOST_PENDING = 8192
_SAMPLE_BYTES = 1 << 16
_ROWS_OF_ANY_KIND = 1024
"""That are read at one go where a row is not written as most are: such rows seldom come alone."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is refused."""

    index: int
    """Rows of the text, from where parsing began, before it."""
    problem: str


class Parser:
    """Parse the text of one file piece by piece, in order; what must agree between them is remembered."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._places = _places(schema)
        self._plan = np.array(
            [
                (kind, slot, column.required, column.is_amount)
                for column, (kind, slot) in zip(schema.columns, self._places, strict=True)
            ][_FIRST_OF_PLAN:],
            np.int64,
        )
        self._exchange: str | None = None
        self._last_local_us: int | None = None
        self._tables = np.empty((0, 0), np.int32)

    def parse(self, buffer: bytearray, begin: int, end: int) -> tuple[Block, int] | Fault:
        """Parse the whole lines *buffer* [*begin*, *end*), at least one, or tell the first that is refused.

        :data:`~tickreel.vendorcsv.kernels.PADDING` bytes must follow them. The block keeps nothing of
        the buffer; with it comes where the first line begins that had no room in it, mostly *end*.
        """
        if self._exchange is None:
            line = _line_at(buffer, begin)
            problem = refusal(self._schema, line, None, None)
            if problem is not None:
                return Fault(0, problem)
            self._exchange = line.partition(b",")[0].decode()
        text = np.frombuffer(buffer, np.uint8)
        rows = _Rows(self._schema, self._places, _room(text[begin:end]), end - begin, self._tables)
        self._tables = rows.tables
        rows.state[kernels.POSITION] = begin
        rows.state[kernels.LAST_LOCAL_US] = (
            MISSING_INTEGER if self._last_local_us is None else self._last_local_us
        )
        exchange = np.frombuffer(self._exchange.encode(), np.uint8).copy()
        trusted = -1
        status = kernels.ODD
        while status not in (kernels.DONE, kernels.ROWS_FULL):
            status = rows.parse(text, end, trusted, exchange, self._plan)
            fault = self._settle_pending(rows, buffer)
            if fault is not None:
                return fault
            if status == kernels.ODD:
                index = int(rows.state[kernels.ROWS])
                assert index != trusted, "the kernel and the grammar disagree"
                line = _line_at(buffer, int(rows.state[kernels.POSITION]))
                problem = self._refusal(rows, index, line)
                if problem is not None:
                    return Fault(index, problem)
                trusted = index
                rows.trust(line)
        self._last_local_us = int(rows.state[kernels.LAST_LOCAL_US])
        return rows.block(self._exchange, buffer), int(rows.state[kernels.POSITION])

    def _settle_pending(self, rows: _Rows, buffer: bytearray) -> Fault | None:
        """Fill in the numbers that the kernel left, or tell the first of them that is refused."""
        pending = rows.take_pending()
        if not len(pending):
            return None
        begins, ends = pending[:, kernels.PENDING_BEGIN].tolist(), pending[:, kernels.PENDING_END].tolist()
        numbers = np.array([float(buffer[begin:end]) for begin, end in zip(begins, ends, strict=True)])
        plan = self._plan[pending[:, kernels.PENDING_COLUMN]]
        refused = np.isinf(numbers) | ((numbers < 0) & (plan[:, kernels.PLAN_AMOUNT] == 1))
        if refused.any():
            first = pending[refused.argmax()]
            index = int(first[kernels.PENDING_ROW])
            problem = self._refusal(rows, index, _line_at(buffer, int(first[kernels.PENDING_LINE])))
            assert problem is not None, "the kernel and the grammar disagree"
            return Fault(index, problem)
        # Adding zero turns a zero below zero into zero.
        rows.numbers[plan[:, kernels.PLAN_SLOT], pending[:, kernels.PENDING_ROW]] = numbers + 0.0
        return None

    def _refusal(self, rows: _Rows, index: int, line: bytes) -> str | None:
        before_us = int(rows.times[1, index - 1]) if index else self._last_local_us
        return refusal(self._schema, line, self._exchange, before_us)


class _Rows:
    """The arrays that take the rows of one text, and how far the kernel came."""

    def __init__(
        self,
        schema: Schema,
        places: list[tuple[int, int]],
        rows: int,
        text_bytes: int,
        tables: NDArray[np.int32],
    ) -> None:
        """Make room for *rows*; *tables* are those of the rows before, which are done with."""
        slots = [sum(place[0] == kind for place in places) for kind in range(kernels.TEXTS + 1)]
        # Columns that lie an odd number of cache lines apart do not push each other out of the cache.
        width = (rows // 8 | 1) * 8 + 16
        self._schema = schema
        self._places = places
        self._width = width
        self.times = np.empty((slots[kernels.TIME], width), np.int64)
        self.numbers = np.empty((slots[kernels.NUMBER], width), np.float64)
        self._flags = np.empty((slots[kernels.FLAG], width), np.bool_)
        self._sides = np.empty((slots[kernels.BOOK_SIDE] + slots[kernels.TRADE_SIDE], width), np.int8)
        words = slots[kernels.WORDS]
        self._codes = np.empty((words, width), np.int32)
        size = 1 << (2 * width).bit_length()
        if tables.shape == (words, size):
            tables.fill(0)
            self.tables = tables
        else:
            # Memory that is never touched costs nothing, and few words touch little.
            self.tables = np.zeros((words, size), np.int32)
        self._spans = np.empty((words, width, 2), np.int32)
        self._word_counts = np.zeros(words, np.int64)
        self._offsets = np.zeros(width + 1 if slots[kernels.TEXTS] else 1, np.int32)
        self._data = np.empty(text_bytes if slots[kernels.TEXTS] else 1, np.uint8)
        self._pending = np.empty((_MOST_PENDING, kernels.PENDING_SIZE), np.int64)
        self._given_us = np.zeros(slots[kernels.TIME], np.int64)
        self.state = np.zeros(kernels.STATE_SIZE, np.int64)
        self.state[kernels.PREVIOUS] = -1

    def parse(
        self,
        text: NDArray[np.uint8],
        end: int,
        trusted: int,
        exchange: NDArray[np.uint8],
        plan: NDArray[np.int64],
    ) -> int:
        """Let the kernels go on from where they stopped; returns why they stopped again."""
        if self._schema.type is not DataType.INCREMENTAL_BOOK_L2:
            return self._parse_any(text, end, self._width, trusted, exchange, plan)
        status = self._parse_any(text, end, int(self.state[kernels.ROWS]) + 1, trusted, exchange, plan)
        while status == kernels.ROWS_FULL and self.state[kernels.ROWS] < self._width:
            status = kernels.parse_plain_book_rows(
                text, end, self.times, self.numbers, self._flags, self._sides, self._codes, self.state
            )
            if status == kernels.ODD:
                most = int(self.state[kernels.ROWS]) + _ROWS_OF_ANY_KIND
                status = self._parse_any(text, end, most, trusted, exchange, plan)
        return status

    def _parse_any(
        self,
        text: NDArray[np.uint8],
        end: int,
        most: int,
        trusted: int,
        exchange: NDArray[np.uint8],
        plan: NDArray[np.int64],
    ) -> int:
        status: int = kernels.parse_rows(
            text,
            end,
            most,
            trusted,
            exchange,
            plan,
            self._given_us,
            self.times,
            self.numbers,
            self._flags,
            self._sides,
            self._codes,
            self.tables,
            self._spans,
            self._word_counts,
            self._offsets,
            self._data,
            self._pending,
            self.state,
        )
        return status

    def take_pending(self) -> NDArray[np.int64]:
        """View what the kernel left, see ``kernels.PENDING_*``, in the order of rows."""
        pending = self._pending[: self.state[kernels.PENDING]]
        self.state[kernels.PENDING] = 0
        return pending

    def trust(self, line: bytes) -> None:
        """Take the times of *line*, which the grammar found good, for the row that comes next."""
        columns = self._schema.columns
        for (kind, slot), column, cell in zip(self._places, columns, line.split(b","), strict=True):
            if kind == kernels.TIME and column.kind is Kind.TIME and cell:
                self._given_us[slot] = int(cell)

    def block(self, exchange: str, buffer: bytearray) -> Block:
        """Give all rows."""
        columns = {
            column.name: self._column(kind, slot, buffer)
            for column, (kind, slot) in zip(self._schema.columns, self._places, strict=True)
            if column.name != "exchange"
        }
        symbol = columns.pop("symbol")
        assert isinstance(symbol, Words)
        one_name = symbol.words[0] if len(symbol.words) == 1 else None
        return Block(self._schema, exchange, one_name or symbol, columns)

    def _column(self, kind: int, slot: int, buffer: bytearray) -> ColumnData:
        rows = int(self.state[kernels.ROWS])
        match kind:
            case kernels.TIME:
                return self.times[slot, :rows]
            case kernels.NUMBER:
                return self.numbers[slot, :rows]
            case kernels.FLAG:
                return self._flags[slot, :rows]
            case kernels.WORDS:
                spans = self._spans[slot, : self._word_counts[slot]].tolist()
                words = tuple(buffer[begin:end].decode() for begin, end in spans)
                return Words(self._codes[slot, :rows], words)
            case kernels.TEXTS:
                used = int(self.state[kernels.TEXT_BYTES])
                return Texts(self._offsets[: rows + 1], self._data[:used].copy())
        return self._sides[slot, :rows]


def _places(schema: Schema) -> list[tuple[int, int]]:
    """Give the kind of plan, and the slot in the arrays of that kind, of every column."""
    taken = [0] * (kernels.TEXTS + 1)
    places = []
    for column in schema.columns:
        if column.name == "exchange":  # every row's is that of the file
            places.append((-1, 0))
            continue
        kind = _plan_kind(column)
        places.append((kind, taken[kind]))
        taken[kind] += 1
    return places


def _plan_kind(column: Column) -> int:
    if column.kind is Kind.TEXT:
        return kernels.TEXTS if column.name == "id" else kernels.WORDS
    return _PLAN_KINDS[column.kind]


def _room(text: NDArray[np.uint8]) -> int:
    """Tell for how many rows there should be room: their number, or a guess from the first of them."""
    sample = text[:_SAMPLE_BYTES]
    lines = int(np.count_nonzero(sample == ord("\n")))
    if len(sample) == len(text):
        return lines
    return lines * len(text) * 9 // (len(sample) * 8) + 1


def _line_at(buffer: bytearray, begin: int) -> bytes:
    """Copy the line that begins there, without its end."""
    return bytes(buffer[begin : buffer.index(b"\n", begin)]).removesuffix(b"\r")
