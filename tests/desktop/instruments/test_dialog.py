"""The dialog over a real home: facts typed in, withdrawn, undone, inferred, asked for and exported."""

from __future__ import annotations

import asyncio
import csv
import json
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow
from support.accessibility import nameless_controls
from support.desks import until
from support.faketardis import FakeTardis
from support.feeds import import_walk
from support.instruments import XBTUSD
from support.qtloop import run_on_qt

from tickreel.instruments import FactSource, InstrumentTable
from tickreel.instruments.vendor import read_listing
from tickreel.store import open_cache
from tickreel_desktop.components import ToastHost
from tickreel_desktop.instruments import InstrumentKeeper, InstrumentsDialog
from tickreel_desktop.instruments.layout import CHANGE, INFER, VENDOR
from tickreel_desktop.tasks import Tasks
from tickreel_desktop.undo import Undo

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel.store import Cache
    from tickreel_desktop.instruments.keeper import Found
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

NAMED = ("binance-futures", "BTCUSDT")
LATER_US = 1_740_787_200_000_000


@pytest.fixture
def cache() -> Iterator[Cache]:
    with open_cache() as opened:
        yield opened


@asynccontextmanager
async def dialog_over(cache: Cache, theme: Theme, zone: DisplayZone) -> AsyncIterator[InstrumentsDialog]:
    """Open the dialog over a window, and take both down; what fails in a task fails the test."""
    errors: list[BaseException] = []
    tasks = Tasks(errors.append)
    window = QMainWindow()
    window.resize(1280, 800)
    window.show()
    undo = Undo(tasks, ToastHost(theme, window), errors.append, window)
    dialog = InstrumentsDialog(theme, zone, InstrumentKeeper(cache, undo, window), tasks, window)
    dialog.open()
    try:
        yield dialog
        dialog.reject()
    finally:
        await tasks.close()
        window.close()
        window.deleteLater()
        await asyncio.sleep(0)
    assert errors == []


async def shown(dialog: InstrumentsDialog, exchange: str, symbol: str, fact: str = "tick") -> None:
    dialog.show_instrument(exchange, symbol)
    await until(lambda: dialog.sheet is not None and dialog.sheet.symbol == symbol)
    choose(dialog, fact)


def choose(dialog: InstrumentsDialog, fact: str) -> None:
    row = dialog.parts.fact_model.row_of(fact)
    assert row is not None
    dialog.parts.facts.show_row(row)


def value(dialog: InstrumentsDialog, fact: str) -> object:
    assert dialog.sheet is not None
    span = dialog.sheet.line(fact).span
    return None if span is None else span.value


def test_a_fact_is_typed_in_from_a_date_withdrawn_undone_and_done_again(
    qapp: QApplication, cache: Cache, theme: Theme, zone: DisplayZone
) -> None:
    with InstrumentTable(cache) as table:
        table.record_listings("bitmex", [read_listing("bitmex", XBTUSD)])

    async def check() -> None:
        async with dialog_over(cache, theme, zone) as dialog:
            change = dialog.parts.change
            await shown(dialog, "bitmex", "XBTUSD")
            assert (change.entry.text(), change.withdraw_button.isEnabled()) == ("0.1", False)
            dialog.parts.facts.setFocus()
            QTest.keyClick(dialog.parts.facts, Qt.Key.Key_Return)
            QTest.keyClicks(change.entry.field, "0.25")
            change.span.start.setText("2025-01-01")
            assert dialog.parts.command.text() == (
                "tickreel instruments set bitmex XBTUSD tick=0.25 --from 2025-01-01"
            )
            QTest.keyClick(change.entry.field, Qt.Key.Key_Return)
            await until(lambda: value(dialog, "tick") == 0.25)
            assert dialog.sheet is not None
            assert dialog.sheet.line("tick").others == ((FactSource.VENDOR, 0.1),)
            assert dialog.status() == "Tick of XBTUSD is set."
            change.withdraw_button.click()
            await until(lambda: value(dialog, "tick") == 0.1)
            for expected in (0.25, 0.1):
                dialog.parts.undo_button.click()
                await until(lambda wanted=expected: value(dialog, "tick") == wanted)  # type: ignore[misc]
                await until(dialog.parts.redo_button.isEnabled)
            dialog.parts.redo_button.click()
            await until(lambda: value(dialog, "tick") == 0.25)

    run_on_qt(qapp, check())


def test_what_cannot_be_is_refused_while_it_is_typed_and_a_slip_is_asked_about(
    qapp: QApplication, cache: Cache, theme: Theme, zone: DisplayZone
) -> None:
    async def check() -> None:
        async with dialog_over(cache, theme, zone) as dialog:
            change = dialog.parts.change
            await shown(dialog, *NAMED)
            for text, wrong in (("-1", "give a number above 0."), ("1_000", "give a number above 0.")):
                change.entry.field.setText(text)
                assert change.problem.text().endswith(wrong)
                assert not change.set_button.isEnabled()
            change.entry.field.setText("0.1")
            change.span.start.setText("2025-13-01")
            assert not change.set_button.isEnabled()
            change.span.show_span(LATER_US, LATER_US - 1)
            assert change.problem.text() == "It must hold for some time: its end lies before its start."
            choose(dialog, "taker_fee")
            change.entry.field.setText("3")
            change.set_button.click()
            await until(lambda: change.set_button.text() == "Set it all the same")
            assert "means 300.0 % of the value" in change.problem.text()
            assert value(dialog, "taker_fee") is None
            change.set_button.click()
            await until(lambda: value(dialog, "taker_fee") == 3.0)

    run_on_qt(qapp, check())


def test_an_inference_is_shown_before_it_is_stored_and_can_be_called_off(
    qapp: QApplication, cache: Cache, theme: Theme, zone: DisplayZone, tmp_path: Path
) -> None:
    import_walk(cache, tmp_path)

    async def check() -> None:
        async with dialog_over(cache, theme, zone) as dialog:
            infer = dialog.parts.infer
            await shown(dialog, *NAMED)
            dialog.parts.show_form(INFER)
            infer.infer_button.click()
            await until(lambda: infer.cancel_button.isVisible())
            infer.cancel_button.click()
            await until(lambda: infer.infer_button.isVisible() or infer.found is not None)
            if infer.found is None:
                assert infer.problem.text() == "Cancelled; nothing was stored."
                infer.infer_button.click()
            await until(lambda: infer.found is not None)
            assert infer.result.text().startswith("Tick at most 0.1, from ")
            assert value(dialog, "tick") is None
            infer.store_button.click()
            await until(lambda: value(dialog, "tick") == 0.1)
            assert infer.found is None
            dialog.parts.undo_button.click()
            await until(lambda: value(dialog, "tick") is None)

    run_on_qt(qapp, check())


def test_an_inference_ends_with_the_instrument_that_it_is_of(
    qapp: QApplication,
    cache: Cache,
    theme: Theme,
    zone: DisplayZone,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import_walk(cache, tmp_path)
    go_on = threading.Event()
    infer = InstrumentKeeper.infer

    def infer_late(keeper: InstrumentKeeper, *args: Any, **named: Any) -> Found:
        assert go_on.wait(30)
        return infer(keeper, *args, **named)

    monkeypatch.setattr(InstrumentKeeper, "infer", infer_late)

    async def check() -> None:
        async with dialog_over(cache, theme, zone) as dialog:
            form = dialog.parts.infer
            await shown(dialog, *NAMED)
            dialog.parts.show_form(INFER)
            form.infer_button.click()
            await until(lambda: form.cancel_button.isVisible())
            await shown(dialog, "bitmex", "XBTUSD")
            assert form.infer_button.isVisible()
            await shown(dialog, *NAMED)
            form.infer_button.click()
            await until(lambda: form.cancel_button.isVisible())
            go_on.set()
            await until(lambda: form.found is not None)
            assert form.store_button.isVisible()

    run_on_qt(qapp, check())


def test_the_vendor_is_asked_and_what_goes_wrong_is_said_in_its_place(
    qapp: QApplication,
    cache: Cache,
    theme: Theme,
    zone: DisplayZone,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with FakeTardis(tmp_path / "vendor", exchanges={"bitmex": {}}) as fake:
        fake.instruments["bitmex"] = [XBTUSD]
        monkeypatch.setenv("TARDIS_API_KEY", "secret")
        monkeypatch.setenv("TICKREEL_TARDIS_API_URL", fake.api_url)

        async def check() -> None:
            async with dialog_over(cache, theme, zone) as dialog:
                vendor = dialog.parts.vendor
                await asyncio.sleep(0.05)
                assert dialog.parts.tabs.isHidden()
                vendor.exchange.setText("nowhere")
                vendor.ask_button.click()
                await until(lambda: vendor.ask_button.text() == "Try again")
                assert "nowhere" in vendor.problem.text()
                vendor.exchange.setText("bitmex")
                QTest.keyClick(vendor.exchange, Qt.Key.Key_Return)
                await until(lambda: value(dialog, "tick") == 0.1 if dialog.sheet else False)
                assert dialog.status() == "bitmex: 1 instruments, of which 1 were new or had changed."
                assert not dialog.parts.undo_button.isEnabled()
                assert dialog.parts.form is dialog.parts.forms[CHANGE]
                dialog.parts.show_form(VENDOR)
                assert vendor.command() == "tickreel instruments fetch bitmex XBTUSD"

        run_on_qt(qapp, check())


def test_everything_is_exported_and_every_control_is_named(
    qapp: QApplication, cache: Cache, theme: Theme, zone: DisplayZone, tmp_path: Path
) -> None:
    async def check() -> None:
        async with dialog_over(cache, theme, zone) as dialog:
            assert nameless_controls(dialog) == []
            dialog.parts.search.setText("binance-futures:btc/usdt")
            await until(lambda: dialog.parts.add_button.isVisible())
            dialog.parts.add_button.click()
            await until(lambda: dialog.sheet is not None)
            choose(dialog, "inverse")
            dialog.parts.change.entry.choice.setCurrentText("false")
            dialog.parts.change.set_button.click()
            await until(lambda: value(dialog, "inverse") is False)
            await until(lambda: dialog.parts.names.count == 1)
            assert nameless_controls(dialog) == []
            for name in ("all.json", "all.csv"):
                dialog.export_to(tmp_path / name)
                await until(lambda name=name: f"written to {tmp_path / name}" in dialog.status())  # type: ignore[misc]
            dialog.parts.show_copy_button.click()
            assert QGuiApplication.clipboard().text().startswith("tickreel instruments show binance-futures")
            dialog.parts.export_copy_button.click()
            assert QGuiApplication.clipboard().text() == (
                "tickreel instruments export -o instruments.json --format json"
            )
            dialog.export_to(tmp_path / "missing" / "all.json")
            await until(lambda: "cannot be written" in dialog.status())

    run_on_qt(qapp, check())
    (kept,) = json.loads((tmp_path / "all.json").read_text())
    assert (kept["exchange"], kept["facts"]["inverse"]) == ("binance-futures", False)
    with (tmp_path / "all.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["inverse"] == "false"


def test_a_home_that_is_read_only_is_looked_at_and_left_alone(
    qapp: QApplication, cache: Cache, theme: Theme, zone: DisplayZone
) -> None:
    with InstrumentTable(cache) as table:
        table.type_in("bitmex", "XBTUSD", {"tick": "0.5"})

    async def check() -> None:
        with open_cache(read_only=True) as kept:
            async with dialog_over(kept, theme, zone) as dialog:
                await shown(dialog, "bitmex", "XBTUSD")
                parts = dialog.parts
                assert value(dialog, "tick") == 0.5
                assert parts.banner.text().startswith("This home was opened for reading only")
                buttons = (parts.change.set_button, parts.change.withdraw_button, parts.vendor.ask_button)
                assert not any(each.isEnabled() for each in buttons)

    run_on_qt(qapp, check())
