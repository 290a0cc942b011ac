"""A table that knows which row the pointer is over, for whoever paints its cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QTableView, QWidget

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent


class HoverTable(QTableView):
    """Follow the pointer from row to row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hovered_row = -1
        """The row under the pointer; -1 where it is over none."""
        self.setMouseTracking(True)

    def _hover(self, row: int) -> None:
        if row == self.hovered_row:
            return
        before, self.hovered_row = self.hovered_row, row
        for each in (before, row):
            if each >= 0:
                y = self.rowViewportPosition(each)
                self.viewport().update(QRect(0, y, self.viewport().width(), self.rowHeight(each)))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light the row under the pointer."""
        super().mouseMoveEvent(event)
        self._hover(self.rowAt(event.position().toPoint().y()))

    def leaveEvent(self, event: QEvent) -> None:
        """Light no row."""
        super().leaveEvent(event)
        self._hover(-1)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Light the row that came under the pointer."""
        super().scrollContentsBy(dx, dy)
        if self.underMouse():
            self._hover(self.rowAt(self.viewport().mapFromGlobal(self.cursor().pos()).y()))
