"""The equity of a run as it comes: a line with its newest value at the end, and where it began."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from tickreel_desktop.backtest.running.words import signed
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_desktop.theme import Theme

_MARGIN_PX = 12
_VALUE_PX = 92
"""Room for the value at the end of the line."""


class EquityCurve(QWidget):
    """Draw samples over the whole range of the run, so that what is to come is seen as room."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._samples: Sequence[tuple[int, float]] = ()
        self._range_us = (0, 1)
        self._message = ""
        self.setMinimumHeight(theme.px(160))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Equity so far")
        theme.changed.connect(self.update)

    def show_samples(
        self, samples: Sequence[tuple[int, float]], start_us: int, end_us: int, message: str = ""
    ) -> None:
        """Show time in microseconds and equity of a run over [start_us, end_us), or *message* without any."""
        self._message = "" if samples else message
        self._samples = samples
        self._range_us = (start_us, max(end_us, start_us + 1))
        last = f"Newest {signed(samples[-1][1])} of {len(samples)} samples" if samples else message
        self.setAccessibleDescription(last)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the zero line, the curve and its newest value."""
        theme = self._theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("plot"))
        if self._message:
            painter.setPen(theme.colour("text_2"))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self._message)
            painter.end()
            return
        margin = theme.px(_MARGIN_PX)
        plot = QRectF(self.rect()).adjusted(margin, margin, -theme.px(_VALUE_PX), -margin)
        values = [value for _, value in self._samples] or [0.0]
        low, high = min(0.0, *values), max(0.0, *values)
        room = (high - low) or 1.0
        start_us, end_us = self._range_us

        def place(at_us: int, value: float) -> QPointF:
            along = (at_us - start_us) / (end_us - start_us)
            return QPointF(
                plot.left() + along * plot.width(), plot.bottom() - (value - low) / room * plot.height()
            )

        zero = place(start_us, 0.0).y()
        painter.setPen(QPen(theme.colour("line_strong"), 1))
        painter.drawLine(QPointF(plot.left(), zero), QPointF(self.width(), zero))
        painter.setFont(theme.font(FontRole.CAPTION))
        if self._samples:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.colour("accent"), 1.5))
            points = [place(at_us, value) for at_us, value in self._samples]
            painter.drawPolyline(QPolygonF(points))
            end = points[-1]
            box = QRectF(end.x() + theme.px(6), end.y() - theme.px(10), theme.px(_VALUE_PX), theme.px(20))
            painter.setPen(theme.colour("text"))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, signed(self._samples[-1][1]))
        painter.end()
