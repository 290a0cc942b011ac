"""The history and the tables of a preview keep what Qt asks of models, and say what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from support.snapshots import snapshot

from tickreel.analysis.answers import Answer
from tickreel.analysis.calls import Call, CallState, Tokens
from tickreel.analysis.history import Kept, Mark
from tickreel.analysis.prices import Price
from tickreel.analysis.prompt import Redaction
from tickreel_desktop.analysis.earlier import Entry
from tickreel_desktop.analysis.history_page import HistoryPage
from tickreel_desktop.analysis.preview_tables import make_figures_table, make_kept_table

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
_ANSWER = Answer("Nothing stands out.", (), ())


def entry(
    state: CallState = CallState.DONE, *, reason: str = "", is_stale: bool = False, is_pinned: bool = False
) -> Entry:
    tokens = Tokens(900, 150, is_estimated=state is CallState.STOPPED)
    seen = snapshot()
    call = Call(7, state, "m", "https://x/v1", "s", 0, 2_100_000, tokens, Price(420, 420), 600_000, reason)
    answer = _ANSWER if state in (CallState.DONE, CallState.CACHED) else None
    return Entry(
        Kept(
            call=call,
            request_sha256="",
            number=0,
            windows=1,
            exchange=seen.exchange,
            symbol=seen.symbol,
            from_us=seen.from_us,
            to_us=seen.to_us,
            snapshot_sha256="",
            groups=None,
            data=None,
            question="Why?",
            answered_by=7,
            answer=answer,
            is_whole=True,
            partial="",
            marks={0: Mark(is_pinned=is_pinned)},
        ),
        is_stale,
    )


def test_each_call_is_a_line_that_says_what_became_of_it_and_what_it_cost(
    qtbot: QtBot, theme: Theme, zone: DisplayZone
) -> None:
    page = HistoryPage(theme, zone)
    qtbot.addWidget(page)
    QAbstractItemModelTester(page.model, _FATAL, page)
    page.show_entries([])
    assert not page.open_button.isEnabled()
    page.show_entries(
        [
            entry(),
            entry(CallState.CACHED, is_pinned=True, is_stale=True),
            entry(CallState.STOPPED),
            entry(CallState.FAILED),
            entry(CallState.UNDER_WAY),
            entry(CallState.LOST),
        ]
    )
    told = [
        [page.model.index(row, column).data() for column in range(3)] for row in range(page.model.rowCount())
    ]
    assert told == [
        ["00:01:00", "No finding", "$0.0006"],
        ["00:01:00", "No finding, pinned, stale", "free, from store"],
        ["00:01:00", "Stopped after 2.1 s", "$0.0006"],
        ["00:01:00", "Failed", "$0.0006"],
        ["00:01:00", "Under way", "$0.0006"],
        ["00:01:00", "Lost: its program ended", "$0.0006"],
    ]
    tip = page.model.index(1, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "binance-futures BTCUSDT, 2024-07-23 00:00:00 to 2024-07-23 00:01:00 UTC" in tip
    assert tip.endswith("Why?\nStale: the data of its day changed")
    page.table.selectRow(0)
    assert (page.open_button.isEnabled(), page.export_button.isEnabled()) == (True, True)
    page.table.selectRow(2)
    assert (page.open_button.isEnabled(), page.export_button.isEnabled()) == (True, False)
    with qtbot.waitSignal(page.chosen) as chosen:
        page.open_button.click()
    assert chosen.args[0].call.state is CallState.STOPPED
    page.reach_choice.choose("all")
    page.show_entries([entry()])
    assert page.model.index(0, 0).data() == "2024-07-23 00:01:00"


def test_the_tables_of_a_preview_hold_what_is_sent_and_what_is_not(qtbot: QtBot, theme: Theme) -> None:
    figures = make_figures_table(theme, [snapshot(spread_mean=0.42, move=-1234.5, mid_last=66000.15)])
    kept = make_kept_table(theme, [Redaction("symbol", "BTCUSDT", "nobody learns it")])
    for table in (figures, kept):
        qtbot.addWidget(table)
        QAbstractItemModelTester(table.model(), _FATAL, table)
    told = [
        [figures.model().index(row, column).data() for column in range(4)]
        for row in range(figures.rowCount())
    ]
    assert ["spread_mean", "0.42", "bps", "f007"] in told
    assert ["move", "\u22121\u2009234.5", "bps", "f043"] in told
    assert ["mid_last", "66\u2009000.15", "price", "f004"] in told
    assert len(told) == 7, "those without a value are not sent"
    assert [kept.model().index(0, column).data() for column in range(3)] == [
        "symbol",
        "BTCUSDT",
        "nobody learns it",
    ]
