"""The facts of one instrument as a table: value, who says so, how long ago, for which time, who differs."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tickreel.instruments.facts import FACTS
from tickreel_desktop.components import RowDelegate
from tickreel_desktop.instruments.words import (
    end_text,
    fact_title,
    source_text,
    start_text,
    value_text,
)
from tickreel_desktop.zone.times import age_text, exact_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QStyleOptionViewItem

    from tickreel_desktop.instruments.sheet import FactLine, InstrumentSheet
    from tickreel_desktop.theme import ColourName
    from tickreel_desktop.zone import DisplayZone

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TIP = int(Qt.ItemDataRole.ToolTipRole)
_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)


class FactColumn(IntEnum):
    """The columns, from the left."""

    FACT = 0
    VALUE = 1
    SOURCE = 2
    AGE = 3
    START = 4
    END = 5
    OTHERS = 6


_TITLES = ("Fact", "Value", "Source", "Recorded", "Valid from", "to", "Other sources")
_TIMES = (FactColumn.START, FactColumn.END)
WIDTHS_PX = (124, 128, 76, 84, 136, 110, 150)
"""Widths at scale 1; the last column takes what is left."""


class FactTableModel(QAbstractTableModel):
    """Show every fact of an instrument, known or not."""

    def __init__(self, zone: DisplayZone, now_us: Callable[[], int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self._now_us = now_us
        self._lines: tuple[FactLine, ...] = ()
        self._cells: dict[int, tuple[str, ...]] = {}
        zone.changed.connect(self._renew)

    def show_sheet(self, sheet: InstrumentSheet | None) -> None:
        """Show the facts of another instrument, or of the same one as they are now; None shows none."""
        lines = () if sheet is None else sheet.lines
        if len(lines) != len(self._lines):
            self.beginResetModel()
            self._lines = lines
            self._cells.clear()
            self.endResetModel()
        else:
            self._lines = lines
            self._renew()

    def line(self, row: int) -> FactLine:
        """Give the fact of a row."""
        return self._lines[row]

    def row_of(self, name: str) -> int | None:
        """Find the row of a fact."""
        return next((row for row, line in enumerate(self._lines) if line.name == name), None)

    def _renew(self) -> None:
        self._cells.clear()
        if self._lines:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._lines) - 1, len(_TITLES) - 1))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, _TIMES[0], _TIMES[1])

    def _texts(self, row: int) -> tuple[str, ...]:
        cells = self._cells.get(row)
        if cells is None:
            cells = self._cells[row] = self._made(self._lines[row])
        return cells

    def _made(self, line: FactLine) -> tuple[str, ...]:
        zone = self._zone.zone
        title = fact_title(line.name)
        if line.span is None:
            return title, "not known, needed" if line.is_needed else "not known", *[""] * 5
        said = line.span.version
        others = ", ".join(f"{source} {value_text(line.name, value, zone)}" for source, value in line.others)
        return (
            title,
            value_text(line.name, line.span.value, zone),
            said.source.value,
            age_text(zone, said.recorded_us, self._now_us()),
            start_text(line.span.from_us, zone),
            end_text(line.span.to_us, zone),
            others,
        )

    def _tip(self, line: FactLine, column: int) -> str | None:
        span = line.span
        if column == FactColumn.FACT:
            return f"{line.name}: {FACTS[line.name].meaning}"
        if span is None:
            return "A backtest is refused without it." if line.is_needed else "Nobody says it."
        if column == FactColumn.SOURCE:
            bound = ". The true one is that, or goes into it a whole number of times."
            return f"{source_text(span.version)}{bound if span.version.evidence else ''}"
        if column == FactColumn.AGE:
            return exact_text(self._zone.zone, span.version.recorded_us)
        return None

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the facts."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(_TITLES)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        """Give the text of a cell or its tool-tip."""
        if not index.isValid():
            return None
        if role == _DISPLAY:
            return self._texts(index.row())[index.column()]
        return self._tip(self._lines[index.row()], index.column()) if role == _TIP else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Give the title of a column; those of times name the zone."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_TITLES):
            return None
        if role == _DISPLAY:
            return f"{_TITLES[section]} ({self._zone.name})" if section in _TIMES[:1] else _TITLES[section]
        return _LEFT if role == Qt.ItemDataRole.TextAlignmentRole else None


class FactDelegate(RowDelegate):
    """Paint what is not known quietly, what a backtest needs as a warning, and who differs as a note."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        model = index.model()
        assert isinstance(model, FactTableModel)
        line = model.line(index.row())
        colour: ColourName = "text_2"
        if index.column() == FactColumn.VALUE:
            colour = "text" if line.span is not None else "warning" if line.is_needed else "text_3"
        elif index.column() == FactColumn.FACT:
            colour = "text"
        elif index.column() == FactColumn.OTHERS:
            colour = "note"
        self._paint_ground(painter, option, index)
        self._paint_text(painter, option, index, self._text_rect(option.rect), colour)

    def _tip(self, option: QStyleOptionViewItem, index: _Index) -> str:
        return index.data(_TIP) or super()._tip(option, index)
