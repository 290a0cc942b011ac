"""The list of runs: what it shows is what the cards say, and it is sorted, filtered and marked as asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QMenu
from support.accessibility import nameless_controls
from support.runshome import FAILING_LINE

from tickreel.backtest.runs.card import RunState
from tickreel_desktop.backtest.runs import ListedRun, RunningRow, RunsPane, rows_of
from tickreel_desktop.backtest.runs.model import ROW, Col
from tickreel_desktop.backtest.runs.query import ChipKind, Condition
from tickreel_desktop.backtest.runs.words import signed_percent, unsigned

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot
    from support.runshome import RunsHome

    from tickreel.backtest.runs.service import Runs
    from tickreel_desktop.backtest.runs.table import RunsTable
    from tickreel_desktop.theme import Theme

NO_KEYS = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def pane(qtbot: QtBot, theme: Theme, runs: Runs) -> RunsPane:
    made = RunsPane(theme)
    qtbot.addWidget(made)
    tester = QAbstractItemModelTester(made.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    tester.setParent(made)
    made.resize(460, 600)
    made.show_rows(rows_of(runs.records.listing()))
    made.show()
    qtbot.waitExposed(made)
    return made


def shown(pane: RunsPane) -> list[str]:
    return [run.id for run in pane.model.shown_runs()]


def click_at(table: RunsTable, place: QPoint, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, keys, place)


def current(pane: RunsPane) -> str | None:
    return pane.table.current


def cell(pane: RunsPane, run_id: str, column: Col) -> str:
    row = pane.model.place_of(run_id)
    assert row is not None
    return str(pane.model.index(row, column).data())


def test_cells_say_what_the_cards_say(pane: RunsPane, runs: Runs, made: RunsHome) -> None:
    assert set(shown(pane)) == made.rows
    assert shown(pane)[:2] == [made.lean, made.maker], "the newest first"
    for run_id in (made.maker, made.lean, made.pair):
        card = runs.run(run_id).card
        assert cell(pane, run_id, Col.RUN).endswith(run_id[:6])
        assert str(card.strategy["name"]) in cell(pane, run_id, Col.RUN)
        assert cell(pane, run_id, Col.GAIN) == signed_percent(card.metrics["return"])
        sharpe = card.metrics["sharpe"]
        assert cell(pane, run_id, Col.SHARPE) == unsigned(sharpe, 2 if abs(sharpe or 0) < 100 else 0)
        assert cell(pane, run_id, Col.TRADES).replace("\u2009", "") == str(card.total_trades)
        row = pane.model.rows.get(run_id)
        assert row is not None
        assert row.spark is not None
        assert row.spark[-1] == np.float32(card.metrics["pnl"])
    assert "lean_ticks 3" in cell(pane, made.lean, Col.RUN)
    maker = pane.model.rows.get(made.maker)
    assert maker is not None
    assert maker.tags == ("pinned", "kept")
    failed, failure = pane.model.rows.get(made.failed), runs.run(made.failed).card.failure
    assert failed is not None
    assert failure is not None
    assert (failed.failure, failed.line) == (failure.message, FAILING_LINE)
    assert cell(pane, made.failed, Col.EQUITY) == f"ZeroDivisionError, line {FAILING_LINE}"
    assert failed.failed_after == runs.run(made.failed).card.ticks_processed


def test_a_sweep_is_one_row_with_its_best_run(pane: RunsPane, runs: Runs, made: RunsHome) -> None:
    row = pane.model.rows.get(made.sweep)
    assert row is not None
    assert (row.is_sweep, row.trials, row.done) == (True, 4, 4)
    assert row.title == "sweep: half_spread_ticks x lean_ticks"
    assert row.gain == max(one.metrics["return"] for one in runs.runs(made.sweep))
    band = pane.model.rows.get(made.band)
    assert band is not None
    assert band.title == "band: latency x queue"
    single = runs.runs(made.sweep)[0].id
    assert single not in shown(pane)
    assert pane.show_current(single)
    assert pane.table.current == made.sweep


def test_every_column_sorts_both_ways_and_unknown_is_last(pane: RunsPane) -> None:
    for column, name in (
        (Col.GAIN, "gain"),
        (Col.SHARPE, "sharpe"),
        (Col.TRADES, "trades"),
        (Col.PNL, "pnl"),
    ):
        for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
            pane.table.sortByColumn(column, order)
            values = [getattr(run, name) for run in pane.model.shown_runs()]
            known = [value for value in values if value is not None]
            assert known == sorted(known, reverse=order == Qt.SortOrder.DescendingOrder)
            assert values[: len(known)] == known


def test_words_and_chips_filter_and_what_hides_all_can_be_lifted(
    qtbot: QtBot, pane: RunsPane, made: RunsHome
) -> None:
    QTest.keyClicks(pane.filter.field, "market pinned")
    assert shown(pane) == [made.maker]
    assert pane.title.caption() == "1 of 7 runs"
    QTest.keyClick(pane.filter.field, Qt.Key.Key_Escape)
    assert len(shown(pane)) == 7
    pane.filter.add(Condition(ChipKind.SYMBOL, "tickreel-sim:ETHUSDT"))
    assert shown(pane) == [made.pair]
    pane.filter.clear()
    pane.filter.add(Condition(ChipKind.STATE, "failed"))
    pane.filter.add(Condition(ChipKind.STATE, "cancelled"))
    assert set(shown(pane)) == {made.failed, made.cancelled}, "chips of one kind are alternatives"
    pane.filter.add(Condition(ChipKind.TAG, "kept"))
    assert shown(pane) == []
    assert pane.show_all_button.isVisible()
    QTest.mouseClick(pane.show_all_button, Qt.MouseButton.LeftButton)
    assert len(shown(pane)) == 7
    menus = [action.menu() for action in pane.filter.menu().actions()]
    titles = [menu.title() for menu in menus if isinstance(menu, QMenu)]
    assert titles == ["Strategy", "Symbol", "Tag", "Days in", "State"]
    tags = menus[2]
    assert isinstance(tags, QMenu)
    tags.aboutToShow.emit()
    tags.actions()[0].trigger()
    assert shown(pane) == [made.maker]


def test_rows_are_marked_by_box_key_and_shift_and_compared(
    qtbot: QtBot, pane: RunsPane, made: RunsHome
) -> None:
    table = pane.table

    def click(run_id: str, column: Col, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
        row = pane.model.place_of(run_id)
        assert row is not None
        click_at(table, table.visualRect(pane.model.index(row, column)).center(), keys)

    assert not pane.compare_button.isEnabled()
    click(made.maker, Col.CHECK)
    assert pane.model.checked == [made.maker]
    click(made.lean, Col.RUN, Qt.KeyboardModifier.ControlModifier)
    assert pane.marked.text() == "2 selected"
    with qtbot.waitSignal(pane.compare_asked) as asked:
        QTest.mouseClick(pane.compare_button, Qt.MouseButton.LeftButton)
    assert asked.args == [[made.maker, made.lean]]
    click(made.sweep, Col.CHECK)
    assert not pane.compare_button.isEnabled(), "a sweep is not compared"
    QTest.keyClick(table, Qt.Key.Key_Escape)
    assert pane.model.checked == []
    with qtbot.waitSignal(pane.opened) as opened:
        click(made.maker, Col.RUN)
    assert opened.args == [made.maker]
    assert pane.chosen_ids() == [made.maker]
    with qtbot.waitSignal(pane.sweep_opened):
        click(made.sweep, Col.RUN)
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert pane.model.checked == [made.sweep]


def test_what_is_current_and_marked_stays_when_rows_come_anew(
    pane: RunsPane, runs: Runs, made: RunsHome
) -> None:
    pane.show_current(made.maker)
    pane.model.check([made.lean], is_checked=True)
    told: list[str] = []
    pane.opened.connect(told.append)
    pane.show_rows(rows_of(runs.records.listing()))
    assert current(pane) == made.maker
    assert pane.table.currentIndex().row() == pane.model.place_of(made.maker)
    assert pane.model.checked == [made.lean]
    assert told == [], "the run in view is not opened once more"
    listing = runs.records.listing()
    pane.show_current("not-yet-listed")
    pane.show_rows(rows_of(listing))
    assert current(pane) == made.maker
    gone = type(listing)(tuple(line for line in listing.runs if line.id != made.maker), listing.sweeps)
    pane.show_rows(rows_of(gone))
    assert current(pane) is None
    pane.show_current(made.maker)
    pane.show_rows(rows_of(listing))
    assert current(pane) == made.maker, "it was waited for"


def test_what_is_under_way_stands_above_with_progress_and_can_be_cancelled(
    qtbot: QtBot, pane: RunsPane, made: RunsHome
) -> None:
    pane.show_running([RunningRow("job-1", "market_maker", "Aug 2024, BTCUSDT", 0.25, 240.0)])
    assert pane.model.rowCount() == 8
    assert pane.model.index(0, Col.EQUITY).data() == "25 %"
    assert pane.title.caption() == "7 runs, 1 in progress"
    resets: list[None] = []
    pane.model.modelReset.connect(lambda: resets.append(None))
    pane.show_running([RunningRow("job-1", "market_maker", "Aug 2024, BTCUSDT", 0.5, 120.0)])
    assert pane.model.index(0, Col.EQUITY).data() == "50 %"
    assert not resets, "progress alone moves no row"
    table = pane.table
    cross = QPoint(table.viewport().width() - 12, table.visualRect(pane.model.index(0, 0)).center().y())
    with qtbot.waitSignal(pane.cancel_asked) as asked:
        click_at(table, cross)
    assert asked.args == ["job-1"]
    pane.show_running([RunningRow("job-1", "market_maker", "now", run_id=made.maker)])
    assert made.maker not in shown(pane), "what is under way is shown once"


def test_a_narrow_list_has_two_columns_and_all_have_names(pane: RunsPane) -> None:
    table = pane.table
    pane.resize(300, 600)
    visible = [column for column in Col if not table.isColumnHidden(column)]
    assert visible == [Col.CHECK, Col.RUN, Col.GAIN]
    pane.resize(460, 600)
    assert not table.isColumnHidden(Col.EQUITY)
    for widget in (table, pane.filter.field, pane.filter.add_button, pane.columns_button):
        assert widget.accessibleName()
    assert nameless_controls(pane) == []
    row = pane.model.index(0, Col.RUN).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "14 Mar 2025" in row
    assert isinstance(pane.model.index(0, Col.RUN).data(ROW), ListedRun)


def test_rows_are_painted_in_the_colours_of_their_states(
    pane: RunsPane, theme: Theme, made: RunsHome
) -> None:
    row = pane.model.place_of(made.failed)
    assert row is not None
    rect = pane.table.visualRect(pane.model.index(row, Col.CHECK))
    image = pane.table.viewport().grab().toImage()
    assert image.pixelColor(rect.left() + 2, rect.top() + 4) == theme.colour("error_bg")
    failed = pane.model.rows.get(made.failed)
    assert failed is not None
    assert failed.state is RunState.FAILED
