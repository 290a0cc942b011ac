"""The states that the window is brought into, one after the other, for pictures and for measuring."""
# ruff: noqa: D102 - the name of each scene says what is shown

from __future__ import annotations

import asyncio
import json
import logging
import os
import threading
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from analysis_scenes import ANALYSIS, AnalysisScenes
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QToolButton
from used_home import use_home

from tickreel.instruments import InstrumentTable
from tickreel.instruments.vendor import read_listing
from tickreel.market.time import day_start_us
from tickreel.market.types import DataType
from tickreel.replay import Band, BandKind
from tickreel.sample import SAMPLE_START_US, sample_link
from tickreel.session import Interrupted
from tickreel.store import ImportRequest
from tickreel.store.model import DayRange
from tickreel_desktop.care.export_dialog import ExportDialog
from tickreel_desktop.components import Message, MessageAction, ToastKind, open_over
from tickreel_desktop.components.toast import Toast
from tickreel_desktop.crash import RecoveryCard
from tickreel_desktop.fetching.wish import FetchWish
from tickreel_desktop.frame.overlay import Overlay
from tickreel_desktop.leaving import LeaveDialog
from tickreel_desktop.replay.bookmarks import Bookmark
from tickreel_desktop.settings import SettingsDialog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tickreel.progress import Monitor
    from tickreel_desktop.desk import Desk
    from tickreel_desktop.fetching.dialog import FetchDialog
    from tickreel_desktop.replay.setup_dialog import ReplaySetupDialog

_POLICY = """reason = "desk storage, ask infra"
[store]
quota_bytes = 2000000000000
[network]
proxy = "http://proxy.desk:3128"
"""
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


class Scenes(AnalysisScenes):
    """Brings one window into one state after the other."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self._desk = desk
        self._folder = folder
        self._release = threading.Event()

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not holds():  # noqa: ASYNC110 - what it waits for sends no word
                await asyncio.sleep(0.02)

    async def welcome(self) -> None:
        self._desk.window.go_to("welcome")

    async def data(self) -> None:
        self._desk.window.go_to("data")
        self._desk.data.take_focus()

    async def data_filtered_to_nothing(self) -> None:
        self._desk.window.go_to("data")
        self._desk.data.filter.setText("nexo")

    async def data_days(self) -> None:
        self._desk.window.go_to("data")
        next(each for each in self._desk.data.findChildren(QToolButton) if each.text() == "Days").click()
        QTest.keyClick(self._desk.data.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)

    async def data_filtered(self) -> None:
        self._desk.window.go_to("data")
        self._desk.data.filter.setText("trades year:2025")

    async def data_by_keyboard(self) -> None:
        self._desk.window.go_to("data")
        QTest.keyClick(self._desk.window, Qt.Key.Key_Tab)
        QTest.keyClick(self._desk.window, Qt.Key.Key_Tab)

    async def savings_fresh(self) -> None:
        self._desk.window.go_to("data")
        await self._desk.data_control.savings.renew()

    async def savings(self) -> None:
        self._desk.window.go_to("data")
        await asyncio.to_thread(use_home, self._desk.cache)
        await self._desk.data_control.savings.renew()

    async def _savings_page(self, place: int) -> None:
        await self.savings()
        self._desk.data_control.savings.open()
        await self._desk.data_control.savings.renew()
        assert self._desk.data_control.savings.dialog is not None
        self._desk.data_control.savings.dialog.tabs.setCurrentIndex(place)

    async def savings_assumptions(self) -> None:
        await self._savings_page(0)

    async def savings_plan(self) -> None:
        await self._savings_page(1)

    async def savings_claims(self) -> None:
        await self._savings_page(2)

    async def data_month(self) -> None:
        """A month is chosen of which most days are not held."""
        self._desk.window.go_to("data")
        self._desk.data.bring_detail()
        calendar = self._desk.data.detail.calendar
        await self._until(lambda: calendar.opened is not None)
        QTest.keyClick(calendar, Qt.Key.Key_M)

    async def data_files(self) -> None:
        await self._data_tab(3)

    async def data_history(self) -> None:
        await self._data_tab(4)

    async def _data_tab(self, number: int) -> None:
        self._desk.window.go_to("data")
        self._desk.data.detail.calendar.clear_range()
        self._desk.data.bring_detail()
        self._desk.data.detail.tabs.setCurrentIndex(number)
        await asyncio.sleep(0.3)

    async def data_health(self) -> None:
        self._desk.window.go_to("data")
        self._desk.data.bring_detail()
        self._desk.data.detail.tabs.setCurrentIndex(1)

    async def data_rows(self) -> None:
        self._desk.window.go_to("data")
        self._desk.data.bring_detail()
        self._desk.data.detail.tabs.setCurrentIndex(2)
        await self._until(lambda: self._desk.data.detail.rows.table.rows.rowCount() > 0)

    async def replay_empty(self) -> None:
        self._desk.window.go_to("replay")

    async def replay(self) -> None:
        player = await self._desk.opener.open_link(sample_link())
        assert player is not None
        player.seek(player.request.start_us + 300_000_000)
        player.set_speed(100.0)
        await asyncio.sleep(2.0)
        player.pause()

    async def replay_looped(self) -> None:
        await self.replay()
        player, control = self._desk.opener.player, self._desk.replay_control
        assert player is not None
        marks = control.bookmarking.bookmarks
        for minutes, name, note in (
            (4, "Spread opens", "The offer is pulled first"),
            (41, "Low of the hour", ""),
            (78, "Wall at the bid", "Compare with the other symbol"),
        ):
            marks.put(Bookmark(player.request.start_us + minutes * 60_000_000, name, note))
        self._desk.actions["replay.loop"].trigger()
        self._desk.replay.controls.skip_quiet(5_000_000)
        await asyncio.sleep(1.0)

    async def replay_two_symbols(self) -> None:
        await self._play_together("ETHUSDT")

    async def _play_together(self, *others: str) -> None:
        """Play the sample with other symbols of its exchange, and stand where its market has moved."""
        link = replace(sample_link(), others=tuple(("tickreel-sim", other) for other in others))
        player = await self._desk.opener.open_link(link)
        player.pause()
        player.seek(player.request.start_us + 1_500_000_000)
        player.set_speed(100.0)
        player.play()
        await asyncio.sleep(2.0)
        player.pause()

    async def replay_four_symbols(self) -> None:
        await asyncio.to_thread(self._import_two_venues)
        await self._play_together("ETHUSDT", "BTCUSD-A", "BTCUSD-B")
        self._desk.actions["replay.feedlatency"].trigger()
        await asyncio.sleep(1.0)

    def _import_two_venues(self) -> None:
        """Import the first symbol twice more, under other names, elsewhere in price and later."""
        cache, data_type = self._desk.cache, DataType.INCREMENTAL_BOOK_L2
        start_us = SAMPLE_START_US
        rows = cache.frame("tickreel-sim", "BTCUSDT", data_type, start_us, start_us + 1_800_000_000)
        for name, factor, late_us in (("BTCUSD-A", 1.0004, 14_000), ("BTCUSD-B", 0.9991, 87_000)):
            moved = rows.assign(symbol=name, price=(rows["price"] * factor).round(1))
            moved["local_timestamp"] += late_us
            moved["is_snapshot"] = moved["is_snapshot"].map({True: "true", False: "false"})
            path = self._folder / f"tickreel-sim_incremental_book_L2_2025-03-15_{name}.csv"
            moved.to_csv(path, index=False)
            cache.import_file(path, type=data_type)

    async def replay_late(self) -> None:
        await self.replay()
        self._desk.replay.set_latency(250_000)
        self._desk.actions["replay.feedlatency"].trigger()
        self._desk.replay.shared.set_width(20_000_000)
        await asyncio.sleep(1.0)

    async def replay_searching(self) -> None:
        await self.replay()
        banner = self._desk.replay_control.crossings.banner
        banner.set_text("Looking for the next crossing of 12.5 after this moment: 41 %")
        banner.show()

    async def replay_bookmarks(self) -> None:
        self._desk.actions["replay.bookmarks"].trigger()

    async def replay_panels_hidden(self) -> None:
        await self.replay()
        for verb in ("depth", "figures"):
            self._desk.actions[f"replay.{verb}"].trigger()

    async def replay_setup(self) -> None:
        await self._desk.setup.set_up(("tickreel-sim", "BTCUSDT"))

    async def _set_up_two(self) -> ReplaySetupDialog:
        """Open the form of both symbols of the sample, with a gap and a crossed stretch."""
        pairs = (("tickreel-sim", "BTCUSDT"), ("tickreel-sim", "ETHUSDT"))
        await self._desk.setup.set_up(*pairs)
        dialog = self._desk.setup.dialog
        assert dialog is not None
        start_us, _ = dialog.range.last_range_us
        for pair, kind, after_s, length_s in ((0, "gap", 2_000, 140), (1, "crossed", 5_000, 20)):
            from_us = start_us + after_s * 1_000_000
            to_us = from_us + length_s * 1_000_000
            band = Band(from_us, to_us, BandKind(kind), *pairs[pair], DataType.INCREMENTAL_BOOK_L2)
            dialog.add_bands(*pairs[pair], [band])
        return dialog

    async def replay_setup_filled(self) -> None:
        dialog = await self._set_up_two()
        dialog.play.quiet.click()
        for kind, action in ((BandKind.GAP, "Skip"), (BandKind.BAD, "Stop before")):
            box = dialog.play.actions_by_kind[kind]
            box.setCurrentIndex(box.findText(action))
            box.activated.emit(box.currentIndex())
        dialog.range.presets[2].click()
        self._desk.setup.saved.save("Last hour, two symbols", dialog.plan(), dialog.panels.choice())

    async def replay_setup_missing(self) -> None:
        dialog = await self._set_up_two()
        dialog.range.to_field.setFocus()
        dialog.range.to_field.selectAll()
        QTest.keyClicks(dialog.range.to_field, "2025-03-17")

    async def replay_setup_search(self) -> None:
        await self._desk.setup.set_up(("tickreel-sim", "BTCUSDT"))
        dialog = self._desk.setup.dialog
        assert dialog is not None
        dialog.table.search.setFocus()
        QTest.keyClicks(dialog.table.search, "eth")

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
        for title, total, done in (
            ("Verify binance-futures BTCUSDT incremental_book_L2, 366 days", 366, 297),
            ("Make the sample", 1_000, 170),
        ):
            desk.runner.submit("verify", title, partial(self._work, done, total))
        desk.window.show_panel("jobs")

    def _work(self, done: int, total: int, job: Monitor) -> None:
        for step in range(10):
            job.report(done * (step + 1) // 10, total, "")
            self._release.wait(0.05)
        while not self._release.wait(0.1):
            job.report(done, total, "All checksums good so far")

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
            Message(ToastKind.WARNING, "The shared tier does not answer", "Reads go to the local cache.")
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

    async def palette(self) -> None:
        self._desk.window.go_to("data")
        self._desk.palette_control.open()

    async def palette_moment(self) -> None:
        self._desk.palette_control.open()
        palette = self._desk.palette_control.palette
        assert palette is not None
        palette.field.setText("btcusdt 14 mar 2025 15:30")

    async def palette_mixed(self) -> None:
        self._desk.palette_control.open()
        palette = self._desk.palette_control.palette
        assert palette is not None
        palette.field.setText("eth")

    async def settings(self) -> None:
        self._desk.settings_control.open()
        await self._desk.settings_control.dialog.ready()

    async def settings_search(self) -> None:
        await self.settings()
        self._desk.settings_control.dialog.search.setText("quota")

    async def settings_tardis(self) -> None:
        await self.settings()
        self._desk.settings_control.open_page("tardis")

    async def settings_shared(self) -> None:
        await self.settings()
        self._desk.settings_control.open_page("shared")

    async def settings_locked(self) -> None:
        desk = self._desk
        policy = self._folder / "policy.toml"
        policy.write_text(_POLICY)
        dialog = SettingsDialog(
            desk.theme, desk.cache.home, tasks=desk.tasks, policy_path=policy, parent=desk.window
        )
        open_over(desk.window, dialog)
        await dialog.ready()
        dialog.show_page("store")

    async def instruments(self) -> None:
        await asyncio.to_thread(self._say_of_instruments)
        await self._instruments("tickreel-sim", "BTCUSDT")
        dialog = self._desk.data_control.instruments.dialog
        assert dialog is not None
        dialog.parts.facts.show_row(dialog.parts.fact_model.row_of("taker_fee") or 0)

    async def instruments_inferred(self) -> None:
        await self._instruments("tickreel-sim", "ETHUSDT")
        dialog = self._desk.data_control.instruments.dialog
        assert dialog is not None
        dialog.parts.show_form("infer")
        dialog.parts.infer.infer_button.click()
        await self._until(lambda: dialog.parts.infer.found is not None)

    async def instruments_refused(self) -> None:
        await self._instruments("tickreel-sim", "BTCUSDT")
        dialog = self._desk.data_control.instruments.dialog
        assert dialog is not None
        dialog.parts.change.entry.field.setText("0.1 USD")

    async def instruments_none(self) -> None:
        self._desk.data_control.instruments.open()
        await asyncio.sleep(0.3)

    async def _instruments(self, exchange: str, symbol: str) -> None:
        control = self._desk.data_control.instruments
        control.open(exchange, symbol)
        await self._until(lambda: control.dialog is not None and control.dialog.sheet is not None)
        await asyncio.sleep(0.2)

    def _say_of_instruments(self) -> None:
        listed = {
            "id": "BTCUSDT",
            "type": "perpetual",
            "contractType": "linear_perpetual",
            "baseCurrency": "BTC",
            "quoteCurrency": "USDT",
            "settlementCurrency": "USDT",
            "priceIncrement": 0.01,
            "amountIncrement": 0.001,
            "minTradeAmount": 0.001,
            "inverse": False,
            "makerFee": 0.0002,
            "takerFee": 0.0005,
            "listing": "2019-09-08T00:00:00.000Z",
            "availableSince": "2019-11-17T00:00:00.000Z",
            "changes": [{"until": "2022-03-01T00:00:00.000Z", "priceIncrement": 0.1, "takerFee": 0.0004}],
        }
        other = [{**listed, "id": f"{name}USDT", "baseCurrency": name} for name in ("ADA", "SOL", "XRP")]
        with InstrumentTable(self._desk.cache) as table:
            table.record_listings("tickreel-sim", [read_listing("tickreel-sim", listed)])
            table.record_listings(
                "binance-futures", [read_listing("binance-futures", each) for each in (listed, *other)]
            )
            table.type_in("tickreel-sim", "BTCUSDT", {"taker_fee": 0.00035}, start="2025-01-01")

    async def care_evict(self) -> None:
        await self._care("evict")

    async def care_trash(self) -> None:
        desk = self._desk
        first = desk.cache.all_days()[0]
        days = DayRange(first.key, first.day, first.day)
        await asyncio.to_thread(desk.cache.life.trash.put, days)
        await self._care("trash")
        await asyncio.to_thread(desk.cache.life.restore, days)

    async def care_export(self) -> None:
        await self._care("export")
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ExportDialog)
        dialog.set_folder(str(self._folder))
        await self._until(lambda: dialog.prospect is not None)

    async def care_quota(self) -> None:
        await self._care("quota")

    async def _care(self, verb: str) -> None:
        self._desk.window.go_to("data")
        self._desk.actions[f"data.{verb}"].trigger()
        await self._until(lambda: QApplication.activeModalWidget() is not None)
        await asyncio.sleep(0.5)

    async def shortcuts(self) -> None:
        self._desk.assistance.open_sheet()

    async def shortcut_editor(self) -> None:
        self._desk.assistance.open_editor("data.import")

    async def about(self) -> None:
        self._desk.assistance.open_about()
        await asyncio.sleep(1.0)

    async def diagnostics(self) -> None:
        self._desk.assistance.open_diagnostics()
        await asyncio.sleep(3.0)

    async def crash(self) -> None:
        try:
            [][1]
        except IndexError as error:
            self._desk.crashes.report(error)
        await self._until(lambda: self._desk.crashes.dialog is not None)

    async def recovery(self) -> None:
        desk = self._desk
        now_us = desk.cache.disk.now_us()
        last = Interrupted(1, now_us, now_us - 600_000_000, "replay", sample_link().text())
        card = RecoveryCard(desk.theme, desk.zone, last)
        card.closed.connect(card.deleteLater)
        Overlay(desk.window, card)

    async def tidy(self) -> None:
        """Close whatever lies over the window."""
        desk = self._desk
        await self.leave_analysis()
        for dialog in QApplication.topLevelWidgets():
            if isinstance(dialog, QDialog) and dialog.isVisible():
                dialog.reject()
        desk.data.filter.clear()
        next(each for each in desk.data.findChildren(QToolButton) if each.text() == "Datasets").click()
        desk.data.detail.tabs.setCurrentIndex(0)
        desk.data.bring_detail(is_front=False)
        for card in desk.window.findChildren(RecoveryCard):
            card.deleteLater()
        desk.replay_control.crossings.banner.hide()
        desk.replay.panels.resetState()
        await asyncio.sleep(0.05)


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


FULL = (
    "welcome",
    "data",
    "data_filtered_to_nothing",
    "data_days",
    "data_filtered",
    "data_by_keyboard",
    "savings_fresh",
    "savings",
    "savings_assumptions",
    "savings_plan",
    "savings_claims",
    "data_health",
    "data_rows",
    "data_month",
    "data_files",
    "data_history",
    "palette",
    "palette_moment",
    "palette_mixed",
    "replay",
    "replay_looped",
    "replay_two_symbols",
    "replay_four_symbols",
    "replay_late",
    "replay_searching",
    "replay_bookmarks",
    "replay_panels_hidden",
    "replay_setup",
    "replay_setup_filled",
    "replay_setup_missing",
    "replay_setup_search",
    *ANALYSIS,
    "import_preview",
    "jobs_busy_and_failed",
    "jobs_cause",
    "leaving",
    "toasts",
    "messages",
    "log",
    "settings",
    "settings_search",
    "settings_tardis",
    "settings_shared",
    "settings_locked",
    "instruments",
    "instruments_inferred",
    "instruments_refused",
    "care_evict",
    "care_trash",
    "care_export",
    "care_quota",
    "shortcuts",
    "shortcut_editor",
    "about",
    "diagnostics",
    "crash",
    "recovery",
    "fetch_empty",
    "fetch_filled",
    "fetch_offline",
    "standing_orders",
)
EMPTY = ("welcome", "data", "replay_empty", "palette", "instruments_none")
