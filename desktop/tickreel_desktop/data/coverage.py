"""The coverage bar: one alphabet for the state of a day, painted once per value and kept.

Present is filled, missing hollow, absent a dash, partial half filled in the
colour of warnings, damaged taller in that of errors: shape first, colour second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from tickreel.store import DayState

if TYPE_CHECKING:
    from tickreel_desktop.data.rows import Coverage
    from tickreel_desktop.theme import Theme

BAR_WIDTH_PX = 148
BAR_HEIGHT_PX = 17
CELL_PX = 11
"""Width of a day while there is room."""
_INSET_PX = 3
"""By how much a damaged day stands out above and below."""
_LEAST_PX = 3
_DAMAGED_PX = 3.0
_MOST_KEPT = 512


class CoveragePainter(QObject):
    """Paint coverage bars in the colours of the theme; equal bars are painted once."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kept: dict[tuple[str, int, float, int, int], QPixmap] = {}
        theme.changed.connect(self._kept.clear)

    def bar(self, coverage: Coverage, width: int, ratio: float, *, lead: int = 0, axis: int = 0) -> QPixmap:
        """Give the bar of *width* pixels for a screen with *ratio* device pixels to a pixel.

        Its days begin *lead* days after the start of an axis of *axis* days; without one they are the axis.
        """
        key = (coverage.letters, width, ratio, lead, axis)
        pixmap = self._kept.get(key)
        if pixmap is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            pixmap = self._kept[key] = self._paint_bar(coverage, width, ratio, lead, axis)
        return pixmap

    def swatch(self, state: DayState, ratio: float) -> QPixmap:
        """Give the mark of one state, for a legend."""
        pixmap = self._blank(self._theme.px(CELL_PX), ratio)
        painter = QPainter(pixmap)
        self._paint_cell(painter, state, 0.0, float(self._theme.px(CELL_PX)), edged=True)
        painter.end()
        return pixmap

    def _blank(self, width: int, ratio: float) -> QPixmap:
        pixmap = QPixmap(round(width * ratio), round(self._theme.px(BAR_HEIGHT_PX) * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        return pixmap

    def _paint_bar(self, coverage: Coverage, width: int, ratio: float, lead: int, axis: int) -> QPixmap:
        count = len(coverage.letters)
        axis = max(axis, lead + count)
        day = min(float(self._theme.px(CELL_PX) + 2), width / axis)
        # Of a few days on a long axis so much is left that they can be seen.
        whole = max(min(_LEAST_PX, width), count * day)
        start = round(min(lead * day, width - whole))
        states = coverage.shrunk(max(1, round(whole)))
        cell = whole / len(states)
        gap = 2.0 if cell >= 8 else 1.0 if cell >= 3 and day >= 3 else 0.0
        pixmap = self._blank(width, ratio)
        painter = QPainter(pixmap)
        middle = self._theme.px(BAR_HEIGHT_PX) // 2
        end = start + round(whole)
        for left, right in ((0, start - 1), (end, round(axis * day))):
            painter.fillRect(QRectF(left, middle, max(0, right - left), 1), self._theme.colour("line_strong"))
        for place, state in enumerate(states):
            left, right = start + round(place * cell), start + round((place + 1) * cell)
            self._paint_cell(painter, state, float(left), max(1.0, right - left - gap), edged=cell >= 4)
        if cell < _DAMAGED_PX:  # over its neighbours: one damaged day of a year must be seen
            for place, state in enumerate(states):
                if state is DayState.DAMAGED:
                    self._paint_cell(
                        painter, state, start + round(place * cell) - 1.0, _DAMAGED_PX, edged=False
                    )
        painter.end()
        return pixmap

    def _paint_cell(
        self, painter: QPainter, state: DayState, left: float, width: float, *, edged: bool
    ) -> None:
        theme = self._theme
        whole = float(theme.px(BAR_HEIGHT_PX))
        inset = float(theme.px(_INSET_PX))
        body = QRectF(left, inset, width, whole - 2 * inset)
        match state:
            case DayState.PRESENT:
                painter.fillRect(body, theme.colour("present"))
            case DayState.PARTIAL:
                half = round(body.height() / 2)
                if edged:
                    self._paint_edge(painter, body)
                painter.fillRect(QRectF(left, body.bottom() - half, width, half), theme.colour("warning"))
            case DayState.DAMAGED:
                painter.fillRect(QRectF(left, 0, width, whole), theme.colour("error"))
                if width >= 6:
                    self._paint_cross(painter, body)
            case DayState.ABSENT:
                painter.fillRect(QRectF(left, whole / 2 - 1, width, 2), theme.colour("text_3"))
            case DayState.MISSING | DayState.PENDING:
                if edged:
                    self._paint_edge(painter, body)
                else:
                    # Too narrow for an edge all round: above and below are left of it.
                    painter.fillRect(QRectF(left, body.top(), width, 1), theme.colour("control"))
                    painter.fillRect(QRectF(left, body.bottom() - 1, width, 1), theme.colour("control"))

    def _paint_edge(self, painter: QPainter, body: QRectF) -> None:
        painter.setPen(QPen(self._theme.colour("control"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(body.adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_cross(self, painter: QPainter, body: QRectF) -> None:
        arm = min(body.width(), body.height()) / 2 - 2
        center = body.center()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("panel"), 1.6))
        for rise in (-arm, arm):
            painter.drawLine(
                QPointF(center.x() - arm, center.y() - rise), QPointF(center.x() + arm, center.y() + rise)
            )
        painter.restore()
