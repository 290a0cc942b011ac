"""What every chart of runs has: its figures as a table, shown by Ctrl+T."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QWidget

from tickreel_desktop.replay.charttable import TableTwin, rows_of

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from tickreel_desktop.replay.charttable import ChartTable
    from tickreel_desktop.theme import Theme


class TwinChart(QWidget):
    """A chart that paints itself, takes the keyboard, and has a table twin."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def table(self) -> ChartTable:
        """Give the numbers that are drawn now."""
        raise NotImplementedError

    def show_table(self) -> TableTwin:
        """Show the figures as a table, in a window of its own."""
        table = self.table()
        twin = TableTwin(self._theme, table.name, rows_of(table), self.window())
        twin.show()
        return twin

    def event(self, event: QEvent) -> bool:
        """Keep Ctrl+T, which the window has for the charts of a replay."""
        if event.type() == QEvent.Type.ShortcutOverride and _is_twin_key(event):  # type: ignore[arg-type]
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show the table twin by Ctrl+T."""
        if _is_twin_key(event):
            self.show_table()
        else:
            super().keyPressEvent(event)


def _is_twin_key(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_T and event.modifiers() == Qt.KeyboardModifier.ControlModifier
