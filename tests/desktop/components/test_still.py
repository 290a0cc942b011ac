from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from tickreel_desktop.components import KeyValues, Still

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme


class Layouts(QObject):
    """Counts how often a widget was asked to lay out what it holds."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        self.count = 0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    page = QWidget()
    qtbot.addWidget(page)
    page.resize(300, 200)
    QVBoxLayout(page)
    return page


def _open(page: QWidget, held: QWidget) -> Layouts:
    layout = page.layout()
    assert layout is not None
    layout.addWidget(held)
    page.show()
    QTest.qWait(20)
    return Layouts(page)


def test_words_that_change_leave_what_is_around_them_in_its_place(page: QWidget) -> None:
    words = QLabel("twelve letters")
    layouts = _open(page, Still(words))
    for text in ("a", "some", "few words"):
        words.setText(text)
        QTest.qWait(5)
    assert layouts.count == 0
    assert words.width() > 200, "it has all the room"


def test_words_that_need_more_room_than_ever_before_get_it(page: QWidget, qtbot: QtBot) -> None:
    words = QLabel("a")
    held = Still(words)
    layouts = _open(page, held)
    words.setText("far longer than before")
    qtbot.waitUntil(lambda: layouts.count == 1)
    assert held.minimumSizeHint().width() == words.minimumSizeHint().width()
    words.setText("a")
    QTest.qWait(10)
    assert layouts.count == 1
    assert held.minimumSizeHint().width() > words.minimumSizeHint().width()


def test_figures_that_change_leave_the_rest_of_the_window_alone(theme: Theme, page: QWidget) -> None:
    values = KeyValues(theme, ["Mid", "Spread"])
    values.set_value("Mid", "63 867.45")
    layouts = _open(page, values)
    for value in ("1", "22.5", "63 867.4"):
        values.set_value("Mid", value)
        QTest.qWait(5)
    assert layouts.count == 0
