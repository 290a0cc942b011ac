"""Days that come from a shared cache one by one, as a test lets them."""

from __future__ import annotations

import random
import threading
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from support.feeds import EXCHANGE, SYMBOL
from support.vendorfiles import START_US, l2_line, line, write_csv

from tickreel.market.time import US_PER_DAY
from tickreel.market.types import DataType
from tickreel.shared.supply import SharedSupply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from tickreel.market.types import DatasetKey
    from tickreel.store import Cache

HANG_S = 30.0
FIRST = date(2024, 7, 23)
END_US = START_US + 3 * US_PER_DAY
BOOK, TRADES = DataType.INCREMENTAL_BOOK_L2, DataType.TRADES
_MINUTE_US = 60_000_000


class Gate:
    """Lets the days come that it was opened for, and tells in which order they were begun."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open: set[date] = {FIRST}
        self.begun: list[date] = []

    def open(self, *days: date) -> None:
        """Let days come from now on."""
        with self._changed:
            self._open.update(days)
            self._changed.notify_all()

    def pass_through(self, day: date) -> None:
        """Begin with a day, and wait until it may come."""
        with self._changed:
            self.begun.append(day)
            assert self._changed.wait_for(lambda: day in self._open, HANG_S)


def nth(number: int) -> date:
    """Name a day, counted from 0."""
    return FIRST + timedelta(days=number)


def fill(cache: Cache, folder: Path, days: int = 3) -> None:
    """Import days whose book is only told whole on the first: it is carried over each midnight."""
    chance = random.Random(11)
    for number in range(days):
        start_us = START_US + number * US_PER_DAY
        rows = [
            l2_line(start_us, side, f"{100 + sign * (level + 1) / 10:.1f}", "5", snapshot=True)
            for side, sign in (("bid", -1), ("ask", 1))
            for level in range(20 if number == 0 else 0)
        ]
        for minute in range(1, 1_440, 7):
            side, sign = chance.choice((("bid", -1), ("ask", 1)))
            price = f"{100 + sign * chance.randint(1, 25) / 10:.1f}"
            amount = str(chance.choice((0, 1, 2.5, 7)))
            rows.append(l2_line(start_us + minute * _MINUTE_US, side, price, amount))
        trades = [
            line(TRADES, start_us + hour * 60 * _MINUTE_US, id=str(hour), price="100.1") for hour in range(24)
        ]
        for data_type, lines in ((BOOK, rows), (TRADES, trades)):
            name = f"{EXCHANGE}_{data_type.value}_{nth(number)}_{SYMBOL}.csv.gz"
            cache.import_file(write_csv(folder / name, data_type, lines))


@contextmanager
def gated(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Hold up what comes from shared caches, but for the first day."""
    gate = Gate()
    bring = SharedSupply._bring

    def held_up(self: SharedSupply, key: DatasetKey, day: date, *args: Any, **given: Any) -> Any:
        gate.pass_through(day)
        return bring(self, key, day, *args, **given)

    monkeypatch.setattr(SharedSupply, "_bring", held_up)
    yield gate
    gate.open(*map(nth, range(9)))


def share_all(cache: Cache) -> None:
    """Put all days that a cache holds on its server."""
    assert isinstance(cache.farther, SharedSupply)
    for day in cache.all_days():
        cache.farther.share(day)


def goes_on() -> bool:
    """Tell whether days are being brought for a replay."""
    return any(thread.name == "tickreel-prefetch" for thread in threading.enumerate())
