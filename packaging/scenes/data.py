"""The states of the Data workspace, of its savings, and of what is done to days by hand."""
# ruff: noqa: D102 - the name of each scene says what is shown

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from used_home import use_home

from scenes.stage import Stage
from tickreel.market.types import DatasetKey, DataType
from tickreel.store.model import DayRange
from tickreel_desktop.care.export_dialog import ExportDialog


class DataScenes(Stage):
    """Brings Data into one state after the other."""

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

    async def serving_off(self) -> None:
        self._desk.window.go_to("data")
        serving = self._desk.data_control.serving
        serving.open()
        await self._until(lambda: serving.dialog is not None and serving.dialog.isVisible())

    async def serving_on(self) -> None:
        await self.serving_off()
        serving = self._desk.data_control.serving
        assert serving.dialog is not None
        serving.dialog.start_wanted.emit(0)
        await self._until(lambda: bool(serving.address))

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

    async def data_book(self) -> None:
        """The details of a book: what stands beside or below the table when one is chosen."""
        self._desk.window.go_to("data")
        self._desk.data.select(DatasetKey("tickreel-sim", "BTCUSDT", DataType.INCREMENTAL_BOOK_L2))
        self._desk.data.bring_detail()
        await asyncio.sleep(1.5)

    async def data_health_notes(self) -> None:
        """All notes, not the problems alone."""
        await self.data_book()
        self._desk.data.detail.tabs.setCurrentIndex(1)
        await asyncio.sleep(0.5)
        box = self._desk.data.detail.health
        next(each for each in box.findChildren(QToolButton) if each.text() == "All").click()

    async def data_health(self) -> None:
        self._desk.window.go_to("data")
        box = self._desk.data.detail.health
        next(each for each in box.findChildren(QToolButton) if each.text() == "Problems").click()
        self._desk.data.bring_detail()
        self._desk.data.detail.tabs.setCurrentIndex(1)

    async def data_rows(self) -> None:
        self._desk.window.go_to("data")
        self._desk.data.bring_detail()
        self._desk.data.detail.tabs.setCurrentIndex(2)
        await self._until(lambda: self._desk.data.detail.rows.table.rows.rowCount() > 0)

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
