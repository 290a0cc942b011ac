"""The field that filters the table while one types; the slash key leads to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QWidget

from tickreel_desktop.components import Tag

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent

    from tickreel_desktop.theme import Theme

_WIDTH_PX, _LEAST_PX = 264, 180


class FilterField(QLineEdit):
    """Take the words of a filter; Esc empties it and, when empty, leaves it."""

    left = Signal()
    """The user is done with it and wants to go on in the table."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setPlaceholderText("Filter by symbol, type, state")
        self.setAccessibleName("Filter datasets")
        self.setToolTip(
            "Every word must stand in exchange, symbol, type, state or health;\n"
            "of days also in date or source:\n"
            "btc trades, bad, missing, pinned, 2024-08\n"
            "More exactly: year:2024, type:trades, symbol:BTCUSDT, exchange:binance, state:partial,\n"
            "health:problem, keep:pinned, unused:60 (days)"
        )
        self.give_way(0)
        # A file dropped here is meant for the workspace, not as text.
        self.setAcceptDrops(False)
        mark = QAction(self)
        theme.bind_icon(mark, "funnel", "text_3", 14)
        self.addAction(mark, QLineEdit.ActionPosition.LeadingPosition)
        self._empty = QAction("Clear filter", self)
        theme.bind_icon(self._empty, "x", "text_2", 14)
        self._empty.triggered.connect(lambda: self.clear())
        self.addAction(self._empty, QLineEdit.ActionPosition.TrailingPosition)
        self._key = Tag("/", parent=self)
        self._key.setToolTip("Press / to filter")
        self.textChanged.connect(lambda: self._renew())
        self._renew()

    @property
    def usual_px(self) -> int:
        """Its width where there is room for all that stands beside it."""
        return self._theme.px(_WIDTH_PX)

    def give_way(self, by_px: int) -> None:
        """Be narrower by as much as others lack, as far as words can still be read in it."""
        self.setFixedWidth(max(self.usual_px - by_px, self._theme.px(_LEAST_PX)))

    def _renew(self) -> None:
        self._empty.setVisible(bool(self.text()))
        self._key.setVisible(not self.text() and not self.hasFocus())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the key at the right end."""
        super().resizeEvent(event)
        self._key.adjustSize()
        margin = self._theme.px(6)
        self._key.move(self.width() - self._key.width() - margin, (self.height() - self._key.height()) // 2)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Take the key away: it types itself now."""
        super().focusInEvent(event)
        self._renew()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show the key again."""
        super().focusOutEvent(event)
        self._renew()

    def event(self, event: QEvent) -> bool:
        """Keep Esc, which a window may use for something else."""
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Empty by Esc; go on to the table by Enter, Down, or Esc when empty."""
        key = event.key()
        if key == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.left.emit()
        else:
            super().keyPressEvent(event)
