"""A day at a glance: the figures of its minutes follow from its rows, and looking costs nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.monitors import CancelAt
from support.vendorfiles import START_US, l2_line, line, write_csv

from tickreel.errors import Cancelled
from tickreel.market.time import US_PER_DAY
from tickreel.market.types import DataType
from tickreel.store import Cache, open_cache
from tickreel.store.library.minutes import MINUTES, DayMinutes, Measure, day_minutes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.store import Day

MINUTE_US = 60_000_000
L2, TRADES, TICKER = DataType.INCREMENTAL_BOOK_L2, DataType.TRADES, DataType.DERIVATIVE_TICKER


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


def stored(cache: Cache, tmp_path: Path, data_type: DataType, lines: list[str]) -> Day:
    path = write_csv(tmp_path / f"{data_type}-{len(lines)}.csv.gz", data_type, lines)
    (day,) = cache.import_file(path, type=data_type, complete=True)
    return day


def nothing_was_counted(cache: Cache) -> bool:
    return all(day.hits == 0 for day in cache.all_days())


def test_a_book_gives_the_last_mid_and_the_widest_spread_of_each_minute(cache: Cache, tmp_path: Path) -> None:
    day = stored(
        cache,
        tmp_path,
        L2,
        [
            l2_line(START_US + 5, "bid", "99", "1", snapshot=True),
            l2_line(START_US + 5, "ask", "101", "1", snapshot=True),
            l2_line(START_US + 6, "bid", "99", "0"),
            l2_line(START_US + 6, "bid", "95", "1"),
            l2_line(START_US + 7, "bid", "97", "1"),
            l2_line(START_US + 3 * MINUTE_US, "ask", "99", "1"),
        ],
    )
    told = day_minutes(cache.library, day)
    assert told.measure is Measure.TOUCH
    # The mid of a minute without messages is that of the last one before it; its spread is not known.
    assert told.level[:5].tolist() == [99.0, 99.0, 99.0, 98.0, 98.0]
    assert told.beside[[0, 3]].tolist() == [6.0, 2.0]
    assert np.isnan(told.beside[[1, 2, 4]]).all()
    assert told.level[MINUTES - 1] == 98.0
    assert nothing_was_counted(cache)


def test_a_book_is_carried_over_midnight(cache: Cache, tmp_path: Path) -> None:
    stored(
        cache,
        tmp_path,
        L2,
        [
            l2_line(START_US + 5, "bid", "99", "1", snapshot=True),
            l2_line(START_US + 5, "ask", "101", "1", snapshot=True),
        ],
    )
    day = stored(cache, tmp_path, L2, [l2_line(START_US + US_PER_DAY + MINUTE_US, "bid", "100", "1")])
    level = day_minutes(cache.library, day).level
    assert np.isnan(level[0])
    assert level[1] == 100.5


def test_trades_give_price_and_amount_and_other_types_their_rows(cache: Cache, tmp_path: Path) -> None:
    trades = stored(
        cache,
        tmp_path,
        TRADES,
        [
            line(TRADES, START_US + MINUTE_US, price="10", amount="2"),
            line(TRADES, START_US + MINUTE_US + 1, price="11", amount="0.5"),
            line(TRADES, START_US + MINUTE_US + 2, price="", amount=""),
        ],
    )
    told = day_minutes(cache.library, trades)
    assert told.measure is Measure.TRADES
    assert np.isnan(told.level[0])
    assert told.level[1:3].tolist() == [11.0, 11.0]
    assert told.beside[:3].tolist() == [0.0, 2.5, 0.0]
    ticker = stored(cache, tmp_path, TICKER, [line(TICKER, START_US + US_PER_DAY - 1)] * 3)
    counted = day_minutes(cache.library, ticker)
    assert counted.measure is Measure.ROWS
    assert (counted.level.sum(), counted.level[MINUTES - 1]) == (3.0, 3.0)


def test_a_value_is_held_to_the_end_of_its_part_and_not_over_what_is_not_there(
    cache: Cache, tmp_path: Path
) -> None:
    noon_us = START_US + US_PER_DAY // 2
    path = write_csv(
        tmp_path / "part.csv",
        TRADES,
        [line(TRADES, noon_us, price="10"), line(TRADES, noon_us + 5 * MINUTE_US, price="12")],
    )
    (day,) = cache.import_file(path, type=TRADES)
    told: DayMinutes = day_minutes(cache.library, day)
    assert day.parts[0].end_us < START_US + US_PER_DAY
    assert told.level[720:726].tolist() == [10.0, 10.0, 10.0, 10.0, 10.0, 12.0]
    assert np.isnan(told.level[:720]).all()
    assert np.isnan(told.level[726:]).all()


def test_it_stops_when_it_is_told_to(cache: Cache, tmp_path: Path) -> None:
    day = stored(cache, tmp_path, TRADES, [line(TRADES)])
    with pytest.raises(Cancelled):
        day_minutes(cache.library, day, CancelAt(1))
