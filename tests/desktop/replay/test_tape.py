"""Time and sales: which trades are shown, which stand out, how they are scrolled, chosen and copied."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFrame, QHBoxLayout
from support.accessibility import nameless_controls

from tickreel.market.types import DataType
from tickreel.replay import Frame, ReplayPlan, SymbolFrame, Totals, TouchSeries, TradeSeries
from tickreel_desktop.replay.player import ReplayRequest
from tickreel_desktop.replay.sharedview import SharedView
from tickreel_desktop.replay.tape import TapeView
from tickreel_desktop.replay.tape.sizes import SizeCounts
from tickreel_desktop.replay.tape.trades import TradeFilter, Trades

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

DAY_US = 1_722_816_000_000_000

Trade = tuple[int, int, float, float]


def series(trades: list[Trade]) -> TradeSeries:
    """Make trades of (microseconds after midnight, side, price, amount)."""
    columns = list(zip(*trades, strict=True)) or [(), (), (), ()]
    return TradeSeries(
        DAY_US + np.array(columns[0], np.int64),
        np.array(columns[1], np.int8),
        np.array(columns[2], np.float64),
        np.array(columns[3], np.float64),
    )


def frame(trades: list[Trade], *, is_jump: bool = False) -> Frame:
    """Make a frame with these trades."""
    symbol = SymbolFrame(
        exchange="bybit",
        symbol="BTCUSDT",
        book=None,
        touch=TouchSeries.joined([]),
        trades=series(trades),
        totals=Totals(),
    )
    return Frame(DAY_US, (symbol,), 0, is_jump=is_jump, is_end=False)


def request(types: tuple[DataType, ...] | None = None) -> ReplayRequest:
    plan = ReplayPlan((("bybit", "BTCUSDT"),), DAY_US, DAY_US + 3_600_000_000, types=types)
    return ReplayRequest(plan, DAY_US)


@pytest.fixture
def tape(theme: Theme, zone: DisplayZone, qtbot: QtBot) -> TapeView:
    made = TapeView(theme, zone, SharedView())
    qtbot.addWidget(made)
    made.resize(262, 222)  # heading and ten rows
    with qtbot.waitExposed(made):
        made.show()
    made.begin(request())
    return made


def many(first: int, count: int) -> list[Trade]:
    return [(n * 1_000, n % 2, 100 + n / 10, 1.0 + n % 7) for n in range(first, first + count)]


@pytest.mark.parametrize(
    "wanted", [TradeFilter(), TradeFilter(3.0), TradeFilter(3.0, 1), TradeFilter(0.0, 0)]
)
@pytest.mark.parametrize("merges", [False, True])
def test_the_last_trades_are_kept_filtered_and_merged_as_a_plain_program_does(
    wanted: TradeFilter, merges: bool
) -> None:
    wanted = TradeFilter(wanted.least, wanted.side, merges)
    chance = np.random.default_rng(3)
    told: list[Trade] = []
    kept = Trades(50)
    at_us = 0
    for _ in range(60):
        piece: list[Trade] = []
        for _ in range(int(chance.integers(0, 9))):
            at_us += int(chance.integers(0, 2))
            piece.append((at_us, int(chance.integers(0, 4)), float(at_us), float(chance.integers(1, 5))))
        told += piece
        kept.append(series(piece))
        expected: list[tuple[int, int, int, float, float, int]] = []
        for number, (us, side, price, amount) in list(enumerate(told))[-50:]:
            side = min(side, 2)
            if merges and expected and expected[-1][1:3] == (us, side):
                _, _, _, _, before, trades = expected.pop()
                expected.append((number, us, side, price, before + amount, trades + 1))
            else:
                expected.append((number, us, side, price, amount, 1))
        expected = [row for row in expected if row[4] >= wanted.least and wanted.side in (None, row[2])]
        rows = kept.rows(wanted)
        found = zip(
            rows.number, rows.time_us - DAY_US, rows.side, rows.price, rows.amount, rows.trades, strict=True
        )
        assert list(found) == expected


def test_a_hundredth_of_the_trades_is_large() -> None:
    sizes = SizeCounts()
    amounts = np.random.default_rng(1).lognormal(0, 2, 20_000)
    sizes.add(amounts[:50])
    assert sizes.large_from() is None, "too few to tell"
    sizes.add(amounts[50:])
    least = sizes.large_from()
    assert least is not None
    share = float((amounts >= least).mean())
    assert 0.0095 <= share <= 0.01
    sizes.add(np.array([np.nan, 0.0, -1.0]))
    assert sizes.large_from() == least
    even = SizeCounts()
    even.add(np.ones(1_000))
    assert (even.large_from() or 0) > 1, "where all are of one size, none is large"


def test_the_newest_is_on_top_in_the_time_of_the_zone(
    tape: TapeView, zone: DisplayZone, theme: Theme, qtbot: QtBot
) -> None:
    tape.take(frame([(1_000_204, 0, 100.5, 0.25), (2_500_000, 1, 100.25, 12.0), (3_000_000, 2, 101.0, 3.0)]))
    assert [tuple(text) for text in tape.list.texts()] == [
        ("00:00:03.000", 2, "101.00", "3.000"),
        ("00:00:02.500", 1, "100.25", "12.00"),
        ("00:00:01.000", 0, "100.50", "0.250"),
    ]
    qtbot.waitUntil(
        lambda: tape.list.accessibleDescription() == "Newest: 00:00:03.000 unknown 3.000 at 101.00"
    )
    zone.set_name("Asia/Kolkata")
    assert tape.list.texts()[0].time == "05:30:03.000"
    image = tape.grab().toImage()
    seen = {
        side: {image.pixelColor(x, y).name() for x in range(262) for y in range(*rows)}
        for side, rows in (("ask", (42, 62)), ("bid", (62, 82)))
    }
    assert theme.colour("ask").name() in seen["ask"]
    assert theme.colour("bid").name() in seen["bid"]
    assert theme.colour("bid").name() not in seen["ask"]


def test_large_trades_stand_out_by_the_session_or_by_what_was_typed(tape: TapeView, theme: Theme) -> None:
    tape.take(frame([(n, 1, 100.0, 50.0 if n == 195 else 1.0) for n in range(200)]))
    assert tape.list.large_from is not None
    assert 1 < tape.list.large_from <= 50

    def is_large(row: int) -> bool:
        return tape.grab().toImage().pixelColor(1, 22 + 20 * row + 10).name() == theme.colour("ask").name()

    assert [is_large(row) for row in range(6)] == [False] * 4 + [True, False]
    tape.filter_bar.large_field.setText("1")
    assert is_large(0)
    tape.filter_bar.large_field.setText("many")
    assert tape.list.large_from == 1, "what cannot be read changes nothing"
    assert "'many' is no amount" in tape.filter_bar.trouble()
    tape.filter_bar.large_field.setText("")
    assert tape.filter_bar.trouble() == ""
    assert not is_large(0)


def test_the_filter_shows_only_what_passes(tape: TapeView) -> None:
    tape.take(frame(many(0, 70)))
    tape.filter_bar.least_field.setText("6")
    assert set(tape.list.rows.amount) == {6.0, 7.0}
    tape.filter_bar.side.choose("buy")
    tape.filter_bar.side.chosen.emit("buy")
    assert set(tape.list.rows.side) == {0}
    tape.filter_bar.least_field.setText("9")
    message = tape.list.message()
    assert message is not None
    assert message.heading == "No trade passes the filter"
    assert "70 trades" in message.reason


def test_it_holds_while_it_is_scrolled_and_follows_again(tape: TapeView) -> None:
    tape.take(frame(many(0, 100)))
    assert tape.list.newer == 0
    tape.list.verticalScrollBar().setValue(30)
    held = tape.list.texts()
    assert held[0].time == "00:00:00.069"
    tape.take(frame(many(100, 40)))
    assert tape.list.texts() == held
    assert tape.list.newer == 70
    assert "70 newer" in tape._newest.text()
    assert tape._newest.isVisible()
    tape._newest.click()
    assert tape.list.texts()[0].time == "00:00:00.139"
    assert not tape._newest.isVisible()
    # What is held on to may be dropped in the end: then the oldest that is kept is shown.
    tape.list.verticalScrollBar().setValue(tape.list.verticalScrollBar().maximum())
    tape.take(frame(many(140, 11_000)))
    assert len(tape.list.rows) == 10_000
    assert tape.list.rows.number[0] == 1_140
    assert tape.list.texts()[-1].time == "00:00:01.140"


def test_a_trade_is_chosen_by_click_and_by_keys(tape: TapeView, qtbot: QtBot) -> None:
    tape.take(frame(many(0, 100)))
    qtbot.waitUntil(lambda: tape.list.verticalScrollBar().maximum() > 0)
    with qtbot.waitSignal(tape.seek_requested) as sought:
        QTest.mouseClick(tape.list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(100, 22 + 20 * 3 + 5))
    assert sought.args == [DAY_US + 96_000]
    tape.list.setFocus()
    QTest.keyClick(tape.list, Qt.Key.Key_Down)
    with qtbot.waitSignal(tape.seek_requested) as sought:
        QTest.keyClick(tape.list, Qt.Key.Key_Return)
    assert sought.args == [DAY_US + 95_000]
    QTest.keyClick(tape.list, Qt.Key.Key_End)
    assert not tape.list.is_following
    with qtbot.waitSignal(tape.seek_requested) as sought:
        QTest.keyClick(tape.list, Qt.Key.Key_Return)
    assert sought.args == [DAY_US]
    QTest.keyClick(tape.list, Qt.Key.Key_Home)
    assert tape.list.newer == 0
    with qtbot.assertNotEmitted(tape.seek_requested, wait=0):
        QTest.mouseClick(tape.list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(100, 5))


def test_a_jump_replaces_the_trades_and_a_hidden_tape_forgets_none(tape: TapeView) -> None:
    tape.take(frame(many(0, 5)))
    tape.hide()
    tape.take(frame(many(5, 5)))
    tape.show()
    assert len(tape.list.rows) == 10
    tape.take(frame(many(50, 3), is_jump=True))
    assert tape.list.rows.time_us.tolist() == [DAY_US + 1_000 * n for n in (50, 51, 52)]


def test_it_is_copied_and_written_in_plain_digits(tape: TapeView, tmp_path: Path) -> None:
    tape.take(frame([(1_000_204, 0, 52_377.5, 12_345.0), (2_000_000, 3, 1e-7, float("nan"))]))
    QTest.keyClick(tape.list, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().splitlines() == [
        "local_timestamp,time,side,price,amount,trades",
        "1722816002000000,2024-08-05T00:00:02.000000Z,unknown,0.0000001,,1",
        "1722816001000204,2024-08-05T00:00:01.000204Z,buy,52377.5,12345,1",
    ]
    tape.table().write(tmp_path / "tape.csv")
    with (tmp_path / "tape.csv").open() as file:
        assert [tuple(row) for row in csv.reader(file)][1:] == list(tape.table().rows)


def test_it_says_why_it_is_empty_and_names_its_controls(tape: TapeView, qtbot: QtBot) -> None:
    def heading() -> str:
        message = tape.list.message()
        assert not tape.grab().isNull()
        return "" if message is None else message.heading

    assert heading() == "No trades yet"
    tape.begin(request((DataType.INCREMENTAL_BOOK_L2,)))
    assert heading() == "No trades played"
    tape.clear()
    assert heading() == "No replay open"
    holder = QFrame()
    qtbot.addWidget(holder)
    line = QHBoxLayout(holder)
    for tool in tape.tools():
        line.addWidget(tool)
    tape.tools()[0].click()  # type: ignore[attr-defined]
    assert not tape.filter_bar.isHidden()
    assert nameless_controls(holder) + nameless_controls(tape) == []
