"""Pictures of a window with whatever lies over it, as a user would see them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap
    from PySide6.QtWidgets import QWidget

_SETTLE_TURNS = 3
"""Layout, style and paint each take a turn of the loop."""


async def settled_picture(window: QWidget) -> QPixmap:
    """Let a window settle, and give its picture."""
    for _ in range(_SETTLE_TURNS):
        await asyncio.sleep(0.05)
    return picture(window)


def picture(window: QWidget) -> QPixmap:
    """Draw a window, and in their frames what lies over it: dialogs, panels that float, help; and menus."""
    taken = window.grab()
    painter = QPainter(taken)
    for over in QApplication.topLevelWidgets():
        if over is window or not over.isVisible() or over.windowType() == Qt.WindowType.ToolTip:
            continue
        corner = window.mapFromGlobal(over.mapToGlobal(QPoint(0, 0)))
        painter.drawPixmap(corner, over.grab())
        if not over.windowFlags() & Qt.WindowType.FramelessWindowHint:
            painter.setPen(over.palette().mid().color())  # the window system would draw a frame
            painter.drawRect(QRect(corner, over.size()).adjusted(-1, -1, 0, 0))
    painter.end()
    return taken
