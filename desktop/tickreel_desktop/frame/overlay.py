"""Lays something over the upper middle of a window until it is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_BELOW_EDGE_PX = 56


class Overlay(QObject):
    """Keep a child of *window* in its place while the window changes its size."""

    def __init__(self, window: QWidget, child: QWidget, *, top_px: int = _BELOW_EDGE_PX) -> None:
        super().__init__(child)
        self._window = window
        self._child = child
        self._top_px = top_px
        child.setParent(window)
        child.show()
        child.raise_()
        window.installEventFilter(self)
        self._place()

    def _place(self) -> None:
        child = self._child
        width = min(child.sizeHint().width(), self._window.width())
        child.resize(
            width, child.heightForWidth(width) if child.hasHeightForWidth() else child.sizeHint().height()
        )
        child.move((self._window.width() - child.width()) // 2, self._top_px)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)
