"""What is computed of messages as they pass: snapshots of a book at a depth, and bars of trades."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tickreel.market.numbers import ecmascript
from tickreel.server import computekernels as kernels
from tickreel.server.datatypes import BarKind, BarType, SnapshotType, decimal_places
from tickreel.server.lines import LevelRows, Lines, Times, book_lines, flat_lines, quoted
from tickreel.server.rowlines import opening

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tickreel.book import Book
    from tickreel.market.block import Block
    from tickreel.server.bookmessages import BookMessages
    from tickreel.server.lines import Cells

_CELLS_AT_ONCE = 1 << 20
_KINDS: Mapping[BarKind, int] = {
    BarKind.TIME: kernels.BY_TIME,
    BarKind.VOLUME: kernels.BY_VOLUME,
    BarKind.TICK: kernels.BY_TICKS,
}
_BAR_NUMBERS = {
    "open": kernels.OPEN,
    "high": kernels.HIGH,
    "low": kernels.LOW,
    "close": kernels.CLOSE,
    "volume": kernels.VOLUME,
    "buyVolume": kernels.BUY_VOLUME,
    "sellVolume": kernels.SELL_VOLUME,
    "trades": kernels.TRADES,
    "vwap": kernels.VWAP,
}
_BAR_TIMES = {"openTimestamp": kernels.OPENED, "closeTimestamp": kernels.CLOSED}


class Computed(NamedTuple):
    """Messages, and for each the number of the message that it follows."""

    lines: Lines
    after: NDArray[np.int64]


class SnapshotComputer:
    """Follows one book, and tells its best levels as one data type asks."""

    def __init__(self, asked: SnapshotType, symbol: str, exchange: str) -> None:
        self._asked = asked
        interval = f'","depth":{asked.depth},"interval":{ecmascript(asked.interval_ms)}'
        head = opening("book_snapshot", symbol, exchange) + b',"name":"' + quoted(asked.name)
        head += interval.encode()
        if asked.grouping is not None:
            head += f',"grouping":{ecmascript(asked.grouping)}'.encode()
        self._head = head
        self._scale = 10.0 ** decimal_places(asked.grouping) if asked.grouping else 1.0
        self.reset()

    def reset(self) -> None:
        """Know nothing, as at the beginning and after a disconnect."""
        self._state = np.zeros(kernels.SNAPSHOT_SLOTS, np.int64)
        self._bids, self._asks = np.zeros((2, 64)), np.zeros((2, 64))
        self._told = np.full((2, self._asked.depth, 2), np.nan)

    def lose_book(self) -> None:
        """Know no book until the next snapshot."""
        self._state[kernels.BIDS] = self._state[kernels.ASKS] = self._state[kernels.IS_KNOWN] = 0

    def begin(self, book: Book) -> None:
        """Take up a book as it is carried to the beginning."""
        self.reset()
        self._bids = np.ascontiguousarray(book.bids[::-1].T)
        self._asks = np.ascontiguousarray(book.asks[::-1].T)
        self._state[kernels.BIDS], self._state[kernels.ASKS] = len(book.bids), len(book.asks)
        self._state[kernels.IS_KNOWN] = bool(len(book.bids) or len(book.asks))

    def take(self, messages: BookMessages) -> list[Computed]:
        """Apply messages of the book; give what is to be told, in order."""
        levels, asked = messages.levels, self._asked
        self._bids = _with_room(self._bids, int(self._state[kernels.BIDS]) + len(levels.prices))
        self._asks = _with_room(self._asks, int(self._state[kernels.ASKS]) + len(levels.prices))
        room = max(2, min(2 * len(messages), _CELLS_AT_ONCE // (4 * asked.depth)))
        told = np.empty((room, 2, asked.depth, 2))
        facts = np.empty((room, 3), np.int64)
        found, at = list[Computed](), 0
        while at < len(messages):
            count, at = kernels.snapshots(
                at,
                levels.starts,
                levels.stops,
                messages.is_snapshot,
                messages.time.us,
                messages.time.is_fine,
                levels.sides,
                levels.prices,
                levels.amounts,
                self._bids,
                self._asks,
                self._state,
                self._told,
                float(asked.interval_ms),
                asked.grouping or 0.0,
                self._scale,
                told,
                facts,
            )
            if count:
                found.append(self._written(told[:count], facts[:count], messages))
        return found

    def _written(
        self, told: NDArray[np.float64], facts: NDArray[np.int64], messages: BookMessages
    ) -> Computed:
        count, rows = len(facts), 2 * self._asked.depth
        sides = np.repeat(np.array([0, 1], np.int8), self._asked.depth)
        starts = np.arange(count, dtype=np.int64) * rows
        cells = told.reshape(-1, 2)
        levels = LevelRows(
            starts,
            starts + rows,
            np.tile(sides, count),
            np.ascontiguousarray(cells[:, 0]),
            np.ascontiguousarray(cells[:, 1]),
        )
        after = facts[:, 0].copy()
        time = Times(facts[:, 1].copy(), facts[:, 2] != 0)
        local = Times.local(messages.local.us[after])
        return Computed(book_lines((self._head,), np.zeros(count, np.int32), levels, time, local), after)


class BarComputer:
    """Sums up the trades of one instrument as one data type asks."""

    def __init__(self, asked: BarType, symbol: str, exchange: str) -> None:
        self._asked = asked
        interval = f'","interval":{ecmascript(asked.interval)},"kind":"{asked.kind}"'
        self._head = opening("trade_bar", symbol, exchange) + b',"name":"' + quoted(asked.name)
        self._head += interval.encode()
        self.reset()

    def reset(self) -> None:
        """Drop the bar in the making, as a disconnect does."""
        self._numbers = np.empty(kernels.BAR_NUMBERS)
        self._stamps = np.zeros((2, kernels.BAR_TIMES), np.int64)
        kernels.begin_bar(self._numbers, self._stamps[0])

    def take(self, trades: Block) -> list[Computed]:
        """Take trades; give the bars that are over."""
        time = Times.of_exchange(trades.array("timestamp"), trades.local_us)
        room = 2 * len(trades)
        told = np.empty((kernels.BAR_NUMBERS, room))
        stamps = np.empty((2, kernels.BAR_TIMES, room), np.int64)
        after = np.empty(room, np.int64)
        count = kernels.bars(
            *(np.ascontiguousarray(trades.array(name)) for name in ("side", "price", "amount")),
            *time,
            _KINDS[self._asked.kind],
            float(self._asked.interval),
            self._numbers,
            self._stamps,
            told,
            stamps,
            after,
        )
        if not count:
            return []
        after = after[:count].copy()
        fields: list[tuple[str, Cells]] = [
            *((name, told[place, :count]) for name, place in _BAR_NUMBERS.items()),
            *(
                (name, Times(stamps[0, place, :count], stamps[1, place, :count] != 0))
                for name, place in _BAR_TIMES.items()
            ),
            # The vendor's client has these two the other way round in bars alone.
            ("localTimestamp", Times.local(trades.local_us[after])),
            ("timestamp", Times(stamps[0, kernels.STAMP, :count], stamps[1, kernels.STAMP, :count] != 0)),
        ]
        return [Computed(flat_lines(self._head, fields, count, absent_is_null=True), after)]


def _with_room(side: NDArray[np.float64], room: int) -> NDArray[np.float64]:
    if side.shape[1] >= room:
        return side
    wider = np.zeros((2, max(room, 2 * side.shape[1])))
    wider[:, : side.shape[1]] = side
    return wider
