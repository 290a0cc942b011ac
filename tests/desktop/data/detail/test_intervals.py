"""The table of health notes: sorted as asked, times as short as they can be."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QToolTip

from tickreel.market.time import day_start_us
from tickreel.market.zone import UTC_ZONE
from tickreel.store.health import Interval, Kind
from tickreel_desktop.data.detail.intervals import (
    IntervalColumn,
    IntervalModel,
    IntervalTable,
    interval_text,
)
from tickreel_desktop.data.detail.reading import DayInterval

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

DAY = date(2024, 8, 5)
START_US = day_start_us(DAY)
HOUR_US = 3_600_000_000


def note(kind: Kind, from_us: int, length_us: int, rows: int = 1, text: str = "") -> DayInterval:
    return DayInterval(DAY, Interval(kind, START_US + from_us, START_US + from_us + length_us, rows, text))


def test_notes_are_sorted_by_time_length_and_reason(zone: DisplayZone) -> None:
    model = IntervalModel(zone)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    notes = [
        note(Kind.RESET, HOUR_US, 1),
        note(Kind.GAP, 0, 3_000_000, 0, "3.0 s without a message"),
        note(Kind.CROSSED, 2 * HOUR_US, 900_000, 6),
    ]
    model.replace(notes)

    def told(column: IntervalColumn) -> list[str]:
        return [model.index(row, column).data() for row in range(model.rowCount())]

    assert told(IntervalColumn.REASON) == [
        "Gap: 3.0 s without a message",
        "Reset: a snapshot begins the book anew",
        "Crossed: bid at or above ask, 6 times",
    ]
    assert told(IntervalColumn.LENGTH) == ["3.0 s", "", "900 ms"]
    model.sort(IntervalColumn.LENGTH, Qt.SortOrder.DescendingOrder)
    assert told(IntervalColumn.LENGTH) == ["3.0 s", "900 ms", ""]
    model.sort(IntervalColumn.REASON)
    assert [text[:5] for text in told(IntervalColumn.REASON)] == ["Cross", "Gap: ", "Reset"]
    zone.set_name("America/New_York")
    assert told(IntervalColumn.INTERVAL)[2] == "4\u00a0Aug 21:00:00.000"
    assert model.headerData(IntervalColumn.INTERVAL, Qt.Orientation.Horizontal) == "Interval (EDT)"


def test_the_end_of_an_interval_leaves_out_what_it_shares_with_its_begin() -> None:
    def text(from_us: int, length_us: int) -> str:
        return interval_text(UTC_ZONE, START_US + from_us, START_US + from_us + length_us)

    assert text(7_204_000, 2_736_000) == "00:00:07.204 to 09.940"
    assert text(58_000_000, 4_000_000) == "00:00:58.000 to 01:02.000"
    assert text(HOUR_US - 1_000_000, 2_000_000) == "00:59:59.000 to 01:00:01.000"
    assert text(0, 2 * HOUR_US) == "00:00:00 to 02:00:00"
    assert text(5_000, 1) == "00:00:00.005"


def test_a_note_of_one_day_has_a_line_for_its_reason(theme: Theme, zone: DisplayZone, qtbot: QtBot) -> None:
    table = IntervalTable(theme, zone, "Notes", with_day=False)
    qtbot.addWidget(table)
    table.rows.replace([note(Kind.SNAPSHOT_MISMATCH, HOUR_US, 1, 52, "after 2.6 s without a message")])
    reason = "Snapshot differs from the book, 52 times: after 2.6 s without a message"
    index = table.rows.index(0, IntervalColumn.INTERVAL)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == f"2024-08-05, 01:00:00.000, {reason}"
    shown = [column for column in IntervalColumn if not table.isColumnHidden(column)]
    assert shown == [IntervalColumn.INTERVAL]
    for width_px, tip in ((520, ""), (240, reason)):  # where it is cut, all of it is in the tool-tip
        table.setFixedWidth(theme.px(width_px))
        table.show()
        qtbot.waitExposed(table)
        at = table.visualRect(index).center()
        event = QHelpEvent(QEvent.Type.ToolTip, at, table.viewport().mapToGlobal(at))
        QApplication.sendEvent(table.viewport(), event)
        assert QToolTip.text() == tip


def test_notes_of_many_days_have_a_line_for_their_reasons_in_little_room_only(
    theme: Theme, zone: DisplayZone, qtbot: QtBot
) -> None:
    table = IntervalTable(theme, zone, "Notes", with_day=True)
    qtbot.addWidget(table)
    table.rows.replace([note(Kind.RESET, HOUR_US, 1)])
    table.show()

    def stands(is_tight: bool) -> bool:
        return table.isColumnHidden(IntervalColumn.REASON) == is_tight

    for width_px, is_tight in ((460, True), (900, False), (500, True)):
        table.resize(theme.px(width_px), 200)
        qtbot.waitUntil(partial(stands, is_tight))
        assert table.isColumnHidden(IntervalColumn.DAY) == is_tight
        assert not table.horizontalHeader().isHidden()
        assert table.rowHeight(0) == theme.px(42 if is_tight else 26)
