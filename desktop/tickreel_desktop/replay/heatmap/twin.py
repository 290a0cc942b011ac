"""The table twin of the picture: the figures of one column, cell by cell, the highest price first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from tickreel.market.units import format_amount, format_price

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtCore import QObject

_HEADERS: Final = ("Price from", "Bid", "Ask", "Bought", "Sold")
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ColumnModel(QAbstractTableModel):
    """The figures of one column of the heatmap."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._prices: NDArray[np.float64] = np.empty(0)
        self._figures: NDArray[np.float64] = np.empty((4, 0))
        self._decimals = 0

    def show_column(
        self,
        borders: NDArray[np.float64],
        sizes: NDArray[np.float64],
        traded: NDArray[np.float64],
        decimals: int,
    ) -> None:
        """Show another column: (cells + 1,) borders, (2, cells) resting, (2, cells) bought and sold."""
        self.beginResetModel()
        self._prices = borders[:-1][::-1]
        self._figures = np.vstack([sizes, traded])[:, ::-1]
        self._decimals = decimals
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        """Count the cells."""
        return 0 if parent.isValid() else len(self._prices)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        """Count price, bid, ask, bought and sold."""
        return 0 if parent.isValid() else len(_HEADERS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        """Name the columns."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return _HEADERS[section]
        return None

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Give a figure as text; nothing where a cell is empty, a word where it is not known."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if index.column() == 0:
            return format_price(float(self._prices[index.row()]), self._decimals)
        figure = float(self._figures[index.column() - 1, index.row()])
        if np.isnan(figure):
            return "not known"
        return format_amount(figure) if figure else ""
