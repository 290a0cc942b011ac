"""One display zone: whatever shows or reads a time follows it at once, and nothing else moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tickreel.errors import UsageError
from tickreel.market.time import parse_instant
from tickreel.replay import Frame, ReplayPlan, SymbolFrame, Totals, TouchSeries, TradeSeries
from tickreel_desktop.replay.axes import MomentAxis
from tickreel_desktop.replay.overview import Overview
from tickreel_desktop.replay.player import ReplayRequest
from tickreel_desktop.replay.sharedview import Cursor, SharedView
from tickreel_desktop.replay.strips import Strips
from tickreel_desktop.replay.symbols.company import Company
from tickreel_desktop.replay.transport import Transport
from tickreel_desktop.zone import DisplayZone, ZoneLabel

if TYPE_CHECKING:
    from PySide6.QtWidgets import QLineEdit
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme

START_US = parse_instant("2024-08-05")
END_US = parse_instant("2024-08-06")
HOUR_US = 3_600_000_000
HORIZONTAL = Qt.Orientation.Horizontal


@pytest.fixture
def transport(theme: Theme, zone: DisplayZone, qtbot: QtBot) -> Transport:
    made = Transport(theme, zone, SharedView())
    qtbot.addWidget(made)
    made.resize(1220, made.height())
    with qtbot.waitExposed(made):
        made.show()
    made.set_range(START_US, END_US)
    return made


def _type(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_a_change_is_told_once_and_only_when_it_is_one(zone: DisplayZone, qtbot: QtBot) -> None:
    with qtbot.waitSignal(zone.changed):
        zone.set_name("Asia/Kolkata")
    with qtbot.assertNotEmitted(zone.changed):
        zone.set_name("Asia/Kolkata")
        with pytest.raises(UsageError, match="not a time zone"):
            zone.set_name("Mars/Base")
    assert zone.name == "Asia/Kolkata"


def test_the_zone_of_the_system_is_taken(monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    monkeypatch.setattr(
        "tickreel_desktop.zone.display.QTimeZone.systemTimeZoneId", lambda: _Bytes(b"America/New_York")
    )
    assert DisplayZone("system").name == "America/New_York"


@pytest.mark.logs_warnings
def test_a_system_whose_zone_is_not_known_is_shown_in_utc(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, qtbot: QtBot
) -> None:
    monkeypatch.setattr("tickreel_desktop.zone.display.QTimeZone.systemTimeZoneId", lambda: _Bytes(b"Mars"))
    assert DisplayZone("system").name == "UTC"
    assert "'Mars', is not known" in caplog.text


class _Bytes:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def data(self) -> bytes:
        return self._data


def test_the_word_behind_a_time_follows_season_and_zone(zone: DisplayZone, qtbot: QtBot) -> None:
    word = ZoneLabel(zone)
    qtbot.addWidget(word)
    assert word.text() == "UTC"
    zone.set_name("Europe/London")
    word.set_moment(START_US)
    assert word.text() == "BST"
    assert "Europe/London (BST)" in word.toolTip()
    word.set_moment(parse_instant("2024-12-24"))
    assert word.text() == "GMT"


def test_the_transport_is_labelled_anew_and_asks_for_nothing(
    transport: Transport, zone: DisplayZone, qtbot: QtBot
) -> None:
    transport.set_now(START_US + HOUR_US)
    with qtbot.assertNotEmitted(transport.seek_requested), qtbot.assertNotEmitted(transport.seek_previewed):
        zone.set_name("Asia/Kolkata")
    assert transport.time_field.text() == "2024-08-05 06:30:00.000"
    assert transport.time_field.accessibleName() == "Time, Asia/Kolkata"
    assert transport.overview.accessibleDescription() == "2024-08-05 06:30:00 IST"
    assert transport.overview.position_us == START_US + HOUR_US


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("2024-08-05 06:30", 1),
        ("06:30", 1),
        ("23:30", 18),
        ("2024-08-06 05:00", 23.5),
        ("2024-08-05 06:30Z", 6.5),
        ("06:30Z", 6.5),
        ("2024-08-05T06:30+02:00", 4.5),
    ],
)
def test_a_typed_time_is_of_the_display_zone_unless_it_carries_one(
    transport: Transport, zone: DisplayZone, qtbot: QtBot, typed: str, hours: float
) -> None:
    zone.set_name("Asia/Kolkata")
    with qtbot.waitSignal(transport.seek_requested) as asked:
        _type(transport.time_field, typed)
    assert asked.args == [START_US + round(hours * HOUR_US)]


def test_a_typed_time_that_the_clocks_show_twice_is_refused_until_it_says_which(
    transport: Transport, zone: DisplayZone, qtbot: QtBot
) -> None:
    zone.set_name("Europe/London")
    start_us = parse_instant("2024-10-26T22:00")
    transport.set_range(start_us, start_us + 6 * HOUR_US)
    _type(transport.time_field, "2024-10-27 01:30")
    assert "add +01:00 or +00:00" in transport.problem()
    with qtbot.waitSignal(transport.seek_requested) as asked:
        _type(transport.time_field, "2024-10-27 01:30 +00:00")
    assert asked.args == [parse_instant("2024-10-27T01:30Z")]
    transport.set_now(asked.args[0])
    transport.take_focus()
    field = transport.time_field
    qtbot.waitUntil(lambda: field.text() == "2024-10-27 01:30:00.000 +00:00")
    assert field.fontMetrics().horizontalAdvance(field.text()) < field.width() - 12, "all of it is seen"


def test_what_is_out_of_range_is_told_in_the_display_zone(transport: Transport, zone: DisplayZone) -> None:
    zone.set_name("America/New_York")
    _type(transport.time_field, "2024-08-05 20:00")
    assert transport.problem().endswith("goes from 2024-08-04 20:00:00 to 2024-08-05 20:00:00 EDT")


def test_a_time_axis_stands_at_round_local_times(theme: Theme, zone: DisplayZone) -> None:
    axis = MomentAxis(theme, zone)
    axis.set_origin(END_US)

    def labels() -> list[str]:
        ((spacing, values),) = axis.tickValues(-6 * 3600.0, 0.0, 640)
        return axis.tickStrings(values, 1.0, spacing)

    assert labels() == ["18:00:00", "19:00:00", "20:00:00", "21:00:00", "22:00:00", "23:00:00", "6\u00a0Aug"]
    zone.set_name("Asia/Kolkata")
    assert labels() == ["6\u00a0Aug", "01:00:00", "02:00:00", "03:00:00", "04:00:00", "05:00:00"]
    assert axis.zone_text() == "IST"


def test_a_time_axis_has_room_for_the_offsets_of_a_repeated_hour(theme: Theme, zone: DisplayZone) -> None:
    zone.set_name("Europe/London")
    axis = MomentAxis(theme, zone)
    axis.set_origin(parse_instant("2024-10-27T03:00"))
    ((spacing, values),) = axis.tickValues(-4 * 3600.0, 0.0, 640)
    assert axis.tickStrings(values, 1.0, spacing) == [
        *("27\u00a0Oct", "01:00:00 +01:00", "01:00:00 +00:00"),
        *("02:00:00", "03:00:00"),
    ]


def test_the_mark_of_the_cursor_follows_the_zone(theme: Theme, zone: DisplayZone, qtbot: QtBot) -> None:
    shared = SharedView()
    strips = Strips(theme, zone, shared, Company())
    qtbot.addWidget(strips)
    strips.resize(800, 260)
    with qtbot.waitExposed(strips):
        strips.show()
    at_us = START_US + 2 * HOUR_US
    shared.begin(START_US, END_US)
    shared.set_now(at_us)
    strips.begin(ReplayRequest(ReplayPlan((("x", "Y"),), START_US, END_US), START_US))
    touch = TouchSeries(np.array([START_US]), *np.array([[99.0], [101.0], [1.0], [1.0]]))
    shown = SymbolFrame("x", "Y", None, touch, TradeSeries.joined([]), Totals())
    strips.take(Frame(at_us, (shown,), 0, True, False))
    shared.set_cursor(Cursor(at_us - 30_000_000, None))
    mark = strips.shown[-1].moments._mark
    assert mark.text() == "01:59:30.000"
    zone.set_name("Asia/Kolkata")
    assert mark.text() == "07:29:30.000"


def test_the_overview_is_drawn_in_every_zone(theme: Theme, zone: DisplayZone, qtbot: QtBot) -> None:
    overview = Overview(theme, zone, SharedView())
    qtbot.addWidget(overview)
    overview.resize(600, 36)
    overview.set_range(START_US, END_US)
    pictures = []
    for name in ("UTC", "Asia/Kolkata", "America/New_York"):
        zone.set_name(name)
        pictures.append(overview.grab().toImage())
    assert pictures[0] != pictures[1] != pictures[2]
