"""The marks of walls in the depth chart: a triangle on the stairs, and its price where there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPolygonF

from tickreel_desktop.replay.marks import PaintedItem
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

    from tickreel_desktop.theme import Theme

_HALF_PX = 4
_TALL_PX = 6
_ABOVE_PX = 3


class WallMark(NamedTuple):
    """Where a wall is in the chart, and its price in words."""

    across: float
    up: float
    text: str
    is_bid: bool


class WallMarks(PaintedItem):
    """Triangles that point at the stairs; the greatest wall has its price first."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._marks: tuple[WallMark, ...] = ()
        self._middle = 0.0
        self.setZValue(20)

    def set_marks(self, marks: Sequence[WallMark], middle: float = 0.0) -> None:
        """Show other walls, the most important first; nothing is printed over *middle*, the mid."""
        if (tuple(marks), middle) != (self._marks, self._middle):
            self._marks, self._middle = tuple(marks), middle
            self.update()

    def marks(self) -> tuple[WallMark, ...]:
        """Give the walls that are shown."""
        return self._marks

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draw all triangles, and beside them, towards the mid if they can, prices that hide nothing."""
        if not self._marks:
            return
        to_pixels, area = self._to_pixels(painter)
        half, tall, above = (self._theme.px(n) for n in (_HALF_PX, _TALL_PX, _ABOVE_PX))
        painter.setFont(self._theme.font(FontRole.CAPTION))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("text"))
        tips = []
        for mark in self._marks:
            at = to_pixels.map(QPointF(mark.across, mark.up))
            tip = QPointF(round(at.x()), max(area.top() + tall, round(at.y()) - above))
            tips.append(tip)
            painter.drawConvexPolygon(
                QPolygonF([tip, tip + QPointF(-half, -tall), tip + QPointF(half, -tall)])
            )
        painter.setPen(self._theme.colour("text"))
        taken = [QRectF(tip.x() - half, tip.y() - tall, 2 * half, tall) for tip in tips]
        middle = to_pixels.map(QPointF(self._middle, 0)).x()
        taken.append(QRectF(middle - above, area.top(), 2 * above, area.height()))
        metrics = painter.fontMetrics()
        for mark, tip in zip(self._marks, tips, strict=True):
            width, height = metrics.horizontalAdvance(mark.text), metrics.height()
            sides = [tip.x() + half + above, tip.x() - half - above - width]
            for left in sides if mark.is_bid else reversed(sides):
                place = QRectF(left, tip.y() - tall / 2 - height / 2, width, height)
                if area.contains(place) and not any(place.intersects(other) for other in taken):
                    taken.append(place)
                    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, mark.text)
                    break
