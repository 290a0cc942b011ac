"""Rows of one data type on their way into blocks, which end between messages."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.block import Block, Texts, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from tickreel.market.block import ColumnData
    from tickreel.market.types import Schema
    from tickreel.sources.normalized.columns import Columns

MOST_ROWS = 65_536
"""Rows of a block, unless one message alone has more."""
MOST_CELLS = 1 << 21
"""Cells of a block, 8 bytes each: wide rows come in fewer."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A few rows: of each its symbol, as a position in a list that others keep, and its cells."""

    symbols: NDArray[np.int32]
    columns: Columns

    def __len__(self) -> int:
        return len(self.symbols)

    def cut(self, low: int, high: int) -> Piece:
        """Take the rows [low, high)."""
        return Piece(self.symbols[low:high], {name: data[low:high] for name, data in self.columns.items()})


class BlockMaker:
    """Gathers the rows of one exchange and type, in order, until a block is full."""

    def __init__(self, schema: Schema, exchange: str, names: Sequence[str]) -> None:
        """Take *names* as the list of symbols; whoever gives pieces may add to it."""
        self.rows = 0
        """Rows taken so far."""
        self._schema = schema
        self._exchange = exchange
        self._names = names
        self._limit = min(MOST_ROWS, MOST_CELLS // len(schema.columns))
        self._pieces: list[Piece] = []
        self._waiting = 0

    def add(self, piece: Piece) -> Iterator[Block]:
        """Take rows, and yield the blocks that are full with them."""
        if not len(piece):
            return
        self._pieces.append(piece)
        self._waiting += len(piece)
        self.rows += len(piece)
        if self._waiting <= self._limit:
            return
        whole, low = self._join(), 0
        edges = _message_starts(whole)
        while len(whole) - low > self._limit:
            # The last message may go on with the next piece: it is never the end of a block.
            place = int(np.searchsorted(edges, low + self._limit, side="right")) - 1
            if place < 0 or edges[place] <= low:
                place += 1
            if place >= len(edges):
                break
            yield self._block(whole.cut(low, int(edges[place])))
            low = int(edges[place])
        rest = whole.cut(low, len(whole))
        self._pieces, self._waiting = [rest], len(rest)

    def rest(self) -> Iterator[Block]:
        """Yield what is left, if anything."""
        if self._waiting:
            yield self._block(self._join())
        self._pieces, self._waiting = [], 0

    def _join(self) -> Piece:
        if len(self._pieces) == 1:
            return self._pieces[0]
        columns: Columns = {}
        for name in self._pieces[0].columns:
            parts = [piece.columns[name] for piece in self._pieces]
            columns[name] = (
                list(chain.from_iterable(parts)) if isinstance(parts[0], list) else np.concatenate(parts)
            )
        return Piece(np.concatenate([piece.symbols for piece in self._pieces]), columns)

    def _block(self, piece: Piece) -> Block:
        used, codes = np.unique(piece.symbols, return_inverse=True)
        names = tuple(self._names[place] for place in used.tolist())
        return Block(
            self._schema,
            self._exchange,
            names[0] if len(names) == 1 else Words(codes.astype(np.int32), names),
            {
                column.name: _laid(column.name, piece.columns[column.name])
                for column in self._schema.columns[2:]
            },
        )


def _message_starts(piece: Piece) -> NDArray[np.intp]:
    """Give the rows whose local time is not that of the row before, the first left out."""
    return np.flatnonzero(np.diff(piece.columns["local_timestamp"])) + 1


def _laid(name: str, data: NDArray[np.generic] | list[str]) -> ColumnData:
    if isinstance(data, np.ndarray):
        return np.ascontiguousarray(data)
    if name == "id":
        return Texts.of(data)
    places = {word: place for place, word in enumerate(dict.fromkeys(data))}
    return Words(np.array([places[word] for word in data], np.int32), tuple(places))
