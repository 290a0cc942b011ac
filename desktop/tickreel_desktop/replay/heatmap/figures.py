"""The figures of a heatmap: of the cell at the cursor, of a column, of what is in view, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject

from tickreel.market.units import format_duration_s, format_price
from tickreel_desktop.replay.heatmap.export import VisibleCells
from tickreel_desktop.replay.heatmap.reading import Reading
from tickreel_desktop.replay.heatmap.tradebins import BUYS, OTHERS, SELLS
from tickreel_desktop.replay.heatmap.twin import ColumnModel

if TYPE_CHECKING:
    from tickreel_desktop.replay.heatmap.past import Past
    from tickreel_desktop.replay.heatmap.viewport import Viewport
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.theme import ColourName
    from tickreel_desktop.zone import DisplayZone


class Figures(QObject):
    """Say exactly what the picture shows."""

    def __init__(
        self, zone: DisplayZone, shared: SharedView, past: Past, viewport: Viewport, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._zone = zone
        self._shared = shared
        self._past = past
        self._viewport = viewport
        self._twin: ColumnModel | None = None

    def reading(self) -> Reading | None:
        """Give the exact figures of the cell at the cursor; None where there is none."""
        at_us, price = self._shared.cursor
        cells = self._past.cells
        if cells is None or at_us is None or price is None or at_us > self._past.now_us:
            return None
        number, cell = cells.number_at(at_us), cells.cell_of(price)
        column = cells.column(number)
        if column is None or not 0 <= cell < cells.grid.cells:
            return None
        start_us = cells.start_us(number)
        traded = self._past.traded_in_cell(start_us, start_us + cells.column_us, cell)
        return Reading(
            start_us=start_us,
            column_us=cells.column_us,
            low=float(cells.borders[cell]),
            high=float(cells.borders[cell + 1]),
            bid=float(column[0, cell]),
            ask=float(column[1, cell]),
            measure=cells.measure,
            bought=float(traded[BUYS]),
            sold=float(traded[SELLS]),
            other=float(traded[OTHERS]),
        )

    def lines(self) -> list[tuple[str, str, ColourName]]:
        """Give caption, text and colour of each line about the cell at the cursor; none where none is."""
        reading = self.reading()
        if reading is None:
            return []
        return reading.lines(self._time_text(reading.start_us), self._past.decimals, self._past.unit)

    def words(self) -> str:
        """Say what the cell at the cursor holds."""
        reading = self.reading()
        if reading is None:
            return "No cell at the cursor"
        return reading.words(self._time_text(reading.start_us), self._past.decimals, self._past.unit)

    def _time_text(self, at_us: int) -> str:
        """Print the beginning of a column, as finely as the columns are."""
        cells = self._past.cells
        width_us = 1_000_000 if cells is None else cells.column_us
        return self._zone.zone.clock(at_us, 0 if width_us % 1_000_000 == 0 else 3)

    def table_model(self) -> ColumnModel:
        """Give the table twin: the figures of the column at the cursor, else of the newest."""
        if self._twin is None:
            self._twin = ColumnModel(self)
            self._shared.cursor_changed.connect(self._renew_twin)
        self._renew_twin()
        return self._twin

    def _renew_twin(self) -> None:
        cells, twin = self._past.cells, self._twin
        if cells is None or twin is None:
            return
        at_us = self._shared.cursor.at_us
        number = cells.open_number if at_us is None else cells.number_at(at_us)
        column = cells.column(number)
        if column is not None:
            traded = self._past.traded_in_column(number)[[BUYS, SELLS]]
            twin.show_column(cells.borders, column.copy(), traded, self._past.decimals)

    def visible_cells(self) -> VisibleCells | None:
        """Copy the sizes of the cells in view, to be written to a file; None before the first columns."""
        cells, view = self._past.cells, self._viewport.projection()
        if cells is None or view is None:
            return None
        low, high = cells.rows_in(view)
        first = cells.number_at(view.start_us(view.left))
        last = min(cells.open_number, cells.number_at(view.start_us(view.right)))
        shown = [
            (cells.start_us(number), column[:, low:high])
            for number in range(first, last + 1)
            if (column := cells.column(number)) is not None
        ]
        if not shown or low >= high:
            return None
        starts_us = np.array([start_us for start_us, _ in shown])
        return VisibleCells(starts_us, cells.borders[low : high + 1], np.stack([sizes for _, sizes in shown]))

    def description(self) -> str:
        """Say in a sentence what the best prices are, and how the mid moved in view."""
        past = self._past
        book = None if past.frame is None else past.frame.book
        if book is None or (book.best_bid is None and book.best_ask is None):
            return "No order book"
        said = [
            f"best {name} {format_price(best[0], past.decimals)}" if best else f"no {name}s"
            for name, best in (("bid", book.best_bid), ("ask", book.best_ask))
        ]
        if past.touch is not None and book.mid is not None:
            began_us = max(self._shared.from_us, past.start_us)
            before = past.touch.mid_after(began_us)
            if before is not None and past.now_us > began_us:
                moved = book.mid - before
                way = "unchanged" if not moved else f"{'up' if moved > 0 else 'down'} "
                amount = "" if not moved else format_price(abs(moved), past.decimals + 1)
                said.append(f"mid {way}{amount} in {format_duration_s((past.now_us - began_us) / 1e6)}")
        words = ", ".join(said)
        return words[0].upper() + words[1:]

    def caption(self) -> str:
        """Say in a few words what is shown; empty before the first columns."""
        cells, frame = self._past.cells, self._past.frame
        if cells is None or frame is None:
            return ""
        rows = format_price(cells.grid.group, self._past.decimals)
        columns = format_duration_s(cells.column_us / 1e6)
        return f"{frame.exchange} {frame.symbol}, {rows} rows, {columns} columns"
