"""Everything that was ever said of one fact as a table, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tickreel_desktop.instruments.words import end_text, source_text, start_text, value_text
from tickreel_desktop.zone.times import age_text, exact_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel_desktop.instruments.sheet import Saying
    from tickreel_desktop.zone import DisplayZone

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TITLES = ("Value", "Source", "Valid from", "to", "", "Recorded")
WIDTHS_PX = (84, 70, 96, 100, 50, 60)
"""Widths at scale 1."""


class TimelineModel(QAbstractTableModel):
    """Show the versions of one fact."""

    def __init__(self, zone: DisplayZone, now_us: Callable[[], int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self._now_us = now_us
        self._name = ""
        self._sayings: list[Saying] = []
        zone.changed.connect(self._renew)

    def show_sayings(self, name: str, sayings: list[Saying]) -> None:
        """Show what was said of another fact."""
        self.beginResetModel()
        self._name = name
        self._sayings = sayings
        self.endResetModel()

    def saying(self, row: int) -> Saying:
        """Give the version of a row."""
        return self._sayings[row]

    def _renew(self) -> None:
        if self._sayings:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._sayings) - 1, len(_TITLES) - 1))

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the versions."""
        return 0 if parent.isValid() else len(self._sayings)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(_TITLES)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        """Give the text of a cell, or its tool-tip."""
        if not index.isValid():
            return None
        saying, zone = self._sayings[index.row()], self._zone.zone
        version = saying.version
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{source_text(version)}, said {exact_text(zone, version.recorded_us)}"
        if role != _DISPLAY:
            return None
        return (
            "withdrawn" if saying.value is None else value_text(self._name, saying.value, zone),
            version.source.value,
            start_text(version.valid_from_us, zone),
            end_text(version.valid_to_us, zone),
            "holds" if saying.holds else "",
            age_text(zone, version.recorded_us, self._now_us()),
        )[index.column()]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Give the title of a column."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_TITLES):
            return None
        if role == _DISPLAY:
            return _TITLES[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        return None
