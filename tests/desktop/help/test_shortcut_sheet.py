from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from support.accessibility import nameless_controls

from tickreel_desktop.help import ShortcutRow, ShortcutSheet
from tickreel_desktop.help.shortcut_group import spelt

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
    shown = [(group, row) for group in sheet.groups if group.isVisible() for row in group.shown]
    for group, row in shown:
        assert f"{row.text}: {spelt(row.keys)}" in group.accessibleDescription()
    return [(row.text, row.keys) for _, row in shown]


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
        edges = {group.mapTo(sheet, group.rect().topRight()).x() for group in sheet.groups}
        assert len(edges) == columns
        assert max(edges) < width


def test_a_row_without_room_is_elided_and_its_keys_stay(sheet: ShortcutSheet) -> None:
    group = sheet.groups[0]
    assert group.shown_text(0) == "Import files"
    whole = group.grab().toImage()
    group.resize(110, group.height())
    assert group.shown_text(0) not in ("Import files", "")
    narrow = group.grab().toImage()
    right = [image.copy(image.width() - 20, 20, 20, 26) for image in (whole, narrow)]
    assert right[0] == right[1]


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
