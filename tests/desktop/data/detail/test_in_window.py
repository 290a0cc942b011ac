"""What is asked for in the detail happens: a version comes back, a moment plays, a day is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from support.desks import desk_over, until
from support.qtloop import run_on_qt
from support.vendorfiles import START_US, l2_line, write_csv

from tickreel.market.types import DatasetKey, DataType
from tickreel.store import Cache, open_cache
from tickreel_desktop.fetching.wish import FetchWish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

KEY = DatasetKey("binance-futures", "BTCUSDT", DataType.INCREMENTAL_BOOK_L2)
DAY = date(2024, 7, 23)
HOUR_US = 3_600_000_000


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


def store(cache: Cache, folder: Path, bid: str) -> None:
    lines = [
        l2_line(START_US + 5, "bid", bid, "1", snapshot=True),
        l2_line(START_US + 5, "ask", "101", "1", snapshot=True),
        l2_line(START_US + 20 * HOUR_US, "bid", "98", "1"),
    ]
    path = write_csv(folder / f"{bid}.csv", KEY.type, lines)
    cache.import_file(path, type=KEY.type, complete=True, replace=True)


@pytest.mark.long
def test_what_the_detail_asks_for_is_done(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    store(cache, tmp_path, "99")
    first = cache.all_days()[0].rows_sha256
    store(cache, tmp_path, "97")

    async def journey() -> None:
        async with desk_over(cache) as desk:
            detail = desk.data.detail
            assert desk.data.select(KEY)
            desk.data.bring_detail()
            detail.tabs.setCurrentIndex(4)
            await until(lambda: detail.history.listed.rowCount() == 2)
            detail.history.table.selectRow(1)
            detail.history.restore.click()
            await until(lambda: cache.all_days()[0].rows_sha256 == first)
            await until(lambda: detail.history.listed.row_at(0).rows_sha256 == first)
            await until(lambda: desk.undo.undo_text == "Restore 1 day")
            desk.undo.undo()
            await until(lambda: cache.all_days()[0].rows_sha256 != first)
            await until(lambda: detail.history.listed.row_at(0).rows_sha256 != first)
            detail.fetch_requested.emit(KEY, DAY, DAY)
            fetching = desk.data_control.fetching
            await until(lambda: fetching.dialog is not None)
            assert fetching.dialog is not None
            assert fetching.dialog.wish() == FetchWish.of_days(KEY, DAY, DAY)
            fetching.dialog.reject()
            await until(lambda: fetching.dialog is None)
            detail.fetch_and_pin_requested.emit(KEY, DAY, DAY)
            await until(lambda: fetching.dialog is not None)
            assert fetching.dialog.wish() == replace(FetchWish.of_days(KEY, DAY, DAY), pins=True)
            assert fetching.dialog.options.pin.isChecked()
            fetching.dialog.reject()
            detail.tabs.setCurrentIndex(0)
            await until(lambda: desk.reader.is_ready and not detail.day_pane.chart.message)
            detail.replay_requested.emit(KEY, START_US + HOUR_US)
            await until(lambda: desk.opener.player is not None and desk.opener.player.frame is not None)
            assert desk.opener.player is not None
            assert desk.opener.player.request.at_us == START_US + HOUR_US
            assert desk.window.front == "replay"

    run_on_qt(qapp, journey())
