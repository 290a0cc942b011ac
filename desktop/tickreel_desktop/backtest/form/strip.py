"""The days of a range side by side: held, partly held, flawed, or missing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tickreel.market.units import format_full
from tickreel_desktop.backtest.form.holding import DayMark

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from PySide6.QtGui import QHelpEvent

    from tickreel_desktop.theme import Theme

_HEIGHT_PX = 12
_WIDEST_PX = 12
_GAP_PX = 1
_LEAST_GAPPED_PX = 4
"""Narrower days stand without a gap."""


class DayStrip(QWidget):
    """Show how each day of the range stands."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._days: tuple[tuple[date, DayMark], ...] = ()
        self.setFixedHeight(theme.px(_HEIGHT_PX))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Days of the range by how they stand")
        theme.changed.connect(self.update)

    def show_days(self, days: Sequence[tuple[date, DayMark]]) -> None:
        """Show these days."""
        self._days = tuple(days)
        counts = Counter(mark for _, mark in days)
        said = ", ".join(f"{format_full(counts[mark])} {mark.value}" for mark in DayMark if counts[mark])
        self.setAccessibleDescription(said or "No days")
        self.update()

    def _step(self) -> float:
        return min(self.width() / max(1, len(self._days)), self._theme.px(_WIDEST_PX))

    def _box(self, place: int) -> QRectF:
        step = self._step()
        left, right = round(place * step), round((place + 1) * step)
        gap = self._theme.px(_GAP_PX) if step >= self._theme.px(_LEAST_GAPPED_PX) else 0
        return QRectF(left, 0, max(1, right - left - gap), self.height())

    def _day_at(self, x: float) -> tuple[date, DayMark] | None:
        place = int(x / self._step()) if self._days else -1
        return self._days[place] if 0 <= place < len(self._days) else None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw day by day, the shape first, the colour second."""
        painter = QPainter(self)
        for place, (_, mark) in enumerate(self._days):
            self._paint(painter, mark, self._box(place))
        painter.end()

    def _paint(self, painter: QPainter, mark: DayMark, box: QRectF) -> None:
        theme = self._theme
        match mark:
            case DayMark.MISSING:
                painter.setPen(QPen(theme.colour("text_3"), 1))
                painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
            case DayMark.ABSENT:
                painter.fillRect(
                    QRectF(box.left(), box.center().y() - 1, box.width(), 2), theme.colour("text_3")
                )
            case DayMark.BAD:
                painter.fillRect(box, theme.colour("error"))
                self._cross(painter, box)
            case DayMark.PARTIAL:
                painter.fillRect(box, theme.colour("present"))
                half = QRectF(box.left(), box.center().y(), box.width(), box.height() / 2)
                painter.fillRect(half, theme.colour("warning"))
            case _:
                painter.fillRect(box, theme.colour("present"))
        if mark is DayMark.NOTES:
            side = min(box.width(), box.height() / 2)
            corner = QPolygonF(
                [
                    QPointF(box.right() - side, box.top()),
                    QPointF(box.right(), box.top()),
                    QPointF(box.right(), box.top() + side),
                ]
            )
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("warning"))
            painter.drawPolygon(corner)

    def _cross(self, painter: QPainter, box: QRectF) -> None:
        """Mark a day whose colour is not all that tells it, where there is room."""
        inset = self._theme.px(3)
        if box.width() < 3 * inset:
            return
        inner = box.adjusted(inset, inset, -inset, -inset)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("window"), 1.5))
        painter.drawLine(inner.topLeft(), inner.bottomRight())
        painter.drawLine(inner.topRight(), inner.bottomLeft())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def event(self, event: QEvent) -> bool:
        """Name the day under the pointer."""
        if event.type() == QEvent.Type.ToolTip:
            helps: QHelpEvent = event  # type: ignore[assignment]
            found = self._day_at(helps.pos().x())
            QToolTip.showText(
                helps.globalPos(), "" if found is None else f"{found[0].isoformat()}: {found[1].value}", self
            )
            return True
        return super().event(event)
