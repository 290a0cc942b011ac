"""The list of pages keeps Qt's rules for models and tells which page was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QWidget

from tickreel_desktop.settings.pages import Page, PageList, PageModel

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme

PAGES = (Page("store", "Storage"), Page("logs", "Log"))


def test_the_model_keeps_the_rules(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    model = PageModel(owner)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_pages(PAGES)
    model.show_pages((Page("store", "Storage", 3), Page("logs", "Log", 0)))
    assert model.index(0).data() == "Storage"
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "Storage, 3"
    model.show_pages((*PAGES, Page("locked", "Locked", 2, is_locked=True)))
    assert (model.rowCount(), model.row_of("locked"), model.row_of("none")) == (3, 2, None)
    del tester


def test_a_page_is_chosen_by_the_user_and_not_by_showing_it(qtbot: QtBot, theme: Theme) -> None:
    pages = PageList(theme)
    qtbot.addWidget(pages)
    chosen: list[str] = []
    pages.page_chosen.connect(chosen.append)
    pages.show_pages(PAGES, "logs")
    assert (chosen, pages.currentIndex().row()) == ([], 1)
    pages.setCurrentIndex(pages.model().index(0, 0))
    assert chosen == ["store"]
    pages.show_pages(PAGES, None)
    assert not pages.selectedIndexes()
