"""Exports: the files that days make, all of them or none, and never over what is there."""

from __future__ import annotations

import errno
from datetime import date
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from support.monitors import CancelAt, Recording
from support.vendorfiles import START_US, csv_text, line, write_csv

from tickreel.errors import Cancelled, ConflictError, EnvironmentProblem, UsageError
from tickreel.market.types import DatasetKey, DataType
from tickreel.store import open_cache
from tickreel.store.library.forms import RowsForm
from tickreel.store.model import DayRange

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.store import Cache

TRADES = DataType.TRADES
KEY = DatasetKey("binance-futures", "BTCUSDT", TRADES)
DAYS = DayRange(KEY, date(2024, 7, 23), date(2024, 7, 25))
DAY_US = 86_400_000_000
ROWS = [line(TRADES, START_US + day * DAY_US + n, id=f"{day}-{n}") for day in (0, 2) for n in range(40)]


@pytest.fixture
def cache(home: Path, tmp_path: Path) -> Iterator[Cache]:
    """Hold trades of the 23rd and 25th of July 2024."""
    with open_cache(home) as opened:
        opened.import_file(write_csv(tmp_path / "a.csv", TRADES, ROWS), type=TRADES)
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "out"
    made.mkdir()
    return made


def test_a_file_for_every_day_comes_back_as_the_vendor_wrote_it(cache: Cache, folder: Path) -> None:
    plan, size = cache.plan_export([DAYS], RowsForm.CSV, is_per_day=True)
    assert [str(one) for one in plan.missing] == [f"{KEY} 2024-07-24 (missing)"]
    watched = Recording()
    paths = cache.export(plan, folder, monitor=watched)
    assert [path.name for path in paths] == [
        f"binance-futures_trades_2024-07-{day}_BTCUSDT.csv" for day in (23, 25)
    ]
    assert [path.read_bytes() for path in paths] == [
        csv_text(TRADES, ROWS[:40]),
        csv_text(TRADES, ROWS[40:]),
    ]
    assert sorted(folder.iterdir()) == paths
    written = sum(path.stat().st_size for path in paths)
    assert abs(size - written) < 0.1 * written, "the estimate is measured"
    assert watched.reports[-1][:2] == (80, 80)


def test_one_file_for_the_whole_range(cache: Cache, folder: Path) -> None:
    plan, _ = cache.plan_export([DAYS], RowsForm.PARQUET, is_per_day=False)
    (path,) = cache.export(plan, folder)
    assert path.name == "binance-futures_trades_2024-07-23_2024-07-25_BTCUSDT.parquet"
    assert pq.read_table(path)["id"].to_pylist()[::40] == ["0-0", "2-0"]


def test_what_is_there_is_replaced_only_when_asked(cache: Cache, folder: Path) -> None:
    plan, _ = cache.plan_export([DAYS], RowsForm.CSV, is_per_day=True)
    second = folder / plan.files[1].name
    second.write_text("mine")
    with pytest.raises(ConflictError, match=r"2024-07-25_BTCUSDT\.csv is already there"):
        cache.export(plan, folder)
    assert [path.read_text() for path in folder.iterdir()] == ["mine"]
    cache.export(plan, folder, replace=True)
    assert second.read_bytes() == csv_text(TRADES, ROWS[40:])


@pytest.mark.parametrize("at", [1, 2, 3])
def test_an_export_that_is_cancelled_leaves_nothing_behind(cache: Cache, folder: Path, at: int) -> None:
    plan, _ = cache.plan_export([DAYS], RowsForm.ARROW, is_per_day=True)
    with pytest.raises(Cancelled):
        cache.export(plan, folder, monitor=CancelAt(at))
    assert list(folder.iterdir()) == []


def test_a_disk_that_is_full_is_told_and_leaves_nothing_behind(
    cache: Cache, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, _ = cache.plan_export([DAYS], RowsForm.CSV, is_per_day=True)

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tickreel.store.library.exporting.write_rows", fail)
    with pytest.raises(EnvironmentProblem, match="cannot be written: No space left on device"):
        cache.export(plan, folder)
    assert list(folder.iterdir()) == []


def test_a_folder_that_is_gone_and_days_of_which_nothing_is_held_are_told(cache: Cache, folder: Path) -> None:
    plan, _ = cache.plan_export([DAYS], RowsForm.CSV, is_per_day=True)
    with pytest.raises(EnvironmentProblem, match="cannot be written: No such file"):
        cache.export(plan, folder / "gone")
    empty, size = cache.plan_export(
        [DayRange(KEY, date(2024, 7, 24), date(2024, 7, 24))], RowsForm.CSV, is_per_day=False
    )
    assert (empty.files, size) == ((), 0)
    with pytest.raises(UsageError, match="there is nothing to export"):
        cache.export(empty, folder)


def test_symbols_that_the_vendor_spells_alike_get_files_of_their_own(cache: Cache, tmp_path: Path) -> None:
    for number, symbol in enumerate(("A:B", "A-B")):
        text = [line(TRADES, symbol=symbol)]
        cache.import_file(write_csv(tmp_path / f"{number}.csv", TRADES, text), type=TRADES)
    ranges = [
        DayRange(DatasetKey("binance-futures", symbol, TRADES), DAYS.first, DAYS.first)
        for symbol in ("A:B", "A-B")
    ]
    plan, _ = cache.plan_export(ranges, RowsForm.CSV, is_per_day=True)
    assert [file.name for file in plan.files] == [
        "binance-futures_trades_2024-07-23_A-B.csv",
        "binance-futures_trades_2024-07-23_A-B-2.csv",
    ]


def test_looking_ahead_counts_no_hit_and_no_miss(cache: Cache) -> None:
    before = cache.life.statistics().local
    cache.plan_export([DAYS], RowsForm.CSV, is_per_day=True)
    assert cache.life.statistics().local == before
