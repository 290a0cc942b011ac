"""The orders of a run, all of them or those that were sent in the chosen part of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tickreel.market.units import format_full
from tickreel_desktop.backtest.run.array_table import ArrayTable
from tickreel_desktop.backtest.run.columns import order_columns
from tickreel_desktop.components import DockTitle
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from tickreel_desktop.backtest.charts import Span
    from tickreel_desktop.backtest.run.array_table import Places
    from tickreel_desktop.backtest.run.record import RunRecord
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone


class OrdersPane(QFrame):
    """Show orders; going to one brings the cursor of the charts to where it was sent."""

    why_asked = Signal(int)

    def __init__(
        self, theme: Theme, zone: DisplayZone, span: Span, tasks: Tasks, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._zone = zone
        self._span = span
        self._record: RunRecord | None = None
        self._shown: Places = range(0)
        self.title = DockTitle(theme, "Orders")
        self.table = ArrayTable(theme, "Orders", tasks=tasks)
        self.table.row_chosen.connect(self._on_row_chosen)
        self.table.row_opened.connect(self._on_row_opened)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.title)
        column.addWidget(self.table, 1)
        self.table.rows.sorting_changed.connect(lambda _is_on: self._renew_caption())
        zone.changed.connect(lambda: self.show_record(self._record))
        span.chosen_changed.connect(self._renew_rows)

    def show_record(self, record: RunRecord | None) -> None:
        """Show the orders of a run, or none."""
        self._record = record
        orders = None if record is None else record.orders
        if record is None or orders is None:
            self.table.show_columns([], 0)
        else:
            columns = order_columns(orders, record.card.instruments, self._zone.zone)
            self.table.show_columns(columns, len(orders))
        self._renew_rows()

    def _renew_rows(self) -> None:
        orders = None if self._record is None else self._record.orders
        part = self._span.chosen
        if orders is not None:
            self._shown = range(len(orders))
            if part is not None:
                self._shown = np.flatnonzero((orders.submit_us >= part[0]) & (orders.submit_us <= part[1]))
            self.table.rows.choose(self._shown)
        self._renew_caption()

    def _renew_caption(self) -> None:
        orders = None if self._record is None else self._record.orders
        if orders is None:
            self.title.set_caption("")
            return
        count, shown = format_full(len(orders)), format_full(len(self._shown))
        is_part = self._span.chosen is not None
        text = f"{shown} of {count}, sent in the chosen part" if is_part else f"{count}, all of the run"
        self.title.set_caption(f"{text}; sorting" if self.table.rows.is_sorting else text)

    def _on_row_chosen(self, place: int) -> None:
        if self._record is not None and self._record.orders is not None:
            self._span.bring(int(self._record.orders.submit_us[place]))

    def _on_row_opened(self, row: int) -> None:
        if self._record is not None and self._record.orders is not None:
            self.why_asked.emit(int(self._record.orders.id[self.table.rows.place_at(row)]))
