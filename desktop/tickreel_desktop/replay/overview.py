"""The line under the charts that always spans the whole range, and where in it the replay is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleValueChangeEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from tickreel.market.time import US_PER_SECOND
from tickreel_desktop.replay.ticks import time_step_us
from tickreel_desktop.theme import FontRole
from tickreel_desktop.zone.times import moment_text, short_axis_text

if TYPE_CHECKING:
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_PX_PER_LABEL = 84
_LINE_PX = 6
_MARK_PX = 5
_PAGE = 0.1
_ARROW_STEPS = 200


class Overview(QWidget):
    """Show and choose the moment of a replay, by pointer or keyboard."""

    moved = Signal(object)
    """While the pointer drags: the instant under it (microseconds, int)."""
    chosen = Signal(object)
    """The pointer was released there, or a key went there (microseconds, int)."""

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._zone = zone
        self._start_us, self._end_us = 0, 1
        self._now_us = 0
        self._drag_us: int | None = None
        self._held: tuple[tuple[int, int], ...] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)
        zone.changed.connect(self._on_zone_changed)
        self._on_zone_changed()

    def _on_zone_changed(self) -> None:
        self.setAccessibleName(f"Moment in the range, {self._zone.name}")
        self._describe()
        self.update()

    @property
    def position_us(self) -> int:
        """Instant that is shown: that of the pointer while it drags, else that of the replay."""
        return self._now_us if self._drag_us is None else self._drag_us

    @property
    def is_dragged(self) -> bool:
        """Whether the pointer holds it."""
        return self._drag_us is not None

    def set_range(self, start_us: int, end_us: int) -> None:
        """Span another range [from, to)."""
        self._start_us, self._end_us = start_us, max(end_us, start_us + 1)
        self._held = None
        self._drag_us = None
        self.set_now(start_us)
        self.update()

    def set_held(self, spans: tuple[tuple[int, int], ...]) -> None:
        """Draw the line only where there are rows; by default it is drawn everywhere."""
        self._held = spans
        self.update()

    def set_now(self, now_us: int) -> None:
        """Show where the replay is."""
        before = self._place(self._now_us)
        self._now_us = min(max(now_us, self._start_us), self._end_us)
        # A frame that moves it by less than a pixel costs nothing.
        if round(before) != round(self._place(self._now_us)):
            self.update()
        self._describe()

    def _describe(self) -> None:
        text = moment_text(self._zone.zone, self.position_us)
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
            if self.hasFocus():
                QAccessible.updateAccessibility(QAccessibleValueChangeEvent(self, text))

    def _margin(self) -> int:
        return self._theme.px(6)

    def _place(self, at_us: int) -> float:
        share = (at_us - self._start_us) / (self._end_us - self._start_us)
        return self._margin() + share * (self.width() - 2 * self._margin())

    def _instant(self, across: float) -> int:
        share = (across - self._margin()) / max(1, self.width() - 2 * self._margin())
        at_us = self._start_us + round(share * (self._end_us - self._start_us))
        return min(max(at_us, self._start_us), self._end_us - 1)

    def _step(self) -> int:
        """Give the step of the arrow keys: about a two-hundredth of the range, whole seconds."""
        step_us = time_step_us(self._end_us - self._start_us, _ARROW_STEPS)
        return max(US_PER_SECOND, step_us)

    def sizeHint(self) -> QSize:
        """Be as high as line, mark and labels need."""
        return QSize(self._theme.px(400), self._theme.px(36))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag from wherever the pointer is."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        if self._drag_us is not None:
            self._drag_to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose where the pointer was let go."""
        if event.button() == Qt.MouseButton.LeftButton and self._drag_us is not None:
            at_us = self._instant(event.position().x())
            self._drag_us = None
            self._choose(at_us)

    def _drag_to(self, across: float) -> None:
        self._drag_us = self._instant(across)
        self._describe()
        self.update()
        self.moved.emit(self._drag_us)

    def _choose(self, at_us: int) -> None:
        at_us = min(max(at_us, self._start_us), self._end_us - 1)
        self.set_now(at_us)
        self.update()
        self.chosen.emit(at_us)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go by steps and pages, or to the ends; Escape drops a drag."""
        step_us = self._step()
        page_us = round(_PAGE * (self._end_us - self._start_us))
        targets = {
            Qt.Key.Key_Left.value: self._now_us - step_us,
            Qt.Key.Key_Down.value: self._now_us - step_us,
            Qt.Key.Key_Right.value: self._now_us + step_us,
            Qt.Key.Key_Up.value: self._now_us + step_us,
            Qt.Key.Key_PageDown.value: self._now_us - page_us,
            Qt.Key.Key_PageUp.value: self._now_us + page_us,
            Qt.Key.Key_Home.value: self._start_us,
            Qt.Key.Key_End.value: self._end_us - 1,
        }
        if event.key() in targets:
            self._choose(targets[event.key()])
        elif event.key() == Qt.Key.Key_Escape and self._drag_us is not None:
            self._drag_us = None
            self.update()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line, what of it was played, the mark, and round moments below."""
        colour = self._theme.colour
        painter = QPainter(self)
        mark, thick = self._theme.px(_MARK_PX), self._theme.px(_LINE_PX)
        top = mark + self._theme.px(4)
        left, right, at = (
            self._place(self._start_us),
            self._place(self._end_us),
            self._place(self.position_us),
        )
        painter.fillRect(QRectF(left, top, right - left, thick), colour("line_strong"))
        for begin_us, end_us in self._held or ((self._start_us, self._end_us),):
            begin, end = self._place(max(begin_us, self._start_us)), self._place(min(end_us, self._end_us))
            if end > begin:
                painter.fillRect(QRectF(begin, top, max(1.0, end - begin), thick), colour("present"))
                played = min(end, at) - begin
                if played > 0:
                    painter.fillRect(QRectF(begin, top, played, thick), colour("accent"))
        self._paint_labels(painter, top + thick)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("text"))
        tip = [QPointF(at - mark, 1), QPointF(at + mark, 1), QPointF(at, 1 + 1.4 * mark)]
        painter.drawPolygon(QPolygonF(tip))
        painter.fillRect(QRectF(round(at) - 1, 2, 2, top + thick), colour("text"))
        painter.end()

    def _paint_labels(self, painter: QPainter, top: float) -> None:
        painter.setFont(self._theme.font(FontRole.CAPTION))
        words = painter.fontMetrics()
        span_us = self._end_us - self._start_us
        step_us = time_step_us(span_us, int(self.width() / self._theme.px(_PX_PER_LABEL)))
        tick, below = self._theme.px(3), self._theme.px(4)
        for at_us in self._zone.zone.round_instants(self._start_us, self._end_us, step_us):
            across = self._place(at_us)
            painter.fillRect(QRectF(round(across), top, 1, tick), self._theme.colour("line_strong"))
            text = short_axis_text(self._zone.zone, at_us, step_us)
            width = words.horizontalAdvance(text)
            # The labels at the ends stay inside, so that none is cut.
            edge = self._theme.px(4)
            begin = min(max(across - width / 2, edge), self.width() - width - edge)
            painter.setPen(self._theme.colour("text_3"))
            rect = QRectF(begin, top + below, width + 1, words.height())
            painter.drawText(rect, Qt.AlignmentFlag.AlignLeft, text)
