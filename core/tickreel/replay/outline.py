"""A whole range in few columns, day by day: what can be seen of it before anything of it is played."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tickreel.book.features import mid, spread
from tickreel.errors import NotHeldError
from tickreel.market.time import US_PER_DAY, US_PER_SECOND, day_start_us, days_touched
from tickreel.replay.bands import Band, find_bands
from tickreel.replay.repertoire import DEFAULT_TYPES
from tickreel.replay.session import Replay
from tickreel.store import DayState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from numpy.typing import NDArray

    from tickreel.replay.series import TouchSeries, TradeSeries
    from tickreel.store import Cache, RangePlan

_MINUTE_US = 60 * US_PER_SECOND
_WIDTHS_US = (
    *(n * 1_000 for n in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    *(n * US_PER_SECOND for n in (1, 2, 5, 10, 15, 30)),
    *(n * _MINUTE_US for n in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440)),
)
"""Each is a part of the next day's midnight too, so that days can be read one by one."""


def column_width_us(span_us: int, most_columns: int) -> int:
    """Choose the width of columns so that a span has *most_columns* at most, and a day at least one."""
    wanted_us = math.ceil(span_us / most_columns)
    return next((width for width in _WIDTHS_US if width >= wanted_us), _WIDTHS_US[-1])


@dataclass(frozen=True, slots=True, eq=False)
class OutlineColumns:
    """What happened in columns of equal width; all arrays have one length.

    The book at an instant is the one after all messages up to and including it. Where a column has no
    message the prices are those before it; NaN before the first message of the day, after its last,
    and where no book is known.
    """

    start_us: int
    """Where the first column begins; the width divides it."""
    width_us: int
    low: NDArray[np.float64]
    """Lowest mid after any message of the column, in the price's unit."""
    high: NDArray[np.float64]
    last: NDArray[np.float64]
    """Mid after the last message."""
    spread: NDArray[np.float64]
    """Widest spread after any message of the column, in the price's unit."""
    volume: NDArray[np.float64]
    """Sum of the amounts of the trades."""

    def __len__(self) -> int:
        return len(self.low)

    def __repr__(self) -> str:
        return f"OutlineColumns({len(self)} of {self.width_us} us)"


@dataclass(frozen=True, slots=True, eq=False)
class DayOutline:
    """One UTC day of a range, as far as it was read: [from_us, read_us) of [from_us, to_us)."""

    day: date
    from_us: int
    to_us: int
    read_us: int
    state: DayState
    """How the day stands: of the order book, or of the trades where no book is played."""
    columns: OutlineColumns | None
    """None for a day without rows."""
    bands: tuple[Band, ...]
    """Stretches that are not sound, whole days too; known when the day was read to its end."""

    @property
    def is_whole(self) -> bool:
        """Whether it was read to its end."""
        return self.read_us >= self.to_us


class OutlineMemory:
    """Outlines that were read before, by the segments that they were read from; one thread at a time."""

    def __init__(self, most_days: int = 400) -> None:
        self._most_days = most_days
        self._days: dict[object, DayOutline] = {}

    def __len__(self) -> int:
        return len(self._days)

    def get(self, key: object) -> DayOutline | None:
        """Give an outline; it is then the last to be forgotten."""
        found = self._days.pop(key, None)
        if found is not None:
            self._days[key] = found
        return found

    def put(self, key: object, outline: DayOutline) -> None:
        """Remember an outline, and forget the one that was not asked for the longest."""
        self._days[key] = outline
        if len(self._days) > self._most_days:
            del self._days[next(iter(self._days))]


def read_outlines(
    cache: Cache,
    exchange: str,
    symbol: str,
    start_us: int,
    end_us: int,
    *,
    most_columns: int = 4096,
    budget_s: float = 0.1,
    memory: OutlineMemory | None = None,
) -> Iterator[DayOutline]:
    """Read order book and trades of [start_us, end_us) by local time, the days in order.

    A day is given again and again, each time after about *budget_s* of further reading, until it is
    whole; so whoever stops asking has stopped the work. What *memory* holds is not read again.

    Raises:
        NotHeldError: neither order book nor trades are held of it, or a day that was on its way for a
            replay does not come.
        DataError: a day is damaged.
    """
    memory = OutlineMemory() if memory is None else memory
    width_us = column_width_us(end_us - start_us, most_columns)
    library = cache.library
    selections = [
        library.select(exchange, symbol, data_type)
        for data_type in library.held_types(exchange, symbol, DEFAULT_TYPES)
    ]
    if not selections:
        raise NotHeldError(f"neither order book nor trades are held of {exchange} {symbol}")
    for day in days_touched(start_us, end_us):
        from_us = max(start_us, day_start_us(day))
        to_us = min(end_us, day_start_us(day) + US_PER_DAY)
        plans = [
            library.arrive(library.plan(selection, from_us, to_us, awaits=True), to_us)
            for selection in selections
        ]
        # The book that is carried into the day is of the day before.
        before = [library.plan(selection, from_us - US_PER_DAY, to_us) for selection in selections]
        parts = tuple(part.segment_id for plan in before for part in plan.parts)
        key = (exchange, symbol, from_us, to_us, width_us, parts, tuple(plan.missing for plan in plans))
        known = memory.get(key)
        if known is not None:
            yield known
            continue
        for outline in _read_day(cache, plans, day, exchange, symbol, width_us, budget_s):
            if outline.is_whole:
                memory.put(key, outline)
            yield outline


def _read_day(
    cache: Cache,
    plans: list[RangePlan],
    day: date,
    exchange: str,
    symbol: str,
    width_us: int,
    budget_s: float,
) -> Iterator[DayOutline]:
    from_us, to_us = plans[0].start_us, plans[0].end_us
    state = _state_of(plans[0])

    def outline(read_us: int, columns: OutlineColumns | None, bands: tuple[Band, ...] = ()) -> DayOutline:
        return DayOutline(day, from_us, to_us, read_us, state, columns, bands)

    if not any(plan.parts for plan in plans):
        yield outline(to_us, None, tuple(find_bands(cache, plans)))
        return
    types = [plan.selection.key.type for plan in plans]
    session = Replay(cache, [(exchange, symbol)], from_us, to_us, types=types, allow_missing=True)
    table = _Table(from_us, to_us, width_us)
    while session.at_us < to_us - 1:
        frame = session.advance(to_us - 1, budget_s=budget_s)
        for shown in frame.symbols:
            table.take_touch(shown.touch)
            table.take_trades(shown.trades)
        if session.at_us < to_us - 1:
            yield outline(session.at_us + 1, table.columns())
    yield outline(to_us, table.columns(), tuple(find_bands(cache, plans)))


def _state_of(plan: RangePlan) -> DayState:
    if plan.parts:
        return DayState.PRESENT
    # What is neither held nor missing is known not to exist.
    return plan.missing[0].state if plan.missing else DayState.ABSENT


class _Table:
    """Columns that are being filled."""

    def __init__(self, from_us: int, to_us: int, width_us: int) -> None:
        self._start_us = from_us // width_us * width_us
        self._width_us = width_us
        count = math.ceil((to_us - self._start_us) / width_us)
        self._low, self._high, self._last, self._spread = np.full((4, count), np.nan)
        self._volume = np.zeros(count)
        self._has_message = np.zeros(count, np.bool_)

    def _column_of(self, time_us: NDArray[np.int64]) -> NDArray[np.int64]:
        columns: NDArray[np.int64] = (time_us - self._start_us) // self._width_us
        return columns

    def take_touch(self, series: TouchSeries) -> None:
        """Take the touch after each of some messages."""
        if not len(series):
            return
        column = self._column_of(series.time_us)
        firsts = np.flatnonzero(np.diff(column, prepend=-1))
        at = column[firsts]
        touch = series.as_touch()
        mids = mid(touch)
        self._low[at] = np.fmin(self._low[at], np.fmin.reduceat(mids, firsts))
        self._high[at] = np.fmax(self._high[at], np.fmax.reduceat(mids, firsts))
        self._spread[at] = np.fmax(self._spread[at], np.fmax.reduceat(spread(touch), firsts))
        self._last[at] = mids[np.append(firsts[1:], len(mids)) - 1]
        self._has_message[at] = True

    def take_trades(self, series: TradeSeries) -> None:
        """Take some trades."""
        column = self._column_of(series.time_us)
        amounts = np.nan_to_num(series.amount)
        self._volume += np.bincount(column, weights=amounts, minlength=len(self._volume))

    def columns(self) -> OutlineColumns:
        """Give a copy; columns without a message between others show what was before them."""
        low, high, last, widest = (one.copy() for one in (self._low, self._high, self._last, self._spread))
        held = np.flatnonzero(self._has_message)
        if len(held):
            inside = np.arange(held[0], held[-1] + 1)
            silent = inside[~self._has_message[inside]]
            before = held[np.searchsorted(held, silent) - 1]
            for one in (low, high, last):
                one[silent] = self._last[before]
        return OutlineColumns(self._start_us, self._width_us, low, high, last, widest, self._volume.copy())
