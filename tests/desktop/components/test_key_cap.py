from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from tickreel_desktop.components import KeyCap, key_caps_width_px, key_names, paint_key_caps
from tickreel_desktop.components.key_cap import CAP_HEIGHT_PX
from tickreel_desktop.theme import Theme, ThemeMode
from tickreel_desktop.theme.tokens import DARK, LIGHT

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        ("Ctrl+Shift+C", [["Ctrl", "Shift", "C"]]),
        ("G", [["G"]]),
        ("Ctrl+Return", [["Ctrl", "Enter"]]),
        ("Ctrl+,", [["Ctrl", ","]]),
        ("Ctrl++", [["Ctrl", "+"]]),
        ("+", [["+"]]),
        ("Ctrl+K, Ctrl+S", [["Ctrl", "K"], ["Ctrl", "S"]]),
        ("", []),
    ],
)
def test_a_shortcut_is_taken_apart_into_its_keys(keys: str, names: list[list[str]]) -> None:
    assert key_names(keys, is_mac=False) == names


def test_a_mac_has_names_of_its_own_for_the_modifiers() -> None:
    assert key_names("Ctrl+Shift+Alt+C", is_mac=True) == [["⌘", "⇧", "⌥", "C"]]


def test_the_caps_take_the_room_they_say(theme: Theme, qtbot: QtBot) -> None:
    cap = KeyCap(theme, "Ctrl+Shift+C")
    qtbot.addWidget(cap)
    assert cap.width() == key_caps_width_px(theme, "Ctrl+Shift+C")
    assert cap.height() == CAP_HEIGHT_PX
    cap.set_keys("C")
    assert (cap.keys(), cap.width()) == ("C", CAP_HEIGHT_PX)
    cap.set_keys("")
    assert cap.width() == 0


def test_a_screen_reader_hears_the_shortcut(theme: Theme, qtbot: QtBot) -> None:
    cap = KeyCap(theme, "Ctrl+K, Ctrl+S")
    qtbot.addWidget(cap)
    assert cap.accessibleName() == ", then ".join(" ".join(press) for press in key_names("Ctrl+K, Ctrl+S"))


def test_a_cap_follows_the_theme(theme: Theme, qtbot: QtBot) -> None:
    cap = KeyCap(theme, "K")
    qtbot.addWidget(cap)
    cap.show()
    middle_of_top = QPoint(cap.width() // 2, 0)
    below = QPoint(cap.width() // 2, 2)
    for mode, tokens in ((ThemeMode.DARK, DARK), (ThemeMode.LIGHT, LIGHT)):
        theme.set_mode(mode)
        image = cap.grab().toImage()
        assert image.pixelColor(middle_of_top) == QColor(tokens.line_strong)
        assert image.pixelColor(below) == QColor(tokens.raised)


def test_the_painter_is_left_as_it_was_and_draws_where_it_is_told(theme: Theme) -> None:
    image = QImage(100, 40, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    painter.setPen(Qt.GlobalColor.red)
    paint_key_caps(painter, theme, QPoint(30, 10), "Esc")
    assert painter.pen().color() == QColor(Qt.GlobalColor.red)
    painter.end()
    width = key_caps_width_px(theme, "Esc")
    inked = [x for x in range(100) if image.pixelColor(x, 19) != QColor(Qt.GlobalColor.black)]
    assert (inked[0], inked[-1]) == (30, 30 + width - 1)
