"""Health of days whose books are carried in from others: what it rests on, and how little is read for it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support.vendorfiles import START_US, l2_line, write_csv

from tickreel.market.time import US_PER_DAY, day_of
from tickreel.market.types import DataType
from tickreel.store import Cache, open_cache
from tickreel.store.health import DayWatch, Health, Kind
from tickreel.store.model import DayState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

L2 = DataType.INCREMENTAL_BOOK_L2
EXCHANGE = "binance-futures"
GROUP = "PERPETUALS"


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


def at(day: int, offset_us: int) -> int:
    return START_US + day * US_PER_DAY + offset_us


def snapshot(at_us: int, symbol: str, amount: str = "1") -> list[str]:
    return [
        l2_line(at_us, "bid", "10", amount, snapshot=True, symbol=symbol),
        l2_line(at_us, "ask", "11", "1", snapshot=True, symbol=symbol),
    ]


def update(at_us: int, symbol: str, amount: str = "1") -> list[str]:
    return [l2_line(at_us, "bid", "10", amount, symbol=symbol)]


def put(cache: Cache, folder: Path, day: int, *lines: list[str], symbol: str | None = GROUP) -> None:
    path = write_csv(folder / f"{day}.csv", L2, [cell for rows in lines for cell in rows])
    cache.import_file(path, type=L2, symbol=symbol, complete=True)


def healths(cache: Cache, symbol: str = GROUP, days: tuple[int, int] = (0, 9)) -> list[Health]:
    found = cache.health(EXCHANGE, symbol, L2, at(days[0], 0), at(days[1], 0))
    return [health for _, health in found if health is not None]


def spoil(cache: Cache, symbol: str, day: int) -> None:
    """Turn over all bytes of a day's rows: whoever reads them notices, and the day is marked."""
    found = {one.day: one for one in cache.days(EXCHANGE, symbol, L2)}[day_of(at(day, 0))]
    (path,) = (p for part in found.parts for p in cache.home.rglob(f"{part.segment_id}.tick"))
    os.chmod(path, 0o600)
    with path.open("r+b") as file:
        body = file.read(200)
        file.seek(0)
        file.write(bytes(byte ^ 255 for byte in body))


def forget_reports(cache: Cache) -> None:
    with closing(sqlite3.connect(cache.home / "catalog.sqlite")) as connection, connection:
        connection.execute("DELETE FROM health")


def states(cache: Cache, symbol: str) -> list[DayState]:
    return [day.state for day in cache.days(EXCHANGE, symbol, L2)]


def test_days_of_a_group_in_their_order_are_each_read_once(cache: Cache, tmp_path: Path) -> None:
    for day in range(3):
        put(cache, tmp_path, day, snapshot(at(day, 5), "A"), snapshot(at(day, 6), "B"))
    for day in range(3):
        spoil(cache, GROUP, day)
    put(cache, tmp_path, 3, update(at(3, 4), "A", "2"), snapshot(at(3, 5), "A"), snapshot(at(3, 6), "B"))
    last = healths(cache, days=(3, 4))[0]
    assert last.counts[Kind.BEFORE_SNAPSHOT] == 0
    assert last.counts[Kind.SNAPSHOT_MISMATCH] == 1
    assert states(cache, GROUP) == [DayState.PRESENT] * 4, "a day was read that had left its books"


def test_a_group_without_snapshots_on_the_day_before_is_followed_back_to_where_they_are(
    cache: Cache, tmp_path: Path
) -> None:
    put(cache, tmp_path, 0, snapshot(at(0, 5), "A", "3"), snapshot(at(0, 6), "B"))
    for day in range(1, 5):
        put(cache, tmp_path, day, update(at(day, 5), "A", str(day)), snapshot(at(day, 6), "B"))
    put(cache, tmp_path, 5, update(at(5, 4), "B"), snapshot(at(5, 5), "A", "9"))
    found = healths(cache)
    assert [health.counts[Kind.BEFORE_SNAPSHOT] for health in found] == [0] * 6
    assert [health.counts[Kind.SNAPSHOT_MISMATCH] for health in found] == [0] * 5 + [1]
    forget_reports(cache)
    assert healths(cache) == found


def test_a_report_that_rests_on_too_few_days_is_renewed_when_an_older_one_comes(
    cache: Cache, tmp_path: Path
) -> None:
    put(cache, tmp_path, 1, update(at(1, 5), "A"), snapshot(at(1, 6), "B"))
    put(cache, tmp_path, 2, update(at(2, 5), "A"), snapshot(at(2, 6), "B"))
    assert [health.counts[Kind.BEFORE_SNAPSHOT] for health in healths(cache)] == [1, 1]
    put(cache, tmp_path, 0, snapshot(at(0, 5), "A"), snapshot(at(0, 6), "B"))
    assert [health.counts[Kind.BEFORE_SNAPSHOT] for health in healths(cache)] == [0, 0, 0]


@pytest.mark.parametrize("is_left", [True, False])
def test_an_instrument_of_a_group_that_is_silent_for_a_day_keeps_its_book(
    cache: Cache, tmp_path: Path, is_left: bool
) -> None:
    put(cache, tmp_path, 0, snapshot(at(0, 5), "A"), snapshot(at(0, 6), "B"))
    put(cache, tmp_path, 1, snapshot(at(1, 6), "B"))
    put(cache, tmp_path, 2, [l2_line(at(2, 5), "bid", "12", "1", symbol="A")], update(at(2, 6), "B"))
    if not is_left:
        forget_reports(cache)
    last = healths(cache)[2]
    assert last.counts[Kind.BEFORE_SNAPSHOT] == 0
    assert last.counts[Kind.CROSSED] == 1, "as the book that is read is"


def test_a_report_that_comes_late_is_not_kept_over_other_rows(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(cache, tmp_path, 0, snapshot(at(0, 5), "A"), symbol=None)
    forget_reports(cache)
    finish = DayWatch.finish
    crossing = [*snapshot(at(0, 5), "A"), l2_line(at(0, 6), "bid", "12", "1", symbol="A")]

    def finish_late(watch: DayWatch) -> Health:
        monkeypatch.setattr(DayWatch, "finish", finish)
        path = write_csv(tmp_path / "other.csv", L2, crossing)
        cache.import_file(path, type=L2, replace=True, complete=True)
        return finish(watch)

    monkeypatch.setattr(DayWatch, "finish", finish_late)
    assert healths(cache, "A")[0].counts[Kind.CROSSED] == 0, "of the rows that were asked about"
    assert cache.days(EXCHANGE, "A", L2)[0].issues == ("crossed",)


def test_days_in_a_row_that_follow_from_one_snapshot_are_each_read_once(cache: Cache, tmp_path: Path) -> None:
    put(cache, tmp_path, 0, snapshot(at(0, 5), "A"), symbol=None)
    for day in range(1, 4):
        put(cache, tmp_path, day, update(at(day, 5), "A", str(day)), symbol=None)
    put(cache, tmp_path, 4, update(at(4, 4), "A"), snapshot(at(4, 5), "A", "9"), symbol=None)
    before = healths(cache, "A")
    assert [health.counts[Kind.BEFORE_SNAPSHOT] for health in before] == [0] * 5
    assert [health.counts[Kind.SNAPSHOT_MISMATCH] for health in before] == [0, 0, 0, 0, 1]
    forget_reports(cache)
    found = healths(cache, "A", (0, 2))
    for day in (0, 1):
        spoil(cache, "A", day)
    found += healths(cache, "A", (2, 9))
    assert found == before
    assert states(cache, "A") == [DayState.PRESENT] * 5


def test_the_books_left_by_a_day_are_not_carried_once_its_rows_are_others(
    cache: Cache, tmp_path: Path
) -> None:
    put(cache, tmp_path, 0, snapshot(at(0, 5), "A"), symbol=None)
    put(cache, tmp_path, 1, snapshot(at(1, 5), "A"), update(at(1, 6), "A"), symbol=None)
    forget_reports(cache)
    healths(cache, "A", (0, 1))  # leaves the books of the first day
    path = write_csv(tmp_path / "other.csv", L2, snapshot(at(0, 5), "A", "7"))
    cache.import_file(path, type=L2, replace=True, complete=True)
    (second,) = healths(cache, "A", (1, 2))
    assert second.counts[Kind.SNAPSHOT_MISMATCH] == 1
