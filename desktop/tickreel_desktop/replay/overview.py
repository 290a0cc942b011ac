"""The line under the charts that always spans the whole range, and where in it the replay is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleValueChangeEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tickreel_desktop.replay.outline_picture import OutlinePicture
from tickreel_desktop.replay.overview_frame import Hold, OverviewFrame
from tickreel_desktop.replay.overview_layout import OverviewLayout
from tickreel_desktop.replay.overview_marks import OverviewMarks
from tickreel_desktop.replay.overview_words import OverviewWords
from tickreel_desktop.zone.times import moment_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from PySide6.QtGui import QResizeEvent

    from tickreel.replay import DayOutline
    from tickreel_desktop.replay.bookmarks import Bookmark
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_HEIGHT_PX, _COMPACT_HEIGHT_PX = 76, 54
_MARKS_PX, _COMPACT_MARKS_PX = 15, 8
_BAND_PX = 8
_LABELS_PX = 15
_MARGIN_PX = 6
_PAGE = 0.1
_LONG_STEP = 10


class Overview(QWidget):
    """Show and choose the moment of a replay and the window in view, by pointer or keyboard."""

    moved = Signal(object)
    """While the pointer drags: the instant under it (microseconds, int)."""
    chosen = Signal(object)
    """The pointer was released there, or a key went there (microseconds, int)."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, shared: SharedView, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._zone = zone
        self._shared = shared
        self._picture = OutlinePicture(theme, zone)
        self._marks = OverviewMarks(theme)
        self._frame = OverviewFrame(theme, shared)
        self._drawn: QPixmap | None = None
        """Data and bookmarks as they were drawn last; None when they have to be drawn anew."""
        self._range_us = (0, 1)
        self._now_us = 0
        self._drag_us: int | None = None
        self._hold: Hold | None = None
        self._held_at = 0.0
        self._grip_us = 0
        self._outlines: dict[date, DayOutline] = {}
        self._problem = ""
        self._bookmarks: tuple[Bookmark, ...] = ()
        self._findings: tuple[tuple[int, str], ...] = ()
        self._loop: tuple[int, int] | None = None
        self._is_compact = True
        self.setMouseTracking(True)
        # It has the ground of the transport: else all that lies below would be painted with each frame.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._draw_anew)
        zone.changed.connect(self._on_zone_changed)
        shared.span_changed.connect(self._on_span_changed)
        self._frame_px = (0, 0)
        self._on_zone_changed()

    # What is shown

    @property
    def position_us(self) -> int:
        """Instant that is shown: that of the pointer while it drags, else that of the replay."""
        return self._now_us if self._drag_us is None else self._drag_us

    @property
    def is_dragged(self) -> bool:
        """Whether the pointer holds the moment."""
        return self._drag_us is not None

    @property
    def outlines(self) -> tuple[DayOutline, ...]:
        """What is known of the days, in order."""
        return tuple(self._outlines[day] for day in sorted(self._outlines))

    @property
    def loop(self) -> tuple[int, int] | None:
        """The stretch that is shown as a loop."""
        return self._loop

    def set_range(self, start_us: int, end_us: int) -> None:
        """Span another range [from, to) of which nothing is known yet."""
        self._range_us = (start_us, max(end_us, start_us + 1))
        self._outlines.clear()
        self._problem = ""
        self._loop = None
        self._drag_us = self._hold = None
        self.set_now(start_us)
        self._draw_anew()

    def show_outline(self, outline: DayOutline) -> None:
        """Draw what is known of a day by now."""
        self._outlines[outline.day] = outline
        self._draw_anew()

    def forget_outlines(self) -> None:
        """Know nothing of the range any more: another symbol is shown."""
        self._outlines.clear()
        self._problem = ""
        self._draw_anew()

    def show_problem(self, problem: str) -> None:
        """Say why the rest of the range cannot be drawn."""
        self._problem = problem
        self._draw_anew()

    def set_bookmarks(self, bookmarks: Sequence[Bookmark]) -> None:
        """Show these bookmarks, those outside the range not."""
        self._bookmarks = tuple(bookmarks)
        self._draw_anew()

    def set_findings(self, findings: Sequence[tuple[int, str]]) -> None:
        """Show the pins of findings: their moments, and their numbers."""
        self._findings = tuple(findings)
        self._draw_anew()

    def set_loop(self, loop: tuple[int, int] | None) -> None:
        """Show the stretch [from, to) that is played again and again."""
        self._loop = loop
        self.update()

    def set_compact(self, is_compact: bool) -> None:
        """Be lower; the names of bookmarks have no room then."""
        if is_compact != self._is_compact:
            self._is_compact = is_compact
            self.updateGeometry()
            self._draw_anew()

    def set_now(self, now_us: int) -> None:
        """Show where the replay is."""
        before = self.layout_now().place(self._now_us)
        self._now_us = min(max(now_us, self._range_us[0]), self._range_us[1])
        # A frame that moves it by less than a pixel costs nothing.
        if round(before) != round(self.layout_now().place(self._now_us)):
            self.update()
        self._describe()

    def _on_zone_changed(self) -> None:
        self.setAccessibleName(f"Moment in the range, {self._zone.name}")
        self._describe()
        self._draw_anew()

    def _on_span_changed(self) -> None:
        frame = self._frame.rect(self.layout_now())
        frame_px = (round(frame.left()), round(frame.right()))
        if frame_px != self._frame_px:
            self._frame_px = frame_px
            self.update()

    def _draw_anew(self) -> None:
        self._drawn = None
        self.update()

    def _describe(self) -> None:
        text = moment_text(self._zone.zone, self.position_us)
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
            if self.hasFocus():
                QAccessible.updateAccessibility(QAccessibleValueChangeEvent(self, text))

    # Where it is shown

    def sizeHint(self) -> QSize:
        """Be as high as marks, plot, health and hours need."""
        px = self._theme.px
        return QSize(px(400), px(_COMPACT_HEIGHT_PX if self._is_compact else _HEIGHT_PX))

    minimumSizeHint = sizeHint

    def layout_now(self) -> OverviewLayout:
        """Give the places of its parts as they are now."""
        px = self._theme.px
        left = px(_MARGIN_PX)
        width = max(1, self.width() - 2 * left)
        top = px(_COMPACT_MARKS_PX if self._is_compact else _MARKS_PX)
        labels = self.height() - px(_LABELS_PX)
        band = QRectF(left, labels - px(_BAND_PX) - px(2), width, px(_BAND_PX))
        plot = QRectF(left, top, width, max(1.0, band.top() - px(2) - top))
        return OverviewLayout(*self._range_us, left, width, 0, plot, band, labels)

    # Pointer and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the window in view, or of the moment wherever the pointer is."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at = event.position()
        bookmark = self._bookmark_at(at)
        if bookmark is not None:
            self._choose(bookmark.at_us)
            return
        self._hold = self._frame.grip_at(self.layout_now(), at)
        self._held_at = at.x()
        edge_us = self._shared.from_us if self._hold is Hold.FRAME_FROM else self._shared.to_us
        self._grip_us = edge_us - self.layout_now().instant(at.x())
        if self._hold is Hold.MOMENT:
            self._drag_to(at.x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        if self._hold is None:
            self._show_grip(event.position())
        elif self._hold is Hold.MOMENT:
            self._drag_to(event.position().x())
        else:
            self._drag_frame(self._hold, event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose where the pointer was let go; a frame that was only pressed is no hindrance to that."""
        if event.button() != Qt.MouseButton.LeftButton or self._hold is None:
            return
        across, hold = event.position().x(), self._hold
        self._hold = self._drag_us = None
        if hold is Hold.MOMENT or across == self._held_at:
            self._choose(self.layout_now().instant(across))

    def _show_grip(self, point: QPointF) -> None:
        match self._frame.grip_at(self.layout_now(), point):
            case Hold.FRAME_FROM | Hold.FRAME_TO:
                shape = Qt.CursorShape.SizeHorCursor
            case Hold.FRAME:
                shape = Qt.CursorShape.OpenHandCursor
            case Hold.MOMENT:
                shape = Qt.CursorShape.PointingHandCursor
        self.setCursor(shape)

    def _drag_frame(self, hold: Hold, across: float) -> None:
        if across != self._held_at:
            self._held_at = float("nan")  # it was moved: where it is let go is no moment to go to
            self._frame.drag(hold, self.layout_now().instant(across) + self._grip_us)

    def _drag_to(self, across: float) -> None:
        self._drag_us = self.layout_now().instant(across)
        self._describe()
        self.update()
        self.moved.emit(self._drag_us)

    def _choose(self, at_us: int) -> None:
        at_us = min(max(at_us, self._range_us[0]), self._range_us[1] - 1)
        self.set_now(at_us)
        self.update()
        self.chosen.emit(at_us)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go by a pixel, ten with Shift, by a tenth, or to the ends; Escape drops a drag."""
        start_us, end_us = self._range_us
        is_long = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step_us = max(1, round(self.layout_now().us_per_px)) * (_LONG_STEP if is_long else 1)
        page_us = round(_PAGE * (end_us - start_us))
        targets = {
            Qt.Key.Key_Left.value: self._now_us - step_us,
            Qt.Key.Key_Down.value: self._now_us - step_us,
            Qt.Key.Key_Right.value: self._now_us + step_us,
            Qt.Key.Key_Up.value: self._now_us + step_us,
            Qt.Key.Key_PageDown.value: self._now_us - page_us,
            Qt.Key.Key_PageUp.value: self._now_us + page_us,
            Qt.Key.Key_Home.value: start_us,
            Qt.Key.Key_End.value: end_us - 1,
        }
        if event.key() in targets:
            self._choose(targets[event.key()])
        elif event.key() == Qt.Key.Key_Escape and self._hold is not None:
            self._hold = self._drag_us = None
            self.update()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw for the other size."""
        super().resizeEvent(event)
        self._drawn = None

    # Words

    def event(self, event: QEvent) -> bool:
        """Say at the pointer what is there."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.words_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def words_at(self, point: QPointF) -> str:
        """Say what is at a point: a bookmark, what is wrong with the data, or the figures there."""
        words = OverviewWords(self._zone.zone, self.layout_now(), self.outlines)
        bookmark = self._bookmark_at(point)
        if bookmark is not None:
            return words.bookmark(bookmark)
        return words.at(point.x(), self._loop)

    def _bookmark_at(self, point: QPointF) -> Bookmark | None:
        place = self.layout_now()
        if point.y() > self._theme.px(_MARKS_PX):
            return None
        reach = self._theme.px(6)
        near = [one for one in self._bookmarks if abs(place.place(one.at_us) - point.x()) <= reach]
        return min(near, key=lambda one: abs(place.place(one.at_us) - point.x()), default=None)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Lay the loop, the window in view and the moment over the picture of the data."""
        place = self.layout_now()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._drawn_now(place))
        if self._loop is not None:
            self._marks.paint_loop(painter, place, self._loop)
        self._marks.paint_frame(painter, self._frame.rect(place))
        self._marks.paint_moment(painter, place, self.position_us)
        painter.end()

    def _drawn_now(self, place: OverviewLayout) -> QPixmap:
        if self._drawn is None or self._drawn.devicePixelRatio() != self.devicePixelRatioF():
            ratio = self.devicePixelRatioF()
            drawn = QPixmap(self.size() * ratio)
            drawn.setDevicePixelRatio(ratio)
            drawn.fill(self._theme.colour("panel"))
            painter = QPainter(drawn)
            self._picture.paint(painter, place, self.outlines, self._problem)
            self._marks.paint_bookmarks(painter, place, self._bookmarks, has_names=not self._is_compact)
            self._marks.paint_findings(painter, place, self._findings)
            painter.end()
            self._drawn = drawn
        return self._drawn
