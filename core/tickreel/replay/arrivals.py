"""When the messages of a dataset are in the exchange's book, and when a strategy knows them.

This is a latency model at work on rows: it gives each message its times, block after block in file
order, and measures a day where the model asks for it. Whatever plays a market to a strategy can use
it, for any data type.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tickreel.errors import UsageError
from tickreel.market.time import US_PER_SECOND, day_of, day_start_us
from tickreel.replay.latency import MeasuredLatency

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from tickreel.market.block import Block
    from tickreel.replay.latency import LatencyModel
    from tickreel.store import Library, Selection

    Times = NDArray[np.int64]

CLOCKS_WITHIN_US = 600 * US_PER_SECOND
"""An exchange time further than ten minutes from its local time counts as ten minutes from it.

So one broken stamp cannot hold up a book for longer, and what an instant depends on lies near it.
"""
TIME_COLUMNS = ("local_timestamp", "timestamp")
_BEGINNING_US = -(2**62)


class MessageClocks(NamedTuple):
    """What a recording says of consecutive messages."""

    first_row: Times
    """The row at which each begins, and, one longer than the others, the number of rows."""
    local_us: Times
    exchange_us: Times
    """The greatest of the message's rows; within :data:`CLOCKS_WITHIN_US` of local time."""


class Reached(NamedTuple):
    """How far a feed has come: the running maxima up to some message."""

    published_us: int = _BEGINNING_US
    known_us: int = _BEGINNING_US


@dataclass(frozen=True, slots=True, eq=False)
class MessageTimes:
    """The times of consecutive messages; int64 arrays of one length, microseconds since 1970."""

    first_row: Times
    """As in :class:`MessageClocks`, and so the next two."""
    local_us: Times
    exchange_us: Times
    published_us: Times
    """When it is in the exchange's book: the running maximum of exchange time in file order."""
    known_us: Times
    """When it is known: the running maximum of what the model gives, never before it is published."""

    def __len__(self) -> int:
        return len(self.local_us)

    @property
    def reached(self) -> Reached:
        """Give what the messages after these go on from; there must be a message."""
        return Reached(int(self.published_us[-1]), int(self.known_us[-1]))


class Arrivals:
    """The times of one dataset's messages, or of one instrument's in a group, under one model.

    Raises, from any call that reads, for a measured latency:
        UsageError: exchange time equals local time in all messages of a day: none is known.
        DataError: a segment is gone or damaged.
    """

    def __init__(self, library: Library, selection: Selection, model: LatencyModel) -> None:
        self.model = model
        self._library = library
        self._selection = selection
        self._shifts_us: dict[date, int | None] = {}

    @property
    def reach_us(self) -> int:
        """How long after its local time a message is known and published for sure."""
        return CLOCKS_WITHIN_US + self.model.margin_us

    @property
    def shifts_us(self) -> dict[date, int]:
        """Give the shift of every UTC day that was measured so far."""
        return {day: shift for day, shift in sorted(self._shifts_us.items()) if shift is not None}

    def shift_us(self, day: date) -> int | None:
        """Give what the recorder's clock is put right by on a UTC day; the whole day is read once.

        None for a day without messages, and for models that measure nothing.
        """
        if not isinstance(self.model, MeasuredLatency):
            return None
        if day not in self._shifts_us:
            lowest_us = self._first_percentile_us(day)
            self._shifts_us[day] = None if lowest_us is None else self.model.floor_us - lowest_us
        return self._shifts_us[day]

    def times(self, block: Block, before: Reached) -> MessageTimes:
        """Give the times of the messages of a block of one instrument, which has both time columns.

        Args:
            block: whole messages of one UTC day, at least one.
            before: how far the messages before it have come.
        """
        return self._timed(message_clocks(block), before)

    def times_of_break(self, midnight_us: int, before: Reached) -> MessageTimes:
        """Give the times of the news that nothing is known from a midnight on.

        It is a message of no rows that either clock stamps with the midnight; as its day is not held,
        there is no shift.
        """
        at_us = np.array([midnight_us], np.int64)
        return self._timed(MessageClocks(np.zeros(2, np.int64), at_us, at_us), before)

    def _timed(self, clocks: MessageClocks, before: Reached) -> MessageTimes:
        first_row, local_us, exchange_us = clocks
        shift_us = self.shift_us(day_of(int(local_us[0]))) or 0
        published_us = np.maximum(np.maximum.accumulate(exchange_us), before.published_us)
        known_us = self.model.known_us(local_us, published_us, shift_us)
        known_us = np.maximum(np.maximum.accumulate(known_us), before.known_us)
        return MessageTimes(first_row, local_us, exchange_us, published_us, known_us)

    def _first_percentile_us(self, day: date) -> int | None:
        """Find the 1st percentile of local less exchange time: place floor(n / 100) of all n in order."""
        start_us = day_start_us(day)
        plan = self._library.plan(self._selection, start_us, day_start_us(day + timedelta(days=1)))
        # More than these lowest are never asked for; in a group the parts count all instruments' messages.
        most = sum(part.messages for part in plan.parts) // 100 + 1
        messages = stamped = 0
        lowest = np.empty(0, np.int64)
        for block in self._library.rows(plan, TIME_COLUMNS):
            _, local_us, exchange_us = message_clocks(block)
            own = (local_us - exchange_us)[local_us != exchange_us]
            messages += len(local_us)
            stamped += len(own)
            lowest = np.concatenate((lowest, own))
            if len(lowest) > 2 * most:
                lowest = np.partition(lowest, most - 1)[:most]
        if messages and not stamped:
            raise UsageError(
                f"no exchange times are known of {self._selection} {day} (they all equal the local times), "
                "so its latency cannot be measured: choose a constant latency, a distribution or a file"
            )
        place = stamped // 100
        return int(np.partition(lowest, place)[place]) if stamped else None


def message_clocks(block: Block) -> MessageClocks:
    """Find the messages of a block that has both time columns and at least one row."""
    local_us, exchange_us = block.local_us, block.array("timestamp")
    begins = np.flatnonzero(np.concatenate(([True], local_us[1:] != local_us[:-1])))
    own_us = local_us[begins]
    latest_us = np.maximum.reduceat(exchange_us, begins)
    within_us = np.clip(latest_us, own_us - CLOCKS_WITHIN_US, own_us + CLOCKS_WITHIN_US)
    return MessageClocks(np.append(begins, len(local_us)), own_us, within_us)
