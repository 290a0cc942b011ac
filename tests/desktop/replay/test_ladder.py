"""The ladder as a widget: what it shows beside an independent book, how it is moved, what it says."""

from __future__ import annotations

import csv
import gzip
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QKeySequence, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFrame, QHBoxLayout
from support.accessibility import nameless_controls
from support.books import deep_book, make_book
from support.dictbook import DictBook, Row
from support.feeds import EXCHANGE, SYMBOL, feed_files, import_walk

from tickreel.replay import Frame, Replay, ReplayPlan, SymbolFrame, Totals, TouchSeries, TradeSeries
from tickreel.store import open_cache
from tickreel_desktop.replay.ladder import LadderView
from tickreel_desktop.replay.ladder.tools import make_tools
from tickreel_desktop.replay.player import ReplayRequest
from tickreel_desktop.replay.sharedview import Cursor, SharedView
from tickreel_desktop.theme import ThemeMode
from tickreel_desktop.theme.motion import reduce_motion

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tickreel.book import Book
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

DAY_US = 1_722_816_000_000_000


def frame(
    book: Book | None, at_us: int = DAY_US, *, is_jump: bool = False, gap_us: int | None = None
) -> Frame:
    """Make a frame of one symbol without history."""
    symbol = SymbolFrame(
        exchange="bybit",
        symbol="BTCUSDT",
        book=book,
        touch=TouchSeries.joined([]),
        trades=TradeSeries.joined([]),
        totals=Totals(),
        gap_since_us=gap_us,
    )
    return Frame(DAY_US, (symbol,), 0, is_jump, is_end=False)


def traded(book: Book, *rows: tuple[int, float, float]) -> Frame:
    """Make a frame with trades of (side, price, amount)."""
    made = frame(book)
    columns = list(zip(*rows, strict=True))
    series = TradeSeries(
        np.full(len(rows), DAY_US),
        np.array(columns[0], np.int8),
        np.array(columns[1], np.float64),
        np.array(columns[2], np.float64),
    )
    symbol = made.symbols[0]
    fields = {name: getattr(symbol, name) for name in symbol.__slots__}
    return Frame(DAY_US, (SymbolFrame(**{**fields, "trades": series}),), 0, is_jump=False, is_end=False)


REQUEST = ReplayRequest(ReplayPlan((("bybit", "BTCUSDT"),), DAY_US, DAY_US + 3_600_000_000), DAY_US)


@pytest.fixture
def shared() -> SharedView:
    return SharedView()


@pytest.fixture
def ladder(theme: Theme, zone: DisplayZone, shared: SharedView, qtbot: QtBot) -> LadderView:
    made = LadderView(theme, zone, shared)
    qtbot.addWidget(made)
    made.resize(260, 466)  # 21 rows
    with qtbot.waitExposed(made):
        made.show()
    made.begin(REQUEST)
    return made


def prices(ladder: LadderView) -> list[str]:
    return [row[0] for row in ladder.table().rows]


def _played(folder: Path, until_us: int) -> DictBook:
    """Play the feed's file up to a moment on two dicts."""
    book_path, _ = feed_files(folder)
    with gzip.open(book_path, "rt") as file:
        rows = [
            Row(
                int(line["local_timestamp"]),
                line["is_snapshot"] == "true",
                line["side"],
                float(line["price"]),
                float(line["amount"]),
            )
            for line in csv.DictReader(file)
        ]
    return DictBook().apply(row for row in rows if row.local_us <= until_us)


def test_it_shows_the_book_of_its_moment_wherever_the_session_goes(
    ladder: LadderView, theme: Theme, home: Path, tmp_path: Path
) -> None:
    with open_cache(home) as cache:
        start_us, end_us = import_walk(cache, tmp_path)
        session = Replay(cache, [(EXCHANGE, SYMBOL)], start_us, end_us)
        ladder.set_tick(0.1)
        ladder.set_multiple(1)
        moves: tuple[Callable[[], Frame], ...] = (
            lambda: session.seek(start_us + 10_000_000),
            lambda: session.advance(start_us + 10_300_000),
            lambda: session.advance(start_us + 31_000_000),
            lambda: session.step_back("message", 7),
            lambda: session.until("price"),
            lambda: session.seek(start_us + 3),
            lambda: session.seek(end_us - 1),
        )
        for number, move in enumerate(moves):
            if number == 2:
                theme.set_mode(ThemeMode.LIGHT)
            if number == 4:
                ladder.resize(230, 666)
            played = move()
            ladder.take(played)
            expected = _played(tmp_path, played.at_us)
            rows = ladder.table().rows
            assert len(rows) == ladder._model.arrangement.places - 1
            for price, bid, ask, *_ in rows:
                assert float(bid) == expected.sides["bid"].get(float(price), 0)
                assert float(ask) == expected.sides["ask"].get(float(price), 0)
            assert ladder.sight is not None
            assert list(ladder.sight.best) == [expected.bids()[0][0], expected.asks()[0][0]]
            assert ladder.sight.total == pytest.approx(
                (sum(a for _, a in expected.bids()), sum(a for _, a in expected.asks()))
            )


def test_only_rows_that_changed_are_drawn_again(ladder: LadderView, qtbot: QtBot) -> None:
    reduce_motion(True)
    try:
        ladder.set_multiple(1)
        ladder.take(frame(deep_book(10_000.25, 100)))
        ladder.grab()
        drawn: list[int] = []
        paint = ladder._drawing._painter.row

        def counted(*given: object) -> None:
            drawn.append(given[3].row)  # type: ignore[attr-defined]
            paint(*given)  # type: ignore[arg-type]

        ladder._drawing._painter.row = counted  # type: ignore[method-assign,assignment]
        book = deep_book(10_000.25, 100)
        bids = book.bids.copy()
        bids[3, 1] = 4.5
        ladder.repaint()  # what was still to be drawn
        drawn.clear()
        ladder.take(frame(make_book(bids.tolist(), book.asks.tolist())))
        qtbot.waitUntil(lambda: bool(drawn))
        assert drawn == [round(bids[3, 0] * 2)]
    finally:
        reduce_motion(False)


def test_what_waits_to_be_drawn_does_no_harm_to_what_is_drawn_before(ladder: LadderView) -> None:
    ladder.set_multiple(1)
    for mid in (10_000.25, 10_900.25, 9_000.25):
        ladder.take(frame(deep_book(mid, 100)))
        ladder.repaint()
    ladder.take(frame(None))
    ladder.repaint()
    ladder.take(frame(deep_book(500.25, 100)))
    ladder.repaint()
    assert ladder.sight is not None
    assert ladder.sight.best == (500.0, 500.5)


def test_sides_have_their_ground_in_the_colours_of_the_theme(ladder: LadderView, theme: Theme) -> None:
    ladder.set_multiple(1)
    ladder.take(frame(deep_book(10_000.25, 100)))
    assert ladder.sight is not None
    for mode in (ThemeMode.DARK, ThemeMode.LIGHT):
        theme.set_mode(mode)
        image = ladder.grab().toImage()
        grounds = {
            side: {image.pixelColor(x, y).name() for x in range(260) for y in range(*rows)}
            for side, rows in (("ask", (22, 221)), ("bid", (250, 440)))
        }
        bid, ask = theme.colour("bid_bg").name(), theme.colour("ask_bg").name()
        assert bid in grounds["bid"] - grounds["ask"]
        assert ask in grounds["ask"] - grounds["bid"]


def test_the_spread_stands_in_the_middle_with_what_is_near(ladder: LadderView, qtbot: QtBot) -> None:
    ladder.set_multiple(1)
    ladder.take(frame(deep_book(10_000.25, 100)))
    assert prices(ladder)[9:11] == ["10000.5", "10000"]
    assert [ladder.row_at(22 + 20 * place + 5) for place in (9, 10, 11)] == [20_001, None, 20_000]
    assert ladder.sight is not None
    assert ladder.sight.spread_text() == "spread 0.5"
    assert ladder.sight.near == (210.0, 210.0)
    assert ladder.caption() == "0.5 rows"
    with qtbot.waitSignal(ladder.caption_changed):
        ladder.take(frame(deep_book(10_000.25, 100), is_jump=True))
    assert ladder.caption() == "0.5 rows, traded since 00:00:00"
    ladder.set_traded_window(60_000_000)
    assert ladder.caption() == "0.5 rows, traded in 60 s"


@pytest.mark.parametrize(
    ("bids", "asks", "words"),
    [
        ([(101.0, 1), (99.0, 2)], [(100.0, 1), (102.0, 2)], "crossed \u22121"),
        ([(100.0, 1)], [(100.0, 1)], "locked 0"),
        ([(100.0, 1)], [], "no asks"),
        ([], [(100.0, 1), (101.0, 1)], "no bids"),
    ],
)
def test_an_odd_book_is_shown_as_it_is_with_a_word(
    ladder: LadderView, bids: list[tuple[float, float]], asks: list[tuple[float, float]], words: str
) -> None:
    ladder.set_multiple(1)
    ladder.take(frame(make_book(bids, asks)))
    assert ladder.sight is not None
    assert ladder.sight.spread_text() == words
    rows = {float(row[0]): (float(row[1]), float(row[2])) for row in ladder.table().rows}
    for side, levels in enumerate((bids, asks)):
        assert all(rows[price][side] == amount for price, amount in levels)
    assert not ladder.grab().isNull()


@pytest.mark.parametrize(
    ("shown", "heading", "reason"),
    [
        (frame(None), "No order book played", "bybit BTCUSDT"),
        (frame(make_book([], [], None)), "No order book yet", "first snapshot"),
        (frame(make_book([], [], None), gap_us=DAY_US), "Book not known", "2024-08-05 00:00:00 UTC"),
        (frame(make_book([], [])), "The book is empty", "Both sides"),
        (None, "Opening", "first moment"),
    ],
)
def test_without_a_book_it_says_why(
    ladder: LadderView, shown: Frame | None, heading: str, reason: str
) -> None:
    if shown is not None:
        ladder.take(frame(deep_book(100, 50)))
        ladder.take(shown)
    message = ladder.message()
    assert message is not None
    assert message.heading == heading
    assert reason in message.reason
    assert ladder.table().rows == ()
    assert not ladder.grab().isNull()
    ladder.clear()
    message = ladder.message()
    assert message is not None
    assert message.heading == "No replay open"


def test_locked_rows_keep_their_places_and_scroll(ladder: LadderView, qtbot: QtBot) -> None:
    ladder.set_multiple(1)
    ladder.take(frame(deep_book(10_000.25, 100)))
    with qtbot.waitSignal(ladder.locked_changed) as told:
        QTest.keyClick(ladder, Qt.Key.Key_K)
    assert told.args == [True]
    top = prices(ladder)[0]
    ladder.take(frame(deep_book(10_002.25, 100)))
    assert prices(ladder)[0] == top
    where = QPointF(100, 100)
    ladder.wheelEvent(
        QWheelEvent(
            where,
            where,
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
    )
    assert float(prices(ladder)[0]) == float(top) + 3 * float(ladder.sight.scale.group)  # type: ignore[union-attr]
    # The window has an action of its own on this key; on the ladder it is the ladder's.
    elsewhere = QAction(ladder)
    elsewhere.setShortcut(QKeySequence(Qt.Key.Key_Home))
    ladder.addAction(elsewhere)
    ladder.setFocus()
    QTest.keyClick(ladder.window(), Qt.Key.Key_Home)
    assert not ladder.is_locked
    assert float(prices(ladder)[9]) > 10_002.25 > float(prices(ladder)[10])


def test_keys_and_pointer_share_the_cursor(ladder: LadderView, shared: SharedView) -> None:
    ladder.set_multiple(1)
    ladder.take(frame(deep_book(10_000.25, 100)))
    assert ladder.sight is not None
    group = float(ladder.sight.scale.group)
    QTest.mouseMove(ladder, QPoint(100, 22 + 5))
    assert shared.cursor == Cursor(None, float(prices(ladder)[0]))
    QTest.keyClick(ladder, Qt.Key.Key_Down)
    assert shared.cursor.price == float(prices(ladder)[1])
    QTest.keyClick(ladder, Qt.Key.Key_PageUp)
    assert ladder.is_locked, "the row lay above those in view"
    assert shared.cursor.price == float(prices(ladder)[0])
    shared.set_cursor(Cursor(DAY_US, 10_000 - 3 * group))
    row = ladder.cursor_row()
    assert row is not None
    assert ladder.sight.row_text(row).startswith("9")
    QTest.keyClick(ladder, Qt.Key.Key_Escape)
    assert shared.cursor == Cursor(None, None)


def test_a_row_is_read_out_with_all_that_it_shows(ladder: LadderView) -> None:
    ladder.set_multiple(1)
    asks = [(100.5 + n / 2, 1.0 if n != 4 else 9.0) for n in range(9)]
    book = make_book([(100.0, 2.0), (99.5, 1.0)], asks)
    ladder.take(traded(book, (0, 102.5, 3.0), (1, 102.5, 0.5), (2, 102.5, 0.25)))
    assert ladder.sight is not None
    assert (
        ladder.sight.row_text(205)
        == "102.5, ask 9.000, a wall, traded buy 3.000, traded sell 0.500, traded unknown 0.250"
    )
    assert ladder.sight.row_text(200) == "100.0, best bid 2.000"
    assert ladder.sight.row_text(198) == "99.0, no orders"
    row = next(row for row in ladder.table().rows if row[0] == "102.5")
    assert row == ("102.5", "0", "9", "3", "0.5", "0.25")
    ladder.reset_traded()
    assert ladder.sight.total_traded == 0


def test_a_jump_counts_trades_anew_and_a_hidden_ladder_forgets_none(ladder: LadderView) -> None:
    book = deep_book(10_000.25, 100)
    ladder.take(traded(book, (0, 10_000.25, 1.0)))
    ladder.hide()
    ladder.take(traded(book, (1, 9_999.75, 2.0)))
    ladder.show()
    assert ladder.sight is not None
    assert ladder.sight.total_traded == 3
    ladder.take(frame(book, is_jump=True))
    assert ladder.sight.total_traded == 0


def test_it_is_written_as_a_table_and_its_tools_have_names(
    theme: Theme, ladder: LadderView, tmp_path: Path, qtbot: QtBot
) -> None:
    ladder.take(frame(deep_book(10_000.25, 100)))
    ladder.table().write(tmp_path / "ladder.csv")
    with (tmp_path / "ladder.csv").open() as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["price", "bid_amount", "ask_amount", "traded_buy", "traded_sell", "traded_unknown"]
    assert [tuple(row) for row in rows[1:]] == list(ladder.table().rows)
    holder = QFrame()
    qtbot.addWidget(holder)
    line = QHBoxLayout(holder)
    tools = make_tools(theme, ladder)
    for tool in tools:
        line.addWidget(tool)
    assert nameless_controls(holder) == []
    assert ladder.accessibleName()
    tools[0].click()
    assert ladder.is_locked
