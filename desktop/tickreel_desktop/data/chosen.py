"""What is selected in the Data workspace: the rows of the table in front, or days of its one dataset.

Days that are chosen in the calendar stand above the rows, until other rows are chosen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from tickreel.market.units import format_full
from tickreel.store.model import DayRange
from tickreel_desktop.data.detail.day_words import range_words
from tickreel_desktop.data.sheets import DAYS

if TYPE_CHECKING:
    from datetime import date

    from tickreel.market.types import DatasetKey
    from tickreel_desktop.data.detail import DatasetDetail
    from tickreel_desktop.data.foot import HeldFoot
    from tickreel_desktop.data.rows import DatasetRow
    from tickreel_desktop.data.sheets import Sheets


class Chosen(QObject):
    """Know what is selected, show it in the detail, and say at the foot what an action would take."""

    changed = Signal()

    def __init__(self, sheets: Sheets, detail: DatasetDetail, foot: HeldFoot, parent: QObject) -> None:
        super().__init__(parent)
        self._sheets = sheets
        self._detail = detail
        self._foot = foot
        self._rows_before: tuple[DayRange, ...] = ()
        sheets.chosen_changed.connect(self.renew)
        detail.range_chosen.connect(lambda _first, _last: self._on_days_chosen())
        detail.range_cleared.connect(self._on_days_chosen)

    @property
    def row(self) -> DatasetRow | None:
        """The dataset that stands for what is selected, or None."""
        return self._sheets.current_row()

    @property
    def keys(self) -> tuple[DatasetKey, ...]:
        """The selected datasets, or those of the selected days, by name."""
        return self._sheets.chosen_keys()

    @property
    def is_here(self) -> bool:
        """Whether anything is recorded here of any dataset that is selected."""
        return any(row.is_here for row in self._sheets.rows_of(self._sheets.table.chosen()))

    def ranges(self) -> tuple[DayRange, ...]:
        """Give what is selected as ranges: whole datasets, or the days merged to ranges without a gap."""
        row, days = self.row, self._detail.chosen_days
        if row is not None and days is not None:
            return (DayRange(row.key, *days),)
        return self._sheets.chosen_ranges()

    def renew(self) -> None:
        """Show what is selected now."""
        sheets = self._sheets
        rows = sheets.table.chosen() if self.row is not None else np.empty(0, np.intp)
        in_days = sheets.front == DAYS
        ranges = sheets.chosen_ranges() if in_days else ()
        are_others, self._rows_before = ranges != self._rows_before, ranges
        if are_others:
            # Who chooses other days in the table means these, not those of the calendar.
            self._detail.calendar.clear_range()
        self._detail.show_rows(sheets.rows_of(rows))
        if in_days and are_others and len(rows) == 1:
            self._detail.open_day(sheets.holdings.days.rows[int(rows[0])].day)
        self._foot.show_chosen(len(rows), sheets.sums_of(rows), in_days=in_days)
        self._on_days_chosen()

    def _on_days_chosen(self) -> None:
        days = self._detail.chosen_days
        self._foot.show_chosen_days("" if days is None else _days_words(*days))
        self.changed.emit()


def _days_words(first: date, last: date) -> str:
    count = (last - first).days + 1
    days = "1 day" if count == 1 else f"{format_full(count)} days"
    return f"{days} chosen in the calendar: {range_words(first, last)}"
