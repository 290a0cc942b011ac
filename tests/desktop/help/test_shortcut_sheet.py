from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from support.accessibility import nameless_controls

from tickreel_desktop.components import ElidedLabel, KeyCap
from tickreel_desktop.help import ShortcutRow, ShortcutSheet

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme

ROWS = (
    ShortcutRow("File", "Import files", "Ctrl+O"),
    ShortcutRow("File", "Quit", "Ctrl+Q"),
    ShortcutRow("File", "Open sample", ""),
    ShortcutRow("Replay", "Play or pause", "Space"),
    ShortcutRow("Replay", "Go to a time", "G"),
    ShortcutRow("Window", "Analysis", "Ctrl+Shift+A"),
)


@pytest.fixture
def sheet(theme: Theme, qtbot: QtBot) -> ShortcutSheet:
    made = ShortcutSheet(theme, ROWS)
    qtbot.addWidget(made)
    made.open()
    qtbot.waitExposed(made)
    return made


def visible_rows(sheet: ShortcutSheet) -> list[tuple[str, str]]:
    return [
        (text.text(), cap.keys())
        for text, cap in zip(sheet.findChildren(ElidedLabel), sheet.findChildren(KeyCap), strict=True)
        if text.isVisible()
    ]


def has_columns(sheet: ShortcutSheet, count: int) -> bool:
    return sheet.column_count == count


def test_it_shows_all_that_has_keys(sheet: ShortcutSheet) -> None:
    assert visible_rows(sheet) == [(row.text, row.keys) for row in ROWS if row.keys]
    assert sheet.said() == "5 shortcuts"
    assert nameless_controls(sheet) == []


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("replay", ["Play or pause", "Go to a time"]),
        ("ctrl+", ["Import files", "Quit", "Analysis"]),
        ("SHIFT analysis", ["Analysis"]),
        ("space", ["Play or pause"]),
    ],
)
def test_it_is_filtered_by_words_groups_and_keys(sheet: ShortcutSheet, typed: str, left: list[str]) -> None:
    QTest.keyClicks(sheet.filter, typed)
    assert [text for text, _ in visible_rows(sheet)] == left
    assert sheet.said() == f"{len(left)} of 5 shortcuts"


def test_a_filter_that_lets_nothing_through_says_so(sheet: ShortcutSheet) -> None:
    sheet.filter.setText("zzyx")
    assert visible_rows(sheet) == []
    assert not sheet.copy_button.isEnabled()
    sheet.filter.clear()
    assert len(visible_rows(sheet)) == 5


def test_the_columns_follow_the_width_and_lose_no_group(sheet: ShortcutSheet, qtbot: QtBot) -> None:
    for width, columns in ((1000, 3), (640, 2), (420, 1), (1600, 3)):
        sheet.resize(width, 500)
        qtbot.waitUntil(partial(has_columns, sheet, columns))
        assert len(visible_rows(sheet)) == 5
        caps = [cap for cap in sheet.findChildren(KeyCap) if cap.isVisible()]
        edges = {cap.mapTo(sheet, cap.rect().topRight()).x() for cap in caps}
        assert len(edges) == columns
        assert max(edges) < width


def test_it_is_copied_as_text(sheet: ShortcutSheet) -> None:
    sheet.filter.setText("ctrl+o")
    QTest.mouseClick(sheet.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "File\n  Import files  Ctrl+O"
    assert sheet.said() == "Copied"
    sheet.filter.clear()
    assert sheet.as_text().splitlines() == [
        "File",
        "  Import files   Ctrl+O",
        "  Quit           Ctrl+Q",
        "",
        "Replay",
        "  Play or pause  Space",
        "  Go to a time   G",
        "",
        "Window",
        "  Analysis       Ctrl+Shift+A",
    ]


def test_escape_closes_it(sheet: ShortcutSheet) -> None:
    QTest.keyClick(sheet.filter, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_without_any_shortcut_it_says_so(theme: Theme, qtbot: QtBot) -> None:
    made = ShortcutSheet(theme, ())
    qtbot.addWidget(made)
    assert (made.said(), made.as_text()) == ("0 shortcuts", "")
