from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QPoint, QStringListModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListView, QPushButton, QVBoxLayout, QWidget

from tickreel_desktop.theme.focus import FocusRing

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme


class Form(QWidget):
    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        self.first = QLineEdit()
        self.second = QPushButton("Second")
        self.rows = QListView()
        self.rows.setModel(QStringListModel(["a", "b"], self))
        for widget in (self.first, self.second, self.rows):
            column.addWidget(widget)

    def ringed(self) -> QWidget | None:
        return next((ring.widget() for ring in self.findChildren(FocusRing) if ring.isVisible()), None)

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.windowHandle(), key)
        QCoreApplication.processEvents()

    def click(self, widget: QWidget) -> None:
        at = widget.mapTo(self, QPoint(5, 5))
        handle = self.windowHandle()
        QTest.mouseClick(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
        QCoreApplication.processEvents()


@pytest.fixture
def form(theme: Theme, qtbot: QtBot) -> Form:
    made = Form()
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.first.setFocus()
    QCoreApplication.processEvents()
    return made


def test_the_ring_appears_with_tab_and_follows_the_focus(form: Form) -> None:
    assert form.ringed() is None
    form.press(Qt.Key.Key_Tab)
    assert form.focusWidget() is form.second
    assert form.ringed() is form.second


def test_the_ring_lies_outside_the_control(form: Form) -> None:
    form.press(Qt.Key.Key_Tab)
    ring = form.findChild(FocusRing)
    assert ring is not None
    assert ring.geometry().contains(form.second.geometry().adjusted(-4, -4, 4, 4))


def test_a_click_brings_no_ring_and_takes_one_away(form: Form) -> None:
    form.click(form.first)
    assert form.ringed() is None
    form.press(Qt.Key.Key_Tab)
    assert form.ringed() is form.second
    form.click(form.second)
    assert form.ringed() is None


def test_typing_into_a_clicked_field_brings_no_ring(form: Form) -> None:
    form.click(form.first)
    form.press(Qt.Key.Key_A)
    assert form.ringed() is None


def test_rows_mark_the_current_one_themselves(form: Form) -> None:
    form.press(Qt.Key.Key_Tab)
    form.press(Qt.Key.Key_Tab)
    assert form.focusWidget() is form.rows
    assert form.ringed() in (None, form.rows)
    form.rows.setCurrentIndex(form.rows.model().index(1, 0))
    form.press(Qt.Key.Key_Tab)
    form.rows.setFocus()
    QCoreApplication.processEvents()
    assert form.ringed() is None
    accent = "#3CCFC0"
    image = form.rows.viewport().grab().toImage()
    row = form.rows.visualRect(form.rows.currentIndex())
    assert image.pixelColor(row.right() - 1, row.center().y()).name().upper() == accent


def test_the_ring_goes_with_its_window_without_harm(form: Form, theme: Theme, qtbot: QtBot) -> None:
    form.press(Qt.Key.Key_Tab)
    other = Form()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    QCoreApplication.processEvents()
    assert form.ringed() is None
    form.close()
    form.deleteLater()
    other.press(Qt.Key.Key_Tab)
    assert other.ringed() is not None


def test_a_widget_that_dies_with_the_focus_does_no_harm(theme: Theme, qtbot: QtBot) -> None:
    for _ in range(5):
        window = Form()
        qtbot.addWidget(window)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        window.press(Qt.Key.Key_Tab)
        assert window.ringed() is window.focusWidget()
        shiboken6.delete(window)
        QCoreApplication.processEvents()
