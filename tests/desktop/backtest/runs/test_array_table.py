"""A table of a million rows sorts them all without standing still, and columns share the width."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from support.desks import until
from support.qtloop import run_on_qt

from tickreel_desktop.backtest.run.array_table import MOST_SORTED, ArrayColumn, ArrayTable
from tickreel_desktop.tasks import Tasks

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from tickreel_desktop.theme import Theme

_COUNT = 5 * MOST_SORTED


def test_many_rows_are_sorted_on_another_thread_and_the_last_wish_counts(
    qapp: QApplication, theme: Theme
) -> None:
    values = np.random.default_rng(3).permutation(_COUNT).astype(np.float64)
    columns = [
        ArrayColumn("Row", str, 80, np.arange(_COUNT), is_number=True),
        ArrayColumn("Value", lambda row: f"{values[row]:.0f}", 80, values, is_number=True),
    ]

    async def journey() -> None:
        failures: list[BaseException] = []
        tasks = Tasks(failures.append)
        table = ArrayTable(theme, "Values", tasks=tasks)
        table.resize(600, 400)
        table.show()
        told: list[bool] = []
        table.rows.sorting_changed.connect(told.append)
        table.show_columns(columns, _COUNT)
        assert [table.columnWidth(place) for place in (0, 1)] == [table.viewport().width() // 2] * 2
        table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
        assert told == [True]
        assert table.rows.place_at(0) == 0  # as it was until it is sorted
        table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
        await until(lambda: not table.rows.is_sorting)
        assert told == [True, False]
        assert [values[table.rows.place_at(row)] for row in range(3)] == [_COUNT - 1, _COUNT - 2, _COUNT - 3]
        table.rows.choose(range(10, MOST_SORTED))  # few enough to be sorted at once
        assert told == [True, False]
        assert values[table.rows.place_at(0)] == values[10:MOST_SORTED].max()
        assert table.rows.rowCount() == MOST_SORTED - 10
        table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        assert table.rows.place_at(0) == 10
        table.setColumnWidth(0, 100)
        table.resize(900, 400)
        assert table.columnWidth(0) == 100  # the user's
        await tasks.close()
        table.close()
        table.deleteLater()
        assert failures == []

    run_on_qt(qapp, journey())
