"""What is held of a symbol, as the set-up of a replay sees it, and what was chosen of it.

Plain values and arithmetic without Qt.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.errors import UsageError
from tickreel.market.time import US_PER_DAY, US_PER_SECOND, day_of, day_start_us, days_touched, format_us
from tickreel.store import DayState
from tickreel_desktop.zone.times import day_text, utc_day_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tickreel.store import Day


@dataclass(frozen=True, slots=True)
class MissingRows:
    """A day of the range of which rows that should be there are not held."""

    day: date
    what: str
    """``order book``, ``trades``, or both, in words."""
    state: DayState


@dataclass(frozen=True, slots=True)
class ReplayOffer:
    """One symbol and its recorded days, each tuple in time order."""

    exchange: str
    symbol: str
    book_days: tuple[Day, ...]
    """Recorded days of incremental_book_L2; at least one has rows."""
    trade_days: tuple[Day, ...]
    """Recorded days of trades; empty when none are held, and none are played then."""
    speed: float | None = 1.0
    """The speed to begin with; None is as fast as the machine goes."""
    range_us: tuple[int, int] | None = None
    """The range [from, to) to begin with; None is the whole of what is held."""

    @property
    def span_us(self) -> tuple[int, int]:
        """Give the range [from, to), in whole seconds, of all rows that are held of the book.

        Raises:
            UsageError: there are none.
        """
        spans = self.spans_us
        if not spans:
            raise UsageError(f"no order book is held of {self.exchange} {self.symbol}: import one first")
        first_us, last_us = spans[0][0], max(end for _, end in spans)
        second = US_PER_SECOND
        return first_us // second * second, -(-last_us // second) * second

    @property
    def spans_us(self) -> tuple[tuple[int, int], ...]:
        """Give the stretches [from, to) that hold rows of the book, in time order."""
        return tuple(
            (part.first_local_us, part.last_local_us + 1)
            for day in self.book_days
            for part in day.parts
            if part.first_local_us is not None and part.last_local_us is not None
        )

    @property
    def types_text(self) -> str:
        """Name what would be played."""
        return "order book, trades" if self.trade_days else "order book"

    def state_of(self, day: date) -> DayState:
        """Tell how the book of a day stands."""
        return next((each.state for each in self.book_days if each.day == day), DayState.MISSING)

    def missing(self, start_us: int, end_us: int) -> list[MissingRows]:
        """Find the days that [start_us, end_us) touches and that would leave a hole."""
        kinds = [("order book", self.book_days)]
        if self.trade_days:
            kinds.append(("trades", self.trade_days))
        states = [(what, {each.day: each.state for each in days}) for what, days in kinds]
        found = []
        for day in days_touched(start_us, end_us):
            holes = [
                (what, state)
                for what, by_day in states
                if (state := by_day.get(day, DayState.MISSING)).is_hole
            ]
            if holes:
                found.append(MissingRows(day, " and no ".join(what for what, _ in holes), holes[0][1]))
        return found

    def rows_in(self, start_us: int, end_us: int) -> tuple[int, bool]:
        """Count the rows of [start_us, end_us); tell whether parts cut through make that an estimate."""
        rows, is_estimate = 0.0, False
        for day in (*self.book_days, *self.trade_days):
            for part in day.parts:
                if part.first_local_us is None or part.last_local_us is None:
                    continue
                length_us = part.last_local_us + 1 - part.first_local_us
                inside_us = min(end_us, part.last_local_us + 1) - max(start_us, part.first_local_us)
                if inside_us > 0:
                    rows += part.rows * inside_us / length_us
                    is_estimate = is_estimate or inside_us < length_us
        return round(rows), is_estimate


@dataclass(frozen=True, slots=True)
class ReplayChoice:
    """What to play: the half-open range [start_us, end_us) of one symbol."""

    exchange: str
    symbol: str
    start_us: int
    end_us: int
    speed: float | None
    """Market seconds per second; None is as fast as the machine goes."""
    allow_missing: bool

    @property
    def command(self) -> str:
        """Spell it as a command line."""
        speed = "max" if self.speed is None else f"{self.speed:g}"
        words = ["tickreel", "replay", self.exchange, self.symbol]
        words += [short_instant(self.start_us), short_instant(self.end_us), "--speed", speed]
        return shlex.join([*words, *(["--allow-missing"] if self.allow_missing else [])])


@dataclass(frozen=True, slots=True)
class RangeFix:
    """Another range that has no hole, or fewer, and the words for it."""

    text: str
    start_us: int
    end_us: int


def range_fix(missing: Sequence[MissingRows], start_us: int, end_us: int) -> RangeFix | None:
    """Shorten a range so that it ends before the first missing day, else begins after the last."""
    if not missing:
        return None
    first_us = day_start_us(missing[0].day)
    if first_us > start_us:
        return RangeFix(f"End on {utc_day_text(day_of(first_us - 1))}", start_us, first_us)
    after_us = first_us
    for each in missing:
        if day_start_us(each.day) != after_us:
            break
        after_us += US_PER_DAY
    if after_us < end_us:
        return RangeFix(f"Start on {utc_day_text(day_of(after_us))}", after_us, end_us)
    return None


def missing_text(offer: ReplayOffer, missing: Sequence[MissingRows]) -> str:
    """Say in a sentence which days are missing."""
    days = ", ".join(day_text(each.day) for each in missing[:4])
    more = f" and {len(missing) - 4} more days" if len(missing) > 4 else ""
    what = missing[0].what if len({each.what for each in missing}) == 1 else "complete rows"
    return f"{offer.exchange} {offer.symbol} has no {what} for {days}{more} (UTC)."


def short_instant(at_us: int) -> str:
    """Spell an instant as shortly as it can be read back to the microsecond."""
    if at_us % US_PER_DAY == 0:
        return day_of(at_us).isoformat()
    text = format_us(at_us)
    return f"{text[:19]}Z" if at_us % US_PER_SECOND == 0 else text
