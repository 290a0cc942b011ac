"""The models against plain lists, watched by Qt's own tester."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from support.datasets import dataset_row, recorded_days
from support.holdings import varied_days, varied_holdings

from tickreel.market.time import US_PER_DAY
from tickreel.market.types import DatasetKey, DataType
from tickreel.market.units import THIN_SPACE
from tickreel.store import DayState, Source
from tickreel.store.model import DayRange, Grade
from tickreel_desktop.data.columns import DATASET_COLUMNS, DAY_COLUMNS, Column, span_words
from tickreel_desktop.data.dataset_model import DatasetTableModel
from tickreel_desktop.data.days_model import DaysTableModel
from tickreel_desktop.data.listing import Holdings
from tickreel_desktop.data.model import DatasetRole, ListingModel
from tickreel_desktop.data.query import Query
from tickreel_desktop.data.rows import (
    Coverage,
    DatasetRow,
    dataset_rows,
    day_keep_words,
    health_tip,
    health_words,
    keep_words,
    state_words,
)
from tickreel_desktop.data.selection import merged_ranges

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytestqt.qtbot import QtBot

    from tickreel.store import Day

ASCENDING, DESCENDING = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
NOW_US = 1_720_000_000_000_000


def number_of(model: ListingModel, column_id: str) -> int:
    return model.column_of(column_id)


def shown_cells(model: ListingModel, column: int) -> list[str]:
    return [model.index(row, column).data() for row in range(model.rowCount())]


def shown_rows(model: ListingModel) -> list[Any]:
    return [model.listing.rows[row] for row in model.shown.tolist()]


@pytest.fixture
def model(qtbot: QtBot) -> Iterator[DatasetTableModel]:
    made = DatasetTableModel()
    tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield made
    del tester


@pytest.fixture
def days(qtbot: QtBot) -> Iterator[DaysTableModel]:
    made = DaysTableModel()
    tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield made
    del tester


def show(model: DatasetTableModel, *rows: DatasetRow) -> None:
    model.show(Holdings.of(rows).datasets)


@pytest.mark.parametrize("order", [ASCENDING, DESCENDING])
@pytest.mark.parametrize("kind", ["datasets", "days"])
def test_every_column_sorts_by_its_keys_with_ties_by_name_and_the_unknown_last(
    qtbot: QtBot, kind: str, order: Qt.SortOrder
) -> None:
    holdings = varied_holdings(60)
    listing: Any = holdings.datasets if kind == "datasets" else holdings.days
    model: ListingModel = DatasetTableModel() if kind == "datasets" else DaysTableModel()
    model.show(listing)
    for number, column in enumerate(model.columns):
        model.sort(number, order)
        keys = listing.keys[column.id].tolist()
        known = [place for place, key in enumerate(keys) if key == key]
        unknown = [place for place, key in enumerate(keys) if key != key]
        # Python's sort is stable also in reverse.
        known.sort(key=lambda place: keys[place], reverse=order == DESCENDING)
        assert model.shown.tolist() == known + unknown, column.id


@pytest.mark.parametrize("kind", ["datasets", "days"])
def test_columns_of_numbers_and_of_names_sort_as_their_cells_read(qtbot: QtBot, kind: str) -> None:
    holdings = varied_holdings(40)
    model: ListingModel = DatasetTableModel() if kind == "datasets" else DaysTableModel()
    model.show(holdings.datasets if kind == "datasets" else holdings.days)
    for column_id in ("exchange", "symbol", "type"):
        model.sort(number_of(model, column_id))
        cells = shown_cells(model, number_of(model, column_id))
        assert cells == sorted(cells)
    model.sort(number_of(model, "rows"), DESCENDING)
    counts = [row.dataset.rows if kind == "datasets" else row.rows for row in shown_rows(model)]
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) > 3
    model.sort(number_of(model, "health"))
    grades = [row.dataset.grade if kind == "datasets" else row.grade for row in shown_rows(model)]
    assert [grades.index(grade) for grade in (Grade.BAD, Grade.USABLE, Grade.GOOD)] == sorted(
        grades.index(grade) for grade in Grade
    )


def test_a_filter_wants_every_word_and_every_condition(model: DatasetTableModel) -> None:
    pinned = replace(recorded_days("bybit", "ETHUSDT", states="p")[0], pinned=True, grade=Grade.BAD)
    show(
        model,
        dataset_row("binance", "BTCUSDT", DataType.TRADES, states="h"),
        dataset_row("binance", "BTCUSDT", DataType.QUOTES, states="h.h"),
        *dataset_rows([pinned]),
    )
    for text, expected in (
        ("", 3),
        ("  ", 3),
        ("btc", 2),
        ("BTC quotes", 1),
        ("usdt, TRADES", 2),
        ("missing", 1),
        ("partial eth", 1),
        ("partial btc", 0),
        ("bad", 1),
        ("not checked", 2),
        ("pinned", 1),
        ("symbol:btcusdt", 2),
        ("symbol:btc", 0),
        ("type:trades btc", 1),
        ("year:2024", 3),
        ("year:2023", 0),
        ("year:twelve", 0),
        ("year:" + "9" * 5_000, 0),
        ("state:missing", 1),
        ("state:incomplete", 2),
        ("health:bad keep:pinned", 1),
        ("unused:60", 3),
        ("unused:99999", 0),
    ):
        model.set_query(Query(text))
        assert model.rowCount() == expected, text[:40]


def test_days_are_found_by_date_state_health_and_source(days: DaysTableModel) -> None:
    made = [
        replace(day, grade=grade)
        for day, grade in zip(recorded_days("binance", "BTCUSDT", states="hhp"), Grade, strict=True)
    ]
    other = recorded_days("bybit", "ETHUSDT", first=date(2023, 12, 31), states="hx")
    days.show(Holdings.of(dataset_rows([*made, *other])).days)
    for text, expected in (
        ("", 5),
        ("2024-07-2", 3),
        ("2024-07-24 btc", 1),
        ("partial", 1),
        ("bad", 1),
        ("year:2023", 1),
        ("year:2024", 4),
        ("state:damaged", 1),
        ("state:incomplete", 2),
        ("health:problem", 2),
        ("import", 5),
        ("tardis", 0),
    ):
        days.set_query(Query(text))
        assert days.rowCount() == expected, text
    days.set_query(Query("BTC", ("state:partial", "symbol:BTCUSDT"), "health:problem"))
    assert shown_cells(days, number_of(days, "day")) == ["2024-07-25"]


def test_a_filter_keeps_the_order_of_the_sort_and_new_rows_come_arranged(model: DatasetTableModel) -> None:
    model.show(varied_holdings(50).datasets)
    model.sort(number_of(model, "rows"), DESCENDING)
    model.set_query(Query("bybit"))
    for holdings in (varied_holdings(50), varied_holdings(60, seed=8)):
        model.show(holdings.datasets)
        counts = [row.dataset.rows for row in shown_rows(model)]
        assert counts
        assert counts == sorted(counts, reverse=True)
        assert {row.exchange for row in shown_rows(model)} == {"bybit"}


def test_rows_that_stay_in_place_are_renewed_without_a_reset(model: DatasetTableModel, qtbot: QtBot) -> None:
    show(model, dataset_row("binance", "BTCUSDT", states="h"))
    resets = []
    model.modelReset.connect(lambda: resets.append(1))
    with qtbot.waitSignal(model.dataChanged):
        show(model, dataset_row("binance", "BTCUSDT", states="hh"))
    assert shown_cells(model, number_of(model, "days")) == ["2 / 2"]
    assert resets == []
    show(model, dataset_row("bybit", "BTCUSDT", states="hh"))
    assert shown_cells(model, number_of(model, "exchange")) == ["bybit"]
    show(model)
    assert model.rowCount() == 0
    assert resets == [1, 1]


def test_cells_speak_in_human_units(model: DatasetTableModel) -> None:
    made = recorded_days("binance", "NEXOUSDT", states="h.p", rows=117_900, size_bytes=998_400_000)
    show(model, *dataset_rows(replace(day, hits=6_000) for day in made))
    cells = {column.id: model.index(0, place).data() for place, column in enumerate(model.columns)}
    assert cells == {
        "exchange": "binance",
        "symbol": "NEXOUSDT",
        "type": "trades",
        "days": "2 / 3",
        "coverage": "",
        "health": "Not checked, 1 missing, 1 partial",
        "where": "",
        "first_day": "2024-07-23",
        "last_day": "2024-07-25",
        "rows": "235.8 k",
        "size": "2.0 GB",
        "bytes_per_row": f"8{THIN_SPACE}468",
        "hits": "12.0 k",
        "last_used": "never",
        "keep": "until deleted",
    }
    coverage = number_of(model, "coverage")
    assert model.headerData(coverage, Qt.Orientation.Horizontal) == "Coverage, Jul 2024"


def test_a_day_has_its_own_cells(days: DaysTableModel) -> None:
    (day,) = recorded_days("binance", "NEXOUSDT", states="p", rows=117_900, size_bytes=998_400_000)
    days.show(Holdings.of(dataset_rows([replace(day, grade=Grade.USABLE, issues=("reset", "gap"))])).days)
    assert [days.index(0, column).data() for column in range(len(DAY_COLUMNS))] == [
        "binance",
        "NEXOUSDT",
        "trades",
        "2024-07-23",
        "partial",
        "Usable, with gaps",
        "",
        f"117{THIN_SPACE}900",
        "998.4 MB",
        "import",
        "0",
        "never",
        "",
        "until deleted",
    ]
    assert days.index(0, 0).data(DatasetRole.STATE) == DayState.PARTIAL
    assert days.index(0, 0).data(DatasetRole.GRADE) == "warning"


def test_roles_give_coverage_axis_and_health_and_nothing_else(model: DatasetTableModel) -> None:
    show(
        model,
        dataset_row("binance", "BTCUSDT", states="hx.p"),
        *dataset_rows(recorded_days("bybit", "BTCUSDT", first=date(2024, 7, 20), states="h")),
    )
    cell = model.index(0, number_of(model, "coverage"))
    assert cell.data(DatasetRole.COVERAGE) == Coverage("hxmp")
    assert cell.data(DatasetRole.AXIS) == (3, 7)
    assert cell.data(DatasetRole.STATE) == DayState.DAMAGED
    assert cell.data(DatasetRole.GRADE) == "error"
    assert cell.data(DatasetRole.GROUP) is None
    spoken = cell.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "2 of 4 UTC days, 2024-07-23 to 2024-07-26: 1 damaged, 1 missing, 1 partial"
    assert cell.data(Qt.ItemDataRole.ForegroundRole) is None
    assert cell.data(Qt.ItemDataRole.CheckStateRole) is None


def test_groups_sum_up_fold_and_stay_folded(model: DatasetTableModel) -> None:
    show(
        model,
        dataset_row("binance", "BTCUSDT", states="hh"),
        dataset_row("binance", "ETHUSDT", states="h.p"),
        dataset_row("bybit", "BTCUSDT", states="h"),
    )
    model.set_head(1, 2)
    model.group_by("exchange")
    assert shown_cells(model, 1) == ["binance", "BTCUSDT", "ETHUSDT", "bybit", "BTCUSDT"]
    assert shown_cells(model, 2)[0] == "2 datasets"
    assert shown_cells(model, number_of(model, "days"))[0] == "4"
    assert shown_cells(model, number_of(model, "rows"))[0] == f"4{THIN_SPACE}000"
    assert not model.flags(model.index(0, 0)) & Qt.ItemFlag.ItemIsSelectable
    assert model.index(0, 1).data(Qt.ItemDataRole.AccessibleTextRole) == "binance, group of 2, open"
    assert [model.group_row_of(row) for row in range(5)] == [0, 0, 0, 3, 3]

    model.fold(0, is_open=False)
    assert shown_cells(model, 1) == ["binance", "bybit", "BTCUSDT"]
    assert [model.is_open(row) for row in range(3)] == [False, True, None]
    assert model.folded == ("binance",)
    assert len(model.shown) == 3
    model.set_query(Query("eth"))
    assert shown_cells(model, 1) == ["binance"]
    model.unfold_for(1)
    assert shown_cells(model, 1) == ["binance", "ETHUSDT"]
    model.set_query(Query())
    model.group_by("symbol")
    assert shown_cells(model, 1) == ["BTCUSDT", "BTCUSDT", "BTCUSDT", "ETHUSDT", "ETHUSDT"]
    model.sort(number_of(model, "days"))
    assert shown_cells(model, number_of(model, "days")) == ["3", "1 / 1", "2 / 2", "2", "2 / 3"]
    model.group_by("")
    assert model.rowCount() == 3


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ("h", "complete"),
        ("hhh", "complete"),
        ("p", "partial"),
        ("ppp", "partial"),
        ("hp", "1 partial"),
        ("h..p", "2 missing, 1 partial"),
        ("hah", "1 absent at vendor"),
        ("x", "damaged"),
        ("hx.p", "1 damaged, 1 missing, 1 partial"),
    ],
)
def test_the_state_is_said_in_words(states: str, words: str) -> None:
    assert state_words(dataset_row("binance", "BTCUSDT", states=states)) == words


def test_health_is_one_word_and_its_reasons() -> None:
    first, second, third = recorded_days("binance", "BTCUSDT", states="hhh")
    good = [replace(day, grade=Grade.GOOD, issues=()) for day in (first, second)]
    (row,) = dataset_rows(good)
    assert health_words(row) == "Good"
    (row,) = dataset_rows([*good, replace(third, grade=Grade.USABLE, issues=("gap", "reset"))])
    assert health_words(row) == "Usable, 1 day with gaps"
    (whole,) = dataset_rows([replace(third, grade=Grade.USABLE, issues=("gap",))])
    assert health_words(whole) == "Usable, with gaps"
    assert health_tip(row) == "Usable: complete\n1 day with gaps\n1 day with resets"


def test_what_stays_and_for_how_long_is_said() -> None:
    made = recorded_days("binance", "BTCUSDT", states="hh")
    fetched = [_from_tardis(day) for day in made]

    def words(*days: Day) -> str:
        (row,) = dataset_rows(days)
        return keep_words(row, NOW_US)

    assert words(*made) == "until deleted"
    assert words(*fetched) == "until evicted"
    assert words(*(replace(day, pinned=True) for day in fetched)) == "pinned"
    assert words(replace(fetched[0], pinned=True), fetched[1]) == "1 of 2 pinned"
    assert words(fetched[0], replace(fetched[1], expires_us=NOW_US + 83 * US_PER_DAY)) == "83 d more"
    assert words(fetched[0], replace(fetched[1], expires_us=NOW_US - 1)) == "expired"
    assert words(made[0], fetched[1]) == "until evicted"
    assert day_keep_words(made[0], NOW_US) == "until deleted"
    assert day_keep_words(replace(fetched[0], expires_us=NOW_US + 1), NOW_US) == "1 d more"


def _from_tardis(day: Day) -> Day:
    return replace(day, parts=tuple(replace(part, source=Source.TARDIS) for part in day.parts))


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2025, 3, 14), date(2025, 3, 14), "14 Mar 2025"),
        (date(2024, 7, 2), date(2024, 7, 30), "Jul 2024"),
        (date(2024, 1, 1), date(2024, 12, 31), "Jan to Dec 2024"),
        (date(2020, 1, 1), date(2024, 12, 31), "2020 to 2024"),
    ],
)
def test_a_span_is_named_shortly(first: date, last: date, words: str) -> None:
    assert span_words(first, last) == words


def test_a_long_coverage_shrinks_to_the_gravest_state_of_each_cell() -> None:
    letters = "h" * 99 + "x" + "h" * 899 + "m"
    cells = Coverage(letters).shrunk(100)
    assert len(cells) == 100
    assert cells[9] is DayState.DAMAGED
    assert cells[99] is DayState.MISSING
    assert set(cells[10:99]) == {DayState.PRESENT}


def test_rows_are_found_again_in_another_list() -> None:
    before = Holdings.of(dataset_rows(varied_days(30)))
    fewer = [day for day in varied_days(30) if day.key.exchange != "binance" and day.day.day != 1]
    after = Holdings.of(dataset_rows(fewer))
    everything = np.arange(len(before.days.rows))
    found = after.days.position_of(before.days, everything)
    assert [after.days.rows[place] for place in found.tolist()] == fewer
    assert len(Holdings.of(()).days.position_of(before.days, everything)) == 0
    datasets = after.datasets.position_of(before.datasets, np.arange(len(before.datasets.rows)))
    assert [after.datasets.rows[place].key for place in datasets.tolist()] == list(after.datasets.datasets)


def test_days_merge_to_ranges_without_a_gap() -> None:
    made = [
        *recorded_days("binance", "BTCUSDT", states="hhh.hh"),
        *recorded_days("binance", "ETHUSDT", states="h"),
    ]
    listing = Holdings.of(dataset_rows(made)).days
    btc = DatasetKey("binance", "BTCUSDT", DataType.TRADES)
    eth = DatasetKey("binance", "ETHUSDT", DataType.TRADES)
    assert merged_ranges(listing, np.array([5, 4, 3, 1, 0])) == (
        DayRange(btc, date(2024, 7, 23), date(2024, 7, 24)),
        DayRange(btc, date(2024, 7, 27), date(2024, 7, 28)),
        DayRange(eth, date(2024, 7, 23), date(2024, 7, 23)),
    )
    assert merged_ranges(listing, np.array([], np.intp)) == ()


def test_keys_stand_for_every_column() -> None:
    holdings = varied_holdings(5)
    assert set(holdings.datasets.keys) == {column.id for column in DATASET_COLUMNS}
    assert set(holdings.days.keys) == {column.id for column in DAY_COLUMNS}


@pytest.mark.parametrize("columns", [DATASET_COLUMNS, DAY_COLUMNS])
def test_the_first_columns_fit_a_small_window_with_where_days_lie(
    columns: Sequence[Column[Any]],
) -> None:
    grouped_by = "exchange" if columns is DATASET_COLUMNS else ""
    shown = [column for column in columns if column.is_first_shown and column.id != grouped_by]
    rail_px, bar_px = 60, 12
    assert sum(column.width for column in shown) <= 1280 - rail_px - bar_px
