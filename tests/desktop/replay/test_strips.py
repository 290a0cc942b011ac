from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tickreel.market.types import DataType
from tickreel.replay import (
    Balance,
    Band,
    BandKind,
    Frame,
    ReplayPlan,
    SymbolFrame,
    Totals,
    TouchSeries,
    TradeSeries,
)
from tickreel_desktop.replay.exporting import svg_of
from tickreel_desktop.replay.marks import Tone
from tickreel_desktop.replay.player import ReplayRequest
from tickreel_desktop.replay.sharedview import NO_CURSOR, Cursor, SharedView
from tickreel_desktop.replay.spanchoice import SpanChoice
from tickreel_desktop.replay.strips import SpreadUnit, StripKind, Strips
from tickreel_desktop.replay.strips.menu import strips_menu
from tickreel_desktop.replay.strips.thresholdfield import read_threshold
from tickreel_desktop.replay.symbols.company import Company
from tickreel_desktop.theme import Theme, ThemeMode

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tickreel_desktop.zone import DisplayZone

DAY_US = 1_722_816_000_000_000
SECOND_US = 1_000_000
NAN = float("nan")
NOTHING = TouchSeries.joined([])
NO_TRADES = TradeSeries.joined([])
SPREAD, PRICES, IMBALANCE, FLOW, SYMBOLS, LATENCY = StripKind


def at(second: float) -> int:
    """Give the moment so many seconds after the beginning."""
    return DAY_US + round(second * SECOND_US)


def touch(*points: tuple[float, ...]) -> TouchSeries:
    """Make a series of (seconds, bid, ask) or (seconds, bid, ask, bid amount, ask amount)."""
    rows = [(*point, 1.0, 1.0)[:5] for point in points]
    time_us = np.array([at(row[0]) for row in rows], np.int64)
    return TouchSeries(time_us, *np.array([row[1:] for row in rows], float).T)


def trades(*rows: tuple[float, int, float]) -> TradeSeries:
    """Make trades of (seconds, side, amount)."""
    return TradeSeries(
        np.array([at(row[0]) for row in rows], np.int64),
        np.array([row[1] for row in rows], np.int8),
        np.full(len(rows), 100.0),
        np.array([row[2] for row in rows], float),
    )


def balance(*rows: tuple[float, float]) -> Balance:
    """Make a series of (seconds, balance)."""
    return Balance(np.array([at(row[0]) for row in rows], np.int64), np.array([row[1] for row in rows]))


class Stage(NamedTuple):
    """Strips and the view they share, fed as a stage feeds them."""

    strips: Strips
    shared: SharedView

    def take(
        self,
        second: float,
        series: TouchSeries = NOTHING,
        *,
        traded: TradeSeries = NO_TRADES,
        balanced: Balance | None = None,
        is_jump: bool = False,
        gap_since_us: int | None = None,
    ) -> None:
        shown = SymbolFrame(
            "x", "Y", None, series, traded, Totals(), gap_since_us=gap_since_us, balance=balanced
        )
        self.strips.take(Frame(at(second), (shown,), 0, is_jump, False))
        self.shared.set_now(at(second))


@pytest.fixture
def stage(theme: Theme, zone: DisplayZone, qtbot: QtBot) -> Stage:
    shared = SharedView()
    made = Strips(theme, zone, shared, Company())
    qtbot.addWidget(made)
    made.resize(800, 320)
    with qtbot.waitExposed(made):
        made.show()
    plan = ReplayPlan((("x", "Y"),), DAY_US, at(3600))
    shared.begin(plan.start_us, plan.end_us)
    shared.set_width(60 * SECOND_US)
    made.begin(ReplayRequest(plan, plan.start_us))
    return Stage(made, shared)


def test_the_values_of_now_stand_in_the_heads(stage: Stage) -> None:
    stage.strips.set_shown(PRICES, is_shown=True)
    stage.take(40, touch((1, 99.9, 100.1), (30, 100.0, 100.5, 1, 3)), balanced=balance((1, -0.25)))
    assert stage.strips.heads() == {
        SPREAD: "Spread 0.5 (49.9 bp)",
        PRICES: "Mid and microprice mid 100.25, microprice 100.12",
        IMBALANCE: "Imbalance top 10 levels, \u22120.25; flow 0 bars of 1 s, ±1 is a flow of 2.300 or more",
    }
    stage.strips.set_unit(SpreadUnit.BPS)
    assert stage.strips.heads()[SPREAD] == "Spread 49.9 bp (0.5)"


def test_an_empty_side_is_said_and_drawn_as_a_gap(stage: Stage) -> None:
    stage.take(60, touch((1, 99, 101), (20, NAN, 101), (40, 99, 101), (50, NAN, NAN)))
    spread = stage.strips.spread
    assert spread.head() == "Spread none: a side of the book is empty"
    bands = spread.bands.bands()
    assert [band.word for band in bands] == ["no book", "no book"]
    assert [(round(band.begin), round(band.end)) for band in bands] == [(-40, -20), (-10, 0)]
    connect, x = spread.line.opts["connect"], spread.line.xData
    # No stroke leads over the gap: of the two ends of every joined pair, neither lies beyond it.
    joined = np.flatnonzero(connect[:-1])
    assert not ((x[joined] < -39) & (x[joined + 1] > -21)).any()
    assert not stage.strips.grab().isNull()


def test_a_day_that_is_not_held_is_left_out_and_a_gap_of_the_feed_is_drawn_held(stage: Stage) -> None:
    def band(kind: BandKind, begin: float, end: float) -> Band:
        return Band(at(begin), at(end), kind, "x", "Y", DataType.INCREMENTAL_BOOK_L2)

    stage.take(60, touch((1, 99, 101), (10, NAN, NAN), (30, 99, 101)))
    stage.strips.set_bands(
        [
            band(BandKind.GAP, 40, 44.3),
            band(BandKind.MISSING, 10, 25),
            band(BandKind.GAP, 70, 80),
            band(BandKind.CROSSED, 50, 55),
        ]
    )
    bands = [(round(b.begin), round(b.end), b.word, b.tone) for b in stage.strips.spread.bands.bands()]
    assert bands == [
        (-50, -35, "day not held", Tone.LEFT_OUT),
        (-20, -16, "gap 4.3 s", Tone.WARNING),
        (-35, -30, "no book", Tone.WARNING),
    ]
    x = stage.strips.spread.line.xData
    assert ((x > -20) & (x < -16)).any(), "the book is held"
    assert not ((x > -49) & (x < -31)).any()
    stage.take(61, gap_since_us=at(60.5))
    assert stage.strips.flow.bands.bands() == (), "it is hidden"
    stage.strips.set_bands([])
    assert stage.strips.spread.bands.bands()[0].tone is Tone.LEFT_OUT


def test_nothing_yet_is_drawn_as_nothing(stage: Stage) -> None:
    for kind in StripKind:
        stage.strips.set_shown(kind, is_shown=True)
    stage.take(5)
    assert stage.strips.heads()[SPREAD] == "Spread none"
    assert stage.strips.heads()[FLOW] == "Trade flow bought 0, sold 0 bars of 1 s"
    assert stage.strips.spread.bands.bands() == ()
    assert stage.strips.table().rows == () or {row[4] for row in stage.strips.table().rows} == {"0"}
    assert not stage.strips.grab().isNull()


@pytest.mark.parametrize("width_us", [1000, 60 * SECOND_US, 24 * 3600 * SECOND_US])
def test_odd_touches_are_drawn(stage: Stage, width_us: int) -> None:
    stage.shared.set_width(width_us)
    for kind in StripKind:
        stage.strips.set_shown(kind, is_shown=True)
    for series in (
        touch((1, NAN, NAN)),
        touch((1, 10, NAN), (2, 11, NAN)),
        touch((1, 12, 10), (2, 12, 9)),
        touch((1, 0, 0)),
        touch((1, -5, -4), (2, -1, 1)),
        touch((1, 1e-9, 2e-9)),
        touch((1, 1e17, 2e17)),
    ):
        for unit in SpreadUnit:
            stage.strips.set_unit(unit)
            stage.strips.set_threshold(1.0)
            stage.take(10, series, is_jump=True, traded=trades((3, 0, NAN), (4, 2, 1e12)))
            assert not stage.strips.grab().isNull()


def test_a_jump_replaces_what_was_drawn(stage: Stage) -> None:
    stage.take(2, touch((1, 99, 101)))
    stage.take(2, touch((1, 49, 52)), is_jump=True)
    assert stage.strips.spread.head() == "Spread 3 (594 bp)"
    stage.strips.clear()
    assert stage.strips.spread.head() == "Spread none"


def test_the_order_flow_of_a_bar_is_that_of_a_loop_however_frames_cut_it(stage: Stage) -> None:
    chance = np.random.default_rng(3)
    rows: list[tuple[float, ...]] = []
    for n in range(900):
        bid, spread = chance.integers(95, 99), chance.integers(1, 4)
        sides = (float(bid), float(bid + spread), *(chance.integers(1, 9, 2) / 2).tolist())
        rows.append((n / 15, *(sides if n % 97 else (NAN,) * 4)))
    expected = [0.0] * 60
    for before, now in pairwise(rows):
        if NAN not in (before[1], now[1]) and before[1] == before[1] and now[1] == now[1]:
            flow = (now[3] if now[1] >= before[1] else 0) - (before[3] if now[1] <= before[1] else 0)
            flow -= (now[4] if now[2] <= before[2] else 0) - (before[4] if now[2] >= before[2] else 0)
            expected[int(now[0])] += flow
    cuts = [0, 1, 2, 40, 41, 300, 555, 900]
    for begin, end in pairwise(cuts):
        stage.take(rows[end - 1][0], touch(*rows[begin:end]))
    stage.take(59.999)
    strip = stage.strips.imbalance
    drawn = {row.from_us: row.value for row in strip.rows(stage.strips._window())}
    assert [drawn[at(second)] for second in range(60)] == pytest.approx(expected, abs=1e-9)
    full = strip.full_amount
    bars = dict(
        zip(np.round(strip.bars.left).tolist(), (strip.bars.up - strip.bars.down).tolist(), strict=True)
    )
    assert [bars[second - 60] for second in range(60)] == pytest.approx(
        [min(max(flow / full, -1), 1) for flow in expected], abs=1e-9
    )


def test_bought_stands_above_zero_and_sold_below(stage: Stage, qtbot: QtBot) -> None:
    stage.strips.set_shown(FLOW, is_shown=True)
    qtbot.waitUntil(lambda: stage.strips.flow.box.height() > 40)
    stage.take(30, traded=trades((10.2, 0, 3), (10.9, 0, 1.5), (10.95, 1, 2), (12, 2, 7)))
    stage.take(60, traded=trades((31, 1, 4)))
    bars = stage.strips.flow.bars
    shown = {
        round(left) + 60: (up, down)
        for left, up, down in zip(bars.left.tolist(), bars.up.tolist(), bars.down.tolist(), strict=True)
        if up or down
    }
    assert shown == {10: (4.5, 2.0), 31: (0.0, 4.0)}
    stage.shared.set_cursor(Cursor(at(12.5), None))
    assert stage.strips.heads()[FLOW].startswith(
        "Trade flow bought 0, sold 0, side unknown 7.000 at the cursor"
    )
    image = stage.strips.grab().toImage()
    place = stage.strips.mapFromScene(stage.strips.flow.box.mapViewToScene(QPointF(-49.5, 2.0)))
    below = stage.strips.mapFromScene(stage.strips.flow.box.mapViewToScene(QPointF(-49.5, -1.0)))
    colour = stage.strips._theme.colour
    assert image.pixelColor(place).name() == colour("bid").name()
    assert image.pixelColor(below).name() == colour("ask").name()


def test_a_click_asks_to_go_there_and_a_drag_moves_the_view(stage: Stage, qtbot: QtBot) -> None:
    stage.take(120, touch((1, 99, 101)))
    viewport = stage.strips.viewport()
    with qtbot.waitSignal(stage.strips.seek_requested) as sought:
        QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=QPoint(367, 60))
    assert abs(sought.args[0] - at(90)) < SECOND_US
    asked: list[int] = []
    stage.strips.seek_requested.connect(asked.append)
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=QPoint(100, 60))
    for across in (150, 300, 467):
        QTest.mouseMove(viewport, QPoint(across, 60))
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=QPoint(467, 60))
    assert asked == []
    assert not stage.shared.follows
    assert abs(stage.shared.to_us - at(90)) < SECOND_US


def test_the_wheel_zooms_around_the_pointer(stage: Stage) -> None:
    stage.take(600, touch((1, 99, 101)))
    stage.shared.pan(-120 * SECOND_US)
    below_us = stage.strips._instant_at(200)
    place = QPointF(200, 60)
    event = QWheelEvent(
        place,
        stage.strips.mapToGlobal(place),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(stage.strips.viewport(), event)
    assert stage.shared.width_us == round(0.64 * 60 * SECOND_US)
    assert abs((stage.strips._instant_at(200) or 0) - (below_us or 0)) < 100_000


def test_one_cursor_runs_through_all_strips(stage: Stage) -> None:
    stage.take(60, touch((1, 99, 101), (50, 199, 202)))
    QTest.mouseMove(stage.strips.viewport(), QPoint(100, 60))
    spread, imbalance = stage.strips.spread, stage.strips.imbalance
    assert spread.cursor_line.isVisible()
    assert spread.cursor_line.value() == imbalance.cursor_line.value()
    assert spread.head() == "Spread 2 (200 bp) at the cursor"
    assert spread.box.width() == imbalance.box.width()
    QTest.mouseMove(stage.strips.viewport(), QPoint(790, 60))
    assert stage.shared.cursor == NO_CURSOR
    stage.shared.set_cursor(Cursor(at(70), None))
    assert spread.head() == "Spread not played yet at the cursor"


def test_the_keyboard_moves_the_cursor_and_goes_there(stage: Stage, qtbot: QtBot) -> None:
    stage.take(60, touch((1, 99, 101)))
    QTest.keyClick(stage.strips, Qt.Key.Key_Left)
    one = at(60) - (stage.shared.cursor.at_us or 0)
    assert 0 < one < SECOND_US
    QTest.keyClick(stage.strips, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert at(60) - (stage.shared.cursor.at_us or 0) == 11 * one
    with qtbot.waitSignal(stage.strips.seek_requested) as sought:
        QTest.keyClick(stage.strips, Qt.Key.Key_Return)
    assert sought.args == [stage.shared.cursor.at_us]
    for _ in range(2):
        QTest.keyClick(stage.strips, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert stage.shared.cursor.at_us == at(60)
    QApplication.sendEvent(stage.strips, QEvent(QEvent.Type.Leave))
    assert stage.shared.cursor.at_us == at(60), "the keys have put it there"
    QTest.keyClick(stage.strips, Qt.Key.Key_Escape)
    assert stage.shared.cursor == NO_CURSOR


def test_keys_without_a_use_are_left_to_the_window(stage: Stage) -> None:
    def takes(key: Qt.Key) -> bool:
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(stage.strips, event)
        return event.isAccepted()

    keys = (Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Left, Qt.Key.Key_Space)
    assert [takes(key) for key in keys] == [False, False, True, False], "without a cursor"
    assert [takes(key) for key in keys] == [True, True, True, False]


def test_crossings_of_the_threshold_are_marked(stage: Stage) -> None:
    stage.take(60, touch((1, 99, 100), (10, 99, 104), (20, 99, 100), (30, NAN, 100), (40, 99, 103)))
    strips = stage.strips
    assert strips.threshold_words == ""
    strips.set_threshold(2.5)
    assert [round(each) + 60 for each in strips.spread.mark.crossings] == [10, 20]
    assert strips.threshold_words == "2.5"
    strips.set_unit(SpreadUnit.BPS)
    assert strips.threshold is None, "each unit has its own"
    strips.set_threshold(400.0)
    assert "threshold 400 bp" in strips.spread.head()
    assert strips.threshold_words == "400 bp"
    strips.set_unit(SpreadUnit.PRICE)
    assert strips.threshold == 2.5


def test_the_threshold_is_dragged_and_typed(stage: Stage, qtbot: QtBot) -> None:
    stage.take(60, touch((1, 99, 100), (10, 99, 104)))
    strips, viewport = stage.strips, stage.strips.viewport()
    strips.set_threshold(2.0)

    def place(level: float) -> QPoint:
        return QPoint(300, strips.mapFromScene(strips.spread.box.mapViewToScene(QPointF(0, level))).y())

    followed = stage.shared.follows
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=place(2.0))
    QTest.mouseMove(viewport, place(3.0))
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=place(3.0))
    assert strips.threshold == pytest.approx(3.0, abs=0.1)
    assert stage.shared.follows == followed
    field = strips._field
    strips.edit_threshold()
    field.field.setText("two")
    QTest.keyClick(field.field, Qt.Key.Key_Return)
    assert field.isVisible()
    assert field.complaint() == "Type a number above 0, such as 2.5, or nothing for no threshold"
    assert strips.threshold == pytest.approx(3.0, abs=0.1)
    field.field.setText("1 250.5")
    QTest.keyClick(field.field, Qt.Key.Key_Return)
    assert not field.isVisible()
    assert strips.threshold == 1250.5
    strips.edit_threshold()
    field.field.setText("7")
    QTest.keyClick(field.field, Qt.Key.Key_Escape)
    assert strips.threshold == 1250.5
    strips.edit_threshold()
    field.field.setText("")
    with qtbot.waitSignal(strips.threshold_changed):
        QTest.keyClick(field.field, Qt.Key.Key_Return)
    assert strips.threshold is None


@pytest.mark.parametrize("text", ["-1", "0", "nan", "inf", "1e999", "2,5", "x"])
def test_what_is_no_threshold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"above 0|could not"):
        read_threshold(text)


def test_a_strip_that_is_hidden_is_given_nothing_and_asks_for_its_past_when_shown(
    stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    strips = stage.strips
    assert (strips.imbalance_levels, [strip.kind for strip in strips.shown]) == (10, [SPREAD, IMBALANCE])

    def refuse(*_: object) -> None:
        pytest.fail("a hidden strip was given something to do")

    for name in ("take", "draw"):
        monkeypatch.setattr(strips.flow, name, refuse)
        monkeypatch.setattr(strips.prices, name, refuse)
    stage.take(2, touch((1, 99, 101)), traded=trades((1, 0, 1)))
    with qtbot.waitSignal(strips.needs_changed):
        strips.set_shown(IMBALANCE, is_shown=False)
    assert strips.imbalance_levels == 0
    strips.set_shown(SPREAD, is_shown=False)
    assert [strip.kind for strip in strips.shown] == [SPREAD], "one is always left"
    monkeypatch.undo()
    with qtbot.waitSignal(strips.needs_changed):
        strips.set_shown(FLOW, is_shown=True)
    assert strips.sizeHint().height() == 92 + 76 + 22
    strips.set_compact(is_compact=True)
    assert strips.sizeHint().height() == 62 + 56 + 22
    qtbot.waitUntil(lambda: strips.flow.box.height() > 100)
    heights = [strip.box.height() for strip in strips.shown]
    assert heights[0] / heights[1] == pytest.approx(62 / 56, abs=0.05)
    axes = [strip.moments.isVisible() for strip in strips.strips]
    assert axes == [False, False, False, True, False, False], "the time stands once, at the foot"


def test_the_menu_shows_strips_and_changes_what_they_show(stage: Stage) -> None:
    strips = stage.strips
    menu = strips_menu(strips)
    actions = {action.text(): action for action in menu.actions()}
    assert [text for text, action in actions.items() if action.isChecked()] == [
        *("Spread", "Imbalance", "Spread in price", "Imbalance of the best 10 levels")
    ]
    actions["Trade flow"].trigger()
    actions["Spread in basis points"].trigger()
    actions["Imbalance of the best level"].trigger()
    assert strips.strip(FLOW).is_shown
    assert strips.spread.unit is SpreadUnit.BPS
    assert strips.imbalance_levels == 1
    actions["Imbalance"].trigger()
    actions["Trade flow"].trigger()
    assert not {each.text(): each for each in strips_menu(strips).actions()}["Spread"].isEnabled()
    actions["Threshold of the spread"].trigger()
    assert strips._field.isVisible()


def test_hidden_strips_draw_when_they_are_seen_again(stage: Stage) -> None:
    stage.strips.hide()
    stage.take(2, touch((1, 99, 101)))
    assert stage.strips.spread.head() == "Spread none"
    stage.strips.show()
    assert stage.strips.spread.head() == "Spread 2 (200 bp)"


def test_a_view_that_does_not_follow_stands_still_while_now_moves(stage: Stage) -> None:
    stage.take(60, touch((1, 99, 101)))
    stage.shared.pan(30 * SECOND_US)
    view = stage.strips.spread.box.viewRange()[0]
    assert stage.strips.spread.now_line.value() == -30
    stage.take(80)
    assert stage.strips.spread.now_line.value() == -10
    assert stage.strips.spread.line.xData[-1] == pytest.approx(-10, abs=0.2)
    assert stage.strips.spread.box.viewRange()[0] == view
    stage.shared.pan(600 * SECOND_US)
    assert stage.strips.spread.line.xData is None, "nothing in view was played yet"


def test_pixels_to_the_right_are_left_free(stage: Stage) -> None:
    stage.take(60, touch((1, 99, 101)))
    stage.strips.set_right_px(74)
    width = stage.strips.spread.box.width()
    assert stage.strips._px_of(0.0) == pytest.approx(width - 74)
    assert stage.strips._instant_at(width - 10) is None


def test_a_frame_is_drawn_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.take(10, touch((1, 99, 101)))
    drawn: list[object] = []
    monkeypatch.setattr(stage.strips.spread, "draw", drawn.append)
    for second in range(11, 16):
        stage.take(second)
    assert len(drawn) == 5
    stage.shared.follow(follows=False)
    stage.take(17)
    assert len(drawn) == 6


def test_the_choice_of_the_span_drives_the_view_and_follows_it(
    stage: Stage, theme: Theme, qtbot: QtBot
) -> None:
    choice = SpanChoice(theme, stage.shared)
    qtbot.addWidget(choice)
    assert choice.currentText() == "1 min"
    choice.activated.emit(2)
    assert stage.shared.width_us == 900 * SECOND_US
    stage.shared.set_width(37 * SECOND_US)
    stage.shared.set_width(38 * SECOND_US)
    assert [choice.itemText(n) for n in range(choice.count())] == [
        *("1 min", "5 min", "15 min", "1 h", "4 h", "38 s")
    ]
    assert choice.currentText() == "38 s"


def test_what_is_drawn_is_written_as_csv_and_drawing_in_both_themes(stage: Stage, tmp_path: Path) -> None:
    stage.take(60, touch((1, 99, 101), (30, 99, 103, 2, 2)), balanced=balance((5, 0.5)))
    stage.strips.table().write(tmp_path / "strips.csv")
    lines = (tmp_path / "strips.csv").read_text().splitlines()
    assert lines[0] == "series,from,from_us,to_us,value,low,high"
    rows = [line.split(",") for line in lines[1:]]
    assert {row[0] for row in rows if len(row) == 7} == {"spread", "order flow"}
    spread = {(row[4], row[5], row[6]) for row in rows if row[0] == "spread"}
    assert spread == {("2", "2", "2"), ("4", "2", "4"), ("4", "4", "4")}
    assert any(line.startswith('"imbalance, top 10"') for line in lines)
    theme = stage.strips._theme
    assert b"Imbalance" in svg_of(stage.strips, theme.colour("plot"))
    before = stage.strips.grab().toImage()
    theme.set_mode(ThemeMode.LIGHT)
    after = stage.strips.grab().toImage()
    assert before.pixelColor(400, 318) != after.pixelColor(400, 318)
    assert stage.strips.accessibleDescription().startswith("Spread ")
