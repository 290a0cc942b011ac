"""A page of rows in a grid of labels: what something is, its value, and how that is known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QWidget

from tickreel_desktop.components import label
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

_SELECTABLE = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
_UNIT = re.compile(r" (%|[kMGT]?B|ms|s|min|h|d)(?![\w-])")
_ANY_WIDTH_PX = 16_777_215  # what Qt takes for no limit


class GroundPage(QScrollArea):
    """Show rows of words under heads; every cell but the first can be selected and copied.

    *widths* are those of the columns in pixels; 0 takes what is left.
    """

    def __init__(
        self,
        theme: Theme,
        name: str,
        heads: Sequence[str],
        widths: Sequence[int],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._widths = widths
        self._rows: list[list[QLabel]] = []
        self.setAccessibleName(name)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = QFrame()
        set_role(body, Role.PANEL)
        px = theme.px
        self._grid = grid = QGridLayout(body)
        grid.setContentsMargins(px(16), px(10), px(16), px(16))
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(8))
        for column, (head, width) in enumerate(zip(heads, widths, strict=True)):
            grid.addWidget(label(head, Role.LABEL), 0, column)
            grid.setColumnStretch(column, 0 if width else 1)
        self.setWidget(body)

    def show_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Show other words; their number of rows is always the same."""
        while len(self._rows) < len(rows):
            self._add_row()
        for cells, texts in zip(self._rows, rows, strict=True):
            for cell, words in zip(cells, texts, strict=True):
                text = _UNIT.sub("\u00a0\\1", words)  # a number stays with its unit
                if cell.text() != text:
                    cell.setText(text)
                    cell.setAccessibleName(f"{texts[0]}: {text}" if cell is not cells[0] else text)

    def texts(self) -> list[tuple[str, ...]]:
        """Give the words of all rows."""
        return [tuple(cell.text().replace("\u00a0", " ") for cell in cells) for cells in self._rows]

    def _add_row(self) -> None:
        theme = self._theme
        top = Qt.AlignmentFlag.AlignTop
        at = 2 * len(self._rows) + 1
        line = QFrame()
        set_role(line, Role.LINE)
        line.setFixedHeight(1)
        self._grid.addWidget(line, at, 0, 1, len(self._widths))
        cells = []
        for column, width in enumerate(self._widths):
            role = Role.SECTION if column == 0 else Role.SECONDARY if not width else None
            cell = label("", role, wrap=True)
            cell.setMinimumWidth(theme.px(width or 160))
            cell.setMaximumWidth(theme.px(width) if width else _ANY_WIDTH_PX)
            if column:
                cell.setTextInteractionFlags(_SELECTABLE)
            self._grid.addWidget(cell, at + 1, column, top)
            cells.append(cell)
        self._rows.append(cells)
        self._grid.setRowStretch(at + 1, 0)
        self._grid.setRowStretch(at + 2, 1)
