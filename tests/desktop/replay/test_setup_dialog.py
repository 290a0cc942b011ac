from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QInputDialog, QToolButton

from tickreel.errors import UsageError
from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel.market.types import DatasetKey, DataType
from tickreel.replay import Band, BandAction, BandKind, Loop, Order, ReplayPlan
from tickreel.store import Day, DayState, Part, Source
from tickreel.store.model import DayRange
from tickreel_desktop.replay.missing import range_fix, ranges_of
from tickreel_desktop.replay.offer import (
    HeldSymbol,
    HeldType,
    ReplayOffer,
    common_us,
    last_day_us,
    last_hour_us,
    span_us,
)
from tickreel_desktop.replay.panel_choice import FIRST_SHOWN
from tickreel_desktop.replay.panel_form import PanelForm
from tickreel_desktop.replay.play_form import PlayForm
from tickreel_desktop.replay.range_form import RangeForm
from tickreel_desktop.replay.saved_bar import SavedBar
from tickreel_desktop.replay.setup_dialog import ReplaySetupDialog
from tickreel_desktop.replay.setup_parts import SetupParts
from tickreel_desktop.replay.symbol_table import SymbolTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QLineEdit
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

FIRST = date(2024, 8, 5)
KEY = DatasetKey("bybit", "BTCUSDT", DataType.INCREMENTAL_BOOK_L2)
DAY_US = day_start_us(FIRST)
HOUR_US = 3_600_000_000
L2, TRADES = DataType.INCREMENTAL_BOOK_L2, DataType.TRADES


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


def symbol(*book_days: Day, trades: tuple[Day, ...] = (), exchange: str = "bybit") -> HeldSymbol:
    types = {
        data_type: HeldType(DatasetKey(exchange, "BTCUSDT", data_type), days)
        for data_type, days in ((L2, book_days), (TRADES, trades))
        if days
    }
    return HeldSymbol(exchange, "BTCUSDT", types)


def offer(*book_days: Day, trades: tuple[Day, ...] = (), speed: float | None = 100.0) -> ReplayOffer:
    return ReplayOffer((symbol(*book_days, trades=trades),), speed)


@pytest.fixture
def gap(theme: Theme, zone: DisplayZone, qtbot: QtBot) -> ReplaySetupDialog:
    """Open the form of a symbol whose second day of three is missing."""
    return opened(form(theme, zone, offer(held(0), held(2))), qtbot)


@pytest.fixture
def whole(theme: Theme, zone: DisplayZone, qtbot: QtBot) -> ReplaySetupDialog:
    return opened(form(theme, zone, offer(held(0), held(1))), qtbot)


def form(
    theme: Theme, zone: DisplayZone, offer: ReplayOffer, known: Sequence[tuple[str, str]] = ()
) -> ReplaySetupDialog:
    parts = SetupParts(
        SavedBar(theme), SymbolTable(theme), RangeForm(theme, zone), PlayForm(theme), PanelForm(theme)
    )
    return ReplaySetupDialog(theme, parts, offer, known)


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
    assert whole.range.from_field.text() == "2024-08-05 00:00:00"
    assert whole.range.to_field.text() == "2024-08-07 00:00:00"
    assert whole.command() == "tickreel replay bybit BTCUSDT 2024-08-05 2024-08-07 --speed 100"
    assert whole.reason() == ""
    assert not whole.missing.banner.isVisible()
    with qtbot.waitSignal(whole.chosen) as chosen, qtbot.waitSignal(whole.accepted):
        QTest.mouseClick(whole.open_button, Qt.MouseButton.LeftButton)
    plan = ReplayPlan((("bybit", "BTCUSDT"),), DAY_US, DAY_US + 2 * US_PER_DAY, speed=100.0)
    assert chosen.args == [plan, FIRST_SHOWN]


def test_enter_opens_and_escape_leaves(whole: ReplaySetupDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(whole.rejected), qtbot.assertNotEmitted(whole.chosen):
        QTest.keyClick(whole, Qt.Key.Key_Escape)
    whole.open()
    with qtbot.waitSignal(whole.chosen):
        QTest.keyClick(whole, Qt.Key.Key_Return)
    assert whole.result() == QDialog.DialogCode.Accepted


def test_a_typed_range_is_taken_and_counted(whole: ReplaySetupDialog) -> None:
    _type(whole.range.from_field, "2024-08-05 06:00")
    _type(whole.range.to_field, "2024-08-05T12:00:00.5Z")
    choice = whole.plan()
    assert (choice.start_us, choice.end_us) == (DAY_US + 6 * HOUR_US, DAY_US + 12 * HOUR_US + 500_000)
    assert whole.range.extent() == "6.0 h, about 21.6 k rows"
    assert whole.range.picker.range_us == (choice.start_us, choice.end_us)
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
    _type(whole.range.from_field, start)
    _type(whole.range.to_field, end)
    assert words in whole.range.problem()
    assert not whole.open_button.isEnabled()
    assert whole.reason() == "The range cannot be read"
    QTest.keyClick(whole.range.to_field, Qt.Key.Key_Return)
    assert whole.isVisible()
    # It stays as it was typed, so that it can be mended.
    whole.play.speed.field.setFocus()
    assert whole.range.to_field.text() == end
    _type(whole.range.from_field, "2024-08-05")
    _type(whole.range.to_field, "2024-08-06")
    assert (whole.range.problem(), whole.reason()) == ("", "")


def test_a_missing_day_keeps_it_shut_and_says_why(gap: ReplaySetupDialog) -> None:
    assert gap.missing.banner.text() == "bybit BTCUSDT has no order book for 6\u00a0Aug (UTC)."
    assert gap.reason() == "1 day is missing"
    assert not gap.open_button.isEnabled()
    assert gap.open_button.accessibleDescription() == gap.reason()


def test_one_click_ends_the_range_before_the_gap(gap: ReplaySetupDialog) -> None:
    assert gap.missing.fix_button.text() == "End on 5\u00a0Aug\u00a0UTC"
    QTest.mouseClick(gap.missing.fix_button, Qt.MouseButton.LeftButton)
    assert gap.plan().end_us == DAY_US + US_PER_DAY
    assert gap.open_button.isEnabled()
    assert not gap.missing.banner.isVisible()
    assert not gap.plan().allow_missing


def test_one_click_plays_over_the_gap(gap: ReplaySetupDialog) -> None:
    gap.missing.leave_out.click()
    assert gap.open_button.isEnabled()
    assert gap.plan().allow_missing
    assert gap.command().endswith("--allow-missing")
    # Without a gap in the range the wish is of no account.
    gap.missing.fix_button.click()
    assert not gap.plan().allow_missing


def test_a_missing_day_that_lies_in_the_shared_cache_keeps_nobody(gap: ReplaySetupDialog) -> None:
    place = (KEY, FIRST + timedelta(days=1))
    assert gap.asked_places == {place}
    gap.add_shared(frozenset({(KEY, FIRST)}))
    assert gap.reason() == "1 day is missing"
    gap.add_shared(frozenset({place}))
    assert (gap.reason(), gap.open_button.isEnabled()) == ("", True)
    assert gap.missing.coming.text() == ("1 day comes from the shared cache when it opens: 6\u00a0Aug (UTC).")
    assert gap.missing.coming.isVisible()
    assert not gap.missing.banner.isVisible()
    assert not gap.missing.fetch_button.isVisible()
    assert not gap.plan().allow_missing, "a day that does not come after all is told"


def test_trades_that_are_missing_count_once_trades_are_held() -> None:
    days = held(0), held(1)
    span = DAY_US, DAY_US + 2 * US_PER_DAY
    assert symbol(*days).missing(*span, None) == []
    both = symbol(*days, trades=(held(0, data_type=TRADES),))
    assert both.missing(*span, (L2,)) == []
    [found] = both.missing(*span, None)
    assert (found.day, found.what) == (FIRST + timedelta(days=1), "trades")


@pytest.mark.parametrize(
    ("state", "is_missing"),
    [(DayState.DAMAGED, True), (DayState.PENDING, True), (DayState.ABSENT, False), (DayState.PARTIAL, False)],
)
def test_only_holes_are_missing(state: DayState, is_missing: bool) -> None:
    found = symbol(held(0), held(1, state)).missing(DAY_US, DAY_US + 2 * US_PER_DAY, None)
    assert bool(found) == is_missing


def test_a_gap_at_the_start_is_mended_by_starting_later() -> None:
    shown = symbol(held(0, DayState.DAMAGED), held(2))
    span = span_us([shown])
    fix = range_fix(shown.missing(*span, None), *span)
    assert fix is not None
    assert (fix.text, fix.start_us, fix.end_us) == (
        "Start on 7\u00a0Aug\u00a0UTC",
        DAY_US + 2 * US_PER_DAY,
        span[1],
    )
    alone = symbol(held(0, DayState.DAMAGED))
    span = span_us([alone])
    assert range_fix(alone.missing(*span, None), *span) is None


def test_the_handles_are_dragged(whole: ReplaySetupDialog) -> None:
    picker = whole.range.picker
    start, target = round(picker.place(DAY_US)), round(picker.place(DAY_US + 12 * HOUR_US))
    QTest.mousePress(picker, Qt.MouseButton.LeftButton, pos=QPoint(start + 2, 36))
    QTest.mouseMove(picker, QPoint(target, 36))
    QTest.mouseRelease(picker, Qt.MouseButton.LeftButton, pos=QPoint(target, 36))
    assert abs(whole.plan().start_us - DAY_US - 12 * HOUR_US) <= HOUR_US // 4
    assert whole.range.from_field.text().startswith("2024-08-05 1")
    end = round(picker.place(DAY_US + 2 * US_PER_DAY))
    QTest.mousePress(picker, Qt.MouseButton.LeftButton, pos=QPoint(end - 2, 36))
    QTest.mouseMove(picker, QPoint(0, 36))
    QTest.mouseRelease(picker, Qt.MouseButton.LeftButton, pos=QPoint(0, 36))
    choice = whole.plan()
    assert choice.start_us < choice.end_us


def test_the_handles_are_moved_by_keys(whole: ReplaySetupDialog) -> None:
    whole.range.picker.setFocus()
    QTest.keyClick(whole.range.picker, Qt.Key.Key_Right)
    assert whole.plan().start_us == DAY_US + HOUR_US
    QTest.keyClick(whole.range.picker, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert whole.plan().end_us == DAY_US + 2 * US_PER_DAY - HOUR_US
    QTest.keyClick(whole.range.picker, Qt.Key.Key_Left)
    assert whole.plan().start_us == DAY_US


def test_the_command_line_is_copied_whole(whole: ReplaySetupDialog) -> None:
    _type(whole.play.speed.field, "max")
    QTest.keyClick(whole.play.speed.field, Qt.Key.Key_Return)
    assert whole.isVisible()
    QTest.mouseClick(whole.command_line.copy_button, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert copied == "tickreel replay bybit BTCUSDT 2024-08-05 2024-08-07 --speed max"


def test_a_speed_that_cannot_be_is_said(whole: ReplaySetupDialog) -> None:
    _type(whole.play.speed.field, "warp")
    QTest.keyClick(whole.play.speed.field, Qt.Key.Key_Return)
    assert "is not a speed" in whole.play._speed_problem.text()
    assert whole.plan().speed == 100.0


def test_an_offer_without_rows_is_refused() -> None:
    for ask in (span_us, last_day_us):
        with pytest.raises(UsageError, match="no order book is held of bybit BTCUSDT"):
            ask([symbol()])


@pytest.mark.parametrize("hours", [(0, 24), (3, 4)])
def test_partial_and_short_days_are_drawn(
    theme: Theme, zone: DisplayZone, qtbot: QtBot, hours: tuple[int, int]
) -> None:
    states = (DayState.PARTIAL, DayState.DAMAGED, DayState.ABSENT)
    days = [held(number, state, hours=hours) for number, state in enumerate(states)]
    dialog = opened(form(theme, zone, offer(*days)), qtbot)
    assert not dialog.grab().isNull()


def test_the_form_reads_and_shows_the_display_zone(theme: Theme, zone: DisplayZone, qtbot: QtBot) -> None:
    zone.set_name("America/New_York")
    dialog = opened(form(theme, zone, offer(held(0), held(1))), qtbot)
    assert dialog.range.from_field.text() == "2024-08-04 20:00:00"
    assert dialog.range.from_field.accessibleName() == "From, America/New_York"
    _type(dialog.range.from_field, "2024-08-05 01:00")
    assert dialog.plan().start_us == DAY_US + 5 * HOUR_US
    assert "2024-08-05T05:00:00Z" in dialog.command(), "a command means the same everywhere"
    before = dialog.plan()
    zone.set_name("Asia/Kolkata")
    assert dialog.range.from_field.text() == "2024-08-05 10:30:00"
    assert dialog.plan() == before
    assert dialog.range.picker.accessibleDescription() == "2024-08-05 10:30:00 to 2024-08-07 05:30:00 IST"
    _type(dialog.range.from_field, "soon")
    zone.set_name("UTC")
    assert dialog.range.from_field.text() == "soon", "what cannot be read stays, so that it can be mended"
    assert dialog.range.picker.accessibleDescription() == "2024-08-05 05:00:00 to 2024-08-07 00:00:00 UTC"


def test_the_arrows_go_to_round_times_of_the_zone(theme: Theme, zone: DisplayZone, qtbot: QtBot) -> None:
    zone.set_name("Asia/Kolkata")
    dialog = opened(form(theme, zone, offer(held(0), held(1))), qtbot)
    dialog.range.picker.setFocus()
    QTest.keyClick(dialog.range.picker, Qt.Key.Key_Right)
    assert dialog.range.from_field.text() == "2024-08-05 06:00:00"
    QTest.keyClick(dialog.range.picker, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert dialog.range.to_field.text() == "2024-08-07 05:00:00"


@pytest.fixture
def two(theme: Theme, zone: DisplayZone, qtbot: QtBot) -> ReplaySetupDialog:
    """Open the form of two venues, of which the second lacks the second day of three, but for its trades."""
    first = symbol(held(0), held(1), held(2), exchange="binance-futures")
    trades = tuple(held(number, data_type=TRADES) for number in range(3))
    both = ReplayOffer((first, symbol(held(0), held(2), trades=trades)))
    known = [*(each.pair for each in both.symbols), ("deribit", "BTC-PERPETUAL"), ("bybit", "ETHUSDT")]
    return opened(form(theme, zone, both, known), qtbot)


def test_symbols_are_found_by_letters_and_asked_for(two: ReplaySetupDialog, qtbot: QtBot) -> None:
    search = two.table.search
    assert search.matches("btc") == ["deribit BTC-PERPETUAL"], "those that are in the form are not offered"
    assert search.matches("bybit eth") == ["bybit ETHUSDT"]
    search.setFocus()
    QTest.keyClicks(search, "perp")
    with qtbot.waitSignal(two.symbol_wanted) as wanted:
        QTest.keyClick(search, Qt.Key.Key_Return)
    assert wanted.args == ["deribit", "BTC-PERPETUAL"]
    assert (search.text(), two.isVisible()) == ("", True)
    two.add_symbol(HeldSymbol("deribit", "BTC-PERPETUAL", {L2: HeldType(KEY, (held(0),))}))
    assert two.symbols()[2:] == (("deribit", "BTC-PERPETUAL"),)
    assert "binance-futures:BTCUSDT,bybit:BTCUSDT,deribit:BTC-PERPETUAL" in two.command()
    QTest.keyClicks(search, "nothing such")
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert two.table._problem.text() == "No order book is held of 'nothing such'"
    QTest.mouseClick(two.table.remover("deribit", "BTC-PERPETUAL"), Qt.MouseButton.LeftButton)
    assert len(two.symbols()) == 2


def test_days_that_one_venue_lacks_can_be_fetched(two: ReplaySetupDialog, qtbot: QtBot) -> None:
    assert two.missing.banner.text() == "bybit BTCUSDT has no order book for 6\u00a0Aug (UTC)."
    assert two.missing.fetch_button.text() == "Fetch 1 day"
    with qtbot.waitSignal(two.fetch_wanted) as wanted:
        QTest.mouseClick(two.missing.fetch_button, Qt.MouseButton.LeftButton)
    day = FIRST + timedelta(days=1)
    assert wanted.args == [[DayRange(KEY, day, day)]]
    two.remove_symbol("bybit", "BTCUSDT")
    assert (two.reason(), two.missing.isVisible()) == ("", False)


def test_missing_days_are_ranges_of_each_dataset() -> None:
    lacks = symbol(held(0), held(5), trades=(held(0, data_type=TRADES), held(2, data_type=TRADES)))
    ranges = ranges_of(lacks.missing(DAY_US, DAY_US + 6 * US_PER_DAY, None))
    spelt = [(each.key.type, each.first.day, each.last.day) for each in ranges]
    assert spelt == [(L2, 6, 9), (TRADES, 6, 6), (TRADES, 8, 10)]


def test_the_presets_choose_what_is_whole(two: ReplaySetupDialog) -> None:
    whole, last_day, last_hour = two.range.presets
    last_hour.click()
    end_us = DAY_US + 3 * US_PER_DAY
    assert two.range.range_us == (end_us - HOUR_US, end_us)
    last_day.click()
    assert two.range.range_us == (end_us - US_PER_DAY, end_us)
    whole.click()
    assert two.range.range_us == (DAY_US, end_us)


def test_the_last_day_is_the_last_that_is_whole_of_everything() -> None:
    book = held(0), held(1), held(2, DayState.PARTIAL, hours=(0, 7))
    trades = tuple(held(number, data_type=TRADES) for number in (0, 2))
    assert last_day_us([symbol(*book)]) == (DAY_US + US_PER_DAY, DAY_US + 2 * US_PER_DAY)
    assert last_day_us([symbol(*book, trades=trades)]) == (DAY_US, DAY_US + US_PER_DAY)
    part = symbol(held(0, DayState.PARTIAL, hours=(15, 17)))
    assert last_day_us([part]) == (DAY_US + 15 * HOUR_US, DAY_US + 17 * HOUR_US)
    apart = [symbol(held(0)), symbol(held(5), exchange="deribit")]
    assert common_us(apart) == span_us(apart), "where nothing is common, everything is offered"
    assert last_hour_us([part]) == (DAY_US + 16 * HOUR_US, DAY_US + 17 * HOUR_US)


def test_a_plan_comes_back_as_it_was(theme: Theme, zone: DisplayZone, qtbot: QtBot) -> None:
    plan = ReplayPlan(
        (("bybit", "BTCUSDT"), ("binance-futures", "BTCUSDT")),
        DAY_US + HOUR_US,
        DAY_US + 2 * US_PER_DAY,
        types=(L2, DataType.QUOTES),
        speed=20.0,
        order=Order.EXCHANGE,
        health=((BandKind.GAP, BandAction.SKIP), (BandKind.RESET, BandAction.WARN)),
        loop=Loop(DAY_US + HOUR_US, DAY_US + 2 * HOUR_US),
        skip_quiet_us=2_500_000,
    )
    symbols = (symbol(held(0), held(1)), symbol(held(0), held(1), exchange="binance-futures"))
    dialog = opened(form(theme, zone, ReplayOffer(symbols, 1.0, plan)), qtbot)
    assert dialog.plan() == plan
    assert dialog.reason() == "Nothing of the type quotes is held of bybit BTCUSDT"
    dialog.play.types.setCurrentIndex(0)
    dialog.play.types.activated.emit(0)
    assert (dialog.reason(), dialog.plan().types) == ("", None)
    _type(dialog.range.from_field, "2024-08-05 12:00")
    assert dialog.plan().loop is None, "a loop outside the range goes"


def test_how_it_is_played_is_chosen(whole: ReplaySetupDialog) -> None:
    play = whole.play
    next(each for each in play.order.findChildren(QToolButton) if "Exchange" in each.text()).click()
    bad = play.actions_by_kind[BandKind.BAD]
    bad.setCurrentIndex(bad.findText("Stop before"))
    bad.activated.emit(bad.currentIndex())
    play.quiet.click()
    _type(play.quiet_field, "2.5")
    assert whole.command() == (
        "tickreel replay bybit BTCUSDT 2024-08-05 2024-08-07 --speed 100 --order exchange --health bad=stop "
        "--skip-quiet 2.5"
    )
    _type(play.quiet_field, "none")
    assert play.quiet_field.accessibleDescription() == "Type seconds above 0"
    assert whole.plan().skip_quiet_us == 2_500_000


def test_panels_are_checked_and_one_strip_is_left(whole: ReplaySetupDialog, qtbot: QtBot) -> None:
    boxes = whole.panels.boxes
    for key in ("depth", "tape", "spread"):
        QTest.mouseClick(boxes[key], Qt.MouseButton.LeftButton, pos=QPoint(8, boxes[key].height() // 2))
    assert not boxes["imbalance"].isEnabled()
    assert boxes["imbalance"].toolTip() == "One strip is always shown"
    QTest.mouseClick(boxes["flow"], Qt.MouseButton.LeftButton, pos=QPoint(8, boxes["flow"].height() // 2))
    assert boxes["imbalance"].isEnabled()
    with qtbot.waitSignal(whole.chosen) as chosen:
        whole.open_button.click()
    assert chosen.args[1] == {"ladder", "figures", "imbalance", "flow"}


def test_the_form_has_room_for_all_of_it(whole: ReplaySetupDialog) -> None:
    assert whole.height() <= 760, "in a window of 800"
    for box in whole.panels.boxes.values():
        assert box.width() >= box.sizeHint().width()
        assert box.height() >= box.sizeHint().height()


def test_what_is_not_sound_is_drawn_and_counted(two: ReplaySetupDialog) -> None:
    before = two.range.picker.grab().toImage()
    gaps = [
        Band(DAY_US + n * HOUR_US, DAY_US + (n + 1) * HOUR_US, BandKind.GAP, "bybit", "BTCUSDT", L2)
        for n in (3, 9)
    ]
    two.add_bands("bybit", "BTCUSDT", gaps[:1])
    two.add_bands("bybit", "BTCUSDT", gaps)
    assert two.range.extent().endswith(", 2 gaps")
    picker = two.range.picker
    across = round(picker.place(DAY_US + 3 * HOUR_US + HOUR_US // 2))
    seen = [picker.grab().toImage().pixelColor(across, y).name() for y in (38, 60)]
    warning = two._theme.colour("warning").name()
    shades = [before.pixelColor(across, y).name() for y in (38, 60)]
    assert seen[0] == shades[0], "the first venue has none"
    assert seen[1] != shades[1]
    _type(two.range.from_field, "2024-08-05 08:00")
    assert two.range.extent().endswith(", 1 gap")
    assert two.range.picker.grab().toImage().pixelColor(across, 60).name() == warning, "outside the frame"


def test_one_symbol_alone_needs_no_name_before_its_bar(two: ReplaySetupDialog) -> None:
    left = two.range.picker.place(DAY_US)
    two.remove_symbol("bybit", "BTCUSDT")
    assert two.range.picker.place(DAY_US) < left


def test_a_set_up_is_saved_and_chosen_by_name(two: ReplaySetupDialog, qtbot: QtBot) -> None:
    two.missing.leave_out.click()
    QTest.mouseClick(two.save_button, Qt.MouseButton.LeftButton)
    [asking] = two.findChildren(QInputDialog)
    asking.setTextValue("Crash day")
    with qtbot.waitSignal(two.save_wanted) as saved:
        asking.accept()
    assert saved.args == ["Crash day", two.plan(), FIRST_SHOWN]
    assert two.plan().allow_missing
    two.show_saved(["Calm day", "Crash day"], "Crash day", "Delete set-up Quiet day")
    assert two.saved.current == "Crash day"
    assert two.saved.undo_action.text() == "Undo delete set-up Quiet day"
    with qtbot.waitSignal(two.saved.deleted) as deleted:
        two.saved.delete_action.trigger()
    assert deleted.args == ["Crash day"]
    with qtbot.waitSignal(two.saved.chosen) as chosen:
        two.saved.names.setCurrentIndex(1)
        two.saved.names.activated.emit(1)
    assert chosen.args == ["Calm day"]
