"""The model against plain lists, watched by Qt's own tester."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QItemSelectionModel, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from support.datasets import dataset_row, recorded_days

from tickreel.market.types import DataType
from tickreel.market.units import THIN_SPACE
from tickreel.store import DayState
from tickreel_desktop.data.columns import COLUMNS, COVERAGE, STATE
from tickreel_desktop.data.details import DayTableModel
from tickreel_desktop.data.model import DatasetRole, DatasetTableModel
from tickreel_desktop.data.rows import Coverage, DatasetRow, dataset_rows, state_words
from tickreel_desktop.zone import DisplayZone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

ASCENDING, DESCENDING = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


def varied_rows(count: int, seed: int = 7) -> list[DatasetRow]:
    """Make rows with many equal cells, in no order."""
    chance = random.Random(seed)
    days = []
    for number in range(count):
        days += recorded_days(
            chance.choice(("binance", "bybit", "deribit")),
            f"S{number}",
            chance.choice(tuple(DataType)),
            first=date(2024, 1, chance.randint(1, 5)),
            states=chance.choice(("h", "p", "hh", "h.p", "hah", "x")),
            rows=chance.choice((0, 7, 7_000, 7_000_000)),
            size_bytes=chance.choice((10, 10_000)),
        )
    rows = dataset_rows(days)
    chance.shuffle(rows)
    return rows


def shown_cells(model: DatasetTableModel, column: int) -> list[str]:
    return [model.index(row, column).data() for row in range(model.rowCount())]


@pytest.fixture
def model(qtbot: QtBot) -> Iterator[DatasetTableModel]:
    made = DatasetTableModel()
    tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield made
    del tester


@pytest.mark.parametrize("order", [ASCENDING, DESCENDING])
@pytest.mark.parametrize("column", range(len(COLUMNS)), ids=[column.id for column in COLUMNS])
def test_every_column_sorts_like_a_list_with_ties_by_name(
    model: DatasetTableModel, column: int, order: Qt.SortOrder
) -> None:
    rows = varied_rows(60)
    model.replace(rows)
    model.sort(column, order)

    keys = COLUMNS[column].sort_key(rows).tolist()
    key_of = {row.key: key for row, key in zip(rows, keys, strict=True)}
    expected = sorted(rows, key=lambda row: (row.key.exchange, row.key.symbol, row.key.type.value))
    nan = [row for row in expected if key_of[row.key] != key_of[row.key]]
    known = [row for row in expected if key_of[row.key] == key_of[row.key]]
    # Python's sort is stable also in reverse.
    known.sort(key=lambda row: key_of[row.key], reverse=order == DESCENDING)
    assert model.shown_rows == known + nan
    assert shown_cells(model, column) == [COLUMNS[column].text(row) for row in known + nan]


def test_numbers_sort_by_value_and_not_by_their_text(model: DatasetTableModel) -> None:
    sizes = (9, 10_000, 800)
    model.replace(
        dataset_rows(
            day for size in sizes for day in recorded_days("binance", f"S{size}", rows=size, size_bytes=size)
        )
    )
    model.sort(next(i for i, column in enumerate(COLUMNS) if column.id == "rows"), DESCENDING)
    assert [row.dataset.rows for row in model.shown_rows] == [10_000, 800, 9]


def test_a_sort_carries_persistent_indexes_along(model: DatasetTableModel) -> None:
    model.replace(varied_rows(20))
    kept = [(QPersistentModelIndex(model.index(row, 1)), model.row_at(row).key) for row in range(20)]
    model.sort(7, DESCENDING)
    assert all(model.row_at(index.row()).key == key and index.column() == 1 for index, key in kept)


def test_a_selection_follows_its_row_through_a_sort(model: DatasetTableModel) -> None:
    model.replace(varied_rows(20))
    selection = QItemSelectionModel(model)
    selection.select(model.index(3, 0), QItemSelectionModel.SelectionFlag.Select)
    key = model.row_at(3).key
    model.sort(8, DESCENDING)
    (index,) = selection.selectedIndexes()
    assert model.row_at(index.row()).key == key


def test_a_filter_wants_every_word_in_name_type_or_state(model: DatasetTableModel) -> None:
    model.replace(
        [
            dataset_row("binance", "BTCUSDT", DataType.TRADES, states="h"),
            dataset_row("binance", "BTCUSDT", DataType.QUOTES, states="h.h"),
            dataset_row("bybit", "ETHUSDT", DataType.TRADES, states="p"),
        ]
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
    ):
        model.set_filter(text)
        assert model.rowCount() == expected, text


def test_a_filter_keeps_the_order_of_the_sort(model: DatasetTableModel) -> None:
    model.replace(varied_rows(50))
    model.sort(7, DESCENDING)
    model.set_filter("bybit")
    counts = [row.dataset.rows for row in model.shown_rows]
    assert counts == sorted(counts, reverse=True)
    assert {row.key.exchange for row in model.shown_rows} == {"bybit"}
    model.sort(7, ASCENDING)
    assert [row.dataset.rows for row in model.shown_rows] == sorted(counts)


def test_new_rows_come_sorted_and_filtered_as_before(model: DatasetTableModel) -> None:
    model.replace(varied_rows(30))
    model.set_filter("binance")
    model.sort(7, DESCENDING)
    model.replace(varied_rows(40, seed=8))
    counts = [row.dataset.rows for row in model.shown_rows]
    assert counts
    assert counts == sorted(counts, reverse=True)
    assert {row.key.exchange for row in model.shown_rows} == {"binance"}


def test_rows_that_stay_in_place_are_renewed_without_a_reset(model: DatasetTableModel, qtbot: QtBot) -> None:
    model.replace([dataset_row("binance", "BTCUSDT", states="h")])
    resets = []
    model.modelReset.connect(lambda: resets.append(1))
    with qtbot.waitSignal(model.dataChanged):
        model.replace([dataset_row("binance", "BTCUSDT", states="hh")])
    assert shown_cells(model, 3) == ["2 / 2"]
    assert resets == []
    model.replace([])
    assert model.rowCount() == 0
    assert resets == [1]


def test_cells_speak_in_human_units(model: DatasetTableModel) -> None:
    days = recorded_days("binance", "NEXOUSDT", states="h.p", rows=117_900, size_bytes=998_400_000)
    model.replace(dataset_rows(days))
    assert [model.index(0, column).data() for column in range(len(COLUMNS))] == [
        "binance",
        "NEXOUSDT",
        "trades",
        "2 / 3",
        "",
        "2024-07-23",
        "2024-07-25",
        "235.8 k",
        "2.0 GB",
        f"8{THIN_SPACE}468",
        "1 missing, 1 partial",
    ]


def test_roles_give_key_coverage_state_and_sort_value_and_nothing_else(model: DatasetTableModel) -> None:
    model.replace([dataset_row("binance", "BTCUSDT", states="hx.p")])
    cell = model.index(0, COVERAGE)
    assert str(cell.data(DatasetRole.KEY)) == "binance BTCUSDT trades"
    assert cell.data(DatasetRole.COVERAGE) == Coverage("hxmp")
    assert cell.data(DatasetRole.STATE) == DayState.DAMAGED
    assert model.index(0, 3).data(DatasetRole.SORT) == 2
    spoken = cell.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "2 of 4 UTC days, 2024-07-23 to 2024-07-26: 1 damaged, 1 missing, 1 partial"
    assert model.index(0, STATE).data(Qt.ItemDataRole.AccessibleTextRole) == "1 damaged, 1 missing, 1 partial"
    assert cell.data(Qt.ItemDataRole.ForegroundRole) is None
    assert cell.data(Qt.ItemDataRole.CheckStateRole) is None


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


def test_a_long_coverage_shrinks_to_the_gravest_state_of_each_cell() -> None:
    letters = "h" * 99 + "x" + "h" * 899 + "m"
    cells = Coverage(letters).shrunk(100)
    assert len(cells) == 100
    assert cells[9] is DayState.DAMAGED
    assert cells[99] is DayState.MISSING
    assert set(cells[10:99]) == {DayState.PRESENT}


def test_a_hundred_thousand_datasets_sort_and_filter(qtbot: QtBot) -> None:
    base = dataset_row("binance", "S")
    model = DatasetTableModel()
    rows = [_renamed(base, number) for number in range(100_000)]
    model.replace(rows)
    model.sort(1, DESCENDING)
    assert model.row_at(0).key.symbol == "S99999"
    model.set_filter("s1234")
    assert model.rowCount() == 11


def _renamed(row: DatasetRow, number: int) -> DatasetRow:
    return replace(row, dataset=replace(row.dataset, key=replace(row.key, symbol=f"S{number}")))


def test_the_days_of_a_dataset_are_listed(qtbot: QtBot) -> None:
    model = DayTableModel(DisplayZone())
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.replace(dataset_row("binance", "BTCUSDT", states="hp").days)
    assert [model.index(1, column).data() for column in range(model.columnCount())] == [
        "2024-07-24",
        "partial",
        f"1{THIN_SPACE}000",
        "4.0 kB",
        "00:00:00.114",
        "23:59:59.914",
        "1",
        "import",
    ]
    assert model.index(1, 1).data(DatasetRole.STATE) == DayState.PARTIAL
    model.replace(())
    assert model.rowCount() == 0
    del tester
