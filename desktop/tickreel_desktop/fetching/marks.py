"""How the fate of a day is drawn: one alphabet for calendar, strip and legend, shape first, colour second.

Here is filled, in the shared cache is faint with a diagonal, to fetch has an accent edge, to replace the same
with its lower half in the colour of warnings, known bad is filled in that of errors with a cross, absent is a
dash, and what cannot be had yet or not with this key has a quiet edge: dotted, or with a lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from tickreel_desktop.fetching.fates import Fate

if TYPE_CHECKING:
    from tickreel_desktop.theme import ColourName, Theme

_LOCK_PX = 9

TEXT_COLOURS: dict[Fate | None, ColourName] = {
    Fate.HERE: "text",
    Fate.BAD: "on_accent",
    Fate.DAMAGED: "on_accent",
    Fate.FETCH: "text",
    Fate.REPLACE: "text",
    Fate.SHARED: "text",
    Fate.PARTIAL: "text",
}
"""Of a number that stands on the mark; quiet where none is named."""


def paint_mark(painter: QPainter, theme: Theme, fate: Fate | None, box: QRectF, *, has_cross: bool) -> None:
    """Draw a day without its number; *has_cross* sets the mark of what is known to be bad into a corner."""
    painter.save()
    match fate:
        case Fate.HERE:
            painter.fillRect(box, theme.colour("present"))
        case Fate.SHARED:
            _diagonal(painter, theme, box)
        case Fate.FETCH | Fate.REPLACE:
            if fate is Fate.REPLACE:
                _half(painter, theme, box)
            _edge(painter, theme, box, "accent", 1.5)
        case Fate.PARTIAL:
            _half(painter, theme, box)
            _edge(painter, theme, box, "control", 1.0)
        case Fate.BAD | Fate.DAMAGED:
            painter.fillRect(box, theme.colour("error"))
        case Fate.ABSENT:
            painter.fillRect(QRectF(box.left(), box.bottom() - 2, box.width(), 2), theme.colour("text_3"))
        case Fate.PENDING:
            _edge(painter, theme, box, "control", 1.0, Qt.PenStyle.DotLine)
        case Fate.DENIED:
            _edge(painter, theme, box, "line_strong", 1.0)
            _lock(painter, theme, box)
    if has_cross or fate in (Fate.BAD, Fate.DAMAGED):
        colour: ColourName = "on_accent" if fate in (Fate.BAD, Fate.DAMAGED) else "error"
        _cross(painter, theme, box, colour)
    painter.restore()


def _diagonal(painter: QPainter, theme: Theme, box: QRectF) -> None:
    faint = theme.colour("present")
    faint.setAlphaF(0.35)
    painter.fillRect(box, faint)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour("present"), 1.2))
    side = min(box.width(), box.height())
    painter.drawLine(QPointF(box.left(), box.top() + side), QPointF(box.left() + side, box.top()))


def _half(painter: QPainter, theme: Theme, box: QRectF) -> None:
    half = round(box.height() / 2)
    colour = theme.colour("warning")
    colour.setAlphaF(0.55)
    painter.fillRect(QRectF(box.left(), box.bottom() - half, box.width(), half), colour)


def _edge(
    painter: QPainter,
    theme: Theme,
    box: QRectF,
    colour: ColourName,
    width: float,
    style: Qt.PenStyle = Qt.PenStyle.SolidLine,
) -> None:
    painter.setPen(QPen(theme.colour(colour), width, style))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    inset = width / 2
    painter.drawRect(box.adjusted(inset, inset, -inset, -inset))


def _lock(painter: QPainter, theme: Theme, box: QRectF) -> None:
    side = theme.px(_LOCK_PX)
    left = box.center().x() - side / 2 if box.width() < 2 * side else box.right() - side - theme.px(2)
    pixmap = theme.pixmap("lock-simple", "text_3", _LOCK_PX, painter.device().devicePixelRatio())
    painter.drawPixmap(QPointF(round(left), round(box.center().y() - side / 2)), pixmap)


def _cross(painter: QPainter, theme: Theme, box: QRectF, colour: ColourName) -> None:
    arm = min(theme.px(3), box.height() / 4)
    center = QPointF(box.right() - arm - theme.px(3), box.center().y())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour(colour), 1.5))
    for rise in (-arm, arm):
        painter.drawLine(
            QPointF(center.x() - arm, center.y() - rise), QPointF(center.x() + arm, center.y() + rise)
        )
