"""What is held of a selection, who pins it, and what may become of it, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tickreel.market.units import format_full
from tickreel.store.care.eviction import size_of
from tickreel.store.care.pins import BY_HAND
from tickreel.store.model import DayRange

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from tickreel.market.types import DatasetKey
    from tickreel.store import Cache, Day

_ONE_DAY = timedelta(days=1)
_NAMED_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Survey:
    """The held days of some ranges."""

    days: tuple[Day, ...]
    """By dataset and day; each once."""
    holders: Mapping[tuple[DatasetKey, date], tuple[str, ...]]
    """Who pins them, by hand or not."""

    @property
    def pinned(self) -> tuple[Day, ...]:
        """Those that somebody pins."""
        return tuple(day for day in self.days if day.pinned)

    @property
    def pinned_by_hand(self) -> tuple[Day, ...]:
        """Those that a person pinned."""
        return tuple(day for day in self.days if BY_HAND in self.holders.get((day.key, day.day), ()))

    @property
    def pinned_by_others(self) -> tuple[Day, ...]:
        """Those that something else needs, such as a run."""
        return tuple(day for day in self.days if self._others(day))

    @property
    def own(self) -> tuple[Day, ...]:
        """Those that no origin serves again: imported, made or recorded here."""
        return tuple(day for day in self.days if not day.is_refetchable)

    @property
    def bytes(self) -> int:
        """What they take on the disk, keyframes included."""
        return sum(map(size_of, self.days))

    def others_words(self) -> str:
        """Name who else pins them: ``run 0412 and 2 more``; empty when nobody does."""
        names = sorted({holder for day in self.days for holder in self._others(day)})
        more = len(names) - _NAMED_AT_MOST
        return ", ".join(names[:_NAMED_AT_MOST]) + (f" and {format_full(more)} more" if more > 0 else "")

    def _others(self, day: Day) -> list[str]:
        return [holder for holder in self.holders.get((day.key, day.day), ()) if holder != BY_HAND]


def look(cache: Cache, ranges: Sequence[DayRange]) -> Survey:
    """Read what is held of some ranges."""
    days: dict[tuple[DatasetKey, date], Day] = {}
    holders: dict[tuple[DatasetKey, date], tuple[str, ...]] = {}
    of_key: dict[DatasetKey, list[Day]] = {}
    for one in ranges:
        key = one.key
        if key not in of_key:
            of_key[key] = cache.days(key.exchange, key.symbol, key.type)
        for day in of_key[key]:
            if day.parts and one.first <= day.day <= one.last:
                days[key, day.day] = day
        for number, names in cache.life.pins.holders(one).items():
            holders[key, number] = names
    return Survey(tuple(days.values()), holders)


def ranges_of(days: Iterable[Day]) -> list[DayRange]:
    """Gather days, in whatever order, into unbroken ranges by dataset and day."""
    found: list[DayRange] = []
    for day in sorted(days, key=lambda day: place_of(day.key, day.day)):
        last = found[-1] if found else None
        if last is not None and last.key == day.key and last.last + _ONE_DAY == day.day:
            found[-1] = DayRange(day.key, last.first, day.day)
        else:
            found.append(DayRange(day.key, day.day, day.day))
    return found


def place_of(key: DatasetKey, day: date) -> tuple[str, str, str, date]:
    """Give what a day of a dataset is sorted by: exchange, symbol, type, day."""
    return key.exchange, key.symbol, key.type, day


def in_pieces(ranges: Iterable[DayRange], most_days: int) -> list[DayRange]:
    """Cut ranges so that none has more than so many days."""
    pieces = []
    for one in ranges:
        first = one.first
        while first <= one.last:
            last = min(one.last, first + (most_days - 1) * _ONE_DAY)
            pieces.append(DayRange(one.key, first, last))
            first = last + _ONE_DAY
    return pieces


def days_words(count: int) -> str:
    """Count days in words: ``1 day``, ``43 days``."""
    return counted(count, "day")


def days_do(count: int, one: str, several: str) -> str:
    """Say what days do: ``1 day stays``, ``43 days stay``."""
    return f"{days_words(count)} {one if count == 1 else several}"


def counted(count: int, what: str) -> str:
    """Count something in words, its plural made by an s."""
    return f"{format_full(count)} {what}{'' if count == 1 else 's'}"


def where_words(days: Sequence[Day]) -> str:
    """Say of which dataset days are: ``binance-futures BTCUSDT trades`` or ``4 datasets``."""
    keys = list(dict.fromkeys(day.key for day in days))
    return str(keys[0]) if len(keys) == 1 else counted(len(keys), "dataset")
