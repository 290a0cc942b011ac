"""The line between tables and detail, which stands below them or, where there is room, beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.theme import Theme

_WIDTH_PX = 460
_HEIGHT_PX = 330


class DetailSplit(QSplitter):
    """Share the room between both; a part of the layout."""

    def __init__(self, theme: Theme, tables: QWidget, detail: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self.setObjectName("layout.data.details")
        self.setChildrenCollapsible(False)
        self.addWidget(tables)
        self.addWidget(detail)
        self.setStretchFactor(0, 1)
        self._theme = theme
        self.resetState()

    def stand(self, *, is_beside: bool) -> None:
        """Put the detail beside the tables or below them; where that changes it is as large as at first."""
        wanted = Qt.Orientation.Horizontal if is_beside else Qt.Orientation.Vertical
        if self.orientation() != wanted:
            self.setOrientation(wanted)
            self.resetState()

    def resetState(self) -> None:
        """Give the detail the room that it has at first."""
        is_beside = self.orientation() == Qt.Orientation.Horizontal
        side = self._theme.px(_WIDTH_PX if is_beside else _HEIGHT_PX)
        whole = self.width() if is_beside else self.height()
        self.setSizes([max(1, whole - side), side])
