"""Consecutive messages of one tape, as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


class Piece(NamedTuple):
    """Consecutive messages of a tape, and their rows; a break is a message without rows."""

    published_us: Ints
    known_us: Ints
    is_break: NDArray[np.bool_]
    first_row: Ints
    """One longer than the others: the last is the number of rows."""
    quads: Floats
    """(messages, 4). Of a book best bid, best ask and their amounts after the message; of a ticker the
    rate, mark price and time of the next funding in its first three; of trades zeros."""
    price: Floats
    amount: Floats
    mark: NDArray[np.int8]
    """Of a book bit 0 for asks and bit 1 for rows that begin a snapshot; of trades the side's code."""
    local_us: Ints
    """Of each row, as the next one."""
    is_snapshot: NDArray[np.bool_]
    depth: Floats
    """(messages, 4 * levels). Of a book the best levels after the message, as (2, 2, levels): prices of bids
    and asks, then their amounts, NaN and 0 where there is none. No columns where nobody asked for levels."""

    def since(self, message: int) -> Piece:
        """Give what is left from a message on."""
        row = int(self.first_row[message])
        return Piece(
            self.published_us[message:],
            self.known_us[message:],
            self.is_break[message:],
            self.first_row[message:] - row,
            self.quads[message:],
            self.price[row:],
            self.amount[row:],
            self.mark[row:],
            self.local_us[row:],
            self.is_snapshot[row:],
            self.depth[message:],
        )

    def then(self, other: Piece) -> Piece:
        """Give both, one after the other."""
        columns: Iterable[tuple[Any, Any]] = zip(self, other, strict=True)
        joined = Piece(*(np.concatenate(pair) for pair in columns))
        first_row = np.concatenate([self.first_row[:-1], other.first_row + self.first_row[-1]])
        return joined._replace(first_row=first_row)


NOTHING = Piece(
    np.empty(0, np.int64),
    np.empty(0, np.int64),
    np.empty(0, np.bool_),
    np.zeros(1, np.int64),
    np.empty((0, 4)),
    np.empty(0),
    np.empty(0),
    np.empty(0, np.int8),
    np.empty(0, np.int64),
    np.empty(0, np.bool_),
    np.empty((0, 0)),
)
