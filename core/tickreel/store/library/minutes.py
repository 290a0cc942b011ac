"""A day at a glance: one figure or two for each of its minutes, read in one pass.

To look at a day is no use of it: nothing is counted, and nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

import numpy as np

from tickreel.errors import DataError
from tickreel.market.time import US_PER_DAY, US_PER_SECOND, day_start_us
from tickreel.market.types import DataType
from tickreel.progress import UNWATCHED, Monitor
from tickreel.store.library.plans import Selection

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tickreel.book import BookBuilder
    from tickreel.market.block import Block
    from tickreel.store.library.reading import Library
    from tickreel.store.model import Day

_US_PER_MINUTE = 60 * US_PER_SECOND
MINUTES = US_PER_DAY // _US_PER_MINUTE
_TRADES = ("price", "amount")
_QUOTES = ("bid_price", "ask_price")


class Measure(Enum):
    """What is told of each minute; it follows from the data type."""

    TOUCH = auto()
    """Mid after its last message, and its widest spread."""
    TRADES = auto()
    """Price of its last trade, and the amount that was traded."""
    ROWS = auto()
    """How many rows arrived."""


@dataclass(frozen=True, slots=True)
class DayMinutes:
    """The figures of a UTC day, two arrays of :data:`MINUTES` float64."""

    measure: Measure
    level: NDArray[np.float64]
    """Mid, price or rows. What was last known is held until the next message; NaN where nothing is."""
    beside: NDArray[np.float64]
    """Widest spread (NaN where unknown) or amount; all 0 where only rows are counted."""


def day_minutes(library: Library, day: Day, monitor: Monitor = UNWATCHED) -> DayMinutes:
    """Read a held day and sum up its minutes; *monitor* hears of rows.

    Books are carried over midnight. Rows of a file of many instruments are counted, no more.

    Raises:
        Cancelled: the monitor said so.
        DataError: a file of the day is damaged.
    """
    minutes = _Minutes(day)
    if day.key.is_grouped or day.key.type not in _READERS:
        columns: tuple[str, ...] = ("local_timestamp",)
        read: Callable[[Block], None] = minutes.count
    else:
        columns, method = _READERS[day.key.type]
        read = getattr(minutes, method)
    if day.key.type is DataType.INCREMENTAL_BOOK_L2 and not day.key.is_grouped:
        minutes.builder = _carried(library, day)
    done = 0
    for part in day.parts:
        for block in library.part_rows(Selection(day.key), part, part.start_us, part.end_us, columns):
            monitor.report(done, day.rows, "")
            read(block)
            done += len(block)
    return minutes.finish()


_L2_COLUMNS = ("local_timestamp", "is_snapshot", "side", "price", "amount")
_READERS: dict[DataType, tuple[tuple[str, ...], str]] = {
    DataType.INCREMENTAL_BOOK_L2: (_L2_COLUMNS, "take_book"),
    DataType.QUOTES: (_QUOTES, "take_quotes"),
    DataType.BOOK_TICKER: (_QUOTES, "take_quotes"),
    DataType.TRADES: (_TRADES, "take_trades"),
    DataType.LIQUIDATIONS: (_TRADES, "take_trades"),
}


def _carried(library: Library, day: Day) -> BookBuilder:
    """Build the book with which a day begins: empty where the days before tell nothing of it."""
    from tickreel.book import BookBuilder
    from tickreel.store.library.booktime import books_before

    if day.parts[0].opens_with_snapshot:
        return BookBuilder()
    try:
        (builder,) = books_before(library, Selection(day.key), day_start_us(day.day)).values()
    except DataError:
        return BookBuilder()
    return builder


class _Minutes:
    """Takes blocks in time order."""

    def __init__(self, day: Day) -> None:
        self._day = day
        self._start_us = day_start_us(day.day)
        self._measure = Measure.ROWS
        self._level = np.full(MINUTES, np.nan)
        self._beside = np.full(MINUTES, np.nan)
        self.builder: BookBuilder | None = None

    def count(self, block: Block) -> None:
        level = np.nan_to_num(self._level)
        level += np.bincount(self._numbers(block.local_us), minlength=MINUTES)
        self._level = level

    def take_trades(self, block: Block) -> None:
        self._measure = Measure.TRADES
        price, amount = block.array("price"), block.array("amount")
        known = ~np.isnan(price)
        numbers = self._numbers(block.local_us[known])
        self._set_last(numbers, price[known])
        amounts = np.nan_to_num(amount[known])
        beside = np.nan_to_num(self._beside)
        beside += np.bincount(numbers, amounts, minlength=MINUTES)
        self._beside = beside

    def take_quotes(self, block: Block) -> None:
        self._take_touch(block.local_us, block.array("bid_price"), block.array("ask_price"))

    def take_book(self, block: Block) -> None:
        from tickreel.store.library.booktime import l2_rows

        assert self.builder is not None
        touch = self.builder.apply_with_touch(l2_rows(block))
        self._take_touch(touch.time_us, touch.bid, touch.ask)

    def _take_touch(
        self, time_us: NDArray[np.int64], bid: NDArray[np.float64], ask: NDArray[np.float64]
    ) -> None:
        self._measure = Measure.TOUCH
        known = ~(np.isnan(bid) | np.isnan(ask))
        bid, ask, numbers = bid[known], ask[known], self._numbers(time_us[known])
        self._set_last(numbers, (bid + ask) / 2)
        if len(numbers):
            firsts = np.flatnonzero(np.diff(numbers, prepend=-1))
            widest = np.maximum.reduceat(ask - bid, firsts)
            places = numbers[firsts]
            self._beside[places] = np.fmax(self._beside[places], widest)

    def _numbers(self, time_us: NDArray[np.int64]) -> NDArray[np.int64]:
        return (time_us - self._start_us) // _US_PER_MINUTE

    def _set_last(self, numbers: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        if len(numbers):
            lasts = np.flatnonzero(np.diff(numbers, append=MINUTES))
            self._level[numbers[lasts]] = values[lasts]

    def finish(self) -> DayMinutes:
        if self._measure is Measure.ROWS:
            return DayMinutes(self._measure, np.nan_to_num(self._level), np.zeros(MINUTES))
        held = np.where(np.isnan(self._level), -1, np.arange(MINUTES))
        for part in self._day.parts:
            # A value is held to the end of its part, not over what is not there.
            low = (part.start_us - self._start_us) // _US_PER_MINUTE
            high = -((self._start_us - part.end_us) // _US_PER_MINUTE)
            held[low:high] = np.maximum.accumulate(held[low:high])
        level = np.where(held < 0, np.nan, self._level[held])
        beside = np.nan_to_num(self._beside) if self._measure is Measure.TRADES else self._beside
        return DayMinutes(self._measure, level, beside)
