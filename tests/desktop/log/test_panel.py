"""The panel over a real ring: it follows, filters, copies, and looks only while it is seen."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from support.accessibility import nameless_controls
from support.logrecords import say, say_failure, say_many

from tickreel import logs
from tickreel.logs import Ring
from tickreel_desktop.log import LogPanel

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone


@pytest.fixture
def ring() -> Ring:
    return Ring()


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme, zone: DisplayZone, ring: Ring, tmp_path: Path) -> LogPanel:
    made = LogPanel(theme, zone, ring, tmp_path / "logs")
    qtbot.addWidget(made)
    made.resize(900, 360)
    made.show()
    qtbot.waitExposed(made)
    return made


def messages(panel: LogPanel) -> list[str]:
    model = panel.table.model()
    return [model.index(row, 3).data() for row in range(model.rowCount())]


def at_end(panel: LogPanel) -> bool:
    bar = panel.table.verticalScrollBar()
    return bar.maximum() > 0 and bar.value() == bar.maximum()


def visible_labels(panel: LogPanel) -> str:
    return " | ".join(one.text() for one in panel.findChildren(QLabel) if one.isVisible())


def test_records_appear_by_themselves_and_the_caption_counts_them(
    panel: LogPanel, ring: Ring, qtbot: QtBot
) -> None:
    assert "No records here" in visible_labels(panel)
    with qtbot.waitSignal(panel.caption_changed) as changed:
        say_many(ring, 3)
        say(ring, "the disk is nearly full", logging.WARNING)
        say(ring, "it broke", logging.ERROR)
    assert changed.args == ["5 records, 1 error, 1 warning"]
    assert messages(panel) == ["record 0", "record 1", "record 2", "the disk is nearly full", "it broke"]
    assert panel.caption() == "5 records, 1 error, 1 warning"


def test_what_was_logged_before_and_while_hidden_is_caught_up_with(
    theme: Theme, zone: DisplayZone, ring: Ring, qtbot: QtBot, tmp_path: Path
) -> None:
    say_many(ring, 2)
    panel = LogPanel(theme, zone, ring, tmp_path)
    qtbot.addWidget(panel)
    assert messages(panel) == []
    panel.show()
    assert messages(panel) == ["record 0", "record 1"]
    panel.hide()
    say(ring, "meanwhile")
    assert not panel.findChildren(type(panel._timer))[0].isActive()
    panel.show()
    assert messages(panel)[-1] == "meanwhile"


def test_the_newest_record_is_followed_until_one_scrolls_up(
    panel: LogPanel, ring: Ring, qtbot: QtBot
) -> None:
    say_many(ring, 100)
    panel.look()
    qtbot.waitUntil(lambda: at_end(panel))
    panel.table.verticalScrollBar().setValue(260)
    assert not panel.table.is_following
    say_many(ring, 7)
    panel.look()
    assert panel.table.verticalScrollBar().value() == 260
    assert panel._follow.isVisible()
    assert panel._follow.text() == "Follow, 7 new"
    panel._follow.click()
    qtbot.waitUntil(lambda: at_end(panel))
    assert not panel._follow.isVisible()
    say_many(ring, 5)
    panel.look()
    qtbot.waitUntil(lambda: at_end(panel))


def test_what_is_looked_at_holds_still_while_older_records_leave(
    panel: LogPanel, ring: Ring, qtbot: QtBot
) -> None:
    say_many(ring, logs.RING_RECORDS)
    panel.look()
    panel.table.verticalScrollBar().setValue(20_000)
    top = panel.table.rowAt(0)
    seen = messages(panel)[top]
    for number in range(40):
        say(ring, f"later {number}")
    panel.look()
    assert panel.table.model().rowCount() == logs.RING_RECORDS
    assert messages(panel)[panel.table.rowAt(0)] == seen
    assert panel.table.rowAt(0) == top - 40
    assert panel._follow.text() == "Follow, 40 new"


def test_a_smaller_panel_still_shows_the_end(panel: LogPanel, ring: Ring, qtbot: QtBot) -> None:
    say_many(ring, 100)
    panel.look()
    panel.resize(900, 240)
    qtbot.waitUntil(lambda: at_end(panel))


def test_level_area_and_words_filter_together(panel: LogPanel, ring: Ring) -> None:
    say(ring, "opened BTCUSDT")
    say(ring, "slow disk", logging.WARNING)
    say(ring, "day failed: BTCUSDT", logging.ERROR, "tickreel.fetch.service")
    say(ring, "tick", logging.DEBUG, "tickreel.fetch.service")
    panel.look()
    QTest.mouseClick(panel.filter.level._buttons["warning"], Qt.MouseButton.LeftButton)
    assert messages(panel) == ["slow disk", "day failed: BTCUSDT"]
    assert "2 of 4 records, following" in visible_labels(panel)
    assert [panel.filter.area.itemText(i) for i in range(3)] == ["All areas", "fetch", "store"]
    panel.filter.area.setCurrentIndex(1)
    panel.filter.area.activated.emit(1)
    assert messages(panel) == ["day failed: BTCUSDT"]
    QTest.keyClicks(panel.filter.text, "nowhere")
    assert "No record matches the filter" in visible_labels(panel)
    panel.filter.reset()
    assert len(messages(panel)) == 4


def test_the_chosen_area_stays_while_new_ones_come(panel: LogPanel, ring: Ring) -> None:
    say(ring, "opened")
    panel.look()
    panel.filter.area.setCurrentIndex(1)
    panel.filter.area.activated.emit(1)
    say(ring, "asked", logger="tickreel.fetch.service")
    panel.look()
    assert panel.filter.area.currentText() == "store"
    assert messages(panel) == ["opened"]


def test_a_traceback_is_shown_whole_and_can_be_selected_and_copied(panel: LogPanel, ring: Ring) -> None:
    say(ring, "short")
    say_failure(ring)
    panel.look()
    panel.table.selectRow(0)
    assert not panel.detail.isVisible()
    panel.table.selectRow(1)
    assert panel.detail.isVisible()
    text = panel.detail.text.toPlainText()
    assert text.startswith("unexpected\nTraceback (most recent call last):")
    assert text.endswith("ValueError: two books for one symbol")
    assert panel.detail.text.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByKeyboard
    panel.detail.copy_requested.emit()
    assert "tickreel_desktop.operations: unexpected\nTraceback" in QGuiApplication.clipboard().text()
    panel.detail.closed.emit()
    assert not panel.detail.isVisible()
    assert panel.table.selected_positions() == []


def test_the_whole_record_stands_beside_a_flat_table_and_below_a_high_one(
    panel: LogPanel, ring: Ring, qtbot: QtBot
) -> None:
    say_failure(ring)
    panel.look()
    panel.table.selectRow(0)
    qtbot.waitUntil(lambda: panel.detail.x() > panel.table.width() > panel.detail.width())
    panel.resize(600, 600)
    qtbot.waitUntil(lambda: panel.detail.y() > panel.table.height() > panel.detail.height())


def test_a_message_too_long_for_its_row_is_shown_whole(panel: LogPanel, ring: Ring) -> None:
    say(ring, "a very long sentence " * 40)
    panel.look()
    panel.table.selectRow(0)
    assert panel.detail.isVisible()


def test_the_chosen_record_stays_chosen_under_another_filter(panel: LogPanel, ring: Ring) -> None:
    say_many(ring, 30)
    say(ring, "slow disk", logging.WARNING)
    panel.look()
    panel.table.selectRow(30)
    panel.filter.text.setText("slow")
    assert panel.table.selected_positions() == [0]
    panel.filter.text.setText("record")
    assert panel.table.selected_positions() == []
    panel.filter.text.setText("")
    assert panel.table.selected_positions() == [30]


def test_chosen_records_are_copied_as_they_stand_in_the_file_by_key(panel: LogPanel, ring: Ring) -> None:
    say_many(ring, 5)
    panel.look()
    panel.table.setFocus()
    panel.table.selectRow(1)
    QTest.keyClick(panel.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(panel.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == (
        "2024-07-18 12:06:37.412Z INFO    tickreel.store.cache: record 1\n"
        "2024-07-18 12:06:38.412Z INFO    tickreel.store.cache: record 2\n"
    )
    panel.table.clearSelection()
    panel.copy_selected()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 5


def test_clearing_empties_the_view_alone(panel: LogPanel, ring: Ring) -> None:
    say_many(ring, 5)
    panel.look()
    panel.clear()
    assert messages(panel) == []
    assert panel.caption() == "0 records"
    assert len(ring.entries()) == 5
    say(ring, "next")
    panel.look()
    assert messages(panel) == ["next"]


def test_the_folder_is_opened_and_a_refusal_told(
    panel: LogPanel, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[QUrl] = []

    def open_url(url: QUrl) -> bool:
        asked.append(url)
        return len(asked) == 1

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    panel.open_folder()
    with qtbot.waitSignal(panel.trouble_met) as met:
        panel.open_folder()
    assert asked[0] == QUrl.fromLocalFile(str(tmp_path / "logs"))
    assert str(tmp_path / "logs") in met.args[0]


def test_every_control_has_a_name_and_three_stand_in_the_title(panel: LogPanel, ring: Ring) -> None:
    say_failure(ring)
    panel.look()
    panel.table.selectRow(0)
    assert nameless_controls(panel) == []
    assert len(panel.tools()) == 3
    assert all(tool.accessibleName() and tool.height() >= 22 for tool in panel.tools())


def test_a_narrow_panel_puts_the_words_on_a_second_row(panel: LogPanel, ring: Ring, qtbot: QtBot) -> None:
    say_many(ring, 3)
    panel.look()
    panel.resize(900, 500)
    assert panel.filter.text.geometry().top() < panel.filter.level.geometry().bottom()
    assert not panel.table.isColumnHidden(2)
    panel.resize(380, 500)
    assert panel.width() == 380
    qtbot.waitUntil(lambda: panel.table.isColumnHidden(2))  # the message needs its room
    qtbot.waitUntil(
        lambda: panel.filter.text.geometry().top() > panel.filter.level.geometry().bottom(),
    )
