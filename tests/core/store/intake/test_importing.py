"""Files into the cache: parts, days, groups, refusals; whatever is refused leaves no trace."""

from __future__ import annotations

import errno
import hashlib
import os
from datetime import date
from typing import TYPE_CHECKING

import pytest
from support.vendorfiles import MIXED, START_US, l2_line, line, write_csv

from tickreel.errors import Cancelled, ConflictError, DataError, EnvironmentProblem, RowError, UsageError
from tickreel.filesystem import Disk
from tickreel.market.time import US_PER_DAY
from tickreel.market.types import DataType
from tickreel.store import Cache, DayState, ImportRequest, Outcome, Source, open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRADES = DataType.TRADES
L2 = DataType.INCREMENTAL_BOOK_L2
HOUR_US = 3_600_000_000
DAY = date(2024, 7, 23)


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


def trades_file(path: Path, *hours: float, **cells: str) -> Path:
    return write_csv(path, TRADES, [line(TRADES, START_US + int(hour * HOUR_US), **cells) for hour in hours])


def outcome(cache: Cache, path: Path, **asked: object) -> Outcome:
    (one,) = cache.import_path(ImportRequest(path, type=TRADES, **asked))  # type: ignore[arg-type]
    return one.outcome


def traces(cache: Cache) -> tuple[object, ...]:
    files = sorted(path for path in cache.home.rglob("*") if path.is_file() and "catalog" not in path.name)
    return cache.all_days(), files


@pytest.mark.parametrize("data_type", list(DataType))
def test_every_type_comes_back_as_it_went_in(cache: Cache, tmp_path: Path, data_type: DataType) -> None:
    path = write_csv(tmp_path / "file.csv.gz", data_type, MIXED[data_type])
    symbol = "OPTIONS" if data_type is DataType.OPTIONS_CHAIN else "BTCUSDT"
    (day,) = cache.import_file(path, type=data_type, symbol=symbol)
    table = cache.arrow("binance-futures", symbol, data_type, START_US, START_US + US_PER_DAY)
    assert day.rows == table.num_rows == len(MIXED[data_type])
    assert day.source is Source.IMPORT
    assert day.source_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    cells = [
        ",".join("" if cell is None else str(cell) for cell in row.values()) for row in table.to_pylist()
    ]
    assert [row.split(",")[:4] for row in cells] == [row.split(",")[:4] for row in MIXED[data_type]]


def test_a_day_is_present_from_ten_past_midnight_to_ten_to_midnight(cache: Cache, tmp_path: Path) -> None:
    edge = 10 / 60
    whole = trades_file(tmp_path / "whole.csv", edge, 24 - edge)
    late = trades_file(tmp_path / "late.csv", 24 + edge + 1e-9 * 1e3, 48 - edge)
    early = trades_file(tmp_path / "early.csv", 48 + edge, 72 - edge - 1e-6)
    for path in (whole, late, early):
        cache.import_file(path, type=TRADES)
    states = [day.state for day in cache.days("binance-futures", "BTCUSDT", TRADES)]
    assert states == [DayState.PRESENT, DayState.PARTIAL, DayState.PARTIAL]


def test_complete_makes_a_short_day_whole(cache: Cache, tmp_path: Path) -> None:
    (day,) = cache.import_file(trades_file(tmp_path / "a.csv", 5, 6), type=TRADES, complete=True)
    assert day.state is DayState.PRESENT
    assert (day.parts[0].start_us, day.parts[0].end_us) == (START_US, START_US + US_PER_DAY)


def test_the_same_rows_again_change_nothing_however_packed(cache: Cache, tmp_path: Path) -> None:
    cache.import_file(trades_file(tmp_path / "a.csv", 5, 6), type=TRADES)
    before = traces(cache)
    assert outcome(cache, trades_file(tmp_path / "b.csv.zst", 5, 6)) is Outcome.ALREADY_HERE
    assert traces(cache) == before


def test_rows_beside_those_held_become_another_part(cache: Cache, tmp_path: Path) -> None:
    first, second = trades_file(tmp_path / "a.csv", 5, 6), trades_file(tmp_path / "b.csv", 1, 2)
    assert outcome(cache, first) is Outcome.STORED
    assert outcome(cache, second) is Outcome.ADDED_PART
    (day,) = cache.days("binance-futures", "BTCUSDT", TRADES)
    assert day.state is DayState.PARTIAL
    hours = [(part.start_us - START_US, part.end_us - START_US) for part in day.parts]
    assert hours == [(HOUR_US, 2 * HOUR_US + 1), (5 * HOUR_US, 6 * HOUR_US + 1)]
    assert outcome(cache, first) is Outcome.ALREADY_HERE, "equal to one of the parts"
    whole = trades_file(tmp_path / "c.csv", 1, 2, 5, 6)
    assert outcome(cache, whole) is Outcome.ALREADY_HERE, "equal to the day, whose digest is over all parts"


def test_an_overlap_is_refused_with_both_spans_and_replace_swaps_the_day(
    cache: Cache, tmp_path: Path
) -> None:
    cache.import_file(trades_file(tmp_path / "a.csv", 5, 6), type=TRADES)
    before = traces(cache)
    other = trades_file(tmp_path / "b.csv", 6, 7)
    with pytest.raises(ConflictError, match=r"T06:00.*T07:00.*overlaps.*T05:00.*T06:00.*--replace"):
        cache.import_file(other, type=TRADES)
    assert traces(cache) == before
    assert outcome(cache, other, replace=True) is Outcome.REPLACED
    (day,) = cache.days("binance-futures", "BTCUSDT", TRADES)
    assert day.first_local_us == START_US + 6 * HOUR_US
    kept = len(list(cache.home.rglob("*.tick")))
    assert kept == 2, "the old part waits in the trash"


def test_touching_parts_do_not_overlap(cache: Cache, tmp_path: Path) -> None:
    cache.import_file(trades_file(tmp_path / "a.csv", 5, 6), type=TRADES)
    next_us = START_US + 6 * HOUR_US + 1
    touching = write_csv(tmp_path / "b.csv", TRADES, [line(TRADES, next_us)])
    assert outcome(cache, touching) is Outcome.ADDED_PART


def test_a_file_over_midnight_is_split_and_stored_whole_or_not_at_all(cache: Cache, tmp_path: Path) -> None:
    over = trades_file(tmp_path / "a.csv", 23.9, 24, 47.9, 48.1)
    days = cache.import_file(over, type=TRADES)
    assert [(day.day.day, day.rows) for day in days] == [(23, 1), (24, 2), (25, 1)]
    before = traces(cache)
    clash = trades_file(tmp_path / "b.csv", 48.05, 48.2, 72.5)
    with pytest.raises(ConflictError):
        cache.import_file(clash, type=TRADES)
    assert traces(cache) == before, "the free day of a refused file is not stored either"


def test_an_empty_file_is_a_present_day_when_its_place_names_it(cache: Cache, tmp_path: Path) -> None:
    place = tmp_path / "v1" / "binance" / "trades" / "2024" / "07" / "23" / "NEXOUSDT.csv.gz"
    write_csv(place, TRADES, [])
    (day,) = cache.import_file(place)
    assert (day.state, day.rows, str(day.key)) == (DayState.PRESENT, 0, "binance NEXOUSDT trades")
    nameless = tmp_path / "nothing.csv"
    nameless.write_bytes(b"")
    with pytest.raises(UsageError, match="--exchange, --symbol, --type and --day"):
        cache.import_file(nameless, type=TRADES, exchange="binance", symbol="X")
    (day,) = cache.import_file(nameless, type=TRADES, exchange="binance", symbol="X", day="2024-07-23")
    assert (day.state, day.rows) == (DayState.PRESENT, 0)
    assert cache.arrow("binance", "X", TRADES, START_US, START_US + US_PER_DAY).num_rows == 0


def test_options_that_contradict_the_rows_are_refused(cache: Cache, tmp_path: Path) -> None:
    path = trades_file(tmp_path / "a.csv", 1, 25)
    with pytest.raises(DataError, match="exchange binance-futures, not binance"):
        cache.import_file(path, type=TRADES, exchange="binance")
    with pytest.raises(DataError, match="symbol BTCUSDT, not ETHUSDT"):
        cache.import_file(path, type=TRADES, symbol="ETHUSDT")
    with pytest.raises(RowError, match="row 2: local_timestamp lies in 2024-07-24"):
        cache.import_file(path, type=TRADES, day=DAY)
    assert cache.datasets() == []


def test_several_symbols_need_a_group(cache: Cache, tmp_path: Path) -> None:
    rows = [
        line(TRADES, START_US, symbol="A"),
        line(TRADES, START_US, symbol="B"),
        line(TRADES, START_US, symbol="A"),
    ]
    path = write_csv(tmp_path / "a.csv", TRADES, rows)
    with pytest.raises(UsageError, match=r"A, and B at row 2.*SPOT\|FUTURES"):
        cache.import_file(path, type=TRADES)
    with pytest.raises(RowError, match="row 2: the symbol is B, not A"):
        cache.import_file(path, type=TRADES, symbol="A")
    assert traces(cache)[1] == []
    (day,) = cache.import_file(path, type=TRADES, symbol="SPOT")
    assert (day.rows, day.messages) == (3, 2), "a message is one symbol's rows of one moment"
    own = cache.arrow("binance-futures", "A", TRADES, START_US, START_US + 1)
    assert own["symbol"].to_pylist() == ["A", "A"]
    named = write_csv(tmp_path / "trades" / "x_FUTURES.csv", TRADES, rows)
    assert cache.import_file(named, type=TRADES, symbol="FUTURES")[0].key.symbol == "FUTURES"


def test_a_group_in_the_path_names_the_dataset_even_of_one_symbol(cache: Cache, tmp_path: Path) -> None:
    place = tmp_path / "deribit" / "trades" / "2024" / "07" / "23" / "OPTIONS.csv"
    write_csv(place, TRADES, [line(TRADES, START_US, exchange="deribit")])
    assert cache.import_file(place)[0].key.symbol == "OPTIONS"


def test_a_bad_row_leaves_the_store_as_it_was(cache: Cache, tmp_path: Path) -> None:
    cache.import_file(trades_file(tmp_path / "a.csv", 1), type=TRADES)
    before = traces(cache)
    bad = write_csv(
        tmp_path / "b.csv", L2, [l2_line(START_US, "bid", "1", "1"), l2_line(START_US, "bid", "1", "-1")]
    )
    with pytest.raises(RowError, match="row 2"):
        cache.import_file(bad)
    assert traces(cache) == before


def test_a_cancelled_import_leaves_the_store_as_it_was(cache: Cache, tmp_path: Path) -> None:
    class Impatient:
        def report(self, done: int, total: int | None, note: str = "") -> None:
            raise Cancelled("enough")

    before = traces(cache)
    with pytest.raises(Cancelled):
        cache.import_path(ImportRequest(trades_file(tmp_path / "a.csv", 1), type=TRADES), Impatient())
    assert traces(cache) == before


def test_a_read_only_cache_takes_nothing(home: Path, tmp_path: Path) -> None:
    open_cache(home).close()
    with open_cache(home, read_only=True) as cache, pytest.raises(UsageError, match="reading only"):
        cache.import_file(trades_file(tmp_path / "a.csv", 1), type=TRADES)


def test_the_same_rows_again_mend_a_day_whose_file_is_damaged_or_gone(cache: Cache, tmp_path: Path) -> None:
    path = trades_file(tmp_path / "a.csv", 5, 6)
    cache.import_file(path, type=TRADES)
    for harm in ("flip", "delete"):
        (segment,) = [
            cache.home / "segments" / part.segment_id[:2] / f"{part.segment_id}.tick"
            for part in cache.days("binance-futures", "BTCUSDT", TRADES)[0].parts
        ]
        if harm == "delete":
            segment.unlink()
        else:
            whole = bytearray(segment.read_bytes())
            whole[len(whole) // 4] ^= 1
            segment.write_bytes(whole)
        with open_cache(cache.home) as fresh, pytest.raises(DataError):
            fresh.arrow("binance-futures", "BTCUSDT", TRADES, START_US, START_US + US_PER_DAY)
        before = cache.days("binance-futures", "BTCUSDT", TRADES)[0]
        assert outcome(cache, path) is Outcome.REPLACED
        after = cache.days("binance-futures", "BTCUSDT", TRADES)[0]
        assert (before.state, after.state) == (DayState.DAMAGED, DayState.PARTIAL)
        assert (after.rows_sha256, after.rows) == (before.rows_sha256, 2)
        assert (after.parts[0].start_us, after.parts[0].end_us) == (
            before.parts[0].start_us,
            before.parts[0].end_us,
        )
        table = cache.arrow("binance-futures", "BTCUSDT", TRADES, START_US, START_US + US_PER_DAY)
        assert table.num_rows == 2
        assert outcome(cache, path) is Outcome.ALREADY_HERE


def test_parts_that_are_all_damaged_are_mended_one_after_the_other(cache: Cache, tmp_path: Path) -> None:
    files = [trades_file(tmp_path / f"{hour}.csv", hour, hour + 1) for hour in (1, 5)]
    for path in files:
        cache.import_file(path, type=TRADES)
    (before,) = cache.days("binance-futures", "BTCUSDT", TRADES)
    for part in before.parts:
        segment = cache.home / "segments" / part.segment_id[:2] / f"{part.segment_id}.tick"
        segment.write_bytes(segment.read_bytes()[:-1])
    first = before.parts[0]  # the damage of the other is met only when the day is mended
    with open_cache(cache.home) as fresh, pytest.raises(DataError):
        fresh.arrow("binance-futures", "BTCUSDT", TRADES, first.start_us, first.end_us)
    assert outcome(cache, trades_file(tmp_path / "third.csv", 9, 10)) is Outcome.ADDED_PART
    (day,) = cache.days("binance-futures", "BTCUSDT", TRADES)
    assert (day.state, day.rows_sha256) == (DayState.DAMAGED, "")
    assert [outcome(cache, path) for path in files] == [Outcome.REPLACED] * 2
    (day,) = cache.days("binance-futures", "BTCUSDT", TRADES)
    assert (day.state, len(day.parts), len(day.rows_sha256)) == (DayState.PARTIAL, 3, 64)
    table = cache.arrow("binance-futures", "BTCUSDT", TRADES, START_US, START_US + US_PER_DAY)
    assert table.num_rows == 6


@pytest.mark.logs_warnings
def test_an_import_is_stored_although_the_day_after_it_turns_out_damaged(
    cache: Cache, tmp_path: Path
) -> None:
    def book_file(name: str, start_us: int) -> Path:
        rows = [l2_line(start_us + n, "bid", "10", "1", snapshot=n == 0) for n in range(9)]
        return write_csv(tmp_path / name, L2, rows)

    cache.import_file(book_file("after.csv", START_US + US_PER_DAY))
    (after,) = cache.days("binance-futures", "BTCUSDT", L2)
    segment_id = after.parts[0].segment_id
    segment = cache.home / "segments" / segment_id[:2] / f"{segment_id}.tick"
    segment.write_bytes(segment.read_bytes()[:-1])
    (day,) = cache.import_file(book_file("day.csv", START_US))
    assert day.state is DayState.PARTIAL
    assert [one.state for one in cache.days("binance-futures", "BTCUSDT", L2)] == [
        DayState.PARTIAL,
        DayState.DAMAGED,
    ]


def test_prices_at_the_edge_of_a_double_are_kept(cache: Cache, tmp_path: Path) -> None:
    prices = ["5e-324", "1e-310", "1", "0.5", "1e22", "0.30000000000000004"]
    rows = [line(TRADES, START_US + n, price=price) for n, price in enumerate(prices)]
    cache.import_file(write_csv(tmp_path / "a.csv", TRADES, rows), type=TRADES)
    table = cache.arrow("binance-futures", "BTCUSDT", TRADES, START_US, START_US + US_PER_DAY)
    assert table["price"].to_pylist() == [float(price) for price in prices]


class _Failing(Disk):
    """Does not tell how much room there is, when it *fails*."""

    fails = False

    def free_bytes(self, folder: Path) -> int:
        if self.fails:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return super().free_bytes(folder)


def test_what_the_system_refuses_unforeseen_is_the_failure_of_that_file_alone(
    home: Path, tmp_path: Path
) -> None:
    first, second = trades_file(tmp_path / "a.csv", 5, 6), trades_file(tmp_path / "b.csv", 30, 31)
    disk = _Failing()
    with Cache(home, disk=disk) as cache:
        before = traces(cache)
        disk.fails = True
        with pytest.raises(
            EnvironmentProblem, match=r"a\.csv: the import failed: Input/output error; import"
        ):
            outcome(cache, first)
        assert traces(cache) == before
        disk.fails = False
        assert outcome(cache, second) is Outcome.STORED
        assert outcome(cache, first) is Outcome.STORED


def test_a_lack_of_memory_is_told_and_an_interrupt_goes_through(cache: Cache, tmp_path: Path) -> None:
    class Raising:
        def __init__(self, error: type[BaseException]) -> None:
            self._error = error

        def report(self, done: int, total: int | None, note: str = "") -> None:
            raise self._error

    request = ImportRequest(trades_file(tmp_path / "a.csv", 5, 6), type=TRADES)
    before = traces(cache)
    with pytest.raises(EnvironmentProblem, match="the import failed: out of memory"):
        cache.import_path(request, Raising(MemoryError))
    for error in (Cancelled, KeyboardInterrupt):
        with pytest.raises(error):
            cache.import_path(request, Raising(error))
    assert traces(cache) == before
