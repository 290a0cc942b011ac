"""A plain dark sheet over a window, while something in front of it wants the user's mind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog

_SHADE = QColor(0, 0, 0, 115)
"""45 % black, in both themes."""


class Sheet(QWidget):
    """Cover a window for as long as a dialog is open."""

    def __init__(self, window: QWidget, dialog: QDialog) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        window.installEventFilter(self)
        self.setGeometry(window.rect())
        self.raise_()
        self.show()
        dialog.finished.connect(self._go)

    def _go(self) -> None:
        self.hide()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the window."""
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Darken what is below."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), _SHADE)
        painter.end()


def open_over(window: QWidget, dialog: QDialog, *, top_share: float | None = None) -> None:
    """Open a dialog over a darkened window: in its middle, or its top edge at a share of the height.

    Not every window system centres a dialog on its parent by itself.
    """
    Sheet(window, dialog)
    if not dialog.testAttribute(Qt.WidgetAttribute.WA_Resized):
        dialog.adjustSize()
    frame = window.frameGeometry()
    place = frame.center() - dialog.rect().center()
    if top_share is not None:
        place.setY(frame.y() + round(frame.height() * top_share))
    dialog.move(max(place.x(), frame.x()), max(place.y(), frame.y()))
    dialog.open()
