from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QMainWindow, QWidget

from tickreel_desktop.components import open_over
from tickreel_desktop.components.sheet import Sheet

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

BRIGHT, OTHER = QColor(200, 100, 40), QColor(40, 100, 200)
BRIGHT_RGB = (200, 100, 40)
DARK, OTHER_DARK = (110, 55, 22), (22, 55, 110)
"""The same under 45 % black."""


class Ground(QWidget):
    """Paints itself in one colour, a corner of it in another if wanted, and notes what it painted."""

    def __init__(self) -> None:
        super().__init__()
        self.painted: list[QRect] = []
        self.corner: QColor | None = None

    def paintEvent(self, event: QPaintEvent) -> None:
        self.painted.append(event.rect())
        painter = QPainter(self)
        painter.fillRect(self.rect(), BRIGHT)
        if self.corner is not None:
            painter.fillRect(0, 0, 20, 20, self.corner)
        painter.end()


def window_with_ground(qtbot: QtBot) -> tuple[QMainWindow, Ground]:
    window, ground = QMainWindow(), Ground()
    window.setCentralWidget(ground)
    window.resize(400, 320)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: bool(ground.painted))
    ground.painted.clear()
    return window, ground


def opened(qtbot: QtBot, window: QMainWindow) -> QDialog:
    dialog = QDialog(window)
    dialog.resize(60, 40)
    open_over(window, dialog)
    qtbot.waitExposed(dialog)
    qtbot.waitUntil(lambda: is_near(colour(window, 395, 315), DARK))  # the last strip has come
    return dialog


def colour(window: QMainWindow, x: int, y: int) -> tuple[int, int, int]:
    """What is on screen, without drawing it anew."""
    drawn = window.backingStore().paintDevice()
    assert isinstance(drawn, QImage)
    found = drawn.pixelColor(x, y)
    return found.red(), found.green(), found.blue()


def is_near(found: tuple[int, int, int], wanted: tuple[int, int, int]) -> bool:
    return all(abs(one - other) <= 2 for one, other in zip(found, wanted, strict=True))


def is_clear(window: QMainWindow) -> bool:
    return all(colour(window, 5, y) == BRIGHT_RGB for y in range(0, window.height(), 10))


def is_dark(window: QMainWindow) -> bool:
    sheet = window.findChild(Sheet)
    return sheet is not None and sheet.is_covering


def test_a_dialog_that_is_gone_before_the_sheet_comes_darkens_nothing(qtbot: QtBot) -> None:
    window, _ = window_with_ground(qtbot)
    dialog = QDialog(window)
    open_over(window, dialog)
    dialog.accept()
    qtbot.wait(50)
    assert not is_dark(window)
    assert is_clear(window)


def test_a_dialog_darkens_the_window_without_drawing_it_anew(qtbot: QtBot) -> None:
    window, ground = window_with_ground(qtbot)
    opened(qtbot, window)
    assert is_near(colour(window, 5, 5), DARK)
    assert is_near(colour(window, 395, 315), DARK)
    assert ground.painted == []


def test_what_changes_below_is_seen_through_it_and_nothing_else_is_drawn(qtbot: QtBot) -> None:
    window, ground = window_with_ground(qtbot)
    opened(qtbot, window)
    ground.corner = OTHER
    ground.update(0, 0, 20, 20)
    qtbot.waitUntil(lambda: is_near(colour(window, 5, 5), OTHER_DARK))
    assert is_near(colour(window, 100, 100), DARK)
    assert ground.painted == [QRect(0, 0, 20, 20)]


def test_what_changed_just_before_is_drawn_before_it_comes(qtbot: QtBot) -> None:
    window, ground = window_with_ground(qtbot)
    ground.corner = OTHER
    ground.update(0, 0, 20, 20)
    opened(qtbot, window)
    assert is_near(colour(window, 5, 5), OTHER_DARK)


def test_it_goes_with_the_dialog_a_strip_at_a_time(qtbot: QtBot) -> None:
    window, ground = window_with_ground(qtbot)
    dialog = opened(qtbot, window)
    dialog.accept()
    qtbot.waitUntil(lambda: is_clear(window))
    sheet = window.findChild(Sheet)
    assert sheet is not None
    assert not sheet.is_covering
    assert max(rect.height() for rect in ground.painted) < window.height() / 4


def test_two_dialogs_darken_the_window_once_and_until_both_have_gone(qtbot: QtBot) -> None:
    window, _ = window_with_ground(qtbot)
    first, second = opened(qtbot, window), opened(qtbot, window)
    assert is_near(colour(window, 5, 5), DARK)
    first.reject()
    qtbot.wait(50)
    assert is_near(colour(window, 5, 5), DARK)
    second.reject()
    qtbot.waitUntil(lambda: is_clear(window))


def test_a_dialog_that_follows_another_at_once_finds_the_window_dark_all_over(qtbot: QtBot) -> None:
    window, ground = window_with_ground(qtbot)
    opened(qtbot, window).accept()
    qtbot.waitUntil(lambda: bool(ground.painted))  # the first strips are gone
    opened(qtbot, window)
    rows = range(0, window.height(), 10)
    qtbot.waitUntil(lambda: all(is_near(colour(window, 5, y), DARK) for y in rows))


def test_a_dialog_that_is_opened_again_and_again_leaves_nothing_dark(qtbot: QtBot) -> None:
    window, _ = window_with_ground(qtbot)
    dialog = QDialog(window)
    for _ in range(3):
        open_over(window, dialog)
        qtbot.waitUntil(lambda: is_near(colour(window, 5, 5), DARK))
        dialog.accept()
        qtbot.waitUntil(lambda: is_clear(window))


def test_it_covers_a_window_that_grows(qtbot: QtBot) -> None:
    window, ground = window_with_ground(qtbot)
    opened(qtbot, window)
    window.resize(600, 500)
    qtbot.waitUntil(lambda: ground.size() == window.size() and bool(ground.painted))
    assert is_near(colour(window, 590, 490), DARK)


def test_a_dialog_that_takes_its_size_as_it_comes_stands_in_the_middle(qtbot: QtBot) -> None:
    class Growing(QDialog):
        def showEvent(self, event: QShowEvent) -> None:
            self.setFixedSize(200, 120)
            super().showEvent(event)

    window, _ = window_with_ground(qtbot)
    dialog = Growing(window)
    open_over(window, dialog)
    off = dialog.frameGeometry().center() - window.frameGeometry().center()
    assert off.manhattanLength() <= 8, "but for the frame that the window system draws"
    dialog.accept()
    qtbot.waitUntil(lambda: is_clear(window))
