"""Room for words that change often: they are drawn anew, and nothing around them is laid out anew.

A label in a layout has every layout around it, up to that of the window, thought over with each new text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent


class Still(QWidget):
    """Hold one widget, which takes all the room; it asks for more only when it never needed as much."""

    def __init__(self, held: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._held = held
        held.setParent(self)
        self.setSizePolicy(held.sizePolicy())
        self._wanted, self._least = QSize(), QSize()
        """The most that it ever asked for, and that it ever needed."""

    def sizeHint(self) -> QSize:
        """Ask for the most room that was ever asked for."""
        self._wanted = self._held.sizeHint().expandedTo(self._wanted)
        return self._wanted

    def minimumSizeHint(self) -> QSize:
        """Need the most that was ever needed."""
        self._least = self._held.minimumSizeHint().expandedTo(self._least)
        return self._least

    def event(self, event: QEvent) -> bool:
        """Hear that what is held may need more room."""
        if event.type() == QEvent.Type.LayoutRequest:
            before = self._wanted, self._least
            if before != (self.sizeHint(), self.minimumSizeHint()):
                self.updateGeometry()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give it all the room."""
        super().resizeEvent(event)
        self._held.setGeometry(self.rect())
