"""The files of a bundle as a table: name and size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tickreel.market.units import format_bytes

if TYPE_CHECKING:
    from tickreel.diagnostics import BundleFile

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_ALIGN = int(Qt.ItemDataRole.TextAlignmentRole)
_TITLES = ("File", "Size")
SIZE = 1
_ALIGNMENTS = (
    int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft),
    int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight),
)


class BundleModel(QAbstractTableModel):
    """Show the files of one bundle."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._files: tuple[BundleFile, ...] = ()

    @property
    def files(self) -> tuple[BundleFile, ...]:
        """The files, in the order in which they are written."""
        return self._files

    def show_files(self, files: tuple[BundleFile, ...]) -> None:
        """Show another bundle."""
        self.beginResetModel()
        self._files = files
        self.endResetModel()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the files."""
        return 0 if parent.isValid() else len(self._files)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(_TITLES)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        """Give a cell's text or alignment."""
        if not index.isValid():
            return None
        if role == _ALIGN:
            return _ALIGNMENTS[index.column()]
        if role != _DISPLAY:
            return None
        file = self._files[index.row()]
        return format_bytes(file.size_bytes) if index.column() == SIZE else file.name

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Give the title of a column and its alignment."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_TITLES):
            return None
        if role == _DISPLAY:
            return _TITLES[section]
        return _ALIGNMENTS[section] if role == _ALIGN else None
