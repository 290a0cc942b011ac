"""What is told of a file before it is imported is what the import then does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from support.vendorfiles import START_US, line, write_csv

from tickreel.errors import Cancelled, ConflictError, DataError, RowError, UsageError
from tickreel.market.time import US_PER_DAY
from tickreel.market.types import DataType
from tickreel.store import CHECKED_ROWS, Cache, ImportRequest, Prospect, open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRADES = DataType.TRADES
HOUR_US = 3_600_000_000


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


def trades(path: Path, *local_us: int, **cells: str) -> Path:
    return write_csv(
        path, TRADES, [line(TRADES, START_US + each, id=str(each), **cells) for each in local_us]
    )


def prospects(cache: Cache, path: Path, **options: bool) -> list[tuple[str, str]]:
    ahead = cache.look_ahead(ImportRequest(path, type=TRADES, **options))  # type: ignore[arg-type]
    return [(one.day.isoformat(), one.prospect.value) for one in ahead.days]


@pytest.mark.parametrize("packing", ["csv", "csv.gz", "csv.zst"])
@pytest.mark.parametrize("more", [-1, 0, 1, 20_000])
def test_only_the_first_rows_are_looked_at(packing: str, more: int, cache: Cache, tmp_path: Path) -> None:
    rows = CHECKED_ROWS + more
    good = [line(TRADES, START_US + row) for row in range(rows)]
    path = write_csv(tmp_path / f"a.{packing}", TRADES, [*good, line(TRADES, price="abc")])
    request = ImportRequest(path, type=TRADES)
    if rows < CHECKED_ROWS:
        with pytest.raises(RowError, match=f"row {rows + 1}: price"):
            cache.look_ahead(request)
        return
    ahead = cache.look_ahead(request)
    assert (ahead.rows, ahead.is_all, str(ahead.key)) == (
        CHECKED_ROWS,
        False,
        "binance-futures BTCUSDT trades",
    )
    assert cache.all_days() == []
    whole = write_csv(path, TRADES, good)
    ahead = cache.look_ahead(request)
    assert (ahead.rows, ahead.is_all, ahead.file_bytes) == (CHECKED_ROWS, more == 0, whole.stat().st_size)


def test_what_is_told_is_what_the_import_does(cache: Cache, tmp_path: Path) -> None:
    path = trades(tmp_path / "a.csv", HOUR_US, 2 * HOUR_US)
    assert prospects(cache, path) == [("2024-07-23", "would_store")]
    cache.import_file(path, type=TRADES)
    assert prospects(cache, path) == [("2024-07-23", "already_here")]

    beside = trades(tmp_path / "beside.csv", 3 * HOUR_US, US_PER_DAY + HOUR_US)
    assert prospects(cache, beside) == [("2024-07-23", "would_add_part"), ("2024-07-24", "would_store")]
    assert prospects(cache, beside, complete=True)[0] == ("2024-07-23", "overlaps")
    over = ImportRequest(trades(tmp_path / "over.csv", HOUR_US + 5), type=TRADES)
    assert prospects(cache, over.path) == [("2024-07-23", "overlaps")]
    with pytest.raises(ConflictError):
        cache.import_path(over)
    assert prospects(cache, over.path, replace=True) == [("2024-07-23", "would_replace")]

    told = {"would_add_part": "added_part", "would_store": "stored", "would_replace": "replaced"}
    for request in (ImportRequest(beside, type=TRADES), replace(over, replace=True)):
        ahead = [told[one.prospect.value] for one in cache.look_ahead(request).days]
        assert [one.outcome.value for one in cache.import_path(request)] == ahead


def test_the_cure_of_a_damaged_day_is_told(cache: Cache, tmp_path: Path, home: Path) -> None:
    path = trades(tmp_path / "a.csv", HOUR_US, 2 * HOUR_US)
    cache.import_file(path, type=TRADES)
    (segment,) = home.rglob("*.tick")
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 1
    segment.write_bytes(bytes(content))
    with pytest.raises(DataError):
        cache.arrow("binance-futures", "BTCUSDT", TRADES, "2024-07-23", "2024-07-24")
    assert prospects(cache, path) == [("2024-07-23", "would_replace")]


def test_what_an_import_refuses_is_refused(cache: Cache, tmp_path: Path) -> None:
    ambiguous = trades(tmp_path / "a.csv", 0)
    with pytest.raises(UsageError, match="--type trades"):
        cache.look_ahead(ImportRequest(ambiguous))
    with pytest.raises(DataError, match="not ETHUSDT as asked"):
        cache.look_ahead(ImportRequest(ambiguous, type=TRADES, symbol="ETHUSDT"))
    two = write_csv(tmp_path / "two.csv", TRADES, [line(TRADES), line(TRADES, symbol="ETHUSDT")])
    with pytest.raises(UsageError, match="more than one symbol"):
        cache.look_ahead(ImportRequest(two, type=TRADES))
    assert cache.look_ahead(ImportRequest(two, type=TRADES, symbol="FUTURES")).key.symbol == "FUTURES"
    torn = trades(tmp_path / "torn.csv.gz", *range(200))
    torn.write_bytes(torn.read_bytes()[:-40])
    with pytest.raises(DataError, match="the gzip stream ends early"):
        cache.look_ahead(ImportRequest(torn, type=TRADES))
    empty = write_csv(tmp_path / "bybit_trades_2024-07-25_BTCUSDT.csv", TRADES, [])
    ahead = cache.look_ahead(ImportRequest(empty))
    assert (str(ahead.key), ahead.is_all, ahead.rows) == ("bybit BTCUSDT trades", True, 0)
    assert [one.prospect for one in ahead.days] == [Prospect.WOULD_STORE]


def test_reading_a_held_file_to_its_end_can_be_cancelled(cache: Cache, tmp_path: Path) -> None:
    path = trades(tmp_path / "a.csv", HOUR_US, 2 * HOUR_US)
    cache.import_file(path, type=TRADES)

    class Stopped:
        def report(self, done: int, total: int | None, note: str = "") -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        cache.look_ahead(ImportRequest(path, type=TRADES), Stopped())
