"""Every model that a view of the window shows, held to what Qt asks of models while the window is used."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QAbstractItemModel
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QDialog, QToolButton
from support.caredays import KEY, fill, span
from support.desks import desk_over, until
from support.qtloop import run_on_qt
from support.vendorfiles import line, write_csv

from tickreel.market.types import DataType
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from tickreel.store import Cache
    from tickreel_desktop.desk import Desk

WHILE_SHOWN = {"LogModel", "JobTableModel", "MessageTableModel", "DatasetTableModel", "DaysTableModel"}
"""Of the window itself."""


@pytest.fixture
def cache(home: Path, tmp_path: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        fill(opened, tmp_path)
        yield opened


class Watch:
    """Testers on all models there are; what one of them finds is a warning of Qt, which fails the test."""

    def __init__(self) -> None:
        self._testers: dict[int, QAbstractItemModelTester] = {}
        self.names: set[str] = set()

    def look(self) -> None:
        """Take in the models that have come since."""
        mode = QAbstractItemModelTester.FailureReportingMode.Warning
        for window in QApplication.topLevelWidgets():
            for model in window.findChildren(QAbstractItemModel):
                is_ours = type(model).__module__.startswith("tickreel_desktop.")
                if is_ours and id(model) not in self._testers:
                    self._testers[id(model)] = QAbstractItemModelTester(model, mode)
                    self.names.add(type(model).__name__)


async def settled(watch: Watch) -> None:
    watch.look()
    await asyncio.sleep(0.2)
    watch.look()


async def through_dialog(watch: Watch, opens: Callable[[], object]) -> None:
    opens()
    await until(lambda: QApplication.activeModalWidget() is not None)
    await settled(watch)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, QDialog)
    dialog.reject()
    await until(lambda: QApplication.activeModalWidget() is None)


def press(desk: Desk, text: str) -> None:
    next(each for each in desk.data.findChildren(QToolButton) if each.text() == text).click()


async def use_data(desk: Desk, watch: Watch) -> AsyncIterator[str]:
    data = desk.data
    for words in ("btc", "nothing such", ""):
        data.filter.setText(words)
        yield f"filter by {words!r}"
    for name in ("Days", "Datasets"):
        press(desk, name)
        yield f"list {name}"
    assert data.select(KEY)
    data.bring_detail()
    for tab in range(data.detail.tabs.count()):
        data.detail.tabs.setCurrentIndex(tab)
        yield f"tab {tab} of the detail"
    data.bring_detail(is_front=False)


def test_models_keep_what_they_promise_while_the_window_is_used(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    folder = tmp_path / "dropped"
    write_csv(folder / "a.csv", DataType.TRADES, [line(DataType.TRADES, 1_721_779_200_000_000, symbol="NEW")])
    (folder / "b.csv").write_text("no such file of the vendor\n")
    watch = Watch()

    async def journey() -> None:
        async with desk_over(cache) as desk:
            await until(lambda: desk.data.select(KEY))
            desk.window.go_to("data")
            for panel in ("jobs", "log"):
                desk.window.show_panel(panel)
            await settled(watch)
            async for _ in use_data(desk, watch):
                await settled(watch)
            cache.life.trash.put(span(0, 0))
            await settled(watch)
            for action in ("data.trash", "data.evict", "data.standing", "data.instruments", "help.keys"):
                await through_dialog(watch, desk.actions[action].trigger)
            await through_dialog(watch, lambda: desk.previews.preview([folder]))
            desk.jobs.panel.show_messages()
            for number in range(3):
                desk.teller.good(f"message {number}")
            await settled(watch)
            desk.window.toasts.forget(desk.window.toasts.kept()[:2])
            await settled(watch)

    run_on_qt(qapp, journey())
    assert watch.names >= WHILE_SHOWN | {
        "PlainModel",
        "PeekModel",
        "IntervalModel",
        "ListModel",
        "StandingModel",
        "InstrumentListModel",
        "FactTableModel",
        "TimelineModel",
        "KeysModel",
        "PreviewModel",
    }
