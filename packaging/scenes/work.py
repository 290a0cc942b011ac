"""Work that lasts: imports and fetches as they are asked for, jobs, messages and the log."""
# ruff: noqa: D102 - the name of each scene says what is shown

from __future__ import annotations

import asyncio
import json
import logging
import os
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from scenes.stage import Stage
from tickreel.fetch.service import FetchService
from tickreel.market.time import day_start_us
from tickreel.market.types import DatasetKey, DataType
from tickreel.store import ImportRequest
from tickreel_desktop.components import Message, MessageAction, ToastKind, open_over
from tickreel_desktop.components.toast import Toast
from tickreel_desktop.fetching.wish import FetchWish
from tickreel_desktop.leaving import LeaveDialog

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.progress import Monitor
    from tickreel_desktop.fetching.dialog import FetchDialog

_FETCH = FetchWish("binance-futures", ("BTCUSDT",), (DataType.TRADES,), date(2024, 9, 1), date(2024, 9, 30))
_SINCE = "2022-05-24T00:00:00.000Z"
_TYPES = ["incremental_book_L2", "trades", "book_snapshot_25", "quotes", "derivative_ticker", "liquidations"]
_LISTED = {
    "id": "binance-futures",
    "incidentReports": [
        {
            "from": "2024-09-19T02:00:00Z",
            "to": "2024-09-19T08:00:00Z",
            "status": "wontfix",
            "details": "outage",
        }
    ],
    "datasets": {
        "exportedUntil": "2024-09-29T00:00:00.000Z",
        "symbols": [
            {"id": "BTCUSDT", "type": "perpetual", "availableSince": _SINCE, "dataTypes": _TYPES},
            {"id": "NEXOUSDT", "type": "perpetual", "availableSince": _SINCE, "dataTypes": _TYPES},
            {
                "id": "NEXOBUSD",
                "type": "perpetual",
                "availableSince": _SINCE,
                "dataTypes": _TYPES,
                "availableTo": "2023-08-10T00:00:00.000Z",
            },
        ],
    },
}
_LOGGER = logging.getLogger("tickreel.fetch.screens")


class WorkScenes(Stage):
    """Brings into one state after the other what shows work."""

    async def import_preview(self) -> None:
        desk, folder = self._desk, self._folder / "in"
        desk.window.go_to("data")
        first, second = await asyncio.to_thread(_write_files, folder)
        for path in (first, second):
            desk.imports.import_paths([path])
            await self._until(lambda: not desk.imports.is_busy)
        desk.previews.preview([folder])
        dialog = desk.previews.dialog
        assert dialog is not None
        await self._until(lambda: dialog.isVisible() and not dialog.stop_button.isVisible())
        for place, preview in enumerate(dialog.model.previews):
            if preview.problem:
                dialog.table.show_row(place)

    async def fetch_empty(self) -> None:
        self._desk.window.go_to("data")
        self._keep_lists(self._desk.cache.disk.now_us())
        await self._fetch_dialog(None)

    async def fetch_filled(self) -> None:
        await asyncio.to_thread(self._hold_days, 14)
        self._keep_lists(self._desk.cache.disk.now_us())
        dialog = await self._fetch_dialog(_FETCH)
        await self._until(lambda: dialog.preview() is not None and not dialog.reason())
        QTest.keyClicks(dialog.form.symbols.edit, "nexo")

    async def fetch_offline(self) -> None:
        self._keep_lists(self._desk.cache.disk.now_us() - 3 * 3_600_000_000)
        dialog = await self._fetch_dialog(_FETCH)
        await self._until(dialog.outcome.offline.isVisible)

    async def standing_orders(self) -> None:
        self._desk.data_control.fetching.open_standing()

    async def standing_orders_kept(self) -> None:
        os.environ["TARDIS_API_KEY"] = "a-key-for-pictures"
        with FetchService(self._desk.cache) as service:
            for symbol in ("BTCUSDT", "ETHUSDT"):
                key = DatasetKey("binance-futures", symbol, DataType.TRADES)
                service.standing.add(key, date(2024, 9, 1))
        await self.standing_orders()
        await asyncio.sleep(0.5)

    async def _fetch_dialog(self, wish: FetchWish | None) -> FetchDialog:
        fetching = self._desk.data_control.fetching
        fetching.open(wish)
        await self._until(lambda: fetching.dialog is not None)
        assert fetching.dialog is not None
        return fetching.dialog

    def _keep_lists(self, at_us: int) -> None:
        """Keep lists as if the vendor had told them then; nobody is asked for a picture."""
        os.environ["TICKREEL_TARDIS_API_URL"] = "http://127.0.0.1:9/v1"
        os.environ["TARDIS_API_KEY"] = "a-key-for-pictures"
        folder = self._desk.cache.home / "metadata"
        folder.mkdir(exist_ok=True)
        names = ("binance", "binance-futures", "bybit", "deribit", "ftx", "okex-swap")
        exchanges = [{"id": name, "delisted": name == "ftx"} for name in names]
        for name, answer in (("exchanges", exchanges), (_FETCH.exchange, _LISTED)):
            kept = {"fetched_us": at_us, "answer": answer}
            (folder / f"{name}.json").write_text(json.dumps(kept), encoding="utf-8")

    def _hold_days(self, count: int) -> None:
        head = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
        for number in range(count):
            day = date(2024, 9, 1) + timedelta(days=number)
            at_us = day_start_us(day)
            path = self._folder / f"binance-futures_trades_{day}_BTCUSDT.csv"
            path.write_text(f"{head}binance-futures,BTCUSDT,{at_us},{at_us},1,buy,58138.6,0.1\n")
            request = ImportRequest(path, "binance-futures", "BTCUSDT", DataType.TRADES, day, complete=True)
            self._desk.cache.import_path(request)

    async def jobs_busy_and_failed(self) -> None:
        desk = self._desk
        desk.window.go_to("data")
        bad = self._folder / "binance-futures_trades_2024-08-05_BTCUSDT.csv"
        bad.write_text(
            "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
            "binance-futures,BTCUSDT,1722816000000000,1722816000003847,1,buy,58138.6,nan\n"
        )
        desk.imports.import_paths([bad])
        await self._until(lambda: not desk.imports.is_busy)
        for kind, title, words, total, done in (
            (
                "verify",
                "Verify binance-futures BTCUSDT incremental_book_L2, 366 days",
                "All checksums good so far",
                366,
                297,
            ),
            ("sample", "Make the sample", "Simulating", 1_000, 170),
        ):
            desk.runner.submit(kind, title, partial(self._work, words, done, total))
        desk.window.show_panel("jobs")
        model = desk.jobs.panel.table.model()
        await self._until(lambda: model.rowCount() > 2)
        await asyncio.sleep(0.8)

    def _work(self, words: str, done: int, total: int, job: Monitor) -> None:
        for step in range(10):
            job.report(done * (step + 1) // 10, total, "")
            self._release.wait(0.05)
        while not self._release.wait(0.1):
            job.report(done, total, words)

    async def jobs_cause(self) -> None:
        table = self._desk.jobs.panel.table
        model = table.model()
        for row in range(model.rowCount()):
            if "trades" in str(model.index(row, 0).data()):
                table.setCurrentIndex(model.index(row, 0))
        QTest.keyClick(table, Qt.Key.Key_Return)

    async def leaving(self) -> None:
        desk = self._desk
        open_over(desk.window, LeaveDialog(desk.theme, desk.running(), desk.window))

    async def toasts(self) -> None:
        self._release.set()
        toasts = self._desk.window.toasts
        toasts.say(
            Message(ToastKind.WARNING, "The shared cache does not answer", "Reads go to the local cache.")
        )
        toasts.say(
            Message(ToastKind.GOOD, "212 days moved to the trash", "41.8 GB. They stay there for 30 days."),
            (MessageAction("Undo", lambda: None),),
        )
        toasts.say(
            Message(
                ToastKind.ERROR,
                "Fetch stopped: 14 March 2024 did not arrive",
                "The checksum differs from the one the vendor lists, 3 times. The other 2 days are stored.",
            ),
            (MessageAction("Retry 1 day", lambda: None), MessageAction("Show cause", lambda: None)),
        )

    async def messages(self) -> None:
        for toast in self._desk.window.findChildren(Toast):
            toast.close_message()
        self._desk.jobs.panel.show_messages()
        self._desk.window.show_panel("jobs")

    async def log(self) -> None:
        desk = self._desk
        _LOGGER.info("2024-08-05 of binance-futures BTCUSDT trades: 3.1 MB in 0.4 s")
        _LOGGER.warning("2024-08-06: the answer broke off after 1.2 MB; asked again in 2 s")
        try:
            raise OSError("the disk is full")
        except OSError:
            _LOGGER.exception("2024-08-07 could not be stored")
        desk.window.show_panel("log")
        await asyncio.sleep(0.5)


def _write_files(folder: Path) -> tuple[Path, Path]:
    """Write files of all kinds that a look at them tells apart, and name two that are to be held by then."""
    folder.mkdir(exist_ok=True)
    head = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
    row = "binance-futures,{0},1722816000000000,{1},{2},buy,58138.6,{3}\n"
    names = [f"binance-futures_trades_2024-08-05_{symbol}" for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT")]
    for name in (*names, "download (3)", "download (4)"):
        symbol = name.rpartition("_")[2] if "_" in name else "XRPUSDT"
        rows = [row.format(symbol, 1722816000003847 + place, place, "0.2") for place in range(4_000)]
        (folder / f"{name}.csv").write_text(head + "".join(rows))
    bad = [row.format("BNBUSDT", 1722816000003847 + place, place, "0.2") for place in range(16)]
    bad.append(row.format("BNBUSDT", 1722816000003900, 16, "nan"))
    (folder / "binance-futures_trades_2024-08-05_BNBUSDT.csv").write_text(head + "".join(bad))
    first, second = (folder / f"{name}.csv" for name in names[:2])
    other = second.read_text()[:-60].rpartition("\n")[0]
    (folder / "other_trades_2024-08-05_ETHUSDT.csv").write_text(other)
    return first, second
