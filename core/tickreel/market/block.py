"""Rows in memory: one NumPy array per column.

This is the form in which rows flow between readers of files, the store, the book and the
replay. Nothing here is compressed or checked; an empty cell has one spelling per kind:

    TEXT     :class:`Texts` or :class:`Words`; empty text
    TIME     int64 microseconds since 1970 UTC; :data:`~tickreel.market.types.MISSING_INTEGER`
    FLAG     bool; never empty
    NUMBER   float64, never infinite, zero always positive; the one NaN that NumPy writes
    sides    int8 codes, positions in :data:`~tickreel.market.types.SIDES`
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from tickreel.market.types import Schema


@dataclass(frozen=True, slots=True)
class Words:
    """A text column of few different values: int32 *codes* of shape (rows,) into *words*."""

    codes: NDArray[np.int32]
    words: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)

    def cut(self, low: int, high: int) -> Words:
        """View the rows [low, high)."""
        return Words(self.codes[low:high], self.words)

    def take(self, rows: NDArray[np.intp]) -> Words:
        """Copy the given rows, in that order."""
        return Words(self.codes[rows], self.words)

    def texts(self) -> Iterator[str]:
        """Yield the text of every row."""
        for code in self.codes.tolist():
            yield self.words[code]


@dataclass(frozen=True, slots=True)
class Texts:
    """A text column of many different values, laid out as Arrow lays out strings.

    Row ``i`` is the UTF-8 text ``data[offsets[i]:offsets[i + 1]]``: *offsets* is int32 of shape
    (rows + 1,) and need not begin with 0, *data* is uint8 and may hold more than the rows use.
    """

    offsets: NDArray[np.int32]
    data: NDArray[np.uint8]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        """Lay out some texts, one a row."""
        spelled = [text.encode() for text in texts]
        offsets = np.zeros(len(spelled) + 1, np.int32)
        np.cumsum([len(text) for text in spelled], out=offsets[1:])
        return cls(offsets, np.frombuffer(b"".join(spelled), np.uint8))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def cut(self, low: int, high: int) -> Texts:
        """View the rows [low, high)."""
        return Texts(self.offsets[low : high + 1], self.data)

    def take(self, rows: NDArray[np.intp]) -> Texts:
        """Copy the given rows, in that order."""
        lengths = np.diff(self.offsets)[rows]
        offsets = np.zeros(len(rows) + 1, np.int32)
        np.cumsum(lengths, out=offsets[1:])
        # Where each byte comes from: its row's begin, plus its place inside the row.
        places = np.arange(offsets[-1]) + np.repeat(self.offsets[:-1][rows] - offsets[:-1], lengths)
        return Texts(offsets, self.data[places])

    def texts(self) -> Iterator[str]:
        """Yield the text of every row."""
        data = self.data.tobytes()
        bounds = self.offsets.tolist()
        for low, high in pairwise(bounds):
            yield data[low:high].decode()


ColumnData: TypeAlias = "NDArray[Any] | Words | Texts"


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one exchange and data type, in file order."""

    schema: Schema
    exchange: str
    symbol: str | Words
    """One name for all rows, or a name for each (a grouped file)."""
    columns: Mapping[str, ColumnData]
    """The other columns by name, all of one length: those that were asked for, at least local_timestamp."""
    full: frozenset[str] = frozenset()
    """Columns of numbers that are known to have no empty cell; of the others nothing is known."""

    def __len__(self) -> int:
        return len(self.local_us)

    @property
    def local_us(self) -> NDArray[np.int64]:
        """Local times of the rows."""
        return self.array("local_timestamp")

    def array(self, name: str) -> NDArray[Any]:
        """Give a column that is no text; raises KeyError when the block does not hold it."""
        column = self.columns[name]
        assert isinstance(column, np.ndarray)
        return column

    def cut(self, low: int, high: int) -> Block:
        """View the rows [low, high), without a copy."""
        return Block(
            self.schema,
            self.exchange,
            self.symbol if isinstance(self.symbol, str) else self.symbol.cut(low, high),
            {name: _cut(column, low, high) for name, column in self.columns.items()},
            self.full,
        )

    def take(self, rows: NDArray[np.intp]) -> Block:
        """Copy the given rows, in that order."""
        return Block(
            self.schema,
            self.exchange,
            self.symbol if isinstance(self.symbol, str) else self.symbol.take(rows),
            {
                name: column[rows] if isinstance(column, np.ndarray) else column.take(rows)
                for name, column in self.columns.items()
            },
        )

    def by_symbol(self) -> Iterator[tuple[str, Block]]:
        """Part the rows by instrument; rows of one instrument stay in file order."""
        if isinstance(self.symbol, str):
            yield self.symbol, self
            return
        codes = self.symbol.codes
        order = np.argsort(codes, kind="stable")
        edges = [0, *(np.flatnonzero(np.diff(codes[order])) + 1).tolist(), len(codes)]
        for low, high in pairwise(edges):
            if low < high:
                name = self.symbol.words[int(codes[order[low]])]
                own = self.take(order[low:high])
                yield name, Block(own.schema, own.exchange, name, own.columns)

    def only(self, symbol: str) -> Block:
        """Copy the rows of one instrument."""
        if isinstance(self.symbol, str):
            return self if self.symbol == symbol else self.cut(0, 0)
        if symbol not in self.symbol.words:
            return self.cut(0, 0)
        code = self.symbol.words.index(symbol)
        own = self.take(np.flatnonzero(self.symbol.codes == code))
        return Block(own.schema, own.exchange, symbol, own.columns)


def _cut(column: ColumnData, low: int, high: int) -> ColumnData:
    return column[low:high] if isinstance(column, np.ndarray) else column.cut(low, high)
