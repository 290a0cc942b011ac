"""The hit rate day by day as a small line; a day can be pointed at by pointer or keyboard."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from tickreel.market.units import format_percent
from tickreel.store.care.statistics import DAYS_OF_USE
from tickreel_desktop.savings.words import day_words
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from datetime import date

    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent

    from tickreel.store.records.usage import DayOfUse
    from tickreel_desktop.theme import Theme

_FILL_ALPHA = 0.18
_DOT_PX = 2.0
_FLOORS = (0.9, 0.75, 0.5, 0.0)
"""Where the scale may begin; it ends at 100 %, and both ends are written beside the line."""
_SCALE_PX = 40


class HitRateLine(QWidget):
    """Show the rates of the last 30 UTC days; days without a read are gaps in the line."""

    pointed = Signal(str)
    """A day is pointed at, in words; empty when none is."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._days: tuple[tuple[int, DayOfUse], ...] = ()
        self._cursor: int | None = None
        self._floor = 0.0
        self.setMinimumSize(theme.px(120), theme.px(26))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Hit rate by day, per cent")
        theme.changed.connect(self.update)

    def show_days(self, days: tuple[DayOfUse, ...], today: date) -> None:
        """Show the days up to *today*; those before the last 30 are left out."""
        first = today - timedelta(days=DAYS_OF_USE - 1)
        placed = (((one.day - first).days, one) for one in days if one.hit_rate is not None)
        self._days = tuple((place, one) for place, one in placed if 0 <= place < DAYS_OF_USE)
        lowest = min((one.hit_rate or 0.0 for _, one in self._days), default=0.0)
        self._floor = next(floor for floor in _FLOORS if lowest >= floor)
        self._point_at(None)
        self.setAccessibleDescription(self._described())
        self.update()

    def _described(self) -> str:
        if not self._days:
            return f"No reads in the last {DAYS_OF_USE} days"
        rates = [one.hit_rate or 0.0 for _, one in self._days]
        return (
            f"Reads on {len(rates)} of the last {DAYS_OF_USE} days, "
            f"{format_percent(min(rates))} to {format_percent(max(rates))}, last {format_percent(rates[-1])}"
        )

    def runs(self) -> list[list[tuple[int, DayOfUse]]]:
        """Give the days in stretches without a gap: only these are joined by a line."""
        runs: list[list[tuple[int, DayOfUse]]] = []
        for place, one in self._days:
            if runs and runs[-1][-1][0] == place - 1:
                runs[-1].append((place, one))
            else:
                runs.append([(place, one)])
        return runs

    def _point(self, place: int, one: DayOfUse) -> QPointF:
        area = self._area()
        share = ((one.hit_rate or 0.0) - self._floor) / (1 - self._floor)
        step = area.width() / (DAYS_OF_USE - 1)
        return QPointF(area.left() + place * step, area.bottom() - share * area.height())

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(3, 3, -self._theme.px(_SCALE_PX), -2)

    def _point_at(self, number: int | None) -> None:
        if number != self._cursor:
            self._cursor = number
            self.pointed.emit("" if number is None else day_words(self._days[number][1]))
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the day that is nearest."""
        if not self._days:
            return
        across = event.position().x()
        distances = [abs(self._point(place, one).x() - across) for place, one in self._days]
        self._point_at(distances.index(min(distances)))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        super().leaveEvent(event)
        self._point_at(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Point at nothing."""
        super().focusOutEvent(event)
        self._point_at(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from day to day by the arrows; Home and End are the first and the last."""
        last = len(self._days) - 1
        at = last + 1 if self._cursor is None else self._cursor
        targets = {
            Qt.Key.Key_Left.value: at - 1,
            Qt.Key.Key_Right.value: at + 1,
            Qt.Key.Key_Home.value: 0,
            Qt.Key.Key_End.value: last,
        }
        if last < 0 or event.key() not in targets:
            super().keyPressEvent(event)
            return
        self._point_at(min(max(targets[event.key()], 0), last))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line over its ground."""
        theme, area = self._theme, self._area()
        painter = QPainter(self)
        painter.setPen(theme.colour("grid"))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        if self._days:
            painter.drawLine(area.topLeft(), area.topRight())
            painter.setPen(theme.colour("text_3"))
            painter.setFont(theme.font(FontRole.CAPTION))
            scale = QRectF(self.rect()).adjusted(area.right() + 4, -1, 0, 1)
            right, top = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignTop
            painter.drawText(scale, right | top, format_percent(1.0, 0))
            painter.drawText(scale, right | Qt.AlignmentFlag.AlignBottom, format_percent(self._floor, 0))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = theme.colour("accent")
        fill = theme.colour("accent")
        fill.setAlphaF(_FILL_ALPHA)
        for run in self.runs():
            points = [self._point(place, one) for place, one in run]
            if len(points) > 1:
                ends = (QPointF(points[-1].x(), area.bottom()), QPointF(points[0].x(), area.bottom()))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(fill)
                painter.drawPolygon(QPolygonF([*points, *ends]))
                painter.setPen(QPen(line, 1.4))
                painter.drawPolyline(QPolygonF(points))
            else:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(line)
                painter.drawEllipse(points[0], _DOT_PX, _DOT_PX)
        if self._cursor is not None:
            point = self._point(*self._days[self._cursor])
            painter.setPen(QPen(theme.colour("text"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(point.x(), area.top()), QPointF(point.x(), area.bottom()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("text"))
            painter.drawEllipse(point, _DOT_PX + 0.5, _DOT_PX + 0.5)
        painter.end()
