from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from tickreel.errors import UsageError
from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel.market.types import DatasetKey, DataType
from tickreel.store import Day, DayState, Part, Source
from tickreel_desktop.replay.offer import range_fix, short_instant
from tickreel_desktop.replay.setup_dialog import ReplayChoice, ReplayOffer, ReplaySetupDialog

if TYPE_CHECKING:
    from PySide6.QtWidgets import QLineEdit
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

FIRST = date(2024, 8, 5)
DAY_US = day_start_us(FIRST)
HOUR_US = 3_600_000_000


def held(
    number: int,
    state: DayState = DayState.PRESENT,
    *,
    rows: int = 86_400,
    hours: tuple[int, int] = (0, 24),
    data_type: DataType = DataType.INCREMENTAL_BOOK_L2,
) -> Day:
    """Make the day *number* days after the first, with rows in the given hours."""
    day = FIRST + timedelta(days=number)
    start_us = day_start_us(day)
    part = Part(
        segment_id=f"{data_type}-{number}",
        day=day,
        start_us=start_us,
        end_us=start_us + US_PER_DAY,
        rows=rows,
        messages=rows,
        bytes=rows,
        first_local_us=start_us + hours[0] * HOUR_US,
        last_local_us=start_us + hours[1] * HOUR_US - 1,
        rows_sha256="0" * 64,
        opens_with_snapshot=True,
        source=Source.IMPORT,
        source_sha256=None,
        imported_us=0,
    )
    return Day(DatasetKey("bybit", "BTCUSDT", data_type), day, state, "0" * 64, (part,))


def offer(*book_days: Day, trades: tuple[Day, ...] = (), speed: float | None = 100.0) -> ReplayOffer:
    return ReplayOffer("bybit", "BTCUSDT", book_days, trades, speed)


@pytest.fixture
def gap(theme: Theme, zone: DisplayZone, qtbot: QtBot) -> ReplaySetupDialog:
    """Open the form of a symbol whose second day of three is missing."""
    return opened(ReplaySetupDialog(theme, zone, offer(held(0), held(2))), qtbot)


@pytest.fixture
def whole(theme: Theme, zone: DisplayZone, qtbot: QtBot) -> ReplaySetupDialog:
    return opened(ReplaySetupDialog(theme, zone, offer(held(0), held(1))), qtbot)


def opened(dialog: ReplaySetupDialog, qtbot: QtBot) -> ReplaySetupDialog:
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.waitExposed(dialog)
    return dialog


def _type(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


def test_the_whole_of_what_is_held_is_offered(whole: ReplaySetupDialog, qtbot: QtBot) -> None:
    assert whole.from_field.text() == "2024-08-05 00:00:00"
    assert whole.to_field.text() == "2024-08-07 00:00:00"
    assert whole.command() == "tickreel replay bybit BTCUSDT 2024-08-05 2024-08-07 --speed 100"
    assert whole.reason() == ""
    assert not whole.banner.isVisible()
    with qtbot.waitSignal(whole.chosen) as chosen, qtbot.waitSignal(whole.accepted):
        QTest.mouseClick(whole.open_button, Qt.MouseButton.LeftButton)
    assert chosen.args == [
        ReplayChoice("bybit", "BTCUSDT", DAY_US, DAY_US + 2 * US_PER_DAY, 100.0, allow_missing=False)
    ]


def test_enter_opens_and_escape_leaves(whole: ReplaySetupDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(whole.rejected), qtbot.assertNotEmitted(whole.chosen):
        QTest.keyClick(whole, Qt.Key.Key_Escape)
    whole.open()
    with qtbot.waitSignal(whole.chosen):
        QTest.keyClick(whole, Qt.Key.Key_Return)
    assert whole.result() == QDialog.DialogCode.Accepted


def test_a_typed_range_is_taken_and_counted(whole: ReplaySetupDialog) -> None:
    _type(whole.from_field, "2024-08-05 06:00")
    _type(whole.to_field, "2024-08-05T12:00:00.5Z")
    choice = whole.choice()
    assert (choice.start_us, choice.end_us) == (DAY_US + 6 * HOUR_US, DAY_US + 12 * HOUR_US + 500_000)
    assert whole._extent.text() == "6.0 h, about 21.6 k rows"
    assert whole.picker.range_us == (choice.start_us, choice.end_us)
    assert "2024-08-05T06:00:00Z 2024-08-05T12:00:00.500000Z" in whole.command()


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("soon", "2024-08-06", "is not a time"),
        ("2024-08-06", "2024-08-05", "ends before it starts"),
        ("2024-08-05", "2024-08-05", "ends before it starts"),
        ("2023-01-01", "2023-01-02", "Nothing is held in this range"),
    ],
)
def test_a_range_that_cannot_be_keeps_the_form_shut(
    whole: ReplaySetupDialog, start: str, end: str, words: str
) -> None:
    _type(whole.from_field, start)
    _type(whole.to_field, end)
    assert words in whole.problem()
    assert not whole.open_button.isEnabled()
    assert whole.reason() == "The range cannot be read"
    QTest.keyClick(whole.to_field, Qt.Key.Key_Return)
    assert whole.isVisible()
    # It stays as it was typed, so that it can be mended.
    whole.speed.field.setFocus()
    assert whole.to_field.text() == end
    _type(whole.from_field, "2024-08-05")
    _type(whole.to_field, "2024-08-06")
    assert (whole.problem(), whole.reason()) == ("", "")


def test_a_missing_day_keeps_it_shut_and_says_why(gap: ReplaySetupDialog) -> None:
    assert gap.banner.text() == "bybit BTCUSDT has no order book for 6\u00a0Aug (UTC)."
    assert gap.reason() == "1 day is missing"
    assert not gap.open_button.isEnabled()
    assert gap.open_button.accessibleDescription() == gap.reason()


def test_one_click_ends_the_range_before_the_gap(gap: ReplaySetupDialog) -> None:
    assert gap.fix_button.text() == "End on 5\u00a0Aug\u00a0UTC"
    QTest.mouseClick(gap.fix_button, Qt.MouseButton.LeftButton)
    assert gap.choice().end_us == DAY_US + US_PER_DAY
    assert gap.open_button.isEnabled()
    assert not gap.banner.isVisible()
    assert not gap.choice().allow_missing


def test_one_click_plays_over_the_gap(gap: ReplaySetupDialog) -> None:
    gap.over_gap.click()
    assert gap.open_button.isEnabled()
    assert gap.choice().allow_missing
    assert gap.command().endswith("--allow-missing")
    # Without a gap in the range the wish is of no account.
    gap.fix_button.click()
    assert not gap.choice().allow_missing


def test_trades_that_are_missing_count_once_trades_are_held() -> None:
    days = held(0), held(1)
    assert offer(*days).missing(DAY_US, DAY_US + 2 * US_PER_DAY) == []
    trades = (held(0, data_type=DataType.TRADES),)
    [found] = offer(*days, trades=trades).missing(DAY_US, DAY_US + 2 * US_PER_DAY)
    assert (found.day, found.what) == (FIRST + timedelta(days=1), "trades")


@pytest.mark.parametrize(
    ("state", "is_missing"),
    [(DayState.DAMAGED, True), (DayState.PENDING, True), (DayState.ABSENT, False), (DayState.PARTIAL, False)],
)
def test_only_holes_are_missing(state: DayState, is_missing: bool) -> None:
    found = offer(held(0), held(1, state)).missing(DAY_US, DAY_US + 2 * US_PER_DAY)
    assert bool(found) == is_missing


def test_a_gap_at_the_start_is_mended_by_starting_later() -> None:
    shown = offer(held(0, DayState.DAMAGED), held(2))
    span = shown.span_us
    fix = range_fix(shown.missing(*span), *span)
    assert fix is not None
    assert (fix.text, fix.start_us, fix.end_us) == (
        "Start on 7\u00a0Aug\u00a0UTC",
        DAY_US + 2 * US_PER_DAY,
        span[1],
    )
    alone = offer(held(0, DayState.DAMAGED))
    assert range_fix(alone.missing(*alone.span_us), *alone.span_us) is None


def test_the_handles_are_dragged(whole: ReplaySetupDialog) -> None:
    picker = whole.picker
    start, target = round(picker.place(DAY_US)), round(picker.place(DAY_US + 12 * HOUR_US))
    QTest.mousePress(picker, Qt.MouseButton.LeftButton, pos=QPoint(start + 2, 36))
    QTest.mouseMove(picker, QPoint(target, 36))
    QTest.mouseRelease(picker, Qt.MouseButton.LeftButton, pos=QPoint(target, 36))
    assert abs(whole.choice().start_us - DAY_US - 12 * HOUR_US) <= HOUR_US // 4
    assert whole.from_field.text().startswith("2024-08-05 1")
    end = round(picker.place(DAY_US + 2 * US_PER_DAY))
    QTest.mousePress(picker, Qt.MouseButton.LeftButton, pos=QPoint(end - 2, 36))
    QTest.mouseMove(picker, QPoint(0, 36))
    QTest.mouseRelease(picker, Qt.MouseButton.LeftButton, pos=QPoint(0, 36))
    choice = whole.choice()
    assert choice.start_us < choice.end_us


def test_the_handles_are_moved_by_keys(whole: ReplaySetupDialog) -> None:
    whole.picker.setFocus()
    QTest.keyClick(whole.picker, Qt.Key.Key_Right)
    assert whole.choice().start_us == DAY_US + HOUR_US
    QTest.keyClick(whole.picker, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert whole.choice().end_us == DAY_US + 2 * US_PER_DAY - HOUR_US
    QTest.keyClick(whole.picker, Qt.Key.Key_Left)
    assert whole.choice().start_us == DAY_US


def test_the_command_line_is_copied_whole(whole: ReplaySetupDialog) -> None:
    _type(whole.speed.field, "max")
    QTest.keyClick(whole.speed.field, Qt.Key.Key_Return)
    assert whole.isVisible()
    QTest.mouseClick(whole.copy_button, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert copied == "tickreel replay bybit BTCUSDT 2024-08-05 2024-08-07 --speed max"


def test_a_speed_that_cannot_be_is_said(whole: ReplaySetupDialog) -> None:
    _type(whole.speed.field, "warp")
    QTest.keyClick(whole.speed.field, Qt.Key.Key_Return)
    assert "is not a speed" in whole._speed_problem.text()
    assert whole.choice().speed == 100.0


def test_symbols_that_a_shell_would_take_apart_are_quoted() -> None:
    choice = ReplayChoice("deribit", "BTC&ETH", DAY_US, DAY_US + 1, 1.0, allow_missing=True)
    assert choice.command == (
        "tickreel replay deribit 'BTC&ETH' 2024-08-05 2024-08-05T00:00:00.000001Z --speed 1 --allow-missing"
    )
    assert short_instant(DAY_US + 1_000_000) == "2024-08-05T00:00:01Z"


def test_an_offer_without_rows_is_refused() -> None:
    with pytest.raises(UsageError, match="no order book is held of bybit BTCUSDT"):
        _ = offer().span_us


@pytest.mark.parametrize("hours", [(0, 24), (3, 4)])
def test_partial_and_short_days_are_drawn(
    theme: Theme, zone: DisplayZone, qtbot: QtBot, hours: tuple[int, int]
) -> None:
    states = (DayState.PARTIAL, DayState.DAMAGED, DayState.ABSENT)
    days = [held(number, state, hours=hours) for number, state in enumerate(states)]
    dialog = opened(ReplaySetupDialog(theme, zone, offer(*days)), qtbot)
    assert not dialog.grab().isNull()


def test_the_form_reads_and_shows_the_display_zone(theme: Theme, zone: DisplayZone, qtbot: QtBot) -> None:
    zone.set_name("America/New_York")
    dialog = opened(ReplaySetupDialog(theme, zone, offer(held(0), held(1))), qtbot)
    assert dialog.from_field.text() == "2024-08-04 20:00:00"
    assert dialog.from_field.accessibleName() == "From, America/New_York"
    _type(dialog.from_field, "2024-08-05 01:00")
    assert dialog.choice().start_us == DAY_US + 5 * HOUR_US
    assert "2024-08-05T05:00:00Z" in dialog.command(), "a command means the same everywhere"
    before = dialog.choice()
    zone.set_name("Asia/Kolkata")
    assert dialog.from_field.text() == "2024-08-05 10:30:00"
    assert dialog.choice() == before
    assert dialog.picker.accessibleDescription() == "2024-08-05 10:30:00 to 2024-08-07 05:30:00 IST"
    _type(dialog.from_field, "soon")
    zone.set_name("UTC")
    assert dialog.from_field.text() == "soon", "what cannot be read stays, so that it can be mended"
    assert dialog.picker.accessibleDescription() == "2024-08-05 05:00:00 to 2024-08-07 00:00:00 UTC"


def test_the_arrows_go_to_round_times_of_the_zone(theme: Theme, zone: DisplayZone, qtbot: QtBot) -> None:
    zone.set_name("Asia/Kolkata")
    dialog = opened(ReplaySetupDialog(theme, zone, offer(held(0), held(1))), qtbot)
    dialog.picker.setFocus()
    QTest.keyClick(dialog.picker, Qt.Key.Key_Right)
    assert dialog.from_field.text() == "2024-08-05 06:00:00"
    QTest.keyClick(dialog.picker, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert dialog.to_field.text() == "2024-08-07 05:00:00"
