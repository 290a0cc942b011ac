"""Symbols as chips: completed from the list, typed, taken away, and what may have been meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tickreel.market.time import day_start_us, parse_day
from tickreel.sources.metadata import ExchangeInfo, SymbolInfo
from tickreel_desktop.fetching.choices import ChoiceList, Choices, Listing, make_listing
from tickreel_desktop.fetching.symbol_field import SymbolField

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme


def symbol(name: str, kind: str = "perpetual", until: str = "") -> SymbolInfo:
    to_us = day_start_us(parse_day(until)) if until else None
    return SymbolInfo(name, kind, day_start_us(parse_day("2022-05-24")), to_us, frozenset({"trades"}))


@pytest.fixture
def listing() -> Listing:
    found = (
        *(symbol("nexousdt"), symbol("NEXOBUSD", until="2023-08-10"), symbol("BTCUSDT")),
        *(symbol("1000NEXOUSDT"), symbol("PERPETUALS")),
    )
    return make_listing(ExchangeInfo("binance-futures", 0, None, {each.id: each for each in found}))


@pytest.fixture
def field(qtbot: QtBot, theme: Theme, listing: Listing) -> SymbolField:
    window = QWidget()
    made = SymbolField(theme)
    column = QVBoxLayout(window)
    column.addWidget(made)
    column.addStretch(1)
    qtbot.addWidget(window)
    window.resize(400, 300)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    made.offer(listing.symbols)
    made.edit.setFocus()
    return made


def test_what_begins_with_the_typed_comes_first_and_the_delisted_are_marked(listing: Listing) -> None:
    model = ChoiceList()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.replace(listing.symbols)
    assert model.shown[0].name == "PERPETUALS"
    model.find("nexo")
    assert [(each.name, each.hint) for each in model.shown] == [
        ("NEXOUSDT", "perpetual, since 2022-05-24"),
        ("NEXOBUSD", "delisted 2023-08-10"),
        ("1000NEXOUSDT", "perpetual, since 2022-05-24"),
    ]
    model.find("nexo", frozenset({"NEXOUSDT"}))
    assert [each.name for each in model.shown] == ["NEXOBUSD", "1000NEXOUSDT"]


def test_enter_takes_the_marked_one_and_backspace_the_last_chip_away(field: SymbolField) -> None:
    QTest.keyClicks(field.edit, "nexo")
    assert field.popup.isVisible()
    QTest.keyClick(field.edit, Qt.Key.Key_Down)
    QTest.keyClick(field.edit, Qt.Key.Key_Return)
    assert field.symbols() == ("NEXOBUSD",)
    QTest.keyClicks(field.edit, "btcusdt")
    QTest.keyClick(field.edit, Qt.Key.Key_Escape)
    assert not field.popup.isVisible()
    QTest.keyClick(field.edit, Qt.Key.Key_Comma)
    assert field.symbols() == ("NEXOBUSD", "BTCUSDT")
    QTest.keyClick(field.edit, Qt.Key.Key_Backspace)
    assert field.symbols() == ("NEXOBUSD",)


def test_an_unknown_symbol_is_kept_named_and_mended_by_a_click(field: SymbolField) -> None:
    field.add("NEXOUSTD")
    assert field.symbols() == ("NEXOUSTD",)
    assert field.problem() == "The vendor lists no NEXOUSTD: did you mean NEXOUSDT?"
    QTest.mouseClick(field.near_button, Qt.MouseButton.LeftButton)
    assert field.symbols() == ("NEXOUSDT",)
    assert field.problem() == ""


def test_without_a_list_every_spelling_is_taken(field: SymbolField) -> None:
    field.offer(Choices())
    QTest.keyClicks(field.edit, "anything")
    assert not field.popup.isVisible()
    QTest.keyClick(field.edit, Qt.Key.Key_Tab)
    assert (field.symbols(), field.problem()) == (("ANYTHING",), "")
