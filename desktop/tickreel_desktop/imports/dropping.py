"""Files that are dragged over the workspace: which of them are meant, and the hint that they are welcome."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tickreel.vendorcsv.naming import SUFFIXES
from tickreel_desktop.components import IconLabel, label
from tickreel_desktop.theme import Role, Theme

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARGIN_PX = 12


def importable_paths(mime: QMimeData) -> list[Path]:
    """List what of a drag can be imported: folders, and files with a vendor CSV's ending."""
    local = (Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile())
    return [path for path in local if path.name.lower().endswith(SUFFIXES) or path.is_dir()]


class DropTarget(QObject):
    """Take files and folders that are dropped anywhere on a window."""

    dropped = Signal(list)
    """Paths of what can be imported."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._hint = DropHint(theme, window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Welcome what can be imported, and hand it on."""
        if isinstance(event, QDropEvent):  # entering and moving are kinds of it
            return self._on_drag(event)
        if event.type() == QEvent.Type.DragLeave:
            self._hint.hide()
        return super().eventFilter(watched, event)

    def _on_drag(self, event: QDropEvent) -> bool:
        paths = importable_paths(event.mimeData())
        if not paths:
            event.ignore()
            return True
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if event.type() == QEvent.Type.DragEnter:
            self._hint.setGeometry(self._window.rect())
            self._hint.appear(paths)
        elif event.type() == QEvent.Type.Drop:
            self._hint.hide()
            self.dropped.emit(paths)
        return True


class DropHint(QWidget):
    """Lie over the window while something that can be imported is held above it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        # The drag goes on to be the window's.
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        center = Qt.AlignmentFlag.AlignHCenter
        self._heading = label("", Role.HEADING)
        self._text = label("They are checked row by row and stored on this machine.", Role.SECONDARY)
        column = QVBoxLayout(self)
        column.setSpacing(theme.px(8))
        column.addStretch(1)
        column.addWidget(IconLabel(theme, "upload-simple", "accent", 28), 0, center)
        column.addWidget(self._heading, 0, center)
        column.addWidget(self._text, 0, center)
        column.addStretch(1)
        self.hide()

    def appear(self, paths: Sequence[Path]) -> None:
        """Say what a drop would do; the parent keeps it as large as itself."""
        what = paths[0].name if len(paths) == 1 else f"{len(paths)} files or folders"
        self._heading.setText(f"Drop to import {what}")
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dim what lies below and frame the place."""
        painter = QPainter(self)
        veil = self._theme.colour("panel")
        veil.setAlphaF(0.94)
        painter.fillRect(self.rect(), veil)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("accent"), 2, Qt.PenStyle.DashLine))
        margin = self._theme.px(_MARGIN_PX)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(margin, margin, -margin, -margin), 4, 4)
        painter.end()
