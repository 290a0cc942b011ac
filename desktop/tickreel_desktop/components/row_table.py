"""A table of whole rows: fixed height, no grid, the row under the pointer lit, Enter and double click act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QWidget

from tickreel_desktop.components.hover_table import HoverTable
from tickreel_desktop.components.row_delegate import ROW_PX, RowDelegate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent

    from tickreel_desktop.theme import Theme

_HEADER_PX = 26


class RowTable(HoverTable):
    """Show rows of which one may be selected; cells are text until they are given another delegate."""

    row_opened = Signal(int)
    """The user asked for a row by Enter or double click."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setItemDelegate(RowDelegate(theme, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(theme.px(ROW_PX))
        rows.setDefaultSectionSize(theme.px(ROW_PX))
        columns = self.horizontalHeader()
        columns.setFixedHeight(theme.px(_HEADER_PX))
        columns.setHighlightSections(False)
        columns.setStretchLastSection(True)
        columns.setMinimumSectionSize(theme.px(40))
        self.doubleClicked.connect(lambda index: self.row_opened.emit(index.row()))

    def set_widths(self, widths: Sequence[int]) -> None:
        """Give the columns their widths in pixels, until the user drags them."""
        for column, width in enumerate(widths):
            self.setColumnWidth(column, width)

    def selected_row(self) -> int | None:
        """Give the selected row, or None; there must be a model."""
        found = self.selectionModel().selectedRows()
        return found[0].row() if found else None

    def show_row(self, row: int) -> None:
        """Select a row and bring it into view."""
        self.selectRow(row)
        self.scrollTo(self.model().index(row, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the selected row by Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            row = self.selected_row()
            if row is not None:
                self.row_opened.emit(row)
            return
        super().keyPressEvent(event)
