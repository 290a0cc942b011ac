"""The tables of a preview: every figure that is sent, and what is known here and is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from tickreel.analysis import FIGURES
from tickreel_desktop.components import RowTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from tickreel.analysis import Snapshot
    from tickreel.analysis.prompt import Redaction
    from tickreel_desktop.theme import Theme

_NOWHERE = QModelIndex()


class WordsModel(QAbstractTableModel):
    """Hold rows of words that never change."""

    def __init__(
        self,
        header: Sequence[str],
        rows: Sequence[Sequence[str]],
        right: Sequence[int] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._header = tuple(header)
        self._rows = tuple(tuple(row) for row in rows)
        self._right = frozenset(right)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        """Count the rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(self._header)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Name the columns, each over where its words begin or end."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in self._right else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return self._header[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Give the words of a cell."""
        if not index.isValid():
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in self._right:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None


class WordsTable(RowTable):
    """Show them."""

    def __init__(self, theme: Theme, name: str, model: WordsModel, widths_px: Sequence[int]) -> None:
        super().__init__(theme, name)
        model.setParent(self)
        self.setModel(model)
        self.set_widths([theme.px(width) for width in widths_px])

    def rowCount(self) -> int:
        """Count the rows."""
        return self.model().rowCount()


def make_figures_table(theme: Theme, snapshots: Sequence[Snapshot]) -> WordsTable:
    """List the figures that have a value and are sent, to be read: name, value and unit come first."""
    rows = [
        (each.name, _readable(value), each.unit.value, each.id, f"w{number}", each.definition)
        for number, snapshot in enumerate(snapshots, 1)
        for each in FIGURES
        if (value := snapshot.values[each.id]) is not None
    ]
    model = WordsModel(("Name", "Value", "Unit", "Id", "Window", "Definition"), rows, right=(1,))
    table = WordsTable(theme, "Figures that are sent", model, (164, 132, 84, 52, 64))
    table.setColumnHidden(4, len(snapshots) == 1)
    return table


def _readable(value: float | str) -> str:
    """Write a value in full, thousands apart and with a true minus."""
    if isinstance(value, str):
        return value
    return f"{value:,.10g}".replace(",", "\u2009").replace("-", "\u2212")


def make_kept_table(theme: Theme, redactions: Sequence[Redaction]) -> WordsTable:
    """List what is known here and not sent."""
    rows = [(one.field, one.value, one.why) for one in redactions]
    model = WordsModel(("What", "Here", "Why it is not sent"), rows)
    return WordsTable(theme, "What is known here and not sent", model, (110, 230))
