"""What the marks of the coverage bars mean, in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tickreel.store import DayState
from tickreel_desktop.data.coverage import BAR_HEIGHT_PX, CELL_PX
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_desktop.data.coverage import CoveragePainter
    from tickreel_desktop.theme import Theme

_BETWEEN_PX = 14
_AFTER_MARK_PX = 5


class CoverageLegend(QWidget):
    """Show each mark beside its word."""

    def __init__(
        self, theme: Theme, bars: CoveragePainter, states: Sequence[DayState], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._bars = bars
        self._words = tuple(
            (state, "absent at vendor" if state is DayState.ABSENT else state.value) for state in states
        )
        self.setFont(theme.font(FontRole.CAPTION))
        self.setAccessibleName("Marks of the coverage bars")
        self.setAccessibleDescription(", ".join(word for _, word in self._words))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Need room for all words."""
        theme = self._theme
        each = theme.px(CELL_PX) + theme.px(_AFTER_MARK_PX) + theme.px(_BETWEEN_PX)
        words = sum(self.fontMetrics().horizontalAdvance(word) for _, word in self._words)
        width = words + each * len(self._words) - theme.px(_BETWEEN_PX)
        return QSize(width, theme.px(BAR_HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the marks and their words."""
        theme = self._theme
        metrics = self.fontMetrics()
        painter = QPainter(self)
        painter.setPen(theme.colour("text_2"))
        top = (self.height() - theme.px(BAR_HEIGHT_PX)) // 2
        baseline = (self.height() + metrics.ascent() - metrics.descent()) // 2
        left = 0
        for state, word in self._words:
            painter.drawPixmap(QPoint(left, top), self._bars.swatch(state, self.devicePixelRatioF()))
            left += theme.px(CELL_PX) + theme.px(_AFTER_MARK_PX)
            painter.drawText(QPoint(left, baseline), word)
            left += metrics.horizontalAdvance(word) + theme.px(_BETWEEN_PX)
        painter.end()
