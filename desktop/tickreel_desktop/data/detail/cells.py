"""The marks of the calendar: the alphabet of the coverage bars, with a cut corner for health notes.

Shape first, colour second: present filled, missing hollow, absent a dash, partial its lower half in
the colour of warnings, damaged in that of errors with a cross, pending hollow with a dot, and what is not
here but in the shared cache faint with a diagonal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from tickreel.store import DayState
from tickreel.store.model import Grade
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tickreel.store import Day
    from tickreel_desktop.theme import ColourName, Theme

_MARK_PX = (9, 10)
_BETWEEN_PX = 12
_AFTER_MARK_PX = 5
_LINE_PX = 16
_HOLLOW: dict[DayState | None, ColourName] = {None: "line", DayState.MISSING: "control"}
"""States that are an outline alone, and its colour."""


class Mark(NamedTuple):
    """How a day stands: its state, None where the dataset does not reach, and whether there are notes."""

    state: DayState | None
    has_notes: bool = False
    is_elsewhere: bool = False
    """It is not here, and lies in the shared cache."""


def mark_of(day: Day | None, *, in_span: bool, is_shared: bool = False) -> Mark:
    """Mark a day by what is recorded of it; between the first and the last day, nothing is missing."""
    if day is None:
        return Mark(DayState.MISSING if in_span else None, is_elsewhere=is_shared)
    return Mark(day.state, has_notes(day), is_shared and not day.state.is_held)


def has_notes(day: Day) -> bool:
    """Tell whether the health report of a day names something that lowers its grade or calls for care."""
    return bool(day.issues) or day.grade in (Grade.USABLE, Grade.BAD)


def paint_marks(painter: QPainter, theme: Theme, marks: Sequence[tuple[QRectF, Mark]]) -> None:
    """Paint many, as :func:`paint_mark` does each; the commonest are drawn together, in far less time."""
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("present"))
    painter.drawRects([body for body, mark in marks if mark.state is DayState.PRESENT])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for state, colour in _HOLLOW.items():
        painter.setPen(QPen(theme.colour(colour), 1))
        painter.drawRects(
            [_outline(body) for body, mark in marks if mark.state is state and not mark.is_elsewhere]
        )
    painter.restore()
    for body, mark in marks:
        if mark.is_elsewhere or (mark.state is not DayState.PRESENT and mark.state not in _HOLLOW):
            paint_mark(painter, theme, body, mark)
        elif mark.has_notes:
            _corner(painter, theme, body)


def paint_mark(painter: QPainter, theme: Theme, body: QRectF, mark: Mark) -> None:
    """Paint the mark of a day into a cell of whole pixels."""
    if mark.is_elsewhere:
        _diagonal(painter, theme, body)
        return
    match mark.state:
        case None:
            _edge(painter, theme, body, faint=True)
        case DayState.PRESENT:
            painter.fillRect(body, theme.colour("present"))
        case DayState.PARTIAL:
            half = round(body.height() / 2)
            _edge(painter, theme, body)
            painter.fillRect(
                QRectF(body.left(), body.bottom() - half, body.width(), half), theme.colour("warning")
            )
        case DayState.DAMAGED:
            painter.fillRect(body, theme.colour("error"))
            _cross(painter, theme, body)
        case DayState.ABSENT:
            middle = round(body.center().y())
            painter.fillRect(QRectF(body.left(), middle - 1, body.width(), 2), theme.colour("text_3"))
        case DayState.MISSING:
            _edge(painter, theme, body)
        case DayState.PENDING:
            _edge(painter, theme, body)
            center = body.center()
            painter.fillRect(
                QRectF(round(center.x()) - 1, round(center.y()) - 1, 2, 2), theme.colour("text_2")
            )
    if mark.has_notes and mark.state is not DayState.DAMAGED:
        _corner(painter, theme, body)


def _diagonal(painter: QPainter, theme: Theme, body: QRectF) -> None:
    faint = theme.colour("present")
    faint.setAlphaF(0.35)
    painter.fillRect(body, faint)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour("present"), 1.2))
    painter.drawLine(body.bottomLeft(), body.topRight())
    painter.restore()


def _edge(painter: QPainter, theme: Theme, body: QRectF, *, faint: bool = False) -> None:
    painter.setPen(QPen(theme.colour(_HOLLOW[None if faint else DayState.MISSING]), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(_outline(body))


def _outline(body: QRectF) -> QRectF:
    return body.adjusted(0.5, 0.5, -0.5, -0.5)


def _cross(painter: QPainter, theme: Theme, body: QRectF) -> None:
    arm = min(body.width(), body.height()) / 2 - 2
    center = body.center()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour("panel"), 1.6))
    for rise in (-arm, arm):
        painter.drawLine(
            QPointF(center.x() - arm, center.y() - rise), QPointF(center.x() + arm, center.y() + rise)
        )
    painter.restore()


def _corner(painter: QPainter, theme: Theme, body: QRectF) -> None:
    side = min(body.width(), body.height()) * 0.55
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour("panel"), 1))
    painter.setBrush(theme.colour("warning"))
    top = body.topRight()
    painter.drawPolygon(QPolygonF([QPointF(top.x() - side, top.y()), top, QPointF(top.x(), top.y() + side)]))
    painter.restore()


_LEGEND: tuple[tuple[Mark, str], ...] = (
    (Mark(DayState.PRESENT), "present"),
    (Mark(DayState.PRESENT, has_notes=True), "with health notes"),
    (Mark(DayState.MISSING), "missing"),
    (Mark(DayState.ABSENT), "absent at vendor"),
    (Mark(DayState.PARTIAL), "partial"),
    (Mark(DayState.PENDING), "pending"),
    (Mark(DayState.DAMAGED), "damaged"),
)
_ELSEWHERE = (Mark(DayState.MISSING, is_elsewhere=True), "in the shared cache")


class CalendarLegend(QWidget):
    """Show each mark of the calendar beside its word, in as many lines as the width asks for."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFont(theme.font(FontRole.CAPTION))
        self._marks: tuple[tuple[Mark, str], ...] = ()
        self.setAccessibleName("Marks of the calendar")
        self.show_shared(is_used=False)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.update)

    def show_shared(self, *, is_used: bool) -> None:
        """Explain the mark of what is in the shared cache alone, while there is one."""
        self._marks = (*_LEGEND, _ELSEWHERE) if is_used else _LEGEND
        self.setAccessibleDescription(", ".join(word for _, word in self._marks))
        self.updateGeometry()
        self.update()

    def _places(self, width: int) -> Iterator[tuple[int, int, Mark, str]]:
        """Give where each mark begins, and its line, for a width."""
        theme, metrics = self._theme, self.fontMetrics()
        before = theme.px(_MARK_PX[0]) + theme.px(_AFTER_MARK_PX)
        left = line = 0
        for mark, word in self._marks:
            room = before + metrics.horizontalAdvance(word)
            if left and left + room > width:
                left, line = 0, line + 1
            yield left, line, mark, word
            left += room + theme.px(_BETWEEN_PX)

    def hasHeightForWidth(self) -> bool:
        """Tell that a narrow one is higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Give the height of all lines."""
        *_, last = self._places(width)
        return (last[1] + 1) * self._theme.px(_LINE_PX)

    def sizeHint(self) -> QSize:
        """Ask for the room of two lines."""
        width = self._theme.px(400)
        return QSize(width, self.heightForWidth(width))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the marks and their words."""
        theme, metrics = self._theme, self.fontMetrics()
        width, height = (theme.px(length) for length in _MARK_PX)
        painter = QPainter(self)
        for left, line, mark, word in self._places(self.width()):
            top = line * theme.px(_LINE_PX)
            middle = top + theme.px(_LINE_PX) // 2
            paint_mark(painter, theme, QRectF(left, middle - height // 2, width, height), mark)
            painter.setPen(theme.colour("text_2"))
            baseline = middle + (metrics.ascent() - metrics.descent()) // 2
            painter.drawText(left + width + theme.px(_AFTER_MARK_PX), baseline, word)
        painter.end()
