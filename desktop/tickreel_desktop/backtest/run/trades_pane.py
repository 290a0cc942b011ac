"""The trades of a run in the part of time that is looked at, linked with the charts by the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tickreel.market.units import format_full
from tickreel_desktop.backtest.run.array_table import ArrayTable
from tickreel_desktop.backtest.run.columns import trade_columns
from tickreel_desktop.components import ButtonKind, DockTitle, button
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.zone.times import day_text

if TYPE_CHECKING:
    from tickreel_desktop.backtest.charts import Span
    from tickreel_desktop.backtest.run.fills import Fills
    from tickreel_desktop.backtest.run.record import RunRecord
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone


class TradesPane(QFrame):
    """Show fills; going to one brings the cursor of the charts there."""

    why_asked = Signal(int)
    """Why the order of this number was filled."""

    def __init__(
        self,
        theme: Theme,
        zone: DisplayZone,
        span: Span,
        tasks: Tasks,
        *,
        brief: bool,
        parent: QWidget | None = None,
    ) -> None:
        """Show *brief* few columns, of the part in view or chosen; else all trades of the run."""
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._zone = zone
        self._span = span
        self._brief = brief
        self._record: RunRecord | None = None
        self._shown = range(0)
        self.title = DockTitle(theme, "Trades")
        self.why_button = button(theme, "Why filled", ButtonKind.FLAT, icon="question")
        self.why_button.setToolTip("How the order of the selected trade moved in its queue")
        self.why_button.clicked.connect(self._ask_why)
        self.title.add_control(self.why_button)
        self.table = ArrayTable(theme, "Trades", tasks=tasks)
        self.table.row_chosen.connect(self._on_row_chosen)
        self.table.row_opened.connect(lambda _row: self._ask_why())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.title)
        column.addWidget(self.table, 1)
        self.table.rows.sorting_changed.connect(lambda _is_on: self._renew_caption())
        zone.changed.connect(self._on_zone_changed)
        span.chosen_changed.connect(self._renew_rows)
        span.view_changed.connect(self._renew_rows)
        self._renew_why()

    @property
    def _fills(self) -> Fills | None:
        return None if self._record is None else self._record.fills

    def show_record(self, record: RunRecord | None) -> None:
        """Show the trades of a run, or none."""
        self._record = record
        fills = self._fills
        if record is None or fills is None:
            self.table.show_columns([], 0)
        else:
            columns = trade_columns(
                fills, record.card.instruments, self._zone.zone, record.currency, brief=self._brief
            )
            self.table.show_columns(columns, len(fills))
        self._renew_rows()
        self._renew_why()

    def point_at(self, at_us: int) -> None:
        """Go to the trade that is nearest to an instant."""
        fills = self._fills
        row = None if fills is None else self.table.rows.nearest(fills.time_us, at_us)
        if row is not None:
            self.table.go_to(row)
            self._renew_why()

    def _part(self) -> tuple[int, int] | None:
        if self._span.chosen is not None:
            return self._span.chosen
        return None if not self._brief or self._span.is_whole else (self._span.from_us, self._span.to_us)

    def _renew_rows(self) -> None:
        fills, part = self._fills, self._part()
        if fills is not None:
            chosen = slice(0, len(fills)) if part is None else fills.between(*part)
            self._shown = range(chosen.start, chosen.stop)
            self.table.rows.choose(self._shown)
        self._renew_caption()

    def _renew_caption(self) -> None:
        fills, part = self._fills, self._part()
        if fills is None:
            self.title.set_caption("")
            return
        count = format_full(len(fills))
        shown = f"{self._part_words(part)}, {format_full(len(self._shown))} of {count}" if part else ""
        sorting = "; sorting" if self.table.rows.is_sorting else ""
        self.title.set_caption(f"{shown or f'{count}, all of the run'}{sorting}")

    def _part_words(self, part: tuple[int, int]) -> str:
        zone = self._zone.zone
        first, last = (zone.day_of(at_us) for at_us in part)
        begin, end = (zone.clock(at_us, 0) for at_us in part)
        if first == last:
            return f"{day_text(first)}, {begin} to {end}"
        return f"{day_text(first)} {begin} to {day_text(last)} {end}"

    def _on_row_chosen(self, place: int) -> None:
        fills = self._fills
        if fills is not None:
            self._span.bring(int(fills.time_us[place]))
        self._renew_why()

    def _order(self) -> int | None:
        fills, index = self._fills, self.table.currentIndex()
        if fills is None or not index.isValid():
            return None
        return int(fills.order[self.table.rows.place_at(index.row())])

    def _ask_why(self) -> None:
        order = self._order()
        if order is not None:
            self.why_asked.emit(order)

    def _renew_why(self) -> None:
        self.why_button.setEnabled(self._order() is not None)

    def _on_zone_changed(self) -> None:
        self.show_record(self._record)
