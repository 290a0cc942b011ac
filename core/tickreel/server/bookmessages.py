"""Rows of an order book as the messages that the exchange sent, as far as rows can tell.

Rows of one arrival are one message, unless they begin or end a snapshot or have another time of the
exchange. Rows that came as normalized messages tell more: each message's bids stand before its
asks, and the rows that stand for no level (see ``sources.normalized.bookrows``) are known again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tickreel.server.lines import LevelRows, Lines, Times, book_lines
from tickreel.server.rowlines import opening

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.market.block import Block


@dataclass(frozen=True, slots=True, eq=False)
class BookMessages:
    """Changes of one book, in order."""

    levels: LevelRows
    rows: NDArray[np.int64]
    """The row at which each began among those that it was made of."""
    is_snapshot: NDArray[np.bool_]
    time: Times
    local: Times

    def __len__(self) -> int:
        return len(self.rows)

    def lines(self, symbol: str, exchange: str) -> Lines:
        """Write them as ``book_change``."""
        head = opening("book_change", symbol, exchange) + b',"isSnapshot":'
        return book_lines(
            (head + b"false", head + b"true"),
            self.is_snapshot.astype(np.int32),
            self.levels,
            self.time,
            self.local,
        )


def book_messages(block: Block, *, came_normalized: bool) -> BookMessages:
    """Part rows of one instrument into messages."""
    local_us, time_us = block.local_us, block.array("timestamp")
    flags, sides = block.array("is_snapshot"), block.array("side")
    is_new = (local_us[1:] != local_us[:-1]) | (flags[1:] != flags[:-1])
    is_new |= (time_us[1:] != time_us[:-1]) & ~flags[1:]
    if came_normalized:
        is_new |= (sides[1:] < sides[:-1]) & ~flags[1:]
    starts = np.append(np.int64(0), np.flatnonzero(is_new) + 1).astype(np.int64)
    stops = np.append(starts[1:], np.int64(len(local_us)))
    levels = LevelRows(
        starts,
        stops,
        np.ascontiguousarray(sides),
        np.ascontiguousarray(block.array("price")),
        np.ascontiguousarray(block.array("amount")),
    )
    if came_normalized:
        levels, kept = _as_they_came(levels, flags, local_us)
        starts = starts[kept]
    return BookMessages(
        levels=levels,
        rows=starts,
        is_snapshot=flags[starts],
        time=Times.of_exchange(time_us[starts], local_us[starts]),
        local=Times.local(local_us[starts]),
    )


def whole_book(bids: NDArray[np.float64], asks: NDArray[np.float64], at_us: int) -> BookMessages:
    """Make a snapshot of a whole book, (n, 2) levels of price and amount a side, best first."""
    both = np.concatenate([bids, asks])
    at = np.array([at_us], np.int64)
    sides = np.zeros(len(both), np.int8)
    sides[len(bids) :] = 1
    return BookMessages(
        levels=LevelRows(
            np.zeros(1, np.int64),
            np.array([len(both)], np.int64),
            sides,
            np.ascontiguousarray(both[:, 0]),
            np.ascontiguousarray(both[:, 1]),
        ),
        rows=np.zeros(1, np.int64),
        is_snapshot=np.ones(1, np.bool_),
        time=Times.local(at),
        local=Times.local(at),
    )


def _as_they_came(
    levels: LevelRows, flags: NDArray[np.bool_], local_us: NDArray[np.int64]
) -> tuple[LevelRows, NDArray[np.intp]]:
    """Take away the rows that stand for no level; give the numbers of the messages that are left."""
    starts, stops, amounts = levels.starts, levels.stops, levels.amounts
    is_single = (stops - starts == 1) & (amounts[starts] == 0)
    is_snapshot = flags[starts]
    # A snapshot without levels has a row that sets none.
    empties = is_single & is_snapshot & (levels.prices[starts] == 0) & (levels.sides[starts] == 0)
    stops = np.where(empties, starts, stops)
    # Between two snapshots of one arrival stands a row that ends the first, at a level of the second.
    parts = np.zeros(len(starts), np.bool_)
    if len(starts) > 2:
        inner, after = starts[1:-1], starts[2:]
        parts[1:-1] = (
            is_single[1:-1]
            & ~is_snapshot[1:-1]
            & is_snapshot[:-2]
            & is_snapshot[2:]
            & (local_us[starts[:-2]] == local_us[inner])
            & (local_us[after] == local_us[inner])
            & (levels.prices[inner] == levels.prices[after])
            & (levels.sides[inner] == levels.sides[after])
        )
    kept = np.flatnonzero(~parts)
    return replace(levels, starts=starts[kept], stops=stops[kept]), kept
