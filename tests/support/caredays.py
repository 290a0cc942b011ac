"""A cache with a few real days of trades, of which some count as fetched and one as imported."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

from support.vendorfiles import START_US, line, write_csv

from tickreel.market.types import DatasetKey, DataType
from tickreel.store.model import DayRange

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.store import Cache

KEY = DatasetKey("binance-futures", "BTCUSDT", DataType.TRADES)
FIRST = date(2024, 7, 23)
FETCHED = 3
"""Days that an origin could serve again; the one after them was imported."""
ROWS = 40
"""Of each day."""
_DAY_US = 86_400_000_000


def nth(number: int) -> date:
    """Give a day counted from the first."""
    return date.fromordinal(FIRST.toordinal() + number)


def span(first: int, last: int) -> DayRange:
    """Give a range of days counted from the first, the last included."""
    return DayRange(KEY, nth(first), nth(last))


def fill(cache: Cache, folder: Path) -> None:
    """Hold four days: three fetched, one imported."""
    noon_us = START_US + _DAY_US // 2
    rows = [
        line(DataType.TRADES, noon_us + number * _DAY_US + row, id=f"{number}-{row}")
        for number in range(FETCHED + 1)
        for row in range(ROWS)
    ]
    cache.import_file(write_csv(folder / "days.csv", DataType.TRADES, rows), type=DataType.TRADES)
    with closing(cache.connect()) as database, database.writing() as connection:
        connection.execute("UPDATE segment SET source = 'tardis' WHERE day < ?", (nth(FETCHED).isoformat(),))


def held(cache: Cache) -> list[int]:
    """Number the days that are held."""
    return [
        day.day.toordinal() - FIRST.toordinal()
        for day in cache.days(KEY.exchange, KEY.symbol, KEY.type)
        if day.parts
    ]
